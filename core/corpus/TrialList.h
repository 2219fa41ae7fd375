// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Csv.h"
#include "core/base/Result.h"
#include "core/corpus/CorpusManifest.h"

namespace countersign {

/// What a non-mated probe is; a mated one is genuine.
enum class TrialKind { Genuine, Skilled, Random };
std::string_view trialKindName(TrialKind kind);

/// One comparison whose answer is known.
struct Trial {
  std::vector<std::filesystem::path> references;  ///< Of the claimed person, relative to the root.
  std::filesystem::path probe;
  TrialKind kind = TrialKind::Genuine;
  std::string subject;  ///< The claimed person.
  std::string fold;     ///< Of the protocol that the list belongs to; empty when it has none.

  bool isMated() const { return kind == TrialKind::Genuine; }
};

/// A table with the columns references (paths separated by |), probe, label (mated or nonMated),
/// group and subject. The group is genuine, skilled or random; or, where nobody forges (faces), the
/// label again or the name of a fold, and non-mated probes are other people's. Other columns are
/// kept.
struct TrialList {
  CsvTable table;             ///< As read.
  std::vector<Trial> trials;  ///< Trial i is row i of the table.
};

/// @return  FileMalformed when a column is missing, a path leaves the root, or label and group
///          contradict each other.
Result<TrialList> parseTrialList(std::string_view csv);
Result<TrialList> readTrialList(const std::filesystem::path& path);

/// One-reference trials of the people in `samples`: every pair of a person's genuine samples, the
/// genuine ones against that person's forgeries, and against genuine samples of others; where there
/// are many, an even choice of them (some thirty a person of each group). Empty when nobody has two
/// genuine samples.
TrialList trialsOf(const std::vector<SampleRecord>& samples);

}  // namespace countersign
