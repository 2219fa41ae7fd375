// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHBoxLayout>
#include <QWidget>

#include "ui/support/Theme.h"

namespace countersign::ui {

/// Lays a page out as one column in its middle that is no wider than text is read with ease.
inline void layOutNarrow(QWidget& page, QLayout* column, int widest) {
  auto* middle = new QWidget;
  middle->setMaximumWidth(widest);
  middle->setLayout(column);
  auto* layout = new QHBoxLayout(&page);
  layout->setContentsMargins(4 * kGrid, 2 * kGrid, 4 * kGrid, 2 * kGrid);
  layout->addStretch(1);
  layout->addWidget(middle, 100);
  layout->addStretch(1);
}

}  // namespace countersign::ui
