// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/Progress.h"
#include "core/office/Office.h"
#include "core/storage/PersonFile.h"

namespace countersign {

struct TransferProgress {
  int done = 0;  ///< People.
  int total = 0;
};

/// Writes people, with their images and grounds, into one encrypted file (PersonFile.h). It is in
/// the history before anything is written. Stopped or failed, no file is left.
///
/// @param author  with a confirmation where one is needed.
/// @return        how many references went out; ConfirmationNeeded, OptionOutOfRange for a weak
///                passphrase or a clerk, FileNotWritable, Cancelled.
Result<int> exportPeople(const Office& office, const std::vector<PersonKey>& people,
                         const std::filesystem::path& file, const Secret& passphrase,
                         const Author& author, const JobContext<TransferProgress>& context,
                         const std::optional<KeyCost>& cost = {});

struct PeopleImport {
  PersonFileInfo from;
  std::vector<Enrolled> enrolled;    ///< People of both modalities stand here twice.
  std::vector<std::string> leftOut;  ///< Who or what was not enrolled and why, a sentence each.
  bool isStopped = false;

  int people() const;
  int references() const;
};

/// Enrols the people of such a file. Their images are read, judged and embedded anew. Whoever is on
/// file by the identifier stays as they are. What was enrolled before the file turned out to be
/// damaged, or before it was stopped, is kept; once more goes on from there.
///
/// @return  CredentialWrong, FileNotReadable, FileMalformed.
Result<PeopleImport> importPeople(const Office& office, const std::filesystem::path& file,
                                  const Secret& passphrase,
                                  const JobContext<TransferProgress>& context);

/// Takes off the file again whom an import enrolled.
Status undoPeopleImport(const Desk& desk, const PeopleImport& import);

}  // namespace countersign
