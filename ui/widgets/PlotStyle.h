// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>

class QCustomPlot;

namespace countersign::ui {

struct Colours;

/// Axes, grid and legend of a plot in these colours, on a ground that shines through.
void dressPlot(QCustomPlot& plot, const QFont& font, const Colours& colours);

/// The legend in a row above the curves, which it would hide.
void putLegendAbove(QCustomPlot& plot);

}  // namespace countersign::ui
