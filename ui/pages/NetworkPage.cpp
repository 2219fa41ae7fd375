// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/NetworkPage.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "core/evaluation/BootstrapInterval.h"
#include "core/storage/ServerAddress.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/AccountsDialog.h"
#include "ui/widgets/RestoreDialog.h"
#include "ui/widgets/ThresholdPanel.h"
#include "ui/widgets/ThresholdPlot.h"

namespace countersign::ui {

NetworkPage::NetworkPage(OfficeSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_name(new QLabel),
      m_identity(new QLabel),
      m_figures(new QTableWidget),
      m_threshold(new ThresholdPanel),
      m_band(new QDoubleSpinBox),
      m_applyBand(new QPushButton(tr("Put into force"))),
      m_change(new QPushButton(tr("Compare another network…"))),
      m_goBack(new QPushButton(tr("Back to the network before"))),
      m_accounts(new QPushButton(tr("Accounts…"))),
      m_folder(new QLabel),
      m_otherStore(new QPushButton),
      m_backUp(new QPushButton(tr("Back up…"))),
      m_restore(new QPushButton(tr("Restore…"))),
      m_idleLimit(new QComboBox) {
  m_name->setFont(scaled(font(), 1.3, true));
  m_identity->setProperty("look", "caption");
  m_identity->setWordWrap(true);
  m_identity->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_figures->setColumnCount(3);
  m_figures->setHorizontalHeaderLabels(
      {tr("Measured on"), tr("EER, forgeries"), tr("EER, other people")});
  m_figures->verticalHeader()->hide();
  // What tells lists apart is the end of their names.
  m_figures->setWordWrap(false);
  m_figures->setTextElideMode(Qt::ElideLeft);
  m_figures->setShowGrid(false);
  m_figures->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_figures->setSelectionMode(QAbstractItemView::NoSelection);
  m_figures->setFocusPolicy(Qt::NoFocus);
  m_figures->setTabKeyNavigation(false);
  m_figures->setAccessibleName(tr("What the network was measured to do"));
  m_figures->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  m_figures->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  m_figures->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  constexpr double kWidest = 0.5;
  constexpr double kStep = 0.005;
  m_band->setRange(0, kWidest);
  m_band->setDecimals(3);
  m_band->setSingleStep(kStep);
  m_band->setAccessibleName(tr("Refer band"));
  m_folder->setWordWrap(true);
  m_folder->setProperty("look", "caption");
  m_folder->setTextInteractionFlags(Qt::TextSelectableByMouse);

  auto* storeTitle = new QLabel(tr("Store"));
  storeTitle->setFont(scaled(font(), 1.15, true));
  auto* left = new QVBoxLayout;
  left->setSpacing(kGrid);
  left->addWidget(m_name);
  left->addWidget(m_identity);
  left->addWidget(m_figures, 1);
  auto* note = new QLabel(tr(
      "EER: the rate at which misses and false matches are equally frequent; in brackets the 95 % "
      "interval."));
  note->setProperty("look", "caption");
  note->setWordWrap(true);
  left->addWidget(note);
  auto* networkActions = new QHBoxLayout;
  networkActions->setSpacing(kGrid);
  networkActions->addWidget(m_change);
  networkActions->addWidget(m_goBack);
  networkActions->addStretch(1);
  left->addLayout(networkActions);
  left->addSpacing(2 * kGrid);
  left->addWidget(storeTitle);
  left->addWidget(m_folder);
  m_backUp->setToolTip(
      tr("Copies the store, while it is in use, into a new folder, and verifies the copy"));
  m_goBack->setToolTip(
      tr("Its embeddings, threshold and evidence are there still, so that it takes a moment"));
  m_accounts->setToolTip(tr("Who can open this store, and what they may do"));
  m_restore->setToolTip(tr("Puts a backup in the place of this store, which is kept beside it"));
  auto* storeActions = new QHBoxLayout;
  storeActions->setSpacing(kGrid);
  for (auto* button : {m_backUp, m_restore, m_accounts, m_otherStore})
    storeActions->addWidget(button);
  storeActions->addStretch(1);
  left->addLayout(storeActions);
  left->addLayout(buildIdleLimit());

  auto* title = new QLabel(tr("Threshold with several references"));
  title->setFont(scaled(font(), 1.15, true));
  auto* bandText = new QLabel(tr("Refer within τ ±"));
  bandText->setWordWrap(true);
  bandText->setBuddy(m_band);
  auto* bandRow = new QHBoxLayout;
  bandRow->setSpacing(kGrid);
  bandRow->addWidget(bandText, 1);
  bandRow->addWidget(m_band);
  bandRow->addWidget(m_applyBand);
  auto* right = new QVBoxLayout;
  right->setSpacing(kGrid);
  right->addWidget(title);
  right->addWidget(m_threshold, 1);
  right->addLayout(bandRow);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(3 * kGrid);
  layout->addLayout(left, 6);
  layout->addLayout(right, 5);

  connect(m_threshold, &ThresholdPanel::ruleChosen, &m_session, &OfficeSession::setRule);
  connect(m_applyBand, &QPushButton::clicked, this, [this] {
    if (const auto& service = m_session.service())
      m_session.setRule({service->service.rule.threshold, m_band->value()});
  });
  connect(m_band, &QDoubleSpinBox::valueChanged, this, [this](double band) {
    const auto& service = m_session.service();
    constexpr double kSame = 1e-9;
    m_applyBand->setEnabled(m_session.isWritable() && service &&
                            std::abs(band - service->service.rule.band) > kSame);
  });
  connect(m_change, &QPushButton::clicked, this, &NetworkPage::chooseNetwork);
  connect(m_goBack, &QPushButton::clicked, &m_session, &OfficeSession::goBackToNetworkBefore);
  connect(m_accounts, &QPushButton::clicked, this, &NetworkPage::showAccounts);
  connect(m_backUp, &QPushButton::clicked, this, &NetworkPage::chooseBackupFolder);
  connect(m_restore, &QPushButton::clicked, this, &NetworkPage::askRestore);
  connect(m_otherStore, &QPushButton::clicked, this, [this] {
    if (m_session.isSampleOffice() || m_session.hasFailed())
      Q_EMIT ownStoreWanted();
    else
      Q_EMIT sampleOfficeWanted();
  });
  connect(&m_session, &OfficeSession::serviceChanged, this, &NetworkPage::render);
  connect(&m_session, &OfficeSession::openFailed, this, &NetworkPage::render);
  render();
}

QLayout* NetworkPage::buildIdleLimit() {
  m_idleLimit->setAccessibleName(tr("Lock the store"));
  m_idleLimit->setToolTip(
      tr("The store is also locked when the screen is, when another user takes over, and when the "
         "computer goes to sleep. A store that opens for everybody is never locked."));
  connect(m_idleLimit, &QComboBox::activated, this,
          [this] { Q_EMIT idleLimitChosen(m_idleLimit->currentData().toInt()); });
  auto* text = new QLabel(tr("&Lock the store"));
  text->setBuddy(m_idleLimit);
  auto* row = new QHBoxLayout;
  row->setSpacing(kGrid);
  row->addWidget(text);
  row->addWidget(m_idleLimit);
  row->addStretch(1);
  return row;
}

void NetworkPage::setIdleLimit(int minutes) {
  m_idleLimit->clear();
  std::vector<int> choices{1, 5, 15, 30, 60};
  if (minutes > 0 && std::find(choices.begin(), choices.end(), minutes) == choices.end())
    choices.insert(choices.begin(), minutes);
  for (const int choice : choices)
    m_idleLimit->addItem(tr("after %n minute(s) without key or mouse", nullptr, choice), choice);
  m_idleLimit->addItem(tr("only by hand, or with the screen"), 0);
  m_idleLimit->setCurrentIndex(m_idleLimit->findData(minutes));
}

void NetworkPage::start() { m_threshold->plot()->setFocus(); }

void NetworkPage::chooseNetwork() {
  const auto file = QFileDialog::getOpenFileName(this, tr("Choose a network"), {},
                                                 tr("Networks (*.safetensors);;All files (*)"));
  if (!file.isEmpty()) Q_EMIT comparisonWanted(file);
}

void NetworkPage::chooseBackupFolder() {
  const auto usual = defaultBackupFolder(m_session.folder());
  std::error_code ignored;
  const auto folder = QFileDialog::getExistingDirectory(
      this, tr("Where the backup goes: another disk is safer"),
      QString::fromStdString(
          (std::filesystem::exists(usual, ignored) ? usual : usual.parent_path()).string()));
  if (!folder.isEmpty()) m_session.backUp(folder.toStdString());
}

void NetworkPage::askRestore() {
  auto* dialog = new RestoreDialog(defaultBackupFolder(m_session.folder()), this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &RestoreDialog::restoreWanted, &m_session, &OfficeSession::restore);
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);
  dialog->open();
}

void NetworkPage::showAccounts() {
  auto* dialog = new AccountsDialog(m_session, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);
  dialog->open();
}

void NetworkPage::render() {
  const auto& service = m_session.service();
  m_goBack->setVisible(service && service->hasNetworkBefore);
  m_goBack->setEnabled(m_session.isWritable() && m_session.isSupervisor());
  m_accounts->setVisible(m_session.canLock());
  m_accounts->setEnabled(m_session.isOpen());
  m_backUp->setEnabled(m_session.isOpen());
  m_restore->setEnabled(m_session.hasFailed() || m_session.isWritable());
  m_change->setEnabled(m_session.isWritable());
  m_otherStore->setText(m_session.isSampleOffice() || m_session.hasFailed()
                            ? tr("Open your own store")
                            : tr("Open the sample office"));
  m_folder->setText(QString::fromStdString(placeText(m_session.folder())));
  if (!service) return;
  m_name->setText(tr("Network %1").arg(service->networkName));
  m_identity->setText(tr("Identity %1").arg(QString::fromStdString(service->service.identity)));
  m_identity->setText(m_identity->text().replace(9 + 32, 0, QStringLiteral(" ")));
  m_figures->setRowCount(static_cast<int>(service->figures.size()));
  for (int row = 0; row < m_figures->rowCount(); ++row) {
    const auto& figure = service->figures[static_cast<std::size_t>(row)];
    const RateAtThreshold skilled{
        widenedIfFaultless(figure.skilledEer.value_or(Estimate{}), figure.people),
        figure.skilledEer ? figure.trials : 0, figure.people};
    const RateAtThreshold random{widenedIfFaultless(figure.randomEer, figure.people), figure.trials,
                                 figure.people};
    const QString cells[] = {
        QString::fromStdString(figure.name).remove(QStringLiteral("-validation")),
        rateText(skilled), rateText(random)};
    for (int column = 0; column < m_figures->columnCount(); ++column) {
      auto* item = new QTableWidgetItem(cells[column]);
      item->setToolTip(QString::fromStdString(figure.name) +
                       tr(": %1 comparisons of %2 people; made by: %3")
                           .arg(figure.trials)
                           .arg(figure.people)
                           .arg(QString::fromStdString(figure.command)));
      m_figures->setItem(row, column, item);
    }
  }
  m_threshold->showRule(service->several, service->service.rule, service->initial.threshold.value,
                        m_session.isWritable());
  m_band->setValue(service->service.rule.band);
  m_applyBand->setEnabled(false);
}

}  // namespace countersign::ui
