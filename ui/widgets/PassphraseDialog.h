// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <memory>

#include "core/base/Secret.h"

class QLabel;
class QPushButton;

namespace countersign::ui {

class SecretField;

/// Asks for the passphrase of a file of people: a new one, twice, or the one that it has.
class PassphraseDialog final : public QDialog {
  Q_OBJECT

 public:
  enum class Kind { New, Known };
  PassphraseDialog(Kind kind, const QString& title, const QString& text, QWidget* parent = nullptr);

  SecretField* passphrase() const { return m_passphrase; }
  SecretField* again() const { return m_again; }
  QPushButton* goOn() const { return m_goOn; }

 Q_SIGNALS:
  void chosen(const std::shared_ptr<const countersign::Secret>& passphrase);

 private:
  void render();

  Kind m_kind;
  SecretField* m_passphrase;
  SecretField* m_again;
  QLabel* m_advice;
  QPushButton* m_goOn;
};

}  // namespace countersign::ui
