// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <vector>

#include "core/biometrics/Records.h"
#include "core/storage/Audit.h"

class QCheckBox;
class QLabel;
class QListWidget;
class QPushButton;

namespace countersign::ui {

/// Says what erasing does, and to whom, before it is done: it cannot be taken back.
class ErasureDialog final : public QDialog {
  Q_OBJECT

 public:
  ErasureDialog(const std::vector<Person>& people, QWidget* parent = nullptr);

  QCheckBox* understood() const { return m_understood; }
  QPushButton* eraseButton() const { return m_erase; }

 Q_SIGNALS:
  void erasureWanted(const std::vector<countersign::PersonKey>& people);

 private:
  std::vector<PersonKey> m_keys;
  QListWidget* m_list;
  QCheckBox* m_understood;
  QPushButton* m_erase;
};

/// What came of it, until the receipt was saved or somebody does without.
class ReceiptDialog final : public QDialog {
  Q_OBJECT

 public:
  ReceiptDialog(const ErasureReceipt& receipt, const AuditHead& head, QWidget* parent = nullptr);

  void save(const ErasureReceipt& receipt, const AuditHead& head, const QString& file);
  QLabel* state() const { return m_state; }

 private:
  QLabel* m_state;
  QPushButton* m_save;
};

}  // namespace countersign::ui
