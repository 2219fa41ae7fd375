// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "core/biometrics/Records.h"
#include "ui/support/SavingDialog.h"

class QCheckBox;
class QComboBox;
class QDateEdit;
class QLabel;
class QLineEdit;
class QSpinBox;

namespace countersign::ui {

/// Asks why somebody's data are kept, what for, and until when; and what whoever is enrolled starts
/// with.
class GroundsDialog final : public SavingDialog {
  Q_OBJECT

 public:
  /// @param today  "2026-11-28".
  GroundsDialog(const Person& person, const UsualGrounds& usual, const std::string& today,
                QWidget* parent = nullptr);

  ProcessingGrounds grounds() const;

  QComboBox* basis() const { return m_basis; }
  QLineEdit* purpose() const { return m_purpose; }
  QCheckBox* hasEnd() const { return m_hasEnd; }
  QDateEdit* until() const { return m_until; }
  QCheckBox* asUsual() const { return m_asUsual; }

 Q_SIGNALS:
  void chosen(const countersign::ProcessingGrounds& grounds);
  /// From now on for whoever is enrolled.
  void usualChosen(const countersign::UsualGrounds& usual);

 private:
  void save();

  std::string m_today;
  QComboBox* m_basis;
  QLineEdit* m_purpose;
  QCheckBox* m_hasEnd;
  QDateEdit* m_until;
  QCheckBox* m_asUsual;
};

/// The bases that article 6 of the GDPR knows and that fit, in words.
QStringList lawfulBases();

}  // namespace countersign::ui
