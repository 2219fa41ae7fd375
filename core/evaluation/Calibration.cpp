// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Calibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace countersign {

namespace {

struct WeightedTrial {
  double score;
  bool isMated;
};

std::vector<double> finiteScores(const std::vector<SubjectScore>& trials) {
  std::vector<double> scores;
  scores.reserve(trials.size());
  for (const auto& trial : trials)
    if (std::isfinite(trial.score)) scores.push_back(trial.score);
  return scores;
}

/// ln(1 + e^x) without overflow.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

struct Line {
  double slope = 0;
  double offset = 0;
};

/// Newton's method on the cross entropy with Platt's targets, each kind with half of the weight.
Line logisticLine(const std::vector<double>& mated, const std::vector<double>& nonMated,
                  int people) {
  double mean = 0;
  double square = 0;
  const auto weighed = [&](const std::vector<double>& scores, const auto& add) {
    const double weight = 0.5 / static_cast<double>(scores.size());
    for (const double score : scores) add(score, weight);
  };
  for (const auto* scores : {&mated, &nonMated})
    weighed(*scores, [&](double score, double weight) { mean += weight * score; });
  for (const auto* scores : {&mated, &nonMated})
    weighed(*scores, [&](double score, double weight) {
      square += weight * (score - mean) * (score - mean);
    });
  const double scale = square > 0 ? std::sqrt(square) : 1;
  const double certain = (people + 1.0) / (people + 2.0);

  double slope = 0;
  double offset = 0;
  constexpr int kMostSteps = 100;
  constexpr double kStill = 1e-10;
  const auto cost = [&](double a, double b) {
    double sum = 0;
    weighed(mated, [&](double score, double weight) {
      const double x = a * (score - mean) / scale + b;
      sum += weight * (softplus(x) - certain * x);
    });
    weighed(nonMated, [&](double score, double weight) {
      const double x = a * (score - mean) / scale + b;
      sum += weight * (softplus(x) - (1 - certain) * x);
    });
    return sum;
  };
  double now = cost(slope, offset);
  for (int step = 0; step < kMostSteps; ++step) {
    double ga = 0;
    double gb = 0;
    double haa = 0;
    double hab = 0;
    double hbb = 0;
    const auto add = [&](double target) {
      return [&, target](double score, double weight) {
        const double z = (score - mean) / scale;
        const double p = sigmoid(slope * z + offset);
        const double error = weight * (p - target);
        const double curve = weight * p * (1 - p);
        ga += error * z;
        gb += error;
        haa += curve * z * z;
        hab += curve * z;
        hbb += curve;
      };
    };
    weighed(mated, add(certain));
    weighed(nonMated, add(1 - certain));
    constexpr double kRidge = 1e-12;
    const double determinant = (haa + kRidge) * (hbb + kRidge) - hab * hab;
    const double da = ((hbb + kRidge) * ga - hab * gb) / determinant;
    const double db = ((haa + kRidge) * gb - hab * ga) / determinant;
    // Half of a step that overshoots is tried, and half of that.
    double size = 1;
    double next = cost(slope - da, offset - db);
    constexpr double kSmallest = 1e-6;
    while (!(next <= now) && size > kSmallest) {
      size /= 2;
      next = cost(slope - size * da, offset - size * db);
    }
    if (!(next <= now)) break;
    slope -= size * da;
    offset -= size * db;
    const double gain = now - next;
    now = next;
    if (gain < kStill) break;
  }
  // A score that says the less the higher it is says nothing.
  if (slope < 0) return {};
  return {slope / scale, offset - slope * mean / scale};
}

/// Scores that share one LLR.
struct Block {
  double first;
  double last;
  double mated = 0;     ///< Weight.
  double nonMated = 0;  ///< Weight.

  double share() const { return mated / (mated + nonMated); }
  double llr() const {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (nonMated <= 0) return kInfinity;
    return mated <= 0 ? -kInfinity : std::log(mated / nonMated);
  }
};

/// Pool adjacent violators: blocks of rising share, each kind with a weight of 1 in all.
std::vector<Block> pooledBlocks(const std::vector<double>& mated,
                                const std::vector<double>& nonMated) {
  std::vector<WeightedTrial> trials;
  trials.reserve(mated.size() + nonMated.size());
  for (const double score : mated) trials.push_back({score, true});
  for (const double score : nonMated) trials.push_back({score, false});
  std::sort(trials.begin(), trials.end(),
            [](const auto& a, const auto& b) { return a.score < b.score; });
  const std::array weights{1 / static_cast<double>(nonMated.size()),
                           1 / static_cast<double>(mated.size())};
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < trials.size();) {
    Block block{trials[i].score, trials[i].score};
    for (; i < trials.size() && trials[i].score == block.first; ++i)
      (trials[i].isMated ? block.mated : block.nonMated) += weights[trials[i].isMated ? 1 : 0];
    while (!blocks.empty() && blocks.back().share() >= block.share()) {
      block.first = blocks.back().first;
      block.mated += blocks.back().mated;
      block.nonMated += blocks.back().nonMated;
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  return blocks;
}

}  // namespace

int CalibrationTrials::people() const {
  std::set<int> all;
  for (const auto* trials : {&mated, &nonMated})
    for (const auto& trial : *trials) all.insert(trial.subject);
  return static_cast<int>(all.size());
}

bool CalibrationTrials::canBeFitted() const {
  const auto hasFinite = [](const std::vector<SubjectScore>& trials) {
    return std::any_of(trials.begin(), trials.end(),
                       [](const SubjectScore& trial) { return std::isfinite(trial.score); });
  };
  return hasFinite(mated) && hasFinite(nonMated);
}

CalibrationMethod ScoreCalibration::usual(const CalibrationTrials& trials) {
  return std::min(trials.mated.size(), trials.nonMated.size()) > kManyTrials
             ? CalibrationMethod::Isotonic
             : CalibrationMethod::Logistic;
}

double ScoreCalibration::limit() const { return std::log(m_people + 1.0); }

ScoreCalibration ScoreCalibration::fit(const CalibrationTrials& trials, CalibrationMethod method) {
  ScoreCalibration made;
  made.m_method = method;
  made.m_people = trials.people();
  const auto mated = finiteScores(trials.mated);
  const auto nonMated = finiteScores(trials.nonMated);
  if (method == CalibrationMethod::Logistic) {
    const auto line = logisticLine(mated, nonMated, made.m_people);
    made.m_slope = line.slope;
    made.m_offset = line.offset;
    return made;
  }
  const auto blocks = pooledBlocks(mated, nonMated);
  made.m_knots.reserve(2 * blocks.size());
  for (const auto& block : blocks) {
    const double value = std::clamp(block.llr(), -made.limit(), made.limit());
    made.m_knots.push_back({block.first, value});
    if (block.last > block.first) made.m_knots.push_back({block.last, value});
  }
  return made;
}

double ScoreCalibration::logLikelihoodRatio(double score) const {
  if (!std::isfinite(score)) return 0;
  if (m_method == CalibrationMethod::Logistic)
    return std::clamp(m_slope * score + m_offset, -limit(), limit());
  const auto above =
      std::upper_bound(m_knots.begin(), m_knots.end(), score,
                       [](double value, const Knot& knot) { return value < knot.score; });
  if (above == m_knots.begin()) return m_knots.front().value;
  if (above == m_knots.end()) return m_knots.back().value;
  const auto below = std::prev(above);
  const double share = (score - below->score) / (above->score - below->score);
  return below->value + share * (above->value - below->value);
}

LabelledScores personDisjointLlrs(const CalibrationTrials& trials, CalibrationMethod method,
                                  int folds) {
  std::set<int> subjects;
  for (const auto* some : {&trials.mated, &trials.nonMated})
    for (const auto& trial : *some) subjects.insert(trial.subject);
  const int count = std::min(folds, static_cast<int>(subjects.size()));
  if (count < 2) return {};
  const std::vector<int> order(subjects.begin(), subjects.end());
  const auto foldOf = [&](int subject) {
    const auto at = std::lower_bound(order.begin(), order.end(), subject) - order.begin();
    return static_cast<int>(at % count);
  };
  LabelledScores llrs;
  for (int fold = 0; fold < count; ++fold) {
    CalibrationTrials others;
    CalibrationTrials own;
    const auto split = [&](const std::vector<SubjectScore>& from, std::vector<SubjectScore>& in,
                           std::vector<SubjectScore>& out) {
      for (const auto& trial : from)
        if (std::isfinite(trial.score)) (foldOf(trial.subject) == fold ? in : out).push_back(trial);
    };
    split(trials.mated, own.mated, others.mated);
    split(trials.nonMated, own.nonMated, others.nonMated);
    if (others.mated.empty() || others.nonMated.empty()) return {};
    const auto calibration = ScoreCalibration::fit(others, method);
    for (const auto& trial : own.mated)
      llrs.mated.push_back(calibration.logLikelihoodRatio(trial.score));
    for (const auto& trial : own.nonMated)
      llrs.nonMated.push_back(calibration.logLikelihoodRatio(trial.score));
  }
  return llrs;
}

double costOfLlrs(const LabelledScores& llrs) {
  double mated = 0;
  for (const double llr : llrs.mated) mated += softplus(-llr);
  double nonMated = 0;
  for (const double llr : llrs.nonMated) nonMated += softplus(llr);
  return (mated / static_cast<double>(llrs.mated.size()) +
          nonMated / static_cast<double>(llrs.nonMated.size())) /
         (2 * std::log(2.0));
}

double leastCostOfLlrs(const LabelledScores& scores) {
  const auto only = [](std::vector<double> all) {
    std::erase_if(all, [](double score) { return !std::isfinite(score); });
    return all;
  };
  double cost = 0;
  for (const auto& block : pooledBlocks(only(scores.mated), only(scores.nonMated))) {
    if (block.mated > 0) cost += block.mated * softplus(-block.llr());
    if (block.nonMated > 0) cost += block.nonMated * softplus(block.llr());
  }
  return cost / (2 * std::log(2.0));
}

std::vector<TippettPoint> tippett(const LabelledScores& llrs, int points) {
  auto mated = llrs.mated;
  auto nonMated = llrs.nonMated;
  std::sort(mated.begin(), mated.end());
  std::sort(nonMated.begin(), nonMated.end());
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const auto* some : {&mated, &nonMated})
    for (const double llr : *some) {
      if (!std::isfinite(llr)) continue;
      low = std::min(low, llr);
      high = std::max(high, llr);
    }
  if (low > high) low = high = 0;
  const auto shareAbove = [](const std::vector<double>& sorted, double value) {
    if (sorted.empty()) return 0.0;
    const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), value);
    return static_cast<double>(above) / static_cast<double>(sorted.size());
  };
  std::vector<TippettPoint> curve;
  curve.reserve(static_cast<std::size_t>(points));
  for (int i = 0; i < points; ++i) {
    const double llr = low + (high - low) * i / (points - 1);
    curve.push_back({llr, shareAbove(mated, llr), shareAbove(nonMated, llr)});
  }
  return curve;
}

std::vector<ReliabilityBin> reliability(const LabelledScores& llrs, int bins) {
  struct Sums {
    double said = 0;
    double mated = 0;
    double weight = 0;
    int trials = 0;
  };
  std::vector<Sums> sums(static_cast<std::size_t>(bins));
  const auto add = [&](const std::vector<double>& values, bool isMated) {
    const double weight = 1 / static_cast<double>(values.size());
    for (const double llr : values) {
      const double said = sigmoid(llr);
      auto& bin = sums[static_cast<std::size_t>(std::min(bins - 1, static_cast<int>(said * bins)))];
      bin.said += weight * said;
      bin.mated += isMated ? weight : 0;
      bin.weight += weight;
      ++bin.trials;
    }
  };
  add(llrs.mated, true);
  add(llrs.nonMated, false);
  std::vector<ReliabilityBin> found;
  for (const auto& bin : sums)
    if (bin.trials > 0)
      found.push_back({bin.said / bin.weight, bin.mated / bin.weight, bin.trials});
  return found;
}

std::string_view verbalScale(double llr) {
  const double ratio = std::exp(std::abs(llr));
  if (ratio < 2) return "no support";
  if (ratio < 10) return "weak support";
  if (ratio < 100) return "moderate support";
  if (ratio < 1e3) return "moderately strong support";
  if (ratio < 1e4) return "strong support";
  return ratio < 1e6 ? "very strong support" : "extremely strong support";
}

}  // namespace countersign
