// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <functional>
#include <optional>

#include "core/biometrics/Desk.h"
#include "ui/support/ImageLoading.h"

class QPushButton;

namespace countersign::ui {

class OfficeSession;
class VerdictBanner;

/// The verdict about a person's other kind of sample, while one kind is looked at: what was given
/// is set aside, compared by the network for its kind, and stands below the first verdict with the
/// rates of its own τ. As evidence against somebody else the two are added (as log likelihood
/// ratios, as if they were independent); against imitators they are not.
class SecondVerdict final : public QWidget {
  Q_OBJECT

 public:
  /// What was given of one kind, for one person.
  struct Aside {
    PersonKey person;
    ShownImage probe;
    QString note;  ///< For the record, as far as it was written.
    std::optional<Finding> recorded;
    std::optional<DecisionKey> decision;
  };
  /// Whether the clerk is to say something before an examination is shown.
  using IsPending = std::function<bool(const Examination&)>;

  explicit SecondVerdict(OfficeSession& session, QWidget* parent = nullptr);

  void setAside(Modality modality, Aside aside);
  /// Gives back what was set aside of a kind for a person, if it is there, and keeps nothing.
  std::optional<Aside> take(Modality modality, std::optional<PersonKey> person);
  void clear();
  /// What is signed for, where amounts play a part.
  void setAmount(std::optional<double> amount);
  void setPending(IsPending isPending) { m_isPending = std::move(isPending); }
  /// Offers to give a sample of the other kind, where the person has references of it.
  void offerOther(std::optional<Person> person);

  /// The log likelihood ratio of the kind that is looked at, against a random other person: where
  /// this kind has one, too, they are added.
  void setFirst(std::optional<double> llr);

  bool hasVerdict() const { return m_aside.has_value(); }
  /// The other kind's verdict waits to be recorded.
  bool isUnrecorded() const { return m_examination && !m_aside->decision; }
  const std::optional<Examination>& examination() const { return m_examination; }
  QPushButton* otherButton() const { return m_other; }

 Q_SIGNALS:
  /// The user wants to look at the other kind.
  void otherWanted();
  void changed();

 private:
  void verify();
  void render();
  /// What both kinds say together; nothing unless both say something.
  QString together() const;

  OfficeSession& m_session;
  Modality m_modality = Modality::Face;  ///< Of what was set aside.
  std::optional<Aside> m_aside;
  std::optional<Examination> m_examination;
  std::optional<double> m_first;
  std::optional<double> m_amount;
  IsPending m_isPending;
  QString m_failure;
  int m_request = 0;  ///< Answers to older questions are dropped.
  bool m_isOffered = false;

  VerdictBanner* m_banner;
  QPushButton* m_other;
};

}  // namespace countersign::ui
