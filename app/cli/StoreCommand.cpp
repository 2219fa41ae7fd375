// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <memory>

#include "app/cli/AccountCommands.h"
#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "app/cli/StoreOptions.h"
#include "core/storage/Backup.h"
#include "core/storage/ServerAddress.h"
#include "core/storage/StoreCopy.h"

namespace countersign::cli {

namespace {

struct BackupArguments {
  StoreArguments store;
  std::filesystem::path folder;
  int keep = BackupOptions{}.keep;

  std::filesystem::path backups() const {
    return folder.empty() ? defaultBackupFolder(storeFolderOf(store)) : folder;
  }
};

nlohmann::json jsonOf(const BackupSummary& backup) {
  return {{"folder", backup.folder.string()},
          {"made", backup.made},
          {"store", backup.store},
          {"people", backup.people},
          {"references", backup.references},
          {"decisions", backup.decisions},
          {"bytes", backup.bytes}};
}

std::string contentOf(const BackupSummary& backup) {
  constexpr double kMebi = 1 << 20;
  char text[96];  // NOLINT(modernize-avoid-c-arrays): for snprintf
  std::snprintf(text, sizeof text, "%d people, %d references, %d decisions, %.1f MiB",
                backup.people, backup.references, backup.decisions,
                static_cast<double>(backup.bytes) / kMebi);
  return text;
}

Exit runBackup(const BackupArguments& arguments, const Session& session) {
  // Reading is enough, and works beside a window that writes.
  const auto store = openStore(arguments.store, Store::Access::Read);
  if (!store) return fail(store.error());
  const StopOnSignal stop;
  ProgressLine line;
  const auto backup = backUp(
      **store, arguments.backups(), {.keep = arguments.keep},
      {stop.token(), [&](const BackupProgress& p) { line.show("copying", p.done, p.total); }});
  line.clear();
  if (!backup) return fail(backup.error());
  auto noted = (*store)->note("back up", {{"folder", backup->folder.string()}});
  if (!noted) return fail(noted.error());
  if (session.isJson)
    printJson(jsonOf(*backup));
  else
    std::printf("%s: %s, verified\n", backup->folder.c_str(), contentOf(*backup).c_str());
  return Exit::Done;
}

Exit runBackups(const BackupArguments& arguments, const Session& session) {
  const auto backups = backupsIn(arguments.backups());
  if (session.isJson) {
    auto json = nlohmann::json::array();
    for (const auto& backup : backups) json.push_back(jsonOf(backup));
    printJson(json);
    return Exit::Done;
  }
  if (backups.empty()) std::printf("No backup in %s\n", arguments.backups().c_str());
  for (const auto& backup : backups)
    std::printf("%s  %s  %s\n", backup.made.c_str(), contentOf(backup).c_str(),
                backup.folder.c_str());
  return Exit::Done;
}

Exit runVerify(const std::filesystem::path& folder, const Session& session) {
  const auto backup = verifyBackup(folder);
  if (!backup) return fail(backup.error());
  if (session.isJson)
    printJson(jsonOf(*backup));
  else
    std::printf("It is whole: of %s, %s\n", backup->made.c_str(), contentOf(*backup).c_str());
  return Exit::Done;
}

Exit runRestore(const BackupArguments& arguments, const Session& session) {
  const auto restored = restoreStore(arguments.folder, storeFolderOf(arguments.store));
  if (!restored) return fail(restored.error());
  if (session.isJson) {
    auto json = jsonOf(restored->backup);
    json["kept"] = restored->kept.string();
    printJson(json);
    return Exit::Done;
  }
  std::printf("Restored: %s\n", contentOf(restored->backup).c_str());
  if (!restored->kept.empty())
    std::printf("The store as it was is kept in %s; restore that to go back.\n",
                restored->kept.c_str());
  return Exit::Done;
}

Exit runCheck(const StoreArguments& arguments) {
  const auto store = openStore(arguments, Store::Access::Read);
  if (!store) return fail(store.error());
  if (auto status = (*store)->check(); !status) return fail(status.error());
  std::printf("The store is whole.\n");
  return Exit::Done;
}

Exit runAccept(const StoreArguments& arguments, const Session& session) {
  const auto credential = credentialFor(arguments);
  if (!credential) return fail(credential.error());
  const auto changed = acceptStore(storeFolderOf(arguments), *credential);
  if (!changed) return fail(changed.error());
  if (session.isJson) {
    printJson({{"changed", *changed}});
    return Exit::Done;
  }
  if (changed->empty()) std::printf("Nothing was changed; there is nothing to take.\n");
  for (const auto& one : *changed)
    std::printf("Taken as they are: %s. The audit says that you answer for it.\n", one.c_str());
  return Exit::Done;
}

struct CopyArguments {
  StoreArguments from;
  std::filesystem::path to;
};

Exit runCopy(const CopyArguments& arguments, const Session& session) {
  const auto credential = credentialFor(arguments.from);
  if (!credential) return fail(credential.error());
  const StopOnSignal stop;
  ProgressLine line;
  const auto copied =
      copyStore(arguments.from.folder, arguments.to, *credential,
                {stop.token(), [&](const StoreCopyProgress& p) {
                   line.show(p.step == StoreCopyProgress::Step::Copying ? "copying" : "comparing",
                             static_cast<int>(p.done), static_cast<int>(p.total));
                 }});
  line.clear();
  if (!copied) {
    auto error = copied.error();
    if (error.code == ErrorCode::Cancelled)
      error.message += " The same command goes on from there.";
    return fail(error);
  }
  if (session.isJson) {
    printJson({{"rows", copied->rows},
               {"events", copied->events},
               {"networks", copied->networks},
               {"resumed", copied->wasResumed}});
    return Exit::Done;
  }
  std::printf(
      "Copied to %s%s, and compared: %lld rows, %d networks, and the audit's %lld entries follow "
      "each other.\nThe store it was copied from is as it was. Work with one of them from here on: "
      "what is done in the other stays there.\n",
      placeText(arguments.to).c_str(), copied->wasResumed ? " (begun earlier)" : "",
      static_cast<long long>(copied->rows), copied->networks,
      static_cast<long long>(copied->events));
  return Exit::Done;
}

void addCopyCommand(CLI::App& store, Session& session) {
  auto arguments = std::make_shared<CopyArguments>();
  auto* command = store.add_subcommand(
      "copy",
      "Copy a store with its accounts and networks, from a folder to a server or anywhere else; "
      "every row is compared. Stopped, the same command goes on");
  addStore(*command, arguments->from);
  command->remove_option(command->get_option("--store"));
  command->add_option("FROM", arguments->from.folder, "The store; nobody else may have it open")
      ->required()
      ->transform(asStore());
  command->add_option("TO", arguments->to, "Where no store is yet")
      ->required()
      ->transform(asStore());
  command->callback([&session, arguments] {
    session.run = [arguments, &session] { return runCopy(*arguments, session); };
  });
}

}  // namespace

void addStoreCommand(CLI::App& app, Session& session) {
  auto* store =
      app.add_subcommand("store", "Set the store up, back it up, restore it, and say who opens it");
  store->require_subcommand(1);
  auto arguments = std::make_shared<BackupArguments>();
  const auto add = [&](const char* name, const char* what, std::function<Exit()> run) {
    auto* command = store->add_subcommand(name, what);
    command->callback([&session, run = std::move(run)] { session.run = run; });
    return command;
  };
  auto* backup = add("backup", "Copy the store, in use or not, into a new folder, and verify it",
                     [arguments, &session] { return runBackup(*arguments, session); });
  addStore(*backup, arguments->store);
  backup->add_option("--to", arguments->folder,
                     "Folder that the backup's is made in (default: \"backups\" beside the store; "
                     "another disk is safer)");
  backup
      ->add_option("--keep", arguments->keep,
                   "Delete older backups of this store beyond so many; 0: none")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  auto* list = add("backups", "List backups, the newest first",
                   [arguments, &session] { return runBackups(*arguments, session); });
  addStore(*list, arguments->store);
  list->add_option("--in", arguments->folder, "Folder to look in (default: as of backup)");
  auto* verify = add("verify", "Look whether a backup is whole",
                     [arguments, &session] { return runVerify(arguments->folder, session); });
  verify->add_option("BACKUP", arguments->folder, "Folder of the backup")->required();
  auto* restore = add("restore", "Put a backup in the place of the store, which is kept beside it",
                      [arguments, &session] { return runRestore(*arguments, session); });
  addStore(*restore, arguments->store);
  restore->add_option("BACKUP", arguments->folder, "Folder of the backup, or of what was kept")
      ->required();
  auto* check = add("check", "Look whether the store is whole",
                    [arguments] { return runCheck(arguments->store); });
  addStore(*check, arguments->store);
  auto* accept = add("accept",
                     "Take a store as it is that another program changed, where no backup is left; "
                     "an administrator answers for it in the audit",
                     [arguments, &session] { return runAccept(arguments->store, session); });
  addStore(*accept, arguments->store);
  addCopyCommand(*store, session);
  addAccountCommands(*store, session);
}

}  // namespace countersign::cli
