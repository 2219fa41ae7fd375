// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/corpus/TrialList.h"

namespace countersign {

/// Scores of one trial list, kept so that thresholds and intervals can be worked out later.
struct ScoreEvidence {
  std::vector<float> scores;           ///< −infinity for a failure to acquire.
  std::vector<std::uint8_t> groups;    ///< TrialKind of each score.
  std::vector<std::int32_t> subjects;  ///< Pseudonymous number of the claimed person, from 0.
};

/// Lists by their names; those that end in "-<n>ref" compared probes with n references each.
using EvidenceByList = std::map<std::string, ScoreEvidence, std::less<>>;

/// How the list of an office's own people begins, as far as they are on file; and of one whose
/// forgeries are the network's, since too few were caught here.
inline constexpr std::string_view kPeopleOnFile = "people-on-file";
inline constexpr std::string_view kPeopleOnFileWithCardForgeries =
    "people-on-file-and-forgeries-of-the-card";

/// Lists of a network's card that are alike in how many references were fused.
struct ChosenLists {
  int references = 0;
  std::vector<std::string> names;  ///< That end in "-<references>ref", or in nothing such for one.
};
/// The lists whose number of references is nearest to this one: scores of several references lie
/// higher, so that the others would mislead. Empty when there is no evidence.
ChosenLists listsFor(const EvidenceByList& evidence, int references);

/// Scores of several lists as one; their people are different ones.
ScoreEvidence pooled(const std::vector<const ScoreEvidence*>& lists);
/// The trials of one kind.
ScoreEvidence ofKind(const ScoreEvidence& evidence, TrialKind kind);
/// Different people with a trial of a kind.
int peopleWith(const ScoreEvidence& evidence, TrialKind kind);

}  // namespace countersign
