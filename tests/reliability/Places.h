// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/Safetensors.h"
#include "core/office/Office.h"

namespace countersign::test {

// In the folder that victim and test share.
constexpr const char* kConfirmed = "confirmed";
constexpr const char* kReady = "ready";
constexpr const char* kStore = "store";
constexpr const char* kRun = "run";
constexpr const char* kBackups = "backups";

/// Of every person that a victim enrols.
constexpr int kReferences = 5;

/// The store of a folder, with a random network that the folder keeps.
Result<std::unique_ptr<Office>> openOfficeOf(const std::filesystem::path& folder);

/// The same with `people` drawn people on file, who have kReferences references each.
void makeOfficeIn(const std::filesystem::path& folder, int people);

/// A checkpoint of some megabytes, all of whose numbers are its step.
SafetensorsFile checkpointOf(std::int64_t step);
/// Whether a checkpoint is one of checkpointOf(), from its first to its last number.
bool isWholeCheckpoint(const SafetensorsFile& checkpoint);

/// Whether the long form was asked for (COUNTERSIGN_RELIABILITY=full).
bool isFullRun();

/// Opens the store, looks at every page, adds up its rows, works out its chain of events anew, and
/// finds everybody whole: all references, each with the embedding of the network in service.
/// What it does not find, it reports as failures of the running test.
std::unique_ptr<Office> expectWholeOffice(const std::filesystem::path& folder);
/// The part of it that needs no network.
void expectWholeStore(const Store& store);

}  // namespace countersign::test
