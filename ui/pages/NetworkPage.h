// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLayout;
class QPushButton;
class QTableWidget;

namespace countersign::ui {

class OfficeSession;
class ThresholdPanel;

/// The network that serves this store: what it was measured to do, its threshold and refer band,
/// and putting another one into service.
class NetworkPage final : public QWidget {
  Q_OBJECT

 public:
  explicit NetworkPage(OfficeSession& session, QWidget* parent = nullptr);

  void start();
  /// Minutes without key or mouse until the store is locked; 0: never.
  void setIdleLimit(int minutes);
  QComboBox* idleLimit() const { return m_idleLimit; }
  ThresholdPanel* thresholdPanel() const { return m_threshold; }
  QDoubleSpinBox* band() const { return m_band; }
  QPushButton* applyBand() const { return m_applyBand; }
  QPushButton* backUpButton() const { return m_backUp; }
  QPushButton* restoreButton() const { return m_restore; }
  QPushButton* goBackButton() const { return m_goBack; }
  QPushButton* accountsButton() const { return m_accounts; }

 Q_SIGNALS:
  void sampleOfficeWanted();
  void ownStoreWanted();
  /// Another network was chosen: it is compared before it may serve.
  void comparisonWanted(const QString& file);
  void idleLimitChosen(int minutes);

 private:
  void render();
  QLayout* buildIdleLimit();
  void chooseNetwork();
  void chooseBackupFolder();
  void askRestore();
  void showAccounts();

  OfficeSession& m_session;
  QLabel* m_name;
  QLabel* m_identity;
  QTableWidget* m_figures;
  ThresholdPanel* m_threshold;
  QDoubleSpinBox* m_band;
  QPushButton* m_applyBand;
  QPushButton* m_change;
  QPushButton* m_goBack;
  QPushButton* m_accounts;
  QLabel* m_folder;
  QPushButton* m_otherStore;
  QPushButton* m_backUp;
  QPushButton* m_restore;
  QComboBox* m_idleLimit;
};

}  // namespace countersign::ui
