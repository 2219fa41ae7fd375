// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/DevelopmentTrials.h"

#include <algorithm>
#include <map>
#include <string>

namespace countersign {

DevelopmentScores developmentScores(const std::vector<SampleRecord>& records,
                                    const std::function<double(std::size_t, std::size_t)>& score) {
  struct Subject {
    std::vector<std::size_t> genuine;
    std::vector<std::size_t> forgeries;
  };
  std::map<std::string, Subject> subjects;
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto& subject = subjects[records[i].subject];
    (records[i].label == SampleLabel::Genuine ? subject.genuine : subject.forgeries).push_back(i);
  }
  constexpr std::size_t kFew = 4;
  DevelopmentScores scores;
  for (const auto& [name, subject] : subjects) {
    for (std::size_t i = 0; i < subject.genuine.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j)
        scores.skilled.mated.push_back(score(subject.genuine[i], subject.genuine[j]));
      for (const auto forgery : subject.forgeries)
        scores.skilled.nonMated.push_back(score(subject.genuine[i], forgery));
    }
    for (const auto& [otherName, other] : subjects) {
      if (otherName == name) continue;
      for (std::size_t i = 0; i < std::min(kFew, subject.genuine.size()); ++i) {
        for (std::size_t j = 0; j < std::min(kFew, other.genuine.size()); ++j)
          scores.random.nonMated.push_back(score(subject.genuine[i], other.genuine[j]));
      }
    }
  }
  scores.random.mated = scores.skilled.mated;
  return scores;
}

}  // namespace countersign
