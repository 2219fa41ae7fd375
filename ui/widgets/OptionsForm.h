// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>
#include <functional>
#include <vector>

#include "core/training/TrainingOptions.h"

class QLineEdit;
class QScrollArea;
class QVBoxLayout;

namespace countersign::ui {

/// A form for all training options, made from their descriptions: the options that the command-line
/// program reads, each with its sentence, default and range.
class OptionsForm final : public QWidget {
  Q_OBJECT

 public:
  explicit OptionsForm(QWidget* parent = nullptr);

  /// Shows options; those with these beginnings of names are left out.
  void setOptions(const TrainingOptions& options, const QStringList& leftOut = {});
  /// The options as edited, or what is wrong with them.
  Result<TrainingOptions> options() const;
  /// The editor of one option; null when there is none.
  QWidget* editor(const std::string& name) const;
  int rowCount() const { return static_cast<int>(m_rows.size()); }

 private:
  struct Row {
    std::string name;
    std::string value;  ///< As set: what was not touched keeps every digit.
    QWidget* editor;
    QWidget* line;
    QString words;  ///< That a search finds.
    std::function<std::string()> read;
    std::string shown;  ///< What read() gave at first.
  };
  void addRow(const OptionField& field);
  void search(const QString& text);

  TrainingOptions m_options;
  std::vector<Row> m_rows;
  QLineEdit* m_search;
  QWidget* m_list = nullptr;
  QVBoxLayout* m_listLayout = nullptr;
  QScrollArea* m_area;
};

}  // namespace countersign::ui
