// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Progress.h"
#include "core/biometrics/Desk.h"

namespace countersign {

struct FolderImportProgress {
  int done;  ///< People whose images have been read.
  int total;
};

/// What came of one person's folder.
struct ImportedPerson {
  std::string folder;                 ///< Its name.
  std::optional<Enrolled> enrolled;   ///< Nothing when no image of theirs was new and usable.
  std::vector<std::string> leftOut;   ///< A sentence for each image that was not enrolled, and why.
  std::vector<std::string> doubtful;  ///< A sentence for each that was enrolled but differs.
  std::optional<Candidate> lookalike;  ///< Somebody else on file as whom they would pass.
};

/// What came of a folder of folders. What is listed is on file, also when it was stopped.
struct FolderImport {
  std::vector<ImportedPerson> people;
  bool isStopped = false;

  int enrolledPeople() const;
  int enrolledReferences() const;
};

/// Enrols the images of a folder that has a folder for each person, whose name is the person's
/// identifier, or the identifier, a space, and the name ("10342 Ana Lindqvist"). Images that cannot
/// be compared are left out and said so; so are those beyond Desk::kMostAdvised, and those that are
/// on file, for this person or for another: importing a folder again adds what is new. A folder
/// whose identifier is on file with another name is left out. A person is saved at once with all
/// images.
///
/// @return  FileNotReadable when the folder cannot be listed, FileMalformed when there is no folder
///          in it, or what the store answers when it cannot save.
Result<FolderImport> importFolder(const Desk& desk, const std::filesystem::path& folder,
                                  const JobContext<FolderImportProgress>& context);

/// Takes an import off the file again. What was added to its people meanwhile stays, with them.
Status undoImport(const Desk& desk, const FolderImport& imported);

}  // namespace countersign
