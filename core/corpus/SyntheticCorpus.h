// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/Progress.h"
#include "core/base/Result.h"

namespace countersign {

/// A corpus of invented people, for tests, demonstrations and training without anybody's data.
struct SyntheticCorpusOptions {
  int signers = 12;   ///< >= 1.
  int genuine = 12;   ///< Genuine signatures of each, >= 2.
  int forgeries = 8;  ///< Skilled forgeries of each, >= 0.
  std::uint64_t seed = 1;

  Status check() const;
};

/// How many signers are done.
struct SyntheticCorpusProgress {
  int done;
  int total;
};

/// Writes below `folder`, which is made if it is missing:
///
///     images/<signer>/genuine-01.png, forgery-01.png ...   scans
///     pen/<signer>/genuine-01.txt, forgery-01.txt ...      the same as pen data (SVC2004 format)
///     manifest.csv, pen-manifest.csv                        three fifths of the signers to train,
///                                                           one fifth each for development and
///                                                           validation
///     trials.csv                                            one-reference trials of the validation
///                                                           signers (of all, when there are few)
///
/// The same options give the same bytes.
Status writeSyntheticCorpus(const std::filesystem::path& folder,
                            const SyntheticCorpusOptions& options,
                            const JobContext<SyntheticCorpusProgress>& context = {});

}  // namespace countersign
