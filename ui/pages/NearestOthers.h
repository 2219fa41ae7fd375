// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <functional>
#include <optional>
#include <vector>

#include "core/biometrics/Desk.h"

namespace countersign::ui {

class OfficeSession;

/// What else stands for and against a verdict: how many references lie above τ, and who else on
/// file comes closest to the questioned sample.
class NearestOthers final : public QLabel {
  Q_OBJECT

 public:
  explicit NearestOthers(OfficeSession& session, QWidget* parent = nullptr);

  /// Looks for the others of a new examination; nothing is shown without one.
  void setExamination(const std::optional<Examination>& examination);
  /// Whom nobody may know the program's answer about yet: they are left out.
  using IsPending = std::function<bool(const Examination&)>;
  void setPending(IsPending isPending) { m_isPending = std::move(isPending); }
  /// Says nothing while there is no room for it.
  void setHushed(bool isHushed);
  /// The τ by which references speak for or against.
  void setThreshold(double threshold);
  const std::vector<Candidate>& others() const { return m_others; }

 Q_SIGNALS:
  void found();

 private:
  void render();

  OfficeSession& m_session;
  std::optional<Examination> m_examination;
  std::optional<double> m_complexity;  ///< Of the questioned ink, once it is known.
  std::vector<Candidate> m_others;     ///< Without the claimed person, the closest first.
  IsPending m_isPending;
  bool m_isKnown = false;
  bool m_isPartial = false;  ///< Somebody was left out.
  bool m_isHushed = false;
  double m_threshold = 0;
  int m_request = 0;  ///< Answers about another sample are dropped.
};

}  // namespace countersign::ui
