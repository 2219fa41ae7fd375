// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"

namespace countersign {

/// Corpus label of a signature sample.
enum class SampleLabel { Genuine, SkilledForgery };

/// What a sample may be used for. A data subject belongs to one split only.
enum class Split { Train, Development, Validation };
std::string_view splitName(Split split);

/// One sample of a corpus.
struct SampleRecord {
  std::filesystem::path path;  ///< Relative to the corpus root.
  std::string subject;         ///< Whose signature it is, or is meant to be.
  SampleLabel label = SampleLabel::Genuine;
  Split split = Split::Train;
};

/// The samples of a corpus: a CSV table with the columns path, subject, label (genuine or
/// skilledForgery) and split (train, development or validation).
struct CorpusManifest {
  std::vector<SampleRecord> samples;

  std::vector<SampleRecord> of(Split split) const;
};

/// @return  FileMalformed when a column is missing, a label or split is unknown, a path stands
///          twice or leaves the root, or a data subject is in two splits: figures on people who
///          were trained on would mean nothing.
Result<CorpusManifest> parseManifest(std::string_view csv);
Result<CorpusManifest> readManifest(const std::filesystem::path& path);

/// The manifest as CSV text.
std::string writeManifest(const CorpusManifest& manifest);

/// Whether `path` stays below the folder that it is relative to.
bool isPathInside(const std::filesystem::path& path);

}  // namespace countersign
