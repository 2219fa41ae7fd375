// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "core/biometrics/Desk.h"

class QPushButton;

namespace countersign::ui {

/// Asks the clerk for an answer before the program's is shown, in the share of checks that the
/// office has decided on. That somebody was asked is remembered until the window closes, so that
/// nobody is asked twice about the same image and person.
class BlindPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit BlindPanel(QWidget* parent = nullptr);

  /// Whether this is such a check, and was not answered yet.
  bool isPending(const Examination& examination) const;
  std::optional<Finding> answer(const Examination& examination) const;
  /// The answer was recorded: the next record about the same image is none of somebody who did not
  /// know what the program says.
  void noteRecorded(const Examination& examination);
  /// Another store: its people have nothing to do with these answers.
  void forget() { m_answers.clear(); }
  /// Asks about this one.
  void ask(const Examination& examination);
  QPushButton* button(Finding finding) const;

 Q_SIGNALS:
  void answered();

 private:
  /// Network, image and person.
  using About = std::tuple<std::string, std::string, PersonKey>;
  struct Answer {
    SampleRegion region;             ///< What of the image was asked about.
    std::optional<Finding> finding;  ///< Nothing once it was recorded.
  };
  static About aboutOf(const Examination& examination);

  std::map<About, Answer> m_answers;
  About m_about;
  SampleRegion m_region;
  QPushButton* m_match;
  QPushButton* m_nonMatch;
  QPushButton* m_refer;
};

}  // namespace countersign::ui
