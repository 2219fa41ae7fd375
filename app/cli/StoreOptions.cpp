// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/StoreOptions.h"

#include <termios.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>

#include "app/ModelFolder.h"
#include "app/cli/Progress.h"
#include "core/imaging/FaceCapture.h"
#include "core/imaging/ImageFile.h"
#include "core/metric/Backend.h"
#include "core/storage/ServerAddress.h"

namespace countersign::cli {

CLI::Validator asStore() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        const auto folder = storeFolderNamed(text);
        if (!folder) return folder.error().message;
        text = folder->string();
        return {};
      },
      "FOLDER|postgresql://USER@HOST/DATABASE", "store");
}

void addStore(CLI::App& command, StoreArguments& arguments) {
  command
      .add_option("--store", arguments.folder,
                  "Folder of the store, or address of a PostgreSQL server whose store many desks "
                  "share (default: the one that the window opens)")
      ->transform(asStore());
  command.add_option("--author", arguments.author,
                     "Who answers for the change, in a store that opens for everybody (default: "
                     "the login name)");
  command.add_option("--account", arguments.account,
                     "Account that opens the store; asks for its passphrase at a terminal");
  auto* passphrase =
      command
          .add_option("--passphrase-file", arguments.passphraseFile,
                      "File with the passphrase, for scripts; only its owner may read it")
          ->envname("COUNTERSIGN_PASSPHRASE_FILE");
  command
      .add_option("--key-file", arguments.keyFile,
                  "File with the key of an account that is opened by one, or with the recovery key")
      ->envname("COUNTERSIGN_KEY_FILE")
      ->excludes(passphrase);
}

namespace {

/// Typed without being shown.
Result<Secret> typed(const std::string& question) {
  if (::isatty(STDIN_FILENO) == 0)
    return Error{ErrorCode::CredentialNeeded,
                 "The store is locked, and nobody can be asked here. Name a file with the "
                 "passphrase or the key.",
                 ""};
  termios before{};
  ::tcgetattr(STDIN_FILENO, &before);
  auto quiet = before;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  std::fprintf(stderr, "%s: ", question.c_str());
  constexpr std::size_t kLongest = 4096;
  Secret line(kLongest);
  std::size_t size = 0;
  char c = 0;
  while (size < kLongest && ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
    line.bytes()[size++] = static_cast<std::uint8_t>(c);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::fputc('\n', stderr);
  return Secret::of(line.part(0, size));
}

Result<Secret> secretIn(const std::filesystem::path& file) {
  constexpr std::uintmax_t kLargest = 4096;
  auto text = readTextFile(file, kLargest);
  if (!text) return text.error();
  auto line = std::string_view(*text);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  auto secret = Secret::of(line);
  wipe(*text);
  return secret;
}

}  // namespace

void addConfirmation(CLI::App& command, StoreArguments& arguments) {
  command.add_option("--confirm-account", arguments.confirmingAccount,
                     "A second account, which confirms the change; asks for its passphrase at a "
                     "terminal");
  auto* passphrase =
      command.add_option("--confirm-passphrase-file", arguments.confirmingPassphraseFile,
                         "File with the passphrase of the second account");
  command
      .add_option("--confirm-key-file", arguments.confirmingKeyFile,
                  "File with the key of a second account that is opened by one")
      ->excludes(passphrase);
}

Result<std::shared_ptr<const Confirmation>> confirmationFor(const StoreArguments& arguments,
                                                            const Store& store) {
  const auto& account = arguments.confirmingAccount;
  if (!arguments.confirmingKeyFile.empty()) {
    auto key = secretIn(arguments.confirmingKeyFile);
    if (!key) return key.error();
    return store.confirm(withKey(*std::move(key)));
  }
  if (account.empty() && arguments.confirmingPassphraseFile.empty())
    return std::shared_ptr<const Confirmation>();
  auto passphrase = arguments.confirmingPassphraseFile.empty()
                        ? typed("Passphrase of " + account)
                        : secretIn(arguments.confirmingPassphraseFile);
  if (!passphrase) return passphrase.error();
  return store.confirm(withPassphrase(account, *std::move(passphrase)));
}

Result<Desk> confirmedDesk(const Office& office, Modality modality,
                           const StoreArguments& arguments) {
  const auto desk = office.desk(modality);
  if (!desk) return desk.error();
  auto confirmation = confirmationFor(arguments, office.store());
  if (!confirmation) return confirmation.error();
  return (*desk)->confirmedBy(*std::move(confirmation));
}

Result<Credential> credentialFor(const StoreArguments& arguments) {
  const auto folder = storeFolderOf(arguments);
  if (!hasKeys(folder)) return Credential{};
  const bool isGiven =
      !arguments.keyFile.empty() || !arguments.passphraseFile.empty() || !arguments.account.empty();
  std::error_code ignored;
  if (!isGiven && std::filesystem::exists(folder / kOpenKeyFile, ignored)) return Credential{};
  if (!arguments.author.empty())
    return Error{ErrorCode::OptionOutOfRange,
                 "This store has accounts: whoever opens it answers for the change. Leave --author "
                 "out.",
                 ""};
  if (!arguments.keyFile.empty()) {
    auto key = secretIn(arguments.keyFile);
    if (!key) return key.error();
    return withKey(*std::move(key));
  }
  auto passphrase =
      arguments.passphraseFile.empty() ? typed("Passphrase") : secretIn(arguments.passphraseFile);
  if (!passphrase) return passphrase.error();
  return withPassphrase(arguments.account, *std::move(passphrase));
}

Result<Secret> passphraseOfFile(const std::filesystem::path& file) {
  return file.empty() ? typed("Passphrase of the file") : secretIn(file);
}

Result<std::shared_ptr<const Secret>> newPassphrase(const std::filesystem::path& file) {
  auto first = file.empty() ? typed("New passphrase") : secretIn(file);
  if (!first) return first.error();
  if (file.empty()) {
    const auto again = typed("Once more");
    if (!again) return again.error();
    if (again->text() != first->text())
      return Error{ErrorCode::OptionOutOfRange, "The two passphrases differ.", ""};
  }
  return std::make_shared<const Secret>(*std::move(first));
}

namespace {

/// What was opened, or why not and what to do.
template <typename Opened>
Result<Opened> orHint(Result<Opened> opened) {
  if (opened) return opened;
  auto error = opened.error();
  if (error.code == ErrorCode::StoreMissing)
    error.message += " Set one up: countersign-cli store protect NAME.";
  if (error.code == ErrorCode::StoreNotEncrypted)
    error.message += " Run countersign-cli store protect NAME.";
  return error;
}

void tellRecoveries(const Store& store) {
  for (const auto& sentence : store.recoveries()) std::fprintf(stderr, "%s\n", sentence.c_str());
}

}  // namespace

Result<std::unique_ptr<Store>> openStore(const StoreArguments& arguments, Store::Access access) {
  const auto credential = credentialFor(arguments);
  if (!credential) return credential.error();
  auto store = orHint(Store::open(storeFolderOf(arguments), access, systemTime, *credential));
  if (store) tellRecoveries(**store);
  return store;
}

std::filesystem::path storeFolderOf(const StoreArguments& arguments) {
  return arguments.folder.empty() ? defaultStoreFolder() : arguments.folder;
}

Result<std::unique_ptr<Office>> openOffice(const Session& session, const StoreArguments& arguments,
                                           Store::Access access) {
  setComputeThreads(1);  // one small image at a time
  const auto models = findModelFolder(session.models);
  if (!models) return models.error();
  const auto credential = credentialFor(arguments);
  if (!credential) return credential.error();
  auto office = orHint(
      Office::open({.folder = storeFolderOf(arguments),
                    .access = access,
                    .shippedNetwork = defaultNetwork(*models, Modality::Signature),
                    .shippedFaceNetwork = defaultNetwork(*models, Modality::Face),
                    .author = arguments.author.empty() ? currentUser() : Author{arguments.author},
                    .credential = *credential}));
  if (office) tellRecoveries((*office)->store());
  return office;
}

SampleRegion RegionArguments::region() const {
  SampleRegion region;
  region.rotation = rotation;
  if (!crop.empty()) region.crop = cv::Rect(crop[0], crop[1], crop[2], crop[3]);
  region.face = faceChoice(face);
  return region;
}

void addRegion(CLI::App& command, RegionArguments& arguments, const std::string& whose) {
  command
      .add_option("--crop", arguments.crop,
                  "Part of " + whose + " that holds the signature or the face: x,y,width,height")
      ->delimiter(',')
      ->expected(4);
  command.add_option("--rotate", arguments.rotation, "Clockwise turn of " + whose + ", in degrees");
  addFaceChoice(command, arguments.face, whose);
}

Result<std::shared_ptr<const ExaminedImage>> examineFromCamera(const Desk& desk,
                                                               const std::string& camera) {
  if (desk.modality() != Modality::Face)
    return Error{ErrorCode::OptionOutOfRange, "A camera takes faces; say so with --modality face.",
                 ""};
  const auto reader = desk.network().reader();
  if (!reader) return reader.error();
  constexpr double kPatience = 30;
  const StopOnSignal stop;
  const auto captured = captureFace(camera, *reader, kPatience, stop.token());
  if (!captured) return captured.error();
  auto examined = desk.examine(encodePng(captured->frame.picture), "camera");
  if (!examined) return examined.error();
  return std::make_shared<const ExaminedImage>(*std::move(examined));
}

Exit exitOf(Finding finding) {
  switch (finding) {
    case Finding::Match:
      return Exit::Match;
    case Finding::NonMatch:
      return Exit::NonMatch;
    case Finding::Refer:
      return Exit::Refer;
    case Finding::CannotJudge:
      return Exit::CannotJudge;
  }
  return Exit::Error;
}

std::string shouted(Finding finding) {
  std::string word(findingName(finding));
  for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return word;
}

void addRecord(CLI::App& command, std::string& recorded, std::string& note) {
  command.add_option("--record", recorded, "Record this decision in the store's history")
      ->check(CLI::IsMember({"match", "non-match", "refer"}));
  command.add_option("--note", note, "Note for the recorded decision");
}

Finding recordedFinding(const std::string& text) {
  if (text == "match") return Finding::Match;
  return text == "refer" ? Finding::Refer : Finding::NonMatch;
}

}  // namespace countersign::cli
