// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/AuditPage.h"

#include <QComboBox>
#include <QDateEdit>
#include <QDateTime>
#include <QFile>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <set>

#include "core/storage/ServerAddress.h"
#include "ui/itemmodels/AuditTableModel.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/support/AuditReport.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

/// By text, account, action, person and day.
class AuditFilterModel final : public QSortFilterProxyModel {
 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;

  const AuditFilter& filter() const { return m_wanted; }
  void setFilter(AuditFilter filter, const QDate& from, const QDate& to) {
    m_wanted = std::move(filter);
    m_from = from;
    m_to = to;
    invalidateFilter();
  }

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
    const auto& one = static_cast<const AuditTableModel&>(*sourceModel()).at(row);
    // Days are the desktop's, as times in the table are.
    constexpr std::int64_t kMicroseconds = 1000;
    const auto day =
        QDateTime::fromMSecsSinceEpoch(one.event.time.microseconds / kMicroseconds).date();
    return m_wanted.admits(one) && (!m_from.isValid() || day >= m_from) &&
           (!m_to.isValid() || day <= m_to) && QSortFilterProxyModel::filterAcceptsRow(row, parent);
  }

 private:
  AuditFilter m_wanted;
  QDate m_from;
  QDate m_to;
};

namespace {

/// The first day stands for any.
QDateEdit* anyDay(const QString& name) {
  auto* day = new QDateEdit;
  day->setCalendarPopup(true);
  day->setDisplayFormat(QStringLiteral("yyyy-MM-dd"));
  day->setMinimumDate(QDate(2020, 1, 1));
  day->setSpecialValueText(name);
  day->setDate(day->minimumDate());
  day->setAccessibleName(name);
  day->setMinimumWidth(day->fontMetrics().horizontalAdvance(name) + 5 * kGrid);
  return day;
}

/// None is not valid.
QDate chosenDay(const QDateEdit& day) {
  return day.date() == day.minimumDate() ? QDate() : day.date();
}

}  // namespace

AuditPage::AuditPage(OfficeSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_search(new QLineEdit),
      m_accounts(new QComboBox),
      m_actions(new QComboBox),
      m_from(anyDay(tr("from any day"))),
      m_to(anyDay(tr("to any day"))),
      m_model(new AuditTableModel(this)),
      m_filter(new AuditFilterModel(this)),
      m_table(new QTableView),
      m_details(new QLabel),
      m_state(new QLabel),
      m_decision(new QPushButton(tr("Open the &decision"))),
      m_person(new QPushButton(tr("A&ll about this person"))),
      m_verify(new QPushButton(tr("&Verify"))),
      m_noteHead(new QPushButton(tr("&Note the head down…"))),
      m_csv(new QPushButton(tr("Save as &CSV…"))),
      m_pdf(new QPushButton(tr("Save as &PDF…"))) {
  build();
  connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
    m_filter->setFilterFixedString(text.trimmed());
    render();
  });
  for (auto* choice : {m_accounts, m_actions})
    connect(choice, &QComboBox::activated, this, &AuditPage::narrow);
  for (auto* day : {m_from, m_to}) connect(day, &QDateEdit::dateChanged, this, &AuditPage::narrow);
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          &AuditPage::render);
  connect(m_verify, &QPushButton::clicked, this, &AuditPage::verify);
  connect(m_decision, &QPushButton::clicked, this, [this] {
    const auto index = m_filter->mapToSource(m_table->currentIndex());
    if (index.isValid()) Q_EMIT decisionWanted({*m_model->at(index.row()).subject});
  });
  connect(m_person, &QPushButton::clicked, this, [this] {
    const auto index = m_filter->mapToSource(m_table->currentIndex());
    if (!index.isValid()) return;
    if (m_filter->filter().person)
      showEverybody();
    else
      showPerson(*m_model->at(index.row()).person);
  });
  connect(m_noteHead, &QPushButton::clicked, this, [this] {
    const auto file = QFileDialog::getSaveFileName(
        this, tr("A file where nobody who works here can write"), tr("heads.txt"),
        tr("Text (*.txt)"), nullptr, QFileDialog::DontConfirmOverwrite);
    if (!file.isEmpty()) appendHead(file);
  });
  connect(m_csv, &QPushButton::clicked, this, [this] {
    const auto file = QFileDialog::getSaveFileName(this, tr("Save what is shown as a table"),
                                                   tr("audit.csv"), tr("Tables (*.csv)"));
    if (!file.isEmpty()) saveCsv(file);
  });
  connect(m_pdf, &QPushButton::clicked, this, [this] {
    const auto file = QFileDialog::getSaveFileName(this, tr("Save what is shown on paper"),
                                                   tr("audit.pdf"), tr("PDF (*.pdf)"));
    if (!file.isEmpty()) savePdf(file);
  });
  connect(&m_session, &OfficeSession::opening, this, [this] {
    ++m_request;
    m_model->show({}, {});
    m_head.reset();
    m_verified.clear();
    m_isVerifying = false;
    m_search->clear();
    showEverybody();
  });
  // It is said last of all that changes.
  connect(&m_session, &OfficeSession::decisionsChanged, this, [this] {
    if (isVisible()) reload();
  });
  render();
}

void AuditPage::build() {
  m_search->setPlaceholderText(tr("Search in all columns"));
  m_search->setAccessibleName(tr("Search the audit"));
  m_search->setClearButtonEnabled(true);
  m_accounts->setAccessibleName(tr("Account"));
  constexpr int kWidestChoice = 176;
  for (auto* choice : {m_accounts, m_actions}) {
    choice->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    choice->setMaximumWidth(kWidestChoice);
    choice->setMinimumWidth(kWidestChoice / 2 + 2 * kGrid);
  }
  m_search->setMinimumWidth(kWidestChoice);
  m_actions->setAccessibleName(tr("Action"));
  m_filter->setSourceModel(m_model);
  m_filter->setFilterRole(AuditTableModel::kSearchRole);
  m_filter->setFilterCaseSensitivity(Qt::CaseInsensitive);
  m_table->setModel(m_filter);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_table->setShowGrid(false);
  m_table->setTabKeyNavigation(false);
  m_table->setWordWrap(false);
  m_table->setAccessibleName(tr("What happened"));
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + kGrid);
  auto* header = m_table->horizontalHeader();
  header->setHighlightSections(false);
  // Of what happened, columns are as wide as usual texts; measuring thousands of rows takes time.
  const auto width = [&](const QString& text) {
    return fontMetrics().horizontalAdvance(text) + 3 * kGrid;
  };
  m_table->setColumnWidth(AuditTableModel::Sequence, width(QStringLiteral("0000")));
  m_table->setColumnWidth(AuditTableModel::Time, width(timeText(systemTime())));
  m_table->setColumnWidth(AuditTableModel::Account, width(QStringLiteral("supervisor")));
  m_table->setColumnWidth(AuditTableModel::Action, width(auditActionText("failed to open store")));
  m_table->setColumnWidth(AuditTableModel::Subject, width(QStringLiteral("10342  Ana Lindqvist")));
  header->setStretchLastSection(true);
  m_details->setWordWrap(true);
  m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_details->setMinimumHeight(2 * fontMetrics().lineSpacing());
  m_details->setAlignment(Qt::AlignTop);
  m_state->setWordWrap(true);
  m_state->setProperty("look", "caption");
  m_state->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_verify->setToolTip(
      tr("Works out the code of every row anew, and adds up all that is in the store"));
  m_noteHead->setToolTip(
      tr("Adds the head of the chain to a file; a later verification tells by it whether rows were "
         "cut off or written anew since"));

  auto* top = new QHBoxLayout;
  top->setSpacing(kGrid);
  top->addWidget(m_search, 1);
  for (auto* part : {static_cast<QWidget*>(m_accounts), static_cast<QWidget*>(m_actions),
                     static_cast<QWidget*>(m_from), static_cast<QWidget*>(m_to)})
    top->addWidget(part);
  auto* row = new QHBoxLayout;
  row->setSpacing(kGrid);
  row->addWidget(m_details, 1);
  row->addWidget(m_person, 0, Qt::AlignTop);
  row->addWidget(m_decision, 0, Qt::AlignTop);
  auto* bottom = new QHBoxLayout;
  bottom->setSpacing(kGrid);
  bottom->addWidget(m_state, 1);
  for (auto* button : {m_verify, m_noteHead, m_csv, m_pdf}) bottom->addWidget(button);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addLayout(top);
  layout->addWidget(m_table, 1);
  layout->addLayout(row);
  layout->addLayout(bottom);
}

void AuditPage::start() {
  m_search->setFocus();
  reload();
}

void AuditPage::narrow() {
  auto filter = m_filter->filter();
  filter.account = m_accounts->currentData().toString().toStdString();
  filter.action = m_actions->currentData().toString().toStdString();
  m_filter->setFilter(filter, chosenDay(*m_from), chosenDay(*m_to));
  render();
}

void AuditPage::showEverybody() {
  m_filter->setFilter({}, {}, {});
  for (auto* choice : {m_accounts, m_actions})
    choice->setCurrentIndex(choice->count() > 0 ? 0 : -1);
  for (auto* day : {m_from, m_to}) {
    const QSignalBlocker quiet(day);
    day->setDate(day->minimumDate());
  }
  render();
}

void AuditPage::showPerson(PersonKey person) {
  m_search->clear();
  showEverybody();
  AuditFilter filter;
  filter.person = person;
  m_filter->setFilter(filter, {}, {});
  render();
}

void AuditPage::reload() {
  const int request = ++m_request;
  if (!m_session.isOpen()) return render();
  struct Read {
    std::vector<AuditRow> rows;
    AuditHead head;
  };
  m_session.withOffice<Read>(
      this,
      [](const Office& office) -> Result<Read> {
        const auto trail = AuditTrail::of(office.store());
        if (!trail) return trail.error();
        auto rows = trail->rows();
        if (!rows) return rows.error();
        const auto head = trail->head();
        if (!head) return head.error();
        return Read{*std::move(rows), *head};
      },
      [this, request](Result<Read> read) {
        if (request != m_request) return;
        if (!read) {
          m_state->setText(QString::fromStdString(read.error().message));
          Q_EMIT problem(m_state->text());
          Q_EMIT loaded();
          return;
        }
        std::set<std::string> accounts;
        std::set<std::string> actions;
        for (const auto& row : read->rows) {
          accounts.insert(row.event.author);
          actions.insert(row.action);
        }
        const auto fill = [](QComboBox& box, const QString& all, const std::set<std::string>& names,
                             const std::function<QString(const std::string&)>& text) {
          const auto before = box.currentData();
          box.clear();
          box.addItem(all, QString());
          for (const auto& name : names) box.addItem(text(name), QString::fromStdString(name));
          box.setCurrentIndex(std::max(0, box.findData(before)));
        };
        fill(*m_accounts, tr("Everybody"), accounts,
             [](const std::string& name) { return QString::fromStdString(name); });
        fill(*m_actions, tr("Everything"), actions, auditActionText);
        m_head = read->head;
        const auto before = m_filter->mapToSource(m_table->currentIndex());
        const auto chosen = before.isValid() ? m_model->at(before.row()).event.sequence : 0;
        m_model->show(std::move(read->rows), m_session.people());
        narrow();
        // The newest first, so that a number stands so far from the top.
        const auto row = chosen > 0 ? m_model->rowOf(chosen) : 0;
        const auto index = m_filter->mapFromSource(m_model->index(std::max(0, row), 0));
        if (index.isValid())
          m_table->selectRow(index.row());
        else if (m_filter->rowCount() > 0)
          m_table->selectRow(0);
        render();
        Q_EMIT loaded();
      });
}

void AuditPage::verify() {
  m_isVerifying = true;
  render();
  m_session.withOffice<AuditHead>(
      this,
      [](const Office& office) -> Result<AuditHead> {
        const auto trail = AuditTrail::of(office.store());
        if (!trail) return trail.error();
        return trail->verify();
      },
      [this](const Result<AuditHead>& head) {
        m_isVerifying = false;
        if (!head) {
          m_verified = QString::fromStdString(head.error().message);
          Q_EMIT problem(m_verified);
        } else {
          m_head = *head;
          m_verified =
              tr("The chain holds up to row %1, and everything in the store is as it says.")
                  .arg(head->sequence);
        }
        render();
        Q_EMIT loaded();
      });
}

std::vector<const AuditRow*> AuditPage::shown() const {
  std::vector<const AuditRow*> rows;
  for (int row = 0; row < m_filter->rowCount(); ++row)
    rows.push_back(&m_model->at(m_filter->mapToSource(m_filter->index(row, 0)).row()));
  return rows;
}

QString AuditPage::filterText() const {
  QStringList parts;
  if (!m_search->text().trimmed().isEmpty()) parts += tr("\"%1\"").arg(m_search->text().trimmed());
  if (m_accounts->currentIndex() > 0) parts += tr("by %1").arg(m_accounts->currentText());
  if (m_actions->currentIndex() > 0) parts += m_actions->currentText();
  if (m_filter->filter().person) {
    AuditRow row;
    row.person = m_filter->filter().person;
    parts += tr("about %1").arg(m_model->subjectOf(row));
  }
  if (const auto from = chosenDay(*m_from); from.isValid())
    parts += tr("from %1").arg(from.toString(Qt::ISODate));
  if (const auto to = chosenDay(*m_to); to.isValid())
    parts += tr("to %1").arg(to.toString(Qt::ISODate));
  return parts.isEmpty() ? tr("everything") : parts.join(QStringLiteral(", "));
}

void AuditPage::save(std::function<Status()> write, const QString& file) {
  const auto count = std::to_string(m_filter->rowCount());
  m_session.withOffice<std::monostate>(
      this,
      [count, write = std::move(write)](const Office& office) {
        auto noted = office.store().note("export audit", {{"rows", count}});
        return noted ? write() : noted;
      },
      [this, file](const Status& status) {
        if (status)
          Q_EMIT notice(tr("%1 was written.").arg(file));
        else
          Q_EMIT problem(QString::fromStdString(status.error().message));
        reload();
      });
}

void AuditPage::saveCsv(const QString& file) {
  std::vector<AuditRow> rows;
  for (const auto* row : shown()) rows.push_back(*row);
  std::reverse(rows.begin(), rows.end());
  save([rows = std::move(rows),
        file] { return writeFileAtomically(file.toStdString(), auditCsv(rows)); },
       file);
}

void AuditPage::savePdf(const QString& file) {
  AuditReport report{QString::fromStdString(placeText(m_session.folder())),
                     filterText(),
                     m_head ? QString::fromStdString(auditHeadText(*m_head)) : QString(),
                     {}};
  for (int row = 0; row < m_filter->rowCount(); ++row) {
    QStringList cells;
    for (int column = 0; column < AuditTableModel::ColumnCount; ++column)
      cells += m_filter->index(row, column).data().toString();
    report.rows.push_back(std::move(cells));
  }
  save([report = std::move(report), file] { return writeAuditPdf(report, file); }, file);
}

void AuditPage::appendHead(const QString& file) {
  if (!m_head) return;
  QFile out(file);
  const auto line =
      QString::fromStdString(toIso8601(systemTime()) + " " + auditHeadText(*m_head)) + u'\n';
  if (out.open(QIODevice::Append) && out.write(line.toUtf8()) == line.toUtf8().size() &&
      out.flush())
    Q_EMIT notice(tr("The head of row %1 was added to %2.").arg(m_head->sequence).arg(file));
  else
    Q_EMIT problem(tr("%1 could not be written.").arg(file));
}

void AuditPage::render() {
  const auto index = m_filter->mapToSource(m_table->currentIndex());
  const auto* row = index.isValid() ? &m_model->at(index.row()) : nullptr;
  m_details->setText(row == nullptr
                         ? QString()
                         : tr("%1: %2, by %3. %4")
                               .arg(timeText(row->event.time), auditActionText(row->action),
                                    QString::fromStdString(row->event.author),
                                    QString::fromStdString(detailsText(*row))));
  const bool isOnePerson = m_filter->filter().person.has_value();
  m_person->setText(isOnePerson ? tr("Show a&ll again") : tr("A&ll about this person"));
  m_person->setEnabled(isOnePerson || (row != nullptr && row->person));
  m_decision->setEnabled(row != nullptr && row->action == "decide" && row->subject);
  for (auto* button : {m_csv, m_pdf}) button->setEnabled(m_filter->rowCount() > 0);
  m_noteHead->setEnabled(m_head.has_value());
  m_verify->setEnabled(m_session.isOpen() && !m_isVerifying);
  m_verify->setText(m_isVerifying ? tr("Verifying…") : tr("&Verify"));
  const QLocale locale;
  auto text = tr("%1 of %2 rows.")
                  .arg(locale.toString(m_filter->rowCount()), locale.toString(m_model->rowCount()));
  if (m_head && m_head->sequence > 0) {
    constexpr int kDigits = 16;
    text += tr(" Head %1:%2….")
                .arg(m_head->sequence)
                .arg(QString::fromStdString(m_head->code.substr(0, kDigits)));
  }
  if (!m_verified.isEmpty()) text += u' ' + m_verified;
  m_state->setText(text);
}

}  // namespace countersign::ui
