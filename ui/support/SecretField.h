// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>

#include "core/base/Secret.h"

namespace countersign::ui {

/// A field for what nobody else is to see.
class SecretField final : public QLineEdit {
  Q_OBJECT

 public:
  explicit SecretField(QWidget* parent = nullptr);
  ~SecretField() override { forget(); }

  Secret secret() const;
  /// Overwrites what was typed, and empties the field.
  void forget();
};

}  // namespace countersign::ui
