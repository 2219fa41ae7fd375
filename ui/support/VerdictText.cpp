// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/VerdictText.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "core/imaging/InkComplexity.h"
#include "ui/support/Formatting.h"
#include "ui/support/ThresholdEvidence.h"

namespace countersign::ui {

namespace {

class VerdictText {
  Q_DECLARE_TR_FUNCTIONS(VerdictText)
};

/// Words of the forensic scale in the user's language.
QString gradeText(double llr) {
  const auto words = verbalScale(llr);
  if (words == "weak support") return VerdictText::tr("weak support");
  if (words == "moderate support") return VerdictText::tr("moderate support");
  if (words == "moderately strong support") return VerdictText::tr("moderately strong support");
  if (words == "strong support") return VerdictText::tr("strong support");
  if (words == "very strong support") return VerdictText::tr("very strong support");
  if (words == "extremely strong support") return VerdictText::tr("extremely strong support");
  return VerdictText::tr("no support");
}

/// What a match means where nobody forges: how often somebody else comes as close.
QString amongOthers(const RateAtThreshold& others) {
  if (others.trials == 0) return {};
  if (others.rate.value == 0)
    return VerdictText::tr(
               "None of %1 pairs of different people scored this high (at most %2 would, 95 %).")
        .arg(others.trials)
        .arg(percentText(others.rate.high));
  return VerdictText::tr("%1 pairs of different people score this high (%2 to %3, 95 %).")
      .arg(oneInText(others.rate.value), percentText(others.rate.low),
           percentText(others.rate.high));
}

}  // namespace

QString ruleOf(const AppliedRule& applied) {
  QString sentence;
  switch (applied.source) {
    case ThresholdSource::Office:
      break;
    case ThresholdSource::Amount:
      sentence = VerdictText::tr("This τ goes with the amount.");
      break;
    case ThresholdSource::Individual:
      sentence = VerdictText::tr(
          "This τ is the person's own, by the spread of their references; the rates are those of "
          "other people at it.");
      break;
    case ThresholdSource::ByHand:
      sentence = VerdictText::tr(
          "This τ was set for this person by hand; the rates are those of other people at it.");
      break;
  }
  if (applied.isAlwaysReferred)
    sentence = VerdictText::tr("Amounts this large are always referred to a person.");
  return sentence;
}

QString meaningOf(const Examination& e, const ThresholdTable* table) {
  if (!table || table->isEmpty() || !e.fused) return {};
  const auto above = table->at(e.fused->value);
  const auto& forged = above.skilledFalseMatch;
  const auto& own = above.falseNonMatch;
  switch (e.finding) {
    case Finding::Match:
      if (forged.trials == 0) return amongOthers(above.randomFalseMatch);
      if (forged.rate.value == 0)
        return VerdictText::tr(
                   "None of %1 skilled forgeries scored this high (at most %2 would, 95 %).")
            .arg(forged.trials)
            .arg(percentText(forged.rate.high));
      return VerdictText::tr("%1 skilled forgeries score this high (%2 to %3, 95 %).")
          .arg(oneInText(forged.rate.value), percentText(forged.rate.low),
               percentText(forged.rate.high));
    case Finding::NonMatch:
      if (own.trials == 0) return {};
      if (own.rate.value == 0)
        return VerdictText::tr("None of %1 own samples scored this low (at most %2 would, 95 %).")
            .arg(own.trials)
            .arg(percentText(own.rate.high));
      return VerdictText::tr("%1 of people's own samples score this low (%2 to %3, 95 %).")
          .arg(oneInText(own.rate.value), percentText(own.rate.low), percentText(own.rate.high));
    case Finding::Refer:
      if (e.applied.isAlwaysReferred) return {};
      return VerdictText::tr("Too close to the threshold: somebody experienced should decide.");
    case Finding::CannotJudge:
      break;
  }
  return {};
}

QString simplicityOf(std::optional<double> complexity, const ThresholdTable* table) {
  if (!complexity || *complexity >= kSimplestMeasured || !table || table->lists().empty() ||
      table->lists().front().starts_with(kPeopleOnFile))
    return {};
  return VerdictText::tr(
      "Simpler than 99 of 100 signatures that the rates were measured on: they may not hold.");
}

QString populationText(const ThresholdTable& table) {
  int people = 0;
  for (const auto kind : {TrialKind::Genuine, TrialKind::Skilled, TrialKind::Random})
    people = std::max(people, table.people(kind));
  const auto count = QLocale().toString(people);
  const auto& lists = table.lists();
  if (lists.empty()) return {};
  if (lists.front().starts_with(kPeopleOnFileWithCardForgeries))
    return VerdictText::tr("your people on file, and forgeries by the network's card");
  if (lists.front().starts_with(kPeopleOnFile))
    return VerdictText::tr("%1 of your people on file").arg(count);
  if (table.isOfOwnPeople())
    return VerdictText::tr("%1 of your own people, kept out of the training").arg(count);
  QStringList names;
  for (const auto& list : lists) names += listText(list);
  names.removeDuplicates();
  return VerdictText::tr("%1 people (%2) who are not yours")
      .arg(count, names.join(QStringLiteral(", ")));
}

QString strengthText(double llr, TrialKind against) {
  const auto other = against == TrialKind::Skilled ? VerdictText::tr("an imitator")
                                                   : VerdictText::tr("somebody else");
  const auto same = VerdictText::tr("the same person");
  const double ratio = std::exp(std::abs(llr));
  constexpr double kHardly = 2;
  if (ratio < kHardly)
    return VerdictText::tr("As evidence it hardly tells %1 from %2.").arg(same, other);
  // Two digits: no calibration knows more.
  const double unit = std::pow(10.0, std::floor(std::log10(ratio)) - 1);
  const auto times = QLocale().toString(unit * std::round(ratio / unit), 'f', ratio < 10 ? 1 : 0);
  return VerdictText::tr("%1 times likelier from %2 than from %3: %4.")
      .arg(times, llr > 0 ? same : other, llr > 0 ? other : same, gradeText(llr));
}

QString strengthOf(double score, const EvidenceStrength* strength) {
  if (!strength) return {};
  for (const auto against : {TrialKind::Skilled, TrialKind::Random})
    if (const auto& calibration = strength->against(against))
      return strengthText(calibration->logLikelihoodRatio(score), against);
  return {};
}

QString ratesOf(double threshold, const ThresholdTable& table) {
  if (table.isEmpty()) return {};
  const auto costs = table.at(threshold);
  QStringList passed;
  if (costs.skilledFalseMatch.trials > 0)
    passed += VerdictText::tr("%1 of skilled forgeries")
                  .arg(percentText(costs.skilledFalseMatch.rate.value));
  if (costs.randomFalseMatch.trials > 0)
    passed +=
        VerdictText::tr("%1 of other people").arg(percentText(costs.randomFalseMatch.rate.value));
  const auto missed =
      VerdictText::tr("τ misses %1").arg(percentText(costs.falseNonMatch.rate.value));
  if (passed.isEmpty()) return missed + u'.';
  return VerdictText::tr("%1 and passes %2.").arg(missed, passed.join(VerdictText::tr(" and ")));
}

}  // namespace countersign::ui
