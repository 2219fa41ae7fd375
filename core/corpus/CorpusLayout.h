// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/Result.h"
#include "core/corpus/CorpusManifest.h"

namespace countersign {

/// How a folder of signatures says whose they are.
enum class CorpusLayout {
  Manifest,         ///< A table manifest.csv (CorpusManifest).
  Cedar,            ///< original_<writer>_<n> and forgeries_<writer>_<n>.
  BhSig260,         ///< [B|H]-S-<writer>-[G|F]-<n>.
  FolderPerPerson,  ///< <person>/…, also below groups; forgeries in folders that are called so.
};
std::string_view corpusLayoutName(CorpusLayout layout);

/// What a folder of images was found to be.
struct DetectedCorpus {
  CorpusLayout layout = CorpusLayout::FolderPerPerson;
  /// Paths are relative to the folder. Unless a table says otherwise, people are dealt out to the
  /// splits by a hash of their name: of six or more, one in seven each (at least one) to
  /// development and to validation; of three to five, one to development; all others are trained
  /// on.
  CorpusManifest manifest;
};

/// Looks for image and pen files below `folder` and finds out whose they are. Files that are no
/// images by their name are passed over.
///
/// @return  FileNotReadable when the folder cannot be read, FileMalformed when it holds nothing
///          that could be trained on; the sentence says what was looked for.
Result<DetectedCorpus> detectCorpus(const std::filesystem::path& folder);

}  // namespace countersign
