// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingHealth.h"

#include <algorithm>

namespace countersign {

namespace {

constexpr std::size_t kWatched = 3;        // epochs in a row that make a trend
constexpr double kCollapsedSpread = 0.02;  // random embeddings have nearly 1
constexpr double kHardlyAny = 0.05;        // share of triplets that satisfy the margin
constexpr double kHardlyFalls = 0.02;      // relative fall of the loss over the watched epochs
constexpr double kClearlyWorse = 1.1;      // development error against its best

}  // namespace

void TrainingHealth::say(std::vector<std::string>& sentences, bool& isSaid,
                         const char* sentence) const {
  if (!isSaid) sentences.emplace_back(sentence);
  isSaid = true;
}

bool TrainingHealth::isStuck() const {
  if (m_epochs.size() <= kWatched) return false;
  const auto& then = m_epochs[m_epochs.size() - 1 - kWatched];
  const auto& now = m_epochs.back();
  const bool areFewEasy =
      std::all_of(m_epochs.end() - kWatched, m_epochs.end(),
                  [](const EpochFigures& e) { return e.easyTriplets < kHardlyAny; });
  return areFewEasy && now.trainingLoss > then.trainingLoss * (1 - kHardlyFalls);
}

bool TrainingHealth::isParting() const {
  if (m_epochs.size() <= kWatched || !m_epochs.back().developmentEer) return false;
  double best = 1;
  for (const auto& epoch : m_epochs) best = std::min(best, epoch.developmentEer.value_or(1));
  for (std::size_t i = m_epochs.size() - kWatched; i < m_epochs.size(); ++i) {
    const auto& before = m_epochs[i - 1];
    const auto& now = m_epochs[i];
    if (now.trainingLoss >= before.trainingLoss) return false;
    if (now.developmentEer.value_or(0) <= best * kClearlyWorse) return false;
  }
  return true;
}

std::vector<std::string> TrainingHealth::add(const EpochFigures& figures) {
  m_epochs.push_back(figures);
  std::vector<std::string> sentences;
  if (figures.spread < kCollapsedSpread)
    say(sentences, m_isCollapseSaid,
        "The embeddings have collapsed: all images are mapped to nearly the same point. Lower the "
        "learning rate, or use a loss with another miner.");
  else if (isStuck())
    say(sentences, m_isMarginSaid,
        "The margin may be too large: hardly any triplet satisfies it, and the loss no longer "
        "falls. Lower the margin.");
  if (isParting())
    say(sentences, m_isPartingSaid,
        "Training and development part ways: the loss still falls while people who are not trained "
        "on are told apart less well. Stop early, or train on more people.");
  return sentences;
}

}  // namespace countersign
