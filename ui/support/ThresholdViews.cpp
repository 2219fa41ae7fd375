// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/ThresholdViews.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace countersign::ui {

namespace {

struct Words {
  Q_DECLARE_TR_FUNCTIONS(countersign::ui::ThresholdViews)
};

using Many = std::vector<EvidencePlot::Series>;

constexpr TrialKind kKinds[] = {TrialKind::Genuine, TrialKind::Skilled, TrialKind::Random};
constexpr double kNoLimit = std::numeric_limits<double>::infinity();

EvidencePlot::Meaning meaningOf(TrialKind kind) {
  switch (kind) {
    case TrialKind::Genuine:
      return EvidencePlot::Meaning::Mated;
    case TrialKind::Skilled:
      return EvidencePlot::Meaning::Skilled;
    case TrialKind::Random:
      break;
  }
  return EvidencePlot::Meaning::Random;
}

Many againstThreshold(const ThresholdEvidence& evidence, const ThresholdGoal* costsOf) {
  const auto& costs = *evidence.costs;
  Many all;
  const auto add = [&](const QString& name, EvidencePlot::Meaning meaning, auto&& value) {
    EvidencePlot::Series one{.name = name, .meaning = meaning, .x = {}, .y = {}, .threshold = {}};
    for (const auto& point : evidence.curve) {
      one.x.append(point.threshold);
      one.y.append(value(point));
    }
    all.push_back(std::move(one));
  };
  if (costsOf != nullptr) {
    const auto& goal = *costsOf;
    add(Words::tr("Expected cost"), EvidencePlot::Meaning::Plain,
        [&](const ErrorPoint& point) { return expectedCost(point, goal.against, goal.costs); });
    return all;
  }
  add(Words::tr("Missed"), EvidencePlot::Meaning::Mated,
      [](const ErrorPoint& point) { return point.falseNonMatch; });
  if (!costs.skilledScores().empty())
    add(Words::tr("Forgeries"), EvidencePlot::Meaning::Skilled,
        [](const ErrorPoint& point) { return point.skilledFalseMatch; });
  if (!costs.randomScores().empty())
    add(Words::tr("Others"), EvidencePlot::Meaning::Random,
        [](const ErrorPoint& point) { return point.randomFalseMatch; });
  return all;
}

Many againstEachOther(const ThresholdEvidence& evidence, const ComparedEvidence* compared,
                      bool isRoc) {
  const auto& costs = *evidence.costs;
  Many all;
  for (const auto kind : {TrialKind::Skilled, TrialKind::Random}) {
    if (costs.scores(kind).empty()) continue;
    EvidencePlot::Series one{
        .name = kind == TrialKind::Skilled ? Words::tr("Forgeries") : Words::tr("Other people"),
        .meaning = meaningOf(kind),
        .x = {},
        .y = {},
        .threshold = {}};
    auto other = one;
    const auto add = [&](EvidencePlot::Series& series, const ErrorPoint& point) {
      series.x.append(kind == TrialKind::Skilled ? point.skilledFalseMatch
                                                 : point.randomFalseMatch);
      series.y.append(isRoc ? 1 - point.falseNonMatch : point.falseNonMatch);
    };
    for (const auto& point : evidence.curve) {
      add(one, point);
      one.threshold.append(point.threshold);
    }
    all.push_back(std::move(one));
    if (compared == nullptr) continue;
    other.name = Words::tr("%1, the other network").arg(other.name);
    other.isDotted = true;
    other.isInLegend = false;  // the page says what dotted curves are
    for (const auto& point : compared->curve) add(other, point);
    all.push_back(std::move(other));
  }
  return all;
}

const WeighedScores* weighed(const ThresholdEvidence& evidence, TrialKind against) {
  for (const auto& one : evidence.weighed)
    if (one.against == against && one.isTested) return &one;
  return nullptr;
}

void drawStrength(EvidencePlot& plot, bool isTippett, const ThresholdEvidence& evidence,
                  TrialKind against) {
  using Scale = EvidencePlot::Scale;
  const double low = evidence.curve.front().threshold;
  const double high = evidence.curve.back().threshold;
  constexpr double kAir = 1.05;
  const auto* worth = weighed(evidence, against);
  if (worth == nullptr) {
    plot.show({Words::tr("Too few people to tell"), Scale::Linear, 0, 1}, {{}, Scale::Linear, 0, 1},
              {}, {});
    return;
  }
  const auto toRatio = [calibration = worth->calibration](double threshold) {
    return calibration.logLikelihoodRatio(threshold) / std::numbers::ln10;
  };
  const auto toThreshold = [low, high](const auto& rising, double wanted) {
    double from = low;
    double to = high;
    constexpr int kHalvings = 40;
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = 0.5 * (from + to);
      (rising(middle) < wanted ? from : to) = middle;
    }
    return 0.5 * (from + to);
  };
  if (isTippett) {
    EvidencePlot::Series own{.name = Words::tr("Own samples"),
                             .meaning = EvidencePlot::Meaning::Mated,
                             .x = {},
                             .y = {},
                             .threshold = {}};
    auto others = own;
    others.name =
        worth->against == TrialKind::Skilled ? Words::tr("Forgeries") : Words::tr("Other people");
    others.meaning = meaningOf(worth->against);
    for (const auto& point : worth->tippett) {
      own.x.append(point.llr / std::numbers::ln10);
      own.y.append(point.mated);
      others.x.append(point.llr / std::numbers::ln10);
      others.y.append(point.nonMated);
    }
    const double left = own.x.front();
    const double right = own.x.back();
    plot.show({Words::tr("log₁₀ likelihood ratio"), Scale::Linear, left, right},
              {Words::tr("Share above"), Scale::Percent, 0, kAir},
              {std::move(own), std::move(others)},
              {toRatio, [=](double x) { return toThreshold(toRatio, x); }});
    return;
  }
  const auto toSaid = [calibration = worth->calibration](double threshold) {
    return 1 / (1 + std::exp(-calibration.logLikelihoodRatio(threshold)));
  };
  EvidencePlot::Series perfect{.name = Words::tr("As it should be"),
                               .meaning = EvidencePlot::Meaning::Random,
                               .x = {0, 1},
                               .y = {0, 1},
                               .threshold = {},
                               .isFilled = false,
                               .isDotted = true};
  EvidencePlot::Series seen{.name = Words::tr("As it was"),
                            .meaning = EvidencePlot::Meaning::Plain,
                            .x = {},
                            .y = {},
                            .threshold = {}};
  for (const auto& bin : worth->reliability) {
    seen.x.append(bin.said);
    seen.y.append(bin.seen);
  }
  plot.show({Words::tr("Said (probability)"), Scale::Percent, 0, 1},
            {Words::tr("Seen"), Scale::Percent, 0, kAir}, {std::move(perfect), std::move(seen)},
            {toSaid, [=](double x) { return toThreshold(toSaid, x); }});
}

}  // namespace

QStringList thresholdViewNames() {
  return {Words::tr("Errors by threshold"), Words::tr("DET curve"),    Words::tr("ROC curve"),
          Words::tr("Expected cost"),       Words::tr("Tippett plot"), Words::tr("Reliability")};
}

void drawDistributions(EvidencePlot& plot, const ThresholdEvidence& evidence) {
  const auto& costs = *evidence.costs;
  double low = kNoLimit;
  double high = -kNoLimit;
  for (const auto kind : kKinds) {
    const auto& scores = costs.scores(kind);
    if (scores.empty()) continue;
    // The far tail of other people's scores would squeeze everything that matters.
    low = std::min(low, scores[scores.size() / 1000]);
    high = std::max(high, scores.back());
  }
  constexpr int kBars = 80;
  constexpr double kAir = 1e-6;
  low -= kAir;  // a bar has no part of its lower border
  high += kAir;
  std::vector<EvidencePlot::Series> series;
  double top = 0;
  constexpr double kLeastShare = 0.01;
  const QString names[] = {Words::tr("Own samples"), Words::tr("Forgeries"),
                           Words::tr("Other people")};
  for (const auto kind : kKinds) {
    const auto& scores = costs.scores(kind);
    if (scores.empty()) continue;
    EvidencePlot::Series one{.name = names[static_cast<std::size_t>(kind)],
                             .meaning = meaningOf(kind),
                             .x = {},
                             .y = {},
                             .threshold = {},
                             .isFilled = true};
    const auto counts = scoreHistogram(scores, low, high, kBars);
    for (int bar = 0; bar <= kBars; ++bar) {
      const double share = bar < kBars
                               ? static_cast<double>(counts[static_cast<std::size_t>(bar)]) /
                                     static_cast<double>(scores.size())
                               : 0;
      one.x.append(low + (high - low) * bar / kBars);
      one.y.append(share);
      top = std::max(top, share);
    }
    series.push_back(std::move(one));
  }
  const auto same = [](double value) { return value; };
  plot.show(
      {Words::tr("Similarity"), EvidencePlot::Scale::Linear, low, high},
      {Words::tr("Share"), EvidencePlot::Scale::Percent, 0, 1.05 * std::max(top, kLeastShare)},
      std::move(series), {same, same});
}

void drawView(EvidencePlot& plot, ThresholdView view, const ThresholdEvidence& evidence,
              const ThresholdGoal& goal, const ComparedEvidence* compared) {
  using Scale = EvidencePlot::Scale;
  const auto same = [](double value) { return value; };
  const auto& curve = evidence.curve;
  const double low = curve.front().threshold;
  const double high = curve.back().threshold;
  constexpr double kAir = 1.05;
  switch (view) {
    case ThresholdView::Errors:
      plot.show({Words::tr("Threshold"), Scale::Linear, low, high},
                {Words::tr("Rate"), Scale::Percent, 0, 1}, againstThreshold(evidence, nullptr),
                {same, same});
      break;
    case ThresholdView::Cost: {
      auto series = againstThreshold(evidence, &goal);
      const auto& y = series.front().y;
      const double top = *std::max_element(y.begin(), y.end());
      plot.show({Words::tr("Threshold"), Scale::Linear, low, high},
                {Words::tr("Cost of a comparison"), Scale::Linear, 0, top > 0 ? kAir * top : 1},
                std::move(series), {same, same});
      break;
    }
    case ThresholdView::Det: {
      constexpr double kLowest = 0.0005;
      constexpr double kHighest = 0.6;
      plot.show({Words::tr("Passed (FMR)"), Scale::Deviate, kLowest, kHighest},
                {Words::tr("Missed (FNMR)"), Scale::Deviate, kLowest, kHighest},
                againstEachOther(evidence, compared, false), {});
      break;
    }
    case ThresholdView::Roc:
      plot.show({Words::tr("Passed (FMR)"), Scale::Percent, 0, 1},
                {Words::tr("Own found (1 − FNMR)"), Scale::Percent, 0, kAir},
                againstEachOther(evidence, compared, true), {});
      break;
    case ThresholdView::Tippett:
    case ThresholdView::Reliability:
      drawStrength(plot, view == ThresholdView::Tippett, evidence, goal.against);
      break;
  }
}

}  // namespace countersign::ui
