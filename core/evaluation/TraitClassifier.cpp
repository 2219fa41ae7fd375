// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/TraitClassifier.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <opencv2/core.hpp>

#include "core/base/Random.h"

namespace countersign {

namespace {

constexpr double kRidge = 1.0;

struct Scaling {
  cv::Mat mean;
  cv::Mat deviation;
};

cv::Mat standardised(const cv::Mat& x, const Scaling& scaling) {
  cv::Mat z(x.rows, x.cols + 1, CV_64F, cv::Scalar(1));
  for (int r = 0; r < x.rows; ++r)
    z.row(r).colRange(0, x.cols) = (x.row(r) - scaling.mean) / scaling.deviation;
  return z;
}

Scaling scalingOf(const cv::Mat& x) {
  Scaling scaling{cv::Mat(1, x.cols, CV_64F), cv::Mat(1, x.cols, CV_64F)};
  for (int c = 0; c < x.cols; ++c) {
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(x.col(c), mean, deviation);
    scaling.mean.at<double>(c) = mean[0];
    scaling.deviation.at<double>(c) = std::max(1e-9, deviation[0]);
  }
  return scaling;
}

/// Right answers and samples of one person, by class: forged, genuine.
struct Tally {
  std::array<double, 2> right{};
  std::array<double, 2> all{};

  Tally& operator+=(const Tally& other) {
    for (std::size_t i = 0; i < 2; ++i) {
      right[i] += other.right[i];
      all[i] += other.all[i];
    }
    return *this;
  }
  bool hasBoth() const { return all[0] > 0 && all[1] > 0; }
  double balanced() const { return 0.5 * (right[0] / all[0] + right[1] / all[1]); }
};

/// Tallies of all people, each judged by a classifier that has not seen them.
std::vector<Tally> tallies(const std::vector<TraitRow>& rows, int folds) {
  std::map<std::string, std::size_t> number;
  for (const auto& row : rows) number.emplace(row.subject, number.size());
  std::vector<Tally> people(number.size());
  const auto foldOf = [&](const TraitRow& row) {
    return static_cast<int>(number.at(row.subject)) % folds;
  };
  for (int fold = 0; fold < folds; ++fold) {
    cv::Mat x;
    cv::Mat y;
    for (const auto& row : rows) {
      if (foldOf(row) == fold) continue;
      x.push_back(cv::Mat(row.traits).t());
      y.push_back(row.isGenuine ? 1.0 : -1.0);
    }
    if (x.empty()) continue;
    const auto scaling = scalingOf(x);
    const cv::Mat z = standardised(x, scaling);
    cv::Mat weights;
    cv::solve(z.t() * z + kRidge * cv::Mat::eye(z.cols, z.cols, CV_64F), z.t() * y, weights,
              cv::DECOMP_CHOLESKY);
    for (const auto& row : rows) {
      if (foldOf(row) != fold) continue;
      const cv::Mat score = standardised(cv::Mat(row.traits).t(), scaling) * weights;
      auto& tally = people[number.at(row.subject)];
      const auto label = static_cast<std::size_t>(row.isGenuine ? 1 : 0);
      tally.all[label] += 1;
      tally.right[label] += (score.at<double>(0) > 0) == row.isGenuine ? 1 : 0;
    }
  }
  return people;
}

}  // namespace

std::optional<Estimate> traitAccuracy(const std::vector<TraitRow>& rows, int folds,
                                      const BootstrapOptions& options) {
  const auto people = tallies(rows, folds);
  Tally total;
  for (const auto& tally : people) total += tally;
  if (people.size() < 2 || !total.hasBoth()) return std::nullopt;
  std::vector<double> replicates;
  for (int i = 0; i < options.replicates; ++i) {
    Random random{options.seed, static_cast<std::uint64_t>(i), 0x7a17};
    Tally drawn;
    for (std::size_t j = 0; j < people.size(); ++j) drawn += people[random.below(people.size())];
    if (drawn.hasBoth()) replicates.push_back(drawn.balanced());
  }
  std::sort(replicates.begin(), replicates.end());
  const auto quantile = [&](double share) {
    if (replicates.empty()) return total.balanced();
    return replicates[static_cast<std::size_t>(share * static_cast<double>(replicates.size() - 1))];
  };
  return Estimate{total.balanced(), quantile(0.025), quantile(0.975)};
}

}  // namespace countersign
