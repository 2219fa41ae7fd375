// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/LinearClassifier.h"

#include <cmath>
#include <map>
#include <opencv2/core.hpp>

namespace countersign::test {

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

}  // namespace

double writerDisjointAccuracy(const std::vector<FeatureRow>& rows, int folds) {
  std::map<std::string, int> foldOf;
  for (const auto& row : rows) foldOf.emplace(row.subject, static_cast<int>(foldOf.size()) % folds);
  double right[2] = {0, 0};
  double all[2] = {0, 0};
  for (int fold = 0; fold < folds; ++fold) {
    cv::Mat x;
    cv::Mat y;
    for (const auto& row : rows) {
      if (foldOf[row.subject] == fold) continue;
      x.push_back(cv::Mat(row.features).t());
      y.push_back(row.isGenuine ? 1.0 : -1.0);
    }
    const auto scaling = scalingOf(x);
    const cv::Mat z = standardised(x, scaling);
    cv::Mat weights;
    cv::solve(z.t() * z + kRidge * cv::Mat::eye(z.cols, z.cols, CV_64F), z.t() * y, weights,
              cv::DECOMP_CHOLESKY);
    for (const auto& row : rows) {
      if (foldOf[row.subject] != fold) continue;
      const cv::Mat score = standardised(cv::Mat(row.features).t(), scaling) * weights;
      const int label = row.isGenuine ? 1 : 0;
      all[label] += 1;
      right[label] += (score.at<double>(0) > 0) == row.isGenuine ? 1 : 0;
    }
  }
  return 0.5 * (right[0] / all[0] + right[1] / all[1]);
}

}  // namespace countersign::test
