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
  ~SecretField() override {
    blockSignals(true);  // who listens may be gone already
    forget();
  }

  Secret secret() const;
  /// Overwrites what was typed, and empties the field.
  void forget();
};

/// What is to be said of a new passphrase that is typed twice.
struct PassphraseAdvice {
  QString text;
  bool isGood = false;  ///< It will do, and both are the same.
};
PassphraseAdvice adviceOn(const SecretField& passphrase, const SecretField& again,
                          const QString& account);

}  // namespace countersign::ui
