// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/OptionsForm.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>
#include <limits>

#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

/// JSON text of a string.
std::string quotedText(const QString& text) {
  std::string json = "\"";
  for (const char c : text.toStdString()) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + "\"";
}

/// A JSON string without its quotes; anything else as it is.
QString plainText(const std::string& json) {
  auto text = QString::fromStdString(json);
  if (text.startsWith(u'"')) text = text.mid(1, text.size() - 2).replace("\\\"", "\"");
  return text;
}

QString rangeText(const OptionField& field) {
  const bool isNumber = field.kind == OptionKind::Integer || field.kind == OptionKind::Number;
  if (!isNumber) return {};
  constexpr double kBoundless = 1e6;
  constexpr double kNothing = 1e-6;
  const auto number = [](double value) { return QString::number(value, 'g', 7); };
  if (field.highest >= kBoundless) return OptionsForm::tr("from %1").arg(number(field.lowest));
  if (field.lowest > 0 && field.lowest < kNothing)
    return OptionsForm::tr("above 0, up to %1").arg(number(field.highest));
  return OptionsForm::tr("%1 to %2").arg(number(field.lowest), number(field.highest));
}

}  // namespace

OptionsForm::OptionsForm(QWidget* parent)
    : QWidget(parent), m_search(new QLineEdit), m_area(new QScrollArea) {
  m_search->setPlaceholderText(tr("Search options"));
  m_search->setAccessibleName(tr("Search options"));
  m_search->setClearButtonEnabled(true);
  m_area->setWidgetResizable(true);
  m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  layout->addWidget(m_search);
  layout->addWidget(m_area, 1);
  connect(m_search, &QLineEdit::textChanged, this, &OptionsForm::search);
}

void OptionsForm::setOptions(const TrainingOptions& options, const QStringList& leftOut) {
  m_options = options;
  m_rows.clear();
  m_list = new QWidget;
  m_listLayout = new QVBoxLayout(m_list);
  m_listLayout->setContentsMargins(0, 0, kGrid, 0);
  m_listLayout->setSpacing(kGrid);
  for (const auto& field : optionFields(options)) {
    const auto name = QString::fromStdString(field.name);
    const bool isLeftOut = std::any_of(leftOut.begin(), leftOut.end(), [&](const QString& start) {
      return name.startsWith(start);
    });
    if (!isLeftOut) addRow(field);
  }
  m_listLayout->addStretch();
  m_area->setWidget(m_list);
  search(m_search->text());
}

void OptionsForm::addRow(const OptionField& field) {
  Row row{.name = field.name, .value = field.value};
  if (field.kind == OptionKind::Switch) {
    auto* box = new QCheckBox;
    box->setChecked(field.value == "true");
    row.read = [box] { return std::string(box->isChecked() ? "true" : "false"); };
    row.editor = box;
  } else if (field.kind == OptionKind::Choice) {
    auto* box = new QComboBox;
    for (const auto& choice : field.choices) box->addItem(QString::fromStdString(choice));
    box->setCurrentText(plainText(field.value));
    row.read = [box] { return quotedText(box->currentText()); };
    row.editor = box;
  } else if (field.kind == OptionKind::Integer &&
             field.highest <= std::numeric_limits<int>::max()) {
    auto* box = new QSpinBox;
    box->setRange(static_cast<int>(field.lowest), static_cast<int>(field.highest));
    box->setValue(std::atoi(field.value.c_str()));
    row.read = [box] { return std::to_string(box->value()); };
    row.editor = box;
  } else if (field.kind == OptionKind::Number) {
    auto* box = new QDoubleSpinBox;
    constexpr int kDecimals = 5;
    box->setDecimals(kDecimals);
    box->setRange(field.lowest, field.highest);
    box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    box->setValue(std::strtod(field.value.c_str(), nullptr));
    box->setLocale(QLocale::c());  // as in the options' file, and without trailing separators
    row.read = [box] { return std::to_string(box->value()); };
    row.editor = box;
  } else {
    auto* line = new QLineEdit(plainText(field.value));
    const bool isText = field.kind == OptionKind::Text;
    row.read = [line, isText] {
      return isText ? quotedText(line->text()) : line->text().toStdString();
    };
    row.editor = line;
  }
  const auto name = QString::fromStdString(field.name);
  const auto sentence = QString::fromStdString(field.sentence);
  const auto range = rangeText(field);
  row.shown = row.read();
  row.words = name + u' ' + sentence;
  row.editor->setAccessibleName(name);
  row.editor->setAccessibleDescription(sentence);
  row.editor->setFocusPolicy(Qt::StrongFocus);  // a wheel that scrolls the list changes nothing
  constexpr int kEditorWidth = 136;
  row.editor->setFixedWidth(kEditorWidth);
  auto* title = new QLabel(name);
  title->setBuddy(row.editor);
  auto* words = new QLabel(
      range.isEmpty() ? tr("%1 Suggested: %2.").arg(sentence, plainText(field.value))
                      : tr("%1 Suggested: %2; %3.").arg(sentence, plainText(field.value), range));
  words->setProperty("look", "caption");
  words->setWordWrap(true);
  auto* below = new QHBoxLayout;
  below->setSpacing(kGrid);
  below->addWidget(words, 1);
  below->addWidget(row.editor, 0, Qt::AlignTop);
  row.line = new QWidget;
  auto* layout = new QVBoxLayout(row.line);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  layout->addWidget(title);
  layout->addLayout(below);
  m_listLayout->addWidget(row.line);
  m_rows.push_back(std::move(row));
}

void OptionsForm::search(const QString& text) {
  for (const auto& row : m_rows)
    row.line->setVisible(row.words.contains(text.trimmed(), Qt::CaseInsensitive));
}

Result<TrainingOptions> OptionsForm::options() const {
  std::vector<OptionChange> changes;
  for (const auto& row : m_rows) {
    const auto value = row.read();
    if (value != row.shown) changes.push_back({row.name, value});
  }
  return withOptions(m_options, changes);
}

QWidget* OptionsForm::editor(const std::string& name) const {
  const auto row = std::find_if(m_rows.begin(), m_rows.end(),
                                [&](const Row& candidate) { return candidate.name == name; });
  return row == m_rows.end() ? nullptr : row->editor;
}

}  // namespace countersign::ui
