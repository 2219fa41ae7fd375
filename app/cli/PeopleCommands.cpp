// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>

#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "app/cli/StoreOptions.h"
#include "core/office/FolderImport.h"

namespace countersign::cli {

namespace {

struct MergeArguments {
  StoreArguments store;
  std::string from;
  std::string into;
};

Exit runMerge(const MergeArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store, Store::Access::Write);
  if (!office) return fail(office.error());
  auto& repository = (*office)->repository();
  const auto from = repository.findPerson(arguments.from);
  if (!from) return fail(from.error());
  const auto into = repository.findPerson(arguments.into);
  if (!into) return fail(into.error());
  const auto desk = confirmedDesk(**office, Modality::Signature, arguments.store);
  if (!desk) return fail(desk.error());
  const auto merge = repository.mergePeople(from->key, into->key, desk->author());
  if (!merge) return fail(merge.error());
  if (session.isJson)
    printJson({{"from", from->identifier},
               {"into", into->identifier},
               {"references", merge->moved.size()}});
  else
    std::printf("%s %s took over %zu references of %s %s, who is off the file\n",
                into->identifier.c_str(), into->name.c_str(), merge->moved.size(),
                from->identifier.c_str(), from->name.c_str());
  return Exit::Done;
}

struct ImportArguments {
  StoreArguments store;
  Modality modality = Modality::Signature;
  std::filesystem::path folder;
};

nlohmann::json jsonOf(const ImportedPerson& one) {
  nlohmann::json json = {{"folder", one.folder},
                         {"enrolled", one.enrolled ? one.enrolled->references.size() : 0},
                         {"isNew", one.enrolled && one.enrolled->isNewPerson},
                         {"leftOut", one.leftOut},
                         {"doubtful", one.doubtful}};
  if (one.lookalike)
    json["lookalike"] = {{"identifier", one.lookalike->person.identifier},
                         {"name", one.lookalike->person.name},
                         {"score", one.lookalike->score.value}};
  return json;
}

Exit runImport(const ImportArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store, Store::Access::Write);
  if (!office) return fail(office.error());
  const auto desk = (*office)->desk(arguments.modality);
  if (!desk) return fail(desk.error());
  const StopOnSignal stop;
  ProgressLine line;
  const auto done =
      importFolder(**desk, arguments.folder, {stop.token(), [&](const FolderImportProgress& p) {
                                                line.show("enrolling people", p.done, p.total);
                                              }});
  line.clear();
  if (!done) return fail(done.error());
  if (session.isJson) {
    auto people = nlohmann::json::array();
    for (const auto& one : done->people) people.push_back(jsonOf(one));
    printJson({{"people", done->enrolledPeople()},
               {"references", done->enrolledReferences()},
               {"isStopped", done->isStopped},
               {"folders", people}});
  } else {
    for (const auto& one : done->people) {
      for (const auto& sentence : one.leftOut) std::printf("left out %s\n", sentence.c_str());
      for (const auto& sentence : one.doubtful) std::printf("%s\n", sentence.c_str());
      if (one.lookalike)
        std::printf("%s looks like %s %s (%.2f)\n", one.folder.c_str(),
                    one.lookalike->person.identifier.c_str(), one.lookalike->person.name.c_str(),
                    one.lookalike->score.value);
    }
    std::printf("%d references of %d people enrolled\n", done->enrolledReferences(),
                done->enrolledPeople());
  }
  return done->isStopped ? Exit::Error : Exit::Done;
}

}  // namespace

void addPeopleCommands(CLI::App& app, Session& session) {
  auto merge = std::make_shared<MergeArguments>();
  auto* command = app.add_subcommand(
      "merge", "Give all references of a person to another, who turned out to be the same");
  addStore(*command, merge->store);
  addConfirmation(*command, merge->store);
  command->add_option("--from", merge->from, "Identifier that goes off the file")->required();
  command->add_option("--into", merge->into, "Identifier that stays")->required();
  command->callback(
      [merge, &session] { session.run = [merge, &session] { return runMerge(*merge, session); }; });

  auto job = std::make_shared<ImportArguments>();
  command = app.add_subcommand(
      "enrol-folder",
      "Enrol everybody in a folder that has a folder of images for each person, named by the "
      "identifier, or by the identifier, a space and the name");
  addStore(*command, job->store);
  addModality(*command, job->modality);
  command->add_option("FOLDER", job->folder, "Folder of folders")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->callback(
      [job, &session] { session.run = [job, &session] { return runImport(*job, session); }; });
}

}  // namespace countersign::cli
