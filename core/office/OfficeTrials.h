// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/evaluation/NetworkComparison.h"
#include "core/office/StoreTrials.h"

namespace countersign {

/// Where trials whose answer is known are taken from.
struct TrialSource {
  enum class Kind {
    Card,   ///< What the network's card holds.
    Store,  ///< The people on file.
    Table,  ///< A trial list that somebody chose.
  };
  Kind kind = Kind::Card;
  int references = Desk::kFewestAdvised;  ///< Of Card: of its lists, those with about so many.
  /// Of Table: a list with scores, as readScoredTrials() takes it; or one without, whose images are
  /// then read and compared by the network.
  std::filesystem::path table = {};
};

/// Trials of a source, with the scores of one network.
struct OfficeTrials {
  KnownTrials known;
  std::vector<std::string> lists;    ///< Their names: the card's, the table's, or kOwnPeople.
  std::optional<StoreTrials> store;  ///< Of the people on file: its counts; `known` lies above.
};

/// Every trial of a source, scored by the network of the desk.
///
/// @return  NotFound when there is nothing; FileNotReadable when half of a table's images cannot be
///          read; Cancelled; or the errors of readTrialList(), readScoredTrials(), storeTrials().
Result<OfficeTrials> officeTrials(const Desk& desk, const TrialSource& source,
                                  const JobContext<EvaluationProgress>& context);

/// The same trials with the scores of another network, and how far the two differ.
struct ComparedTrials {
  std::string name;  ///< Of the file that the other network was given as.
  KnownTrials known;
  std::vector<GroupComparison> groups;  ///< Before: the network of the desk.
};

/// @param mine   the trials that officeTrials() gave for this desk and source.
/// @param other  a network; or a table (.csv) of the same trials with its scores.
/// @return       OptionOutOfRange when the other one was not measured on these trials;
///               NetworkIncompatible when it compares another kind of sample.
Result<ComparedTrials> compareOfficeTrials(const Desk& desk, const TrialSource& source,
                                           const KnownTrials& mine,
                                           const std::filesystem::path& other,
                                           const JobContext<EvaluationProgress>& context);

/// Where a table's file lies: most stand beside the images that they name, or one folder further
/// up. Relative to the table's own folder where it is nowhere.
std::filesystem::path besideTable(const std::filesystem::path& table,
                                  const std::filesystem::path& file);

}  // namespace countersign
