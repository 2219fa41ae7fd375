// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace countersign {

/// What one epoch tells about how training goes.
struct EpochFigures {
  double trainingLoss = 0;
  double easyTriplets = 0;  ///< Share of the last batch's triplets, in [0, 1].
  double hardTriplets = 0;  ///< Same.
  /// Mean squared distance of the last batch's embeddings from their centre, in [0, 1].
  double spread = 1;
  std::optional<double> developmentEer;
};

/// Watches a training run and says in words what goes wrong. Each sentence is said once, when its
/// condition first holds.
class TrainingHealth {
 public:
  /// @return  the sentences that this epoch gives reason for; mostly none.
  std::vector<std::string> add(const EpochFigures& figures);

 private:
  void say(std::vector<std::string>& sentences, bool& isSaid, const char* sentence) const;
  bool isStuck() const;
  bool isParting() const;

  std::vector<EpochFigures> m_epochs;
  bool m_isCollapseSaid = false;
  bool m_isMarginSaid = false;
  bool m_isPartingSaid = false;
};

}  // namespace countersign
