// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/HistoryPage.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/itemmodels/DecisionTableModel.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/support/VerdictText.h"
#include "ui/widgets/CompareView.h"
#include "ui/widgets/ReferenceStrip.h"
#include "ui/widgets/VerdictBanner.h"

namespace countersign::ui {

/// By text, and by what was recorded.
class DecisionFilter final : public QSortFilterProxyModel {
 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;

  void setFinding(int finding) {
    m_finding = finding;
    invalidateFilter();
  }

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
    const auto index = sourceModel()->index(row, 0, parent);
    const bool isWanted =
        m_finding < 0 || index.data(DecisionTableModel::kFindingRole).toInt() == m_finding;
    return isWanted && QSortFilterProxyModel::filterAcceptsRow(row, parent);
  }

 private:
  int m_finding = -1;
};

HistoryPage::HistoryPage(OfficeSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_search(new QLineEdit),
      m_findings(new QComboBox),
      m_model(new DecisionTableModel(this)),
      m_filter(new DecisionFilter(this)),
      m_table(new QTableView),
      m_banner(new VerdictBanner),
      m_references(new ReferenceStrip),
      m_compare(new CompareView),
      m_details(new QLabel),
      m_report(new QPushButton(tr("Save as PDF…"))) {
  m_search->setPlaceholderText(tr("Search by person, note or author"));
  m_search->setAccessibleName(tr("Search decisions"));
  m_search->setClearButtonEnabled(true);
  m_findings->setAccessibleName(tr("Show"));
  m_findings->addItem(tr("All decisions"), -1);
  for (const auto finding : {Finding::Match, Finding::NonMatch, Finding::Refer})
    m_findings->addItem(findingText(finding), static_cast<int>(finding));
  m_filter->setSourceModel(m_model);
  m_filter->setFilterRole(DecisionTableModel::kSearchRole);
  m_filter->setFilterCaseSensitivity(Qt::CaseInsensitive);
  m_table->setModel(m_filter);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_table->setShowGrid(false);
  m_table->setTabKeyNavigation(false);
  m_table->setAccessibleName(tr("Decisions"));
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 2 * kGrid);
  auto* header = m_table->horizontalHeader();
  header->setHighlightSections(false);
  header->setSectionResizeMode(QHeaderView::ResizeToContents);
  header->setSectionResizeMode(DecisionTableModel::Note, QHeaderView::Stretch);
  constexpr int kLeastNote = 96;
  header->setMinimumSectionSize(kLeastNote / 2);

  auto* top = new QHBoxLayout;
  top->setSpacing(kGrid);
  top->addWidget(m_search, 1);
  top->addWidget(m_findings);
  m_details->setWordWrap(true);
  m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_details->setProperty("look", "caption");
  constexpr int kStripHeight = 112;
  m_references->setMaximumHeight(kStripHeight);
  auto* right = new QVBoxLayout;
  right->setSpacing(kGrid);
  right->addWidget(m_banner);
  right->addWidget(m_details);
  right->addStretch();
  right->addWidget(m_report, 0, Qt::AlignRight);
  auto* pictures = new QVBoxLayout;
  pictures->setSpacing(kGrid);
  pictures->addWidget(m_compare, 1);
  pictures->addWidget(m_references);
  auto* below = new QHBoxLayout;
  below->setSpacing(2 * kGrid);
  below->addLayout(pictures, 3);
  below->addLayout(right, 2);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addLayout(top);
  layout->addWidget(m_table, 2);
  layout->addLayout(below, 3);

  connect(m_search, &QLineEdit::textChanged, this,
          [this](const QString& text) { m_filter->setFilterFixedString(text.trimmed()); });
  connect(m_findings, &QComboBox::currentIndexChanged, this,
          [this] { m_filter->setFinding(m_findings->currentData().toInt()); });
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          &HistoryPage::showDecision);
  connect(m_references, &QListWidget::currentRowChanged, this, [this](int row) {
    m_compare->setReference(m_references->exhibit(row), tr("Reference %1").arg(row + 1));
  });
  connect(m_report, &QPushButton::clicked, this, [this] {
    if (const auto key = chosen()) saveReport(*key);
  });
  // Other desks may decide all the time; who does not look needs no list.
  const auto follow = [this] {
    m_isStale = true;
    if (isVisible() || !m_session.isShared()) reload();
  };
  connect(&m_session, &OfficeSession::decisionsChanged, this, follow);
  connect(&m_session, &OfficeSession::modalityChanged, this, follow);
  connect(&m_session, &OfficeSession::opening, this, [this] {
    ++m_listRequest;
    m_model->show({});
    m_file.reset();
    render();
  });
  render();
}

void HistoryPage::start() { m_search->setFocus(); }

void HistoryPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (m_isStale) reload();
}

void HistoryPage::reload() {
  m_isStale = false;
  const int request = ++m_listRequest;
  m_session.withDesk<std::vector<DecisionSummary>>(
      this, [](const Desk& desk) { return desk.repository().decisions(); },
      [this, request](Result<std::vector<DecisionSummary>> decisions) {
        if (request != m_listRequest) return;
        if (!decisions) {
          Q_EMIT problem(QString::fromStdString(decisions.error().message));
          return;
        }
        const auto before = chosen();
        m_model->show(*std::move(decisions));
        if (before)
          select(*before);
        else if (m_filter->rowCount() > 0)
          m_table->selectRow(0);
        showDecision();
      });
}

std::optional<DecisionKey> HistoryPage::chosen() const {
  const auto index = m_table->currentIndex();
  if (!index.isValid()) return std::nullopt;
  return m_model->at(m_filter->mapToSource(index).row()).key;
}

Modality HistoryPage::modalityOf(DecisionKey decision) const {
  for (int row = 0; row < m_model->rowCount(); ++row) {
    if (m_model->at(row).key == decision) return m_model->at(row).modality;
  }
  return m_session.modality();  // recorded a moment ago, by the page that is shown
}

void HistoryPage::select(DecisionKey decision) {
  for (int row = 0; row < m_model->rowCount(); ++row) {
    if (m_model->at(row).key != decision) continue;
    const auto index = m_filter->mapFromSource(m_model->index(row, 0));
    if (index.isValid()) m_table->selectRow(index.row());
    return;
  }
}

void HistoryPage::show(DecisionKey decision) {
  m_search->clear();
  m_findings->setCurrentIndex(0);
  m_table->clearSelection();
  m_table->setCurrentIndex({});
  select(decision);
  if (!chosen()) Q_EMIT problem(tr("Decision %1 is not in this list yet.").arg(decision.value));
}

void HistoryPage::showDecision() {
  const int request = ++m_request;
  const auto key = chosen();
  m_isErased = false;
  if (!key) {
    m_file.reset();
    render();
    return;
  }
  if (m_file && m_file->decision.summary.key != *key) {
    // Never the details of one decision beside the line of another.
    m_file.reset();
    render();
  }
  m_session.withImagesOf<DecisionFile>(
      modalityOf(*key), this, [key = *key](const Desk& desk) { return loadDecision(desk, key); },
      [this, request](Result<DecisionFile> file) {
        if (request != m_request) return;
        if (!file) {
          m_file.reset();
          m_isErased = file.error().code == ErrorCode::PersonErased;
          if (!m_isErased) Q_EMIT problem(QString::fromStdString(file.error().message));
        } else {
          m_file = *std::move(file);
        }
        render();
        if (m_file) Q_EMIT decisionShown();
      });
}

void HistoryPage::saveReport(DecisionKey decision) {
  const auto path =
      QFileDialog::getSaveFileName(this, tr("Save the record of this decision"),
                                   tr("decision-%1.pdf").arg(decision.value), tr("PDF (*.pdf)"));
  if (path.isEmpty()) return;
  m_session.withImagesOf<std::monostate>(
      modalityOf(decision), this,
      [decision, path](const Desk& desk) -> Status {
        const auto file = loadDecision(desk, decision);
        if (!file) return file.error();
        auto noted = desk.repository().noteEvent(desk.author(), "export decision",
                                                 {{"decision", std::to_string(decision.value)}});
        return noted ? writeDecisionPdf(path, *file) : noted;
      },
      [this, path](const Status& status) {
        if (status)
          Q_EMIT saved(tr("%1 was written.").arg(path));
        else
          Q_EMIT problem(QString::fromStdString(status.error().message));
      });
}

void HistoryPage::render() {
  m_report->setEnabled(m_file.has_value());
  if (!m_file) {
    m_banner->showInvitation(
        m_model->rowCount() == 0 ? tr("No decision was recorded yet. What you record on the Verify "
                                      "page (F1) is kept here "
                                      "with everything that is needed to get its score again.")
        : m_isErased             ? tr("The person was erased, and with them the images, the "
                                                  "embeddings, the score and the note of this decision. That "
                                                  "it was made, when and by whom, is kept.")
        : chosen()               ? tr("Opening the decision.")
                                 : tr("Choose a decision."));
    m_details->clear();
    m_references->showPlaces({});
    m_compare->setProbe(nullptr);
    m_compare->setReference(nullptr, {});
    return;
  }
  const auto& summary = m_file->decision.summary;
  const auto& content = m_file->decision.content;
  const auto numbers = summary.score ? tr("similarity %1,  τ %2")
                                           .arg(scoreText(*summary.score),
                                                thresholdText(summary.applied.rule.threshold.value))
                                     : QString();
  QString sentence;
  const auto& again = m_file->reproduction;
  if (!again.score)
    sentence = tr("There is no score to work out anew.");
  else if (!again.isSame)
    sentence =
        tr("Worked out anew the score is %1: NOT the same.").arg(scoreText(again.score->value));
  else if (again.isFromImage)
    sentence = tr("Worked out anew from the original image: the same score.");
  else
    sentence =
        tr("Worked out anew from the stored embeddings: the same score. Its network does not "
           "serve any more.");
  m_banner->showFinding(summary.recorded, findingText(summary.recorded), numbers, sentence);
  auto details =
      tr("Decision %1, %2, by %3. The program said: %4.")
          .arg(summary.key.value)
          .arg(timeText(summary.event.time), QString::fromStdString(summary.event.author),
               findingText(summary.finding));
  const auto& applied = summary.applied;
  if (applied.amount) details += u'\n' + tr("Amount %1.").arg(amountText(*applied.amount));
  if (const auto rule = ruleOf(applied); !rule.isEmpty())
    details += (applied.amount ? u' ' : u'\n') + rule;
  if (summary.blind)
    details += u'\n' + tr("Answered before the program: %1.").arg(findingText(*summary.blind));
  if (!summary.note.empty()) details += u'\n' + QString::fromStdString(summary.note);
  m_details->setText(details);
  QStringList captions;
  for (std::size_t i = 0; i < content.references.size(); ++i)
    captions += tr("%1:  %2").arg(i + 1).arg(scoreText(content.references[i].score));
  m_references->showPlaces(captions);
  m_references->setExhibits(m_file->references);
  m_references->setVisible(!captions.isEmpty());
  m_compare->setProbe(m_file->probe);
  m_compare->setReference(nullptr, {});
  if (!captions.isEmpty()) {
    m_references->setCurrentRow(0);
    m_compare->setReference(m_references->exhibit(0), tr("Reference 1"));
  }
}

}  // namespace countersign::ui
