// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

#include "app/cli/Commands.h"
#include "core/evaluation/NetworkComparison.h"

namespace countersign::cli {

/// Which trials two networks are compared on, beside those of invented people.
struct ComparisonOptions {
  std::filesystem::path root = ".";
  std::vector<std::filesystem::path> trials;
  std::filesystem::path corpus;
  std::string face;  ///< Which face of every picture of theirs is meant.
};

void addComparisonOptions(CLI::App& command, ComparisonOptions& options);

/// Compares with progress on the terminal.
Result<NetworkComparison> compareForUser(const EmbeddingNetwork& before,
                                         const EmbeddingNetwork& after,
                                         const ComparisonOptions& options,
                                         const std::stop_token& stop);

void printGroups(const std::vector<GroupComparison>& groups);
void printComparison(const NetworkComparison& comparison);

}  // namespace countersign::cli
