// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/ThresholdEvidence.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>

#include "ui/support/Formatting.h"

namespace countersign::ui {

namespace {

struct Words {
  Q_DECLARE_TR_FUNCTIONS(countersign::ui::ThresholdEvidence)
};

constexpr int kPercent = 100;
constexpr int kComparing = 60;  ///< Percent of the work that is comparing.

std::optional<WeighedScores> weigh(const ScoreEvidence& evidence, TrialKind against) {
  const auto trials = trialsAgainst(evidence, against);
  if (!trials.canBeFitted()) return {};
  const auto method = ScoreCalibration::usual(trials);
  WeighedScores weighed{.against = against,
                        .calibration = ScoreCalibration::fit(trials, method),
                        .tippett = {},
                        .reliability = {}};
  LabelledScores all;
  for (const auto& trial : trials.mated) all.mated.push_back(trial.score);
  for (const auto& trial : trials.nonMated) all.nonMated.push_back(trial.score);
  weighed.leastCost = leastCostOfLlrs(all);
  const auto llrs = personDisjointLlrs(trials, method);
  if (llrs.mated.empty() || llrs.nonMated.empty()) return weighed;
  constexpr int kPoints = 200;
  constexpr int kBins = 10;
  weighed.tippett = tippett(llrs, kPoints);
  weighed.reliability = reliability(llrs, kBins);
  weighed.cost = costOfLlrs(llrs);
  weighed.isTested = true;
  return weighed;
}

}  // namespace

Result<std::shared_ptr<const ThresholdEvidence>> gatherEvidence(const Desk& desk,
                                                                EvidenceSource source,
                                                                const std::filesystem::path& table,
                                                                const JobContext<int>& context) {
  auto evidence = std::make_shared<ThresholdEvidence>();
  evidence->source = source;
  evidence->table = source == EvidenceSource::Table ? table : std::filesystem::path();
  // A card's scores are there; others are worked out first.
  const int before =
      source == EvidenceSource::Store || source == EvidenceSource::Table ? kComparing : 0;
  auto trials = officeTrials(desk, trialSource(source, table),
                             {context.stop, [&](const EvaluationProgress& p) {
                                context.emitEvent(kComparing * p.done / std::max(1, p.total));
                              }});
  if (!trials) return trials.error();
  auto& known = evidence->known;
  known = std::move(trials->known);
  evidence->store = std::move(trials->store);
  std::string name;
  for (const auto& list : trials->lists) {
    if (!name.empty()) name += '\n';
    name += list;
  }
  const BootstrapOptions bootstrap;
  const JobContext<int> intervals{
      context.stop, [&](int done) {
        context.emitEvent(before + (kPercent - before) * done / bootstrap.replicates);
      }};
  evidence->costs = std::make_shared<const ThresholdTable>(known.evidence, known.references, name,
                                                           bootstrap, intervals);
  if (context.stop.stop_requested())
    return Error{ErrorCode::Cancelled, "The evidence was not worked out.", ""};
  if (evidence->costs->isEmpty())
    return Error{ErrorCode::NotFound,
                 source == EvidenceSource::Table
                     ? "The table has no trial of somebody with their own samples."
                     : "Nobody has measured this network: nothing is known of its errors.",
                 ""};
  evidence->curve = errorCurve(*evidence->costs);
  for (const auto kind : {TrialKind::Skilled, TrialKind::Random})
    if (auto weighed = weigh(known.evidence, kind))
      evidence->weighed.push_back(*std::move(weighed));
  return std::shared_ptr<const ThresholdEvidence>(std::move(evidence));
}

TrialSource trialSource(EvidenceSource source, const std::filesystem::path& table) {
  switch (source) {
    case EvidenceSource::CardSingle:
      return {TrialSource::Kind::Card, 1};
    case EvidenceSource::CardSeveral:
      break;
    case EvidenceSource::Store:
      return {TrialSource::Kind::Store};
    case EvidenceSource::Table:
      return {.kind = TrialSource::Kind::Table, .table = table};
  }
  return {};
}

Result<std::shared_ptr<const ComparedEvidence>> gatherCompared(const Desk& desk,
                                                               const ThresholdEvidence& evidence,
                                                               const std::filesystem::path& other,
                                                               const JobContext<int>& context) {
  auto trials =
      compareOfficeTrials(desk, trialSource(evidence.source, evidence.table), evidence.known, other,
                          {context.stop, [&](const EvaluationProgress& p) {
                             context.emitEvent(kPercent * p.done / std::max(1, p.total));
                           }});
  if (!trials) return trials.error();
  auto compared = std::make_shared<ComparedEvidence>();
  compared->name = QString::fromStdString(trials->name);
  compared->groups = std::move(trials->groups);
  compared->curve = errorCurve(ThresholdTable(trials->known.evidence, evidence.known.references,
                                              trials->name, {.replicates = 0}));
  return std::shared_ptr<const ComparedEvidence>(std::move(compared));
}

QString comparedText(const ComparedEvidence& compared) {
  QStringList lines;
  for (const auto& group : compared.groups) {
    const auto& error = group.equalError;
    lines +=
        (group.group == trialKindName(TrialKind::Skilled)
             ? Words::tr("Forgeries: EER %1, with the other %2")
             : Words::tr("Other people: EER %1, with the other %2"))
            .arg(percentText(error.before.value), percentText(error.after.value)) +
        u'\n' +
        (error.isCertain() ? Words::tr("difference %1") : Words::tr("difference %1: may be chance"))
            .arg(differenceText(error.difference));
  }
  return lines.isEmpty() ? Words::tr("There is nobody else to compare with.") : lines.join(u'\n');
}

QString listText(const std::string& name) {
  auto text = QString::fromStdString(name);
  if (name.starts_with(kOwnPeople)) return Words::tr("your own people, kept out of the training");
  if (text.startsWith(QStringLiteral("bhsig-bengali"))) return Words::tr("Bengali writers");
  if (text.startsWith(QStringLiteral("bhsig-hindi"))) return Words::tr("Hindi writers");
  if (text.startsWith(QStringLiteral("cedar"))) return Words::tr("writers of Latin script");
  if (text.startsWith(QStringLiteral("lfw")) || text.startsWith(QStringLiteral("view")))
    return Words::tr("people in news photos");
  if (text.startsWith(QStringLiteral("orl"))) return Words::tr("people in a laboratory");
  return text;
}

QString provenanceText(const ThresholdEvidence& evidence) {
  const auto& costs = *evidence.costs;
  const auto number = [](std::size_t count) {
    return QLocale().toString(static_cast<qulonglong>(count));
  };
  QStringList sentences;
  const auto references = Words::tr("%n reference(s) each", nullptr, costs.references());
  QStringList counts{Words::tr("%1 with own samples").arg(number(costs.matedScores().size()))};
  if (!costs.skilledScores().empty())
    counts += Words::tr("%1 with forgeries").arg(number(costs.skilledScores().size()));
  if (!costs.randomScores().empty())
    counts += Words::tr("%1 with other people").arg(number(costs.randomScores().size()));
  const auto trials = Words::tr("%1 people, %2, comparisons: %3.")
                          .arg(number(static_cast<std::size_t>(costs.people(TrialKind::Genuine))),
                               references, counts.join(QStringLiteral(", ")));
  switch (evidence.source) {
    case EvidenceSource::CardSeveral:
    case EvidenceSource::CardSingle: {
      QStringList lists;
      bool isOwn = true;
      for (const auto& list :
           QString::fromStdString(costs.lists().front()).split(u'\n', Qt::SkipEmptyParts)) {
        const auto name = list.toStdString();
        isOwn = isOwn && name.starts_with(kOwnPeople);
        lists += listText(name);
      }
      lists.removeDuplicates();
      sentences += Words::tr("From the network's card: %1.").arg(lists.join(QStringLiteral(", ")));
      sentences += trials;
      if (!isOwn)
        sentences += Words::tr(
            "They are not your people, who may fare otherwise: “The people on file” shows yours.");
      break;
    }
    case EvidenceSource::Store:
      sentences += Words::tr("From the people on file, each reference against the others.");
      sentences += trials;
      if (evidence.store->singles > 0)
        sentences += Words::tr("%n person(s) with one reference cannot be missed here.", nullptr,
                               evidence.store->singles);
      if (static_cast<std::int64_t>(costs.randomScores().size()) < evidence.store->possibleNonMated)
        sentences +=
            Words::tr("Other people: an even choice of %1 possible comparisons.")
                .arg(QLocale().toString(static_cast<qlonglong>(evidence.store->possibleNonMated)));
      if (evidence.store->forgeries > 0)
        sentences += Words::tr(
            "Forgeries are what was recorded as no match; of those that got "
            "through nothing is known.");
      break;
    case EvidenceSource::Table:
      sentences += Words::tr("From the table %1.")
                       .arg(QString::fromStdString(evidence.table.filename().string()));
      sentences += trials;
      if (evidence.known.network.empty())
        sentences += Words::tr("It does not say which network made its scores.");
      break;
  }
  return sentences.join(u' ');
}

QString blindText(const BlindChecks& checks) {
  if (checks.checks == 0) return {};
  const auto line = [](const AnswerErrors& errors) {
    QStringList parts;
    if (errors.missed.trials > 0) parts += Words::tr("missed %1").arg(rateText(errors.missed));
    if (errors.passed.trials > 0) parts += Words::tr("passed %1").arg(rateText(errors.passed));
    return parts.join(QStringLiteral(", "));
  };
  return Words::tr("%n blind check(s)", nullptr, checks.checks) + u'\n' +
         Words::tr("Clerks: %1").arg(line(checks.clerk)) + u'\n' +
         Words::tr("Program: %1").arg(line(checks.program));
}

}  // namespace countersign::ui
