// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>
#include <memory>

#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "app/cli/StoreOptions.h"
#include "core/office/PeopleTransfer.h"
#include "core/storage/Audit.h"

namespace countersign::cli {

namespace {

struct GroundsArguments {
  StoreArguments store;
  std::string identifier;
  std::optional<std::string> basis;
  std::optional<std::string> purpose;
  std::optional<std::string> until;
  std::optional<int> months;

  bool isChange() const { return basis || purpose || until || months; }
};

Exit runUsual(const GroundsArguments& arguments, const Office& office, const Session& session) {
  auto usual = office.repository().usualGrounds();
  if (!usual) return fail(usual.error());
  if (arguments.until)
    return fail({ErrorCode::OptionOutOfRange,
                 "Without --id these are the usual grounds, which have no last day; say --months.",
                 ""});
  if (arguments.isChange()) {
    usual->basis = arguments.basis.value_or(usual->basis);
    usual->purpose = arguments.purpose.value_or(usual->purpose);
    usual->months = arguments.months.value_or(usual->months);
    auto status = office.repository().setUsualGrounds(*usual, office.signatureDesk()->author());
    if (!status) return fail(status.error());
  }
  if (session.isJson) {
    printJson({{"basis", usual->basis}, {"purpose", usual->purpose}, {"months", usual->months}});
  } else {
    std::printf("Whoever is enrolled: basis \"%s\", purpose \"%s\", ", usual->basis.c_str(),
                usual->purpose.c_str());
    if (usual->months > 0)
      std::printf("kept for %d months\n", usual->months);
    else
      std::printf("kept without an end\n");
  }
  return Exit::Done;
}

Exit runGrounds(const GroundsArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store,
                                 arguments.isChange() ? Store::Access::Write : Store::Access::Read);
  if (!office) return fail(office.error());
  if (arguments.identifier.empty()) return runUsual(arguments, **office, session);
  auto& repository = (*office)->repository();
  auto person = repository.findPerson(arguments.identifier);
  if (!person) return fail(person.error());
  auto& grounds = person->grounds;
  if (arguments.isChange()) {
    grounds.basis = arguments.basis.value_or(grounds.basis);
    grounds.purpose = arguments.purpose.value_or(grounds.purpose);
    grounds.retainUntil = arguments.until.value_or(grounds.retainUntil);
    if (arguments.months)
      grounds.retainUntil =
          *arguments.months > 0 ? monthsLater(dayOf(systemTime()), *arguments.months) : "";
    auto status = repository.setGrounds(person->key, grounds, (*office)->signatureDesk()->author());
    if (!status) return fail(status.error());
  }
  if (session.isJson)
    printJson({{"identifier", person->identifier},
               {"basis", grounds.basis},
               {"purpose", grounds.purpose},
               {"retainUntil", grounds.retainUntil}});
  else
    std::printf("%s %s: basis \"%s\", purpose \"%s\", kept %s%s\n", person->identifier.c_str(),
                person->name.c_str(), grounds.basis.c_str(), grounds.purpose.c_str(),
                grounds.retainUntil.empty() ? "without an end" : "until ",
                grounds.retainUntil.c_str());
  return Exit::Done;
}

/// On file, or removed and kept because decisions rest on them.
Result<std::vector<Person>> everybodyIn(const Repository& repository) {
  const auto people = repository.people();
  if (!people) return people.error();
  auto all = repository.removedPeople();
  if (!all) return all;
  for (const auto& summary : *people) all->push_back(summary.person);
  return all;
}

Result<std::vector<Person>> duePeople(const Repository& repository) {
  auto all = everybodyIn(repository);
  if (!all) return all;
  const auto today = dayOf(systemTime());
  std::erase_if(*all, [&](const Person& person) { return !person.grounds.isDue(today); });
  return all;
}

Exit runDue(const StoreArguments& arguments, const Session& session) {
  const auto store = openStore(arguments, Store::Access::Read);
  if (!store) return fail(store.error());
  const auto due = duePeople((*store)->repository());
  if (!due) return fail(due.error());
  auto json = nlohmann::json::array();
  for (const auto& person : *due) {
    if (session.isJson)
      json.push_back({{"identifier", person.identifier},
                      {"name", person.name},
                      {"retainUntil", person.grounds.retainUntil}});
    else
      std::printf("%-12s %-28s kept until %s\n", person.identifier.c_str(), person.name.c_str(),
                  person.grounds.retainUntil.c_str());
  }
  if (session.isJson)
    printJson(json);
  else if (due->empty())
    std::printf("Nobody is due.\n");
  return Exit::Done;
}

struct ErasureArguments {
  StoreArguments store;
  std::vector<std::string> identifiers;
  bool isDue = false;
  std::filesystem::path receipt;
};

nlohmann::json jsonOf(const ErasureReceipt& receipt, const AuditHead& head) {
  auto people = nlohmann::json::array();
  for (const auto& person : receipt.people)
    people.push_back({{"identifier", person.identifier},
                      {"number", person.key.value},
                      {"references", person.references},
                      {"decisions", person.decisions}});
  return {{"store", receipt.store},
          {"time", toIso8601(receipt.event.time)},
          {"author", receipt.event.author},
          {"confirmedBy", receipt.confirmedBy},
          {"people", people},
          {"auditHead", auditHeadText(head)}};
}

Exit runErase(const ErasureArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store, Store::Access::Write);
  if (!office) return fail(office.error());
  auto& repository = (*office)->repository();
  std::vector<PersonKey> keys;
  const auto all = everybodyIn(repository);
  if (!all) return fail(all.error());
  for (const auto& identifier : arguments.identifiers) {
    const auto before = keys.size();
    for (const auto& person : *all)
      if (person.identifier == identifier) keys.push_back(person.key);
    if (keys.size() == before)
      return fail({ErrorCode::NotFound,
                   "Nobody with the identifier " + identifier + " is in the store.", ""});
  }
  if (arguments.isDue) {
    const auto due = duePeople(repository);
    if (!due) return fail(due.error());
    for (const auto& person : *due) keys.push_back(person.key);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.empty()) {
    std::printf("Nobody is due.\n");
    return Exit::Done;
  }
  const auto desk = confirmedDesk(**office, Modality::Signature, arguments.store);
  if (!desk) return fail(desk.error());
  const auto receipt = repository.erasePeople(keys, desk->author());
  if (!receipt) return fail(receipt.error());
  const auto trail = AuditTrail::of((*office)->store());
  const auto head = trail ? trail->head() : Result<AuditHead>(trail.error());
  if (!head) return fail(head.error());
  if (session.isJson)
    printJson(jsonOf(*receipt, *head));
  else
    std::printf("%s", erasureText(*receipt, *head).c_str());
  if (arguments.receipt.empty()) return Exit::Done;
  auto status = writeFileAtomically(arguments.receipt, erasureText(*receipt, *head));
  return status ? Exit::Done : fail(status.error());
}

struct TransferArguments {
  StoreArguments store;
  std::vector<std::string> identifiers;
  bool isEverybody = false;
  std::filesystem::path file;
  std::filesystem::path passphrase;
};

Exit runExport(const TransferArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store, Store::Access::WriteIfFree);
  if (!office) return fail(office.error());
  auto& repository = (*office)->repository();
  std::vector<PersonKey> keys;
  for (const auto& identifier : arguments.identifiers) {
    const auto person = repository.findPerson(identifier);
    if (!person) return fail(person.error());
    keys.push_back(person->key);
  }
  if (arguments.isEverybody) {
    const auto people = repository.people();
    if (!people) return fail(people.error());
    for (const auto& summary : *people) keys.push_back(summary.person.key);
  }
  if (keys.empty())
    return fail({ErrorCode::OptionOutOfRange, "Say who: --id for each, or --everybody.", ""});
  const auto desk = confirmedDesk(**office, Modality::Signature, arguments.store);
  if (!desk) return fail(desk.error());
  const auto passphrase = newPassphrase(arguments.passphrase);
  if (!passphrase) return fail(passphrase.error());
  const StopOnSignal stop;
  ProgressLine line;
  const auto references =
      exportPeople(**office, keys, arguments.file, **passphrase, desk->author(),
                   {stop.token(), [&](const TransferProgress& progress) {
                      line.show("writing people", progress.done, progress.total);
                    }});
  line.clear();
  if (!references) return fail(references.error());
  if (session.isJson)
    printJson({{"people", keys.size()}, {"references", *references}});
  else
    std::printf("%zu people with %d references written to %s, encrypted\n", keys.size(),
                *references, arguments.file.c_str());
  return Exit::Done;
}

Exit runImportPeople(const TransferArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store, Store::Access::Write);
  if (!office) return fail(office.error());
  const auto passphrase = passphraseOfFile(arguments.passphrase);
  if (!passphrase) return fail(passphrase.error());
  const StopOnSignal stop;
  ProgressLine line;
  const auto imported =
      importPeople(**office, arguments.file, *passphrase,
                   {stop.token(), [&](const TransferProgress& progress) {
                      line.show("enrolling people", progress.done, progress.total);
                    }});
  line.clear();
  if (!imported) return fail(imported.error());
  if (session.isJson) {
    printJson({{"people", imported->people()},
               {"references", imported->references()},
               {"leftOut", imported->leftOut},
               {"isStopped", imported->isStopped},
               {"fromStore", imported->from.store},
               {"exportedBy", imported->from.author},
               {"made", imported->from.made}});
  } else {
    for (const auto& sentence : imported->leftOut) std::printf("left out %s\n", sentence.c_str());
    std::printf("%d references of %d people enrolled, exported by %s on %s\n",
                imported->references(), imported->people(), imported->from.author.c_str(),
                imported->from.made.c_str());
  }
  return imported->isStopped ? Exit::Error : Exit::Done;
}

void addTransfer(CLI::App& app, Session& session) {
  auto out = std::make_shared<TransferArguments>();
  auto* command = app.add_subcommand(
      "export-people", "Write people with their images into one file, encrypted by a passphrase");
  addStore(*command, out->store);
  addConfirmation(*command, out->store);
  command->add_option("FILE", out->file, "File to write")->required();
  auto* ids = command->add_option("--id", out->identifiers, "Identifier of somebody who goes out");
  command->add_flag("--everybody", out->isEverybody, "All people on file")->excludes(ids);
  command->add_option("--file-passphrase-file", out->passphrase,
                      "File with the passphrase of the new file (default: typed at a terminal)");
  command->callback(
      [out, &session] { session.run = [out, &session] { return runExport(*out, session); }; });

  auto in = std::make_shared<TransferArguments>();
  command = app.add_subcommand("import-people",
                               "Enrol the people of such a file; who is on file stays as they are");
  addStore(*command, in->store);
  command->add_option("FILE", in->file, "File that export-people wrote")->required();
  command->add_option("--file-passphrase-file", in->passphrase,
                      "File with its passphrase (default: typed at a terminal)");
  command->callback(
      [in, &session] { session.run = [in, &session] { return runImportPeople(*in, session); }; });
}

}  // namespace

void addPersonalDataCommands(CLI::App& app, Session& session) {
  auto grounds = std::make_shared<GroundsArguments>();
  auto* command = app.add_subcommand(
      "grounds",
      "Show or set why somebody's data are kept, what for, and until when; without --id what "
      "whoever is enrolled starts with");
  addStore(*command, grounds->store);
  command->add_option("--id", grounds->identifier, "Identifier of the person");
  command->add_option("--basis", grounds->basis, "Lawful basis, for example \"contract\"");
  command->add_option("--purpose", grounds->purpose, "For example \"signatures at the counter\"");
  auto* until = command->add_option("--until", grounds->until, "Last day, for example 2036-12-31");
  command->add_option("--months", grounds->months, "How long from today, or from the enrolment")
      ->check(CLI::NonNegativeNumber)
      ->excludes(until);
  command->callback([grounds, &session] {
    session.run = [grounds, &session] { return runGrounds(*grounds, session); };
  });

  auto due = std::make_shared<StoreArguments>();
  command = app.add_subcommand("due", "List people whose last day is over");
  addStore(*command, *due);
  command->callback(
      [due, &session] { session.run = [due, &session] { return runDue(*due, session); }; });

  auto erasure = std::make_shared<ErasureArguments>();
  command = app.add_subcommand("erase",
                               "Delete everything of people for good, also what decisions keep of "
                               "them, and print a receipt");
  addStore(*command, erasure->store);
  addConfirmation(*command, erasure->store);
  auto* ids =
      command->add_option("--id", erasure->identifiers, "Identifier of somebody to be erased");
  command->add_flag("--due", erasure->isDue, "Everybody whose last day is over")->excludes(ids);
  command->add_option("--receipt", erasure->receipt, "File that gets the receipt, too");
  command->callback([erasure, &session] {
    session.run = [erasure, &session] { return runErase(*erasure, session); };
  });
  addTransfer(app, session);
}

}  // namespace countersign::cli
