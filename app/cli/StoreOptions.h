// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/cli/Commands.h"
#include "core/office/Office.h"

namespace countersign::cli {

/// Which store a command works on, and in whose name.
struct StoreArguments {
  std::filesystem::path folder;
  std::string author;
  std::string account;
  std::filesystem::path passphraseFile;
  std::filesystem::path keyFile;
  std::string confirmingAccount;
  std::filesystem::path confirmingPassphraseFile;
  std::filesystem::path confirmingKeyFile;
};
void addStore(CLI::App& command, StoreArguments& arguments);
/// Reads an option as a store: a folder, or the address of a server, which has a folder here.
CLI::Validator asStore();
/// Options of changes that a second account has to confirm, where there is one.
void addConfirmation(CLI::App& command, StoreArguments& arguments);

/// What a second account shows, where one was named; nothing where none was.
Result<std::shared_ptr<const Confirmation>> confirmationFor(const StoreArguments& arguments,
                                                            const Store& store);
/// The desk of a modality, for a change that may need it.
Result<Desk> confirmedDesk(const Office& office, Modality modality,
                           const StoreArguments& arguments);

/// What opens the store: the file that was named, or a passphrase that is typed at a terminal; the
/// key in the folder when neither is there.
Result<Credential> credentialFor(const StoreArguments& arguments);

/// A passphrase in a file, or typed twice at a terminal.
Result<std::shared_ptr<const Secret>> newPassphrase(const std::filesystem::path& file);

/// The passphrase of something that is there: in a file, or typed once at a terminal.
Result<Secret> passphraseOfFile(const std::filesystem::path& file);

/// The store itself, for what needs no network.
Result<std::unique_ptr<Store>> openStore(const StoreArguments& arguments, Store::Access access);

/// The folder that --store names, or the one that the window opens.
std::filesystem::path storeFolderOf(const StoreArguments& arguments);

Result<std::unique_ptr<Office>> openOffice(const Session& session, const StoreArguments& arguments,
                                           Store::Access access);

/// Crop and rotation of an image, and which of its faces is meant.
struct RegionArguments {
  std::vector<int> crop;
  double rotation = 0;
  std::string face;

  SampleRegion region() const;
};
void addRegion(CLI::App& command, RegionArguments& arguments, const std::string& whose);

/// A picture from a camera, examined.
///
/// @return  OptionOutOfRange for a desk that is about signatures, or what captureFace() says.
Result<std::shared_ptr<const ExaminedImage>> examineFromCamera(const Desk& desk,
                                                               const std::string& camera);

/// The exit that tells a caller what was found.
Exit exitOf(Finding finding);
/// "MATCH", "CANNOT JUDGE" ...
std::string shouted(Finding finding);

/// "match", "non-match" or "refer" as a person types it.
void addRecord(CLI::App& command, std::string& recorded, std::string& note);
Finding recordedFinding(const std::string& text);

}  // namespace countersign::cli
