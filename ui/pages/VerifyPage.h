// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <variant>

#include "core/biometrics/Desk.h"
#include "ui/support/ImageLoading.h"

class QDoubleSpinBox;
class QToolButton;
class QVBoxLayout;

namespace countersign::ui {

class BlindPanel;
class LikenessPanel;
class NearestOthers;
class ImageDrop;
class OfficeSession;
class PersonPicker;
class RecordPanel;
class ReferenceStrip;
class SecondVerdict;
class ThresholdPanel;
class VerdictBanner;

/// Is this signature, or this face, the same person's as the ones on file?
class VerifyPage final : public QWidget {
  Q_OBJECT

 public:
  explicit VerifyPage(OfficeSession& session, QWidget* parent = nullptr);

  void choosePerson(PersonKey person);
  void takeImage(const ImageSource& source);
  /// Puts the cursor where work begins.
  void start();

  /// The widgets that tests and the finder reach for.
  PersonPicker* picker() const { return m_picker; }
  ImageDrop* drop() const { return m_drop; }
  ThresholdPanel* thresholdPanel() const { return m_threshold; }
  ReferenceStrip* references() const { return m_references; }
  LikenessPanel* likenessPanel() const { return m_likeness; }
  /// The questioned sample that is on the screen, for other pages to show what the network makes of
  /// it; may be null, and is while a blind check waits for its answer.
  std::shared_ptr<const ExaminedImage> probe() const;
  const std::optional<Examination>& examination() const { return m_examination; }
  RecordPanel* recordPanel() const { return m_record; }
  NearestOthers* nearestOthers() const { return m_others; }
  SecondVerdict* secondVerdict() const { return m_second; }
  BlindPanel* blindPanel() const { return m_blind; }
  QDoubleSpinBox* amount() const { return m_amount; }

 Q_SIGNALS:
  void problem(const QString& sentence);
  /// A decision was recorded and may be printed.
  void recorded(countersign::DecisionKey decision);
  void reportWanted(countersign::DecisionKey decision);
  /// The person has no references: they are to be enrolled.
  void enrolWanted(const QString& identifier);
  /// The verdict for the newest probe stands on the screen.
  void verified();

 private:
  void buildLeft(QVBoxLayout& column);
  void buildRight(QVBoxLayout& column);
  /// Words and pictures for the kind of sample that was chosen. What was given of the other kind is
  /// set aside with its verdict, and what was set aside of this one comes back.
  void showModality();
  void setAside();
  void takeBack();
  /// After a record: the other verdict, if it waits, or the next questioned sample.
  void goOn();
  bool isAboutFaces() const;
  void loadReferences();
  void forgetPerson();
  /// What is on the screen was recorded, or is about to be: changes of the store leave it alone.
  bool isSettled() const { return m_decision || m_isRecording; }
  /// The probe again by the network that serves now.
  void reexamine();
  void crop();
  /// Shows the reference in this row beside the probe.
  void compareWith(int row);
  void verify();
  void record(Finding finding);
  void clearProbe();
  void showService();
  void renderVerdict();
  /// The clerk has not said yet what they see, and is to say it first.
  bool isBlind() const;
  /// Amounts count where the office has thresholds by amount.
  void renderAmount();
  std::optional<double> amountGiven() const;
  /// Says which kind it is about where two verdicts stand.
  QString verdictWord(Finding finding) const;
  void renderReferences();
  void renderActions();
  void fillSamples();

  OfficeSession& m_session;
  std::optional<Person> m_person;
  std::vector<Reference> m_onFile;
  std::optional<ShownImage> m_probe;
  std::optional<Examination> m_examination;
  std::optional<DecisionKey> m_decision;
  Finding m_recorded = Finding::CannotJudge;  ///< With m_decision: what the user decided.
  Modality m_shown = Modality::Signature;     ///< The kind that everything here is about.
  QString m_failure;                          ///< Why there is no examination, if something failed.
  int m_personRequest = 0;                    ///< Answers to older questions are dropped.
  int m_readRequest = 0;
  int m_verifyRequest = 0;
  bool m_isReading = false;
  bool m_isRecording = false;  ///< The answer to "Record" has not come yet.

  PersonPicker* m_picker;
  QWidget* m_amountField;
  QDoubleSpinBox* m_amount;
  ImageDrop* m_drop;
  QToolButton* m_samples;
  ReferenceStrip* m_references;
  LikenessPanel* m_likeness;
  BlindPanel* m_blind;
  QWidget* m_answer;  ///< Everything that the program says.
  VerdictBanner* m_banner;
  NearestOthers* m_others;
  SecondVerdict* m_second;
  ThresholdPanel* m_threshold;
  RecordPanel* m_record;
};

}  // namespace countersign::ui
