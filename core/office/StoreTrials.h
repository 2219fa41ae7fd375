// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/biometrics/Desk.h"
#include "core/evaluation/ScoredTrials.h"
#include "core/evaluation/TrialEvaluation.h"

namespace countersign {

/// Trials of the people on file, as the network in service scores them.
struct StoreTrials {
  KnownTrials known;
  int people = 0;     ///< With at least two references: those who have mated trials.
  int singles = 0;    ///< People with one reference, who are compared with as others only.
  int forgeries = 0;  ///< Trials from decisions; see storeTrials().
  /// Non-mated trials that could have been made of all references and people; the evidence has an
  /// even choice of them where they are too many.
  std::int64_t possibleNonMated = 0;
};

struct StoreTrialOptions {
  std::size_t mostNonMated = 200000;
  /// Who scores the trials, when it is not the desk's network: images are then read and embedded
  /// anew, in memory alone. The trials are the same, whoever scores them.
  std::shared_ptr<const EmbeddingNetwork> network = {};
};

/// Every reference in turn is the probe: against the others of its person (mated, one reference
/// left out), and against other people (random), of whom one reference is left out, too, so that
/// both kinds rest on equally many. Skilled forgeries are the probes of verifications by this
/// network that somebody recorded as no match: of those who got through nothing is known, which
/// makes their false match rate look better than it is.
///
/// Scores are fused as the network's card says. Where the card embeds references in another way
/// than probes (copies), each reference is embedded once more as a probe. A sample that the network
/// of the options cannot read scores −infinity.
///
/// @return  NotFound when nobody has two references, Cancelled, or the errors of the store.
Result<StoreTrials> storeTrials(const Desk& desk, const JobContext<EvaluationProgress>& context,
                                const StoreTrialOptions& options = {});

/// A table of known trials as readScoredTrials() reads it. Names of people and files leave the
/// store with it.
std::string writeKnownTrials(const KnownTrials& known);

}  // namespace countersign
