// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/AccountCommands.h"

#include <sys/stat.h>

#include <cstdio>
#include <memory>

#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "app/cli/StoreOptions.h"
#include "core/storage/Accounts.h"
#include "core/storage/ServerAddress.h"

namespace countersign::cli {

namespace {

struct AccountArguments {
  StoreArguments store;
  std::string name;
  std::string role;
  std::filesystem::path newPassphraseFile;
  std::filesystem::path keyTo;
  bool isOpen = false;
};

/// A passphrase, unless the account is to be opened by a key.
Result<NewAccount> newAccount(const AccountArguments& arguments, Role role) {
  NewAccount account{.name = arguments.name, .role = role};
  if (!arguments.keyTo.empty()) return account;
  auto passphrase = newPassphrase(arguments.newPassphraseFile);
  if (!passphrase) return passphrase.error();
  account.passphrase = *std::move(passphrase);
  return account;
}

/// Only its owner may read it, from its first byte on.
Status writeKey(const std::filesystem::path& file, const std::string& key) {
  if (file.empty()) return ok();
  constexpr mode_t kOthers = 077;
  const auto before = ::umask(kOthers);
  auto status = writeFileAtomically(file, key + "\n");
  ::umask(before);
  return status;
}

void printRecoveryKey(const std::string& key) {
  std::printf("Recovery key: %s\n", key.c_str());
  std::printf(
      "Print it or write it down, and keep it away from this computer. It opens the store when "
      "every passphrase is forgotten; it is not shown again.\n");
}

/// Makes the keys, encrypts what is there, and gives out what opens it.
Result<Credential> setUp(const std::filesystem::path& folder, const AccountArguments& arguments,
                         std::string& recovery) {
  if (arguments.isOpen) {
    if (auto status = protectOpenly(folder, arguments.name); !status) return status.error();
    return Credential{};
  }
  const auto account = newAccount(arguments, Role::Administrator);
  if (!account) return account.error();
  ProgressLine line;
  const StopOnSignal stop;
  const auto keys =
      setUpStore(folder, *account, {stop.token(), [&](const EncryptionProgress& progress) {
                                      line.show("Encrypting", progress.done, progress.total);
                                    }});
  line.clear();
  if (!keys) return keys.error();
  recovery = keys->recovery;
  if (auto status = writeKey(arguments.keyTo, keys->account); !status) return status.error();
  return account->passphrase
             ? Credential{Credential::Kind::Passphrase, account->name, account->passphrase}
             : withKey(Secret::of(keys->account));
}

Exit runProtect(const AccountArguments& arguments, const Session& session) {
  const auto folder = storeFolderOf(arguments.store);
  std::string recovery;
  const auto credential = setUp(folder, arguments, recovery);
  // Said at once: what follows may fail, and be done by the next opening.
  if (!recovery.empty() && !session.isJson) printRecoveryKey(recovery);
  if (!credential) return fail(credential.error());
  const auto store = Store::open(folder, Store::Access::Write, systemTime, *credential);
  if (!store) return fail(store.error());
  const auto people = (*store)->repository().people();
  if (!people) return fail(people.error());
  const auto copies = unencryptedCopies(folder);
  if (session.isJson) {
    auto json = nlohmann::json{{"recoveryKey", recovery},
                               {"people", people->size()},
                               {"unencryptedCopies", nlohmann::json::array()}};
    for (const auto& copy : copies) json["unencryptedCopies"].push_back(copy.string());
    printJson(json);
    return Exit::Done;
  }
  std::printf("The store in %s is encrypted: %zu people.\n", placeText(folder).c_str(),
              people->size());
  for (const auto& copy : copies)
    std::printf("Not encrypted, from before: %s. Back the store up, then delete it.\n",
                copy.c_str());
  return Exit::Done;
}

Exit runAccounts(const AccountArguments& arguments, const Session& session) {
  const auto accounts = accountsOf(storeFolderOf(arguments.store));
  if (!accounts) return fail(accounts.error());
  const auto opening = [](const Account& account) {
    switch (account.opening) {
      case Account::Opening::Passphrase:
        return "passphrase";
      case Account::Opening::Key:
        return "key";
      case Account::Opening::Recovery:
        return "recovery key";
      case Account::Opening::Desktop:
        return "key in a desktop's keyring";
    }
    return "";
  };
  if (session.isJson) {
    auto json = nlohmann::json::array();
    for (const auto& account : *accounts)
      json.push_back({{"name", account.name},
                      {"role", roleName(account.role)},
                      {"opening", opening(account)}});
    printJson(json);
    return Exit::Done;
  }
  for (const auto& account : *accounts)
    std::printf("%-24s %-14s opened by a %s\n", account.name.c_str(),
                std::string(roleName(account.role)).c_str(), opening(account));
  return Exit::Done;
}

Exit runAdd(const AccountArguments& arguments) {
  const auto store = openStore(arguments.store, Store::Access::Read);
  if (!store) return fail(store.error());
  const auto account = newAccount(arguments, *roleOf(arguments.role));
  if (!account) return fail(account.error());
  const auto key = (*store)->addAccount(*account);
  if (!key) return fail(key.error());
  if (auto status = writeKey(arguments.keyTo, *key); !status) return fail(status.error());
  std::printf("%s can open the store now.\n", arguments.name.c_str());
  return Exit::Done;
}

Exit runRemove(const AccountArguments& arguments) {
  const auto store = openStore(arguments.store, Store::Access::Read);
  if (!store) return fail(store.error());
  if (auto status = (*store)->removeAccount(arguments.name); !status) return fail(status.error());
  std::printf("%s cannot open the store any more.\n", arguments.name.c_str());
  return Exit::Done;
}

Exit runPassphrase(const AccountArguments& arguments) {
  const auto store = openStore(arguments.store, Store::Access::Read);
  if (!store) return fail(store.error());
  const auto passphrase = newPassphrase(arguments.newPassphraseFile);
  if (!passphrase) return fail(passphrase.error());
  const auto name = arguments.name.empty() ? (*store)->account().name : arguments.name;
  if (auto status = (*store)->setPassphrase(name, **passphrase); !status)
    return fail(status.error());
  std::printf("%s has another passphrase now.\n", name.c_str());
  return Exit::Done;
}

Exit runRecoveryKey(const AccountArguments& arguments) {
  const auto store = openStore(arguments.store, Store::Access::Read);
  if (!store) return fail(store.error());
  const auto key = (*store)->renewRecoveryKey();
  if (!key) return fail(key.error());
  printRecoveryKey(*key);
  return Exit::Done;
}

void addNewPassphrase(CLI::App& command, AccountArguments& arguments) {
  command.add_option("--new-passphrase-file", arguments.newPassphraseFile,
                     "File with the new passphrase (default: it is typed at a terminal)");
}

}  // namespace

void addAccountCommands(CLI::App& store, Session& session) {
  auto arguments = std::make_shared<AccountArguments>();
  const auto add = [&](const char* name, const char* what, std::function<Exit()> run) {
    auto* command = store.add_subcommand(name, what);
    command->callback([&session, run = std::move(run)] { session.run = run; });
    addStore(*command, arguments->store);
    return command;
  };
  auto* protect =
      add("protect",
          "Set up a new store, or encrypt one of an earlier version; prints the recovery key once",
          [arguments, &session] { return runProtect(*arguments, session); });
  protect->add_option("NAME", arguments->name, "Name of the first account, an administrator's")
      ->required();
  addNewPassphrase(*protect, *arguments);
  auto* keyTo =
      protect->add_option("--key-to", arguments->keyTo,
                          "The account is opened by a key, which is written to this file");
  protect
      ->add_flag("--open", arguments->isOpen,
                 "The key lies in the store's folder, and opens it for everybody who can read it: "
                 "for invented people, and for trying things out")
      ->excludes(keyTo);
  add("accounts", "List who can open the store",
      [arguments, &session] { return runAccounts(*arguments, session); });
  auto* addAccount = add("add-account", "Let somebody else, or a script, open the store",
                         [arguments] { return runAdd(*arguments); });
  addAccount->add_option("NAME", arguments->name, "Name of the account")->required();
  addAccount->add_option("--role", arguments->role, "What the account may do")
      ->required()
      ->check(CLI::IsMember({"clerk", "supervisor", "administrator", "auditor"}));
  addNewPassphrase(*addAccount, *arguments);
  addAccount->add_option("--key-to", arguments->keyTo,
                         "The account is opened by a key, which is written to this file");
  auto* removeAccount = add("remove-account", "Let somebody open the store no longer",
                            [arguments] { return runRemove(*arguments); });
  removeAccount->add_option("NAME", arguments->name, "Name of the account")->required();
  auto* passphrase = add("passphrase",
                         "Change a passphrase, one's own or, by an administrator, "
                         "somebody's who forgot it",
                         [arguments] { return runPassphrase(*arguments); });
  passphrase->add_option("NAME", arguments->name, "Whose (default: of whoever opens the store)");
  addNewPassphrase(*passphrase, *arguments);
  add("recovery-key", "Make another recovery key; the one before opens nothing any more",
      [arguments] { return runRecoveryKey(*arguments); });
}

}  // namespace countersign::cli
