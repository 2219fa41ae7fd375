// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace countersign::test {

/// One sample for a reference-free classifier: no reference is looked at, only the sample itself.
struct FeatureRow {
  std::vector<double> features;
  bool isGenuine = false;
  std::string subject;
};

/// Balanced accuracy of ridge regression onto ±1, trained and tested on different people: `folds`
/// groups of people, each tested once by a classifier trained on the others.
double writerDisjointAccuracy(const std::vector<FeatureRow>& rows, int folds);

}  // namespace countersign::test
