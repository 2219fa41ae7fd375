// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include "app/cli/Json.h"
#include "app/cli/StoreOptions.h"
#include "core/storage/Audit.h"

namespace countersign::cli {

namespace {

struct AuditArguments {
  StoreArguments store;
  std::vector<std::string> heads;
  std::filesystem::path headFile;
  std::filesystem::path appendTo;
  std::string pipeTo;
  std::filesystem::path csv;
  AuditFilter filter;
  std::string identifier;  ///< Of the person of whom rows are wanted.
};

Result<AuditTrail> openTrail(const AuditArguments& arguments) {
  const auto credential = credentialFor(arguments.store);
  if (!credential) return credential.error();
  return AuditTrail::open(storeFolderOf(arguments.store), *credential);
}

/// Heads that were given, and those at the end of each line of a file.
Result<std::vector<AuditHead>> headsOf(const AuditArguments& arguments) {
  auto texts = arguments.heads;
  if (!arguments.headFile.empty()) {
    constexpr std::uintmax_t kLargest = std::uintmax_t{64} << 20U;
    const auto text = readTextFile(arguments.headFile, kLargest);
    if (!text) return text.error();
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);)
      if (!line.empty()) texts.push_back(line.substr(line.rfind(' ') + 1));
  }
  std::vector<AuditHead> heads;
  for (const auto& text : texts) {
    const auto head = auditHeadOf(text);
    if (!head)
      return Error{ErrorCode::OptionOutOfRange, "This is no head of an audit: " + text + ".", ""};
    heads.push_back(*head);
  }
  return heads;
}

Exit runVerify(const AuditArguments& arguments, const Session& session) {
  const auto heads = headsOf(arguments);
  if (!heads) return fail(heads.error());
  const auto trail = openTrail(arguments);
  if (!trail) return fail(trail.error());
  const auto head = trail->verify(*heads);
  if (!head) return fail(head.error());
  if (session.isJson) {
    printJson({{"rows", head->sequence}, {"head", auditHeadText(*head)}});
    return Exit::Done;
  }
  std::printf("The audit holds: %lld rows.\n", static_cast<long long>(head->sequence));
  if (heads->empty())
    std::printf(
        "That the newest rows were not cut off is told by a head that was noted down before; none "
        "was given.\n");
  else
    std::printf("It continues all %zu heads that were noted down.\n", heads->size());
  std::printf("Head: %s\n", auditHeadText(*head).c_str());
  return Exit::Done;
}

Exit runHead(const AuditArguments& arguments, const Session& session) {
  const auto trail = openTrail(arguments);
  if (!trail) return fail(trail.error());
  const auto head = trail->verify();
  if (!head) return fail(head.error());
  const auto text = auditHeadText(*head);
  if (!arguments.appendTo.empty()) {
    std::ofstream file(arguments.appendTo, std::ios::app);
    file << toIso8601(systemTime()) << ' ' << text << '\n';
    file.close();
    if (!file)
      return fail(
          {ErrorCode::FileNotWritable, quoted(arguments.appendTo) + " could not be written.", ""});
  }
  if (!arguments.pipeTo.empty()) {
    // What the administrator chose: a line printer, another computer, a notary's service. When it
    // ends before it has read, that is to be said, and not the end of this program.
    std::signal(SIGPIPE, SIG_IGN);
    auto* command = ::popen(arguments.pipeTo.c_str(), "w");
    const bool isWritten =
        command != nullptr &&
        std::fprintf(command, "%s %s\n", toIso8601(systemTime()).c_str(), text.c_str()) > 0;
    if (command == nullptr || ::pclose(command) != 0 || !isWritten)
      return fail({ErrorCode::FileNotWritable,
                   "The command did not take the head: " + arguments.pipeTo, ""});
  }
  if (session.isJson)
    printJson({{"rows", head->sequence}, {"head", text}});
  else
    std::printf("%s\n", text.c_str());
  return Exit::Done;
}

/// The rows that were asked for.
Result<std::vector<AuditRow>> wantedRows(const AuditArguments& arguments, const Store& store) {
  auto filter = arguments.filter;
  if (!arguments.identifier.empty()) {
    const auto person = store.repository().findPerson(arguments.identifier);
    if (!person) return person.error();
    filter.person = person->key;
  }
  for (const auto& day : {filter.from, filter.to})
    if (!day.empty() && !isDay(day))
      return Error{ErrorCode::OptionOutOfRange,
                   "\"" + day + "\" is no day; write it as 2026-12-31.", ""};
  const auto trail = AuditTrail::of(store);
  if (!trail) return trail.error();
  auto rows = trail->rows();
  if (!rows) return rows;
  std::erase_if(*rows, [&](const AuditRow& row) { return !filter.admits(row); });
  return rows;
}

Exit runList(const AuditArguments& arguments, const Session& session) {
  const auto store = openStore(arguments.store, Store::Access::Read);
  if (!store) return fail(store.error());
  const auto rows = wantedRows(arguments, **store);
  if (!rows) return fail(rows.error());
  if (!arguments.csv.empty()) {
    auto noted = (*store)->note("export audit", {{"rows", std::to_string(rows->size())}});
    if (!noted) return fail(noted.error());
    auto status = writeFileAtomically(arguments.csv, auditCsv(*rows));
    if (!status) return fail(status.error());
    std::printf("%zu rows written\n", rows->size());
    return Exit::Done;
  }
  if (session.isJson) {
    auto json = nlohmann::json::array();
    for (const auto& row : *rows) {
      auto details = nlohmann::json::object();
      for (const auto& [name, value] : row.details) details[name] = value;
      json.push_back({{"sequence", row.event.sequence},
                      {"time", toIso8601(row.event.time)},
                      {"author", row.event.author},
                      {"action", row.action},
                      {"subject", row.subject ? nlohmann::json(*row.subject) : nlohmann::json()},
                      {"person", row.person ? nlohmann::json(row.person->value) : nlohmann::json()},
                      {"details", details},
                      {"isErased", row.isErased}});
    }
    printJson(json);
    return Exit::Done;
  }
  for (const auto& row : *rows)
    std::printf("%6lld  %s  %-20s %s%s  %s\n", static_cast<long long>(row.event.sequence),
                toIso8601(row.event.time).c_str(), row.action.c_str(), row.event.author.c_str(),
                row.subject ? ("  #" + std::to_string(*row.subject)).c_str() : "",
                detailsText(row).c_str());
  return Exit::Done;
}

}  // namespace

void addAuditCommands(CLI::App& app, Session& session) {
  auto* audit = app.add_subcommand("audit", "What happened in the store, and whether that is true");
  audit->require_subcommand(1);
  auto arguments = std::make_shared<AuditArguments>();
  const auto add = [&](const char* name, const char* what,
                       Exit (*run)(const AuditArguments&, const Session&)) {
    auto* command = audit->add_subcommand(name, what);
    command->callback([&session, arguments, run] {
      session.run = [&session, arguments, run] { return run(*arguments, session); };
    });
    addStore(*command, arguments->store);
    return command;
  };
  auto* verify = add(
      "verify", "Work out the code of every row anew, and say where the chain breaks", runVerify);
  verify->add_option("--head", arguments->heads,
                     "A head that was noted down: tells whether rows were cut off since");
  verify->add_option("--heads", arguments->headFile, "File that \"audit head\" appended to");
  auto* head =
      add("head", "Print the head of the chain, to be kept where nobody here can write", runHead);
  head->add_option("--append-to", arguments->appendTo, "File that gets a line with time and head");
  head->add_option("--pipe-to", arguments->pipeTo,
                   "Command that gets the same line, for example one that prints it or sends it "
                   "elsewhere");
  auto* list = add("list", "List what happened, the oldest first", runList);
  list->add_option("--by", arguments->filter.account, "Only what this account did");
  list->add_option("--action", arguments->filter.action, "Only this action");
  list->add_option("--id", arguments->identifier, "Only what was about this person");
  list->add_option("--from", arguments->filter.from, "First day, for example 2026-11-01 (UTC)");
  list->add_option("--to", arguments->filter.to, "Last day");
  list->add_option("--csv", arguments->csv, "Write a table to this file, for other programs");
}

}  // namespace countersign::cli
