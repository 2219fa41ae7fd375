// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>

#include "app/cli/DecisionPdf.h"
#include "app/cli/Json.h"
#include "app/cli/StoreOptions.h"

namespace countersign::cli {

namespace {

struct HistoryArguments {
  StoreArguments store;
  std::string identifier;
  std::int64_t decision = 0;
  std::filesystem::path pdf;
  int limit = 100;
};

nlohmann::json decisionJson(const DecisionSummary& d) {
  return {{"decision", d.key.value},
          {"sequence", d.event.sequence},
          {"time", toIso8601(d.event.time)},
          {"author", d.event.author},
          {"identifier", d.person ? nlohmann::json(d.person->identifier) : nlohmann::json()},
          {"name", d.person ? nlohmann::json(d.person->name) : nlohmann::json()},
          {"isIdentification", d.isIdentification},
          {"modality", modalityName(d.modality)},
          {"network", d.network},
          {"score", d.score ? nlohmann::json(*d.score) : nlohmann::json()},
          {"threshold", d.applied.rule.threshold.value},
          {"band", d.applied.rule.band},
          {"thresholdSource", thresholdSourceName(d.applied.source)},
          {"amount", d.applied.amount ? nlohmann::json(*d.applied.amount) : nlohmann::json()},
          {"isAlwaysReferred", d.applied.isAlwaysReferred},
          {"blind", d.blind ? nlohmann::json(findingName(*d.blind)) : nlohmann::json()},
          {"isErased", d.isErased},
          {"verdict", findingName(d.finding)},
          {"recorded", findingName(d.recorded)},
          {"note", d.note}};
}

std::string scoreText(const std::optional<double>& score) {
  if (!score) return "  -  ";
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.3f", *score);
  return text.data();
}

void printLine(const DecisionSummary& d) {
  if (d.isErased) {
    std::printf("%5lld  %s  erased with the person, by %s\n", static_cast<long long>(d.key.value),
                toIso8601(d.event.time).c_str(), d.event.author.c_str());
    return;
  }
  const auto who = d.person ? d.person->identifier + " " + d.person->name : std::string("unknown");
  std::printf("%5lld  %s  %-12s %s  %-9s %s  by %s%s%s\n", static_cast<long long>(d.key.value),
              toIso8601(d.event.time).c_str(), std::string(findingName(d.recorded)).c_str(),
              scoreText(d.score).c_str(), d.isIdentification ? "1:N" : "1:1", who.c_str(),
              d.event.author.c_str(), d.note.empty() ? "" : ": ", d.note.c_str());
}

/// One decision, worked out anew.
Exit showDecision(const Office& office, DecisionKey key, const Session& session) {
  const auto decision = office.repository().decision(key);
  if (!decision) return fail(decision.error());
  const auto desk = office.desk(decision->summary.modality);
  if (!desk) return fail(desk.error());
  const auto again = (*desk)->reproduce(*decision);
  if (!again) return fail(again.error());
  if (session.isJson) {
    auto json = decisionJson(decision->summary);
    for (const auto& reference : decision->content.references)
      json["references"].push_back(
          {{"reference", reference.reference.value}, {"score", reference.score}});
    json["scoreNow"] = again->score ? nlohmann::json(again->score->value) : nlohmann::json();
    json["isSame"] = again->isSame;
    json["isFromImage"] = again->isFromImage;
    printJson(json);
    return again->isSame ? Exit::Done : Exit::NonMatch;
  }
  printLine(decision->summary);
  for (const auto& reference : decision->content.references)
    std::printf("         %.3f  reference %lld\n", reference.score,
                static_cast<long long>(reference.reference.value));
  if (again->score)
    std::printf("Worked out anew from the %s: %.3f, %s\n",
                again->isFromImage ? "original image" : "stored embeddings", again->score->value,
                again->isSame ? "the same" : "NOT the same as was recorded");
  return again->isSame ? Exit::Done : Exit::NonMatch;
}

Exit runHistory(const HistoryArguments& arguments, const Session& session) {
  const auto printer = arguments.pdf.empty() ? nullptr : std::make_unique<DecisionPdf>();
  const auto office = openOffice(session, arguments.store, Store::Access::Read);
  if (!office) return fail(office.error());
  if (printer) {
    const auto decision = (*office)->repository().decision({arguments.decision});
    if (!decision) return fail(decision.error());
    const auto desk = (*office)->desk(decision->summary.modality);
    if (!desk) return fail(desk.error());
    if (auto status = printer->write(**desk, {arguments.decision}, arguments.pdf); !status)
      return fail(status.error());
    auto noted = (*office)->repository().noteEvent(
        (*desk)->author(), "export decision", {{"decision", std::to_string(arguments.decision)}});
    if (!noted) return fail(noted.error());
  }
  if (arguments.decision != 0) return showDecision(**office, {arguments.decision}, session);
  const auto all = (*office)->repository().decisions();
  if (!all) return fail(all.error());
  auto json = nlohmann::json::array();
  int shown = 0;
  for (const auto& d : *all) {
    if (!arguments.identifier.empty() &&
        (!d.person || d.person->identifier != arguments.identifier))
      continue;
    if (shown++ == arguments.limit) break;
    session.isJson ? json.push_back(decisionJson(d)) : printLine(d);
  }
  if (session.isJson) printJson(json);
  return Exit::Done;
}

Exit runPeople(const StoreArguments& store, const Session& session) {
  const auto office = openOffice(session, store, Store::Access::Read);
  if (!office) return fail(office.error());
  const auto people = (*office)->repository().people();
  if (!people) return fail(people.error());
  auto json = nlohmann::json::array();
  for (const auto& summary : *people) {
    const auto& person = summary.person;
    if (session.isJson)
      json.push_back({{"identifier", person.identifier},
                      {"name", person.name},
                      {"signatures", summary.signatureReferences},
                      {"faces", summary.faceReferences},
                      {"enrolled", toIso8601(summary.enrolled)},
                      {"basis", person.grounds.basis},
                      {"purpose", person.grounds.purpose},
                      {"retainUntil", person.grounds.retainUntil}});
    else
      std::printf("%-12s %-28s %3d signatures %3d faces  since %s\n", person.identifier.c_str(),
                  person.name.c_str(), summary.signatureReferences, summary.faceReferences,
                  toIso8601(summary.enrolled).c_str());
  }
  if (session.isJson) printJson(json);
  return Exit::Done;
}

Exit runRemove(const StoreArguments& store, const std::string& identifier, std::int64_t reference,
               const Session& session) {
  const auto office = openOffice(session, store, Store::Access::Write);
  if (!office) return fail(office.error());
  auto& repository = (*office)->repository();
  const auto person = repository.findPerson(identifier);
  if (!person) return fail(person.error());
  const auto desk = confirmedDesk(**office, Modality::Signature, store);
  if (!desk) return fail(desk.error());
  const auto& author = desk->author();
  if (reference == 0) {
    if (auto status = repository.retirePerson(person->key, author); !status)
      return fail(status.error());
  } else {
    const auto references = repository.references(person->key);
    if (!references) return fail(references.error());
    const bool isTheirs = std::any_of(references->begin(), references->end(),
                                      [&](const Reference& r) { return r.key.value == reference; });
    if (!isTheirs)
      return fail({ErrorCode::NotFound,
                   identifier + " has no reference " + std::to_string(reference) + ".", ""});
    if (auto status = repository.retireReferences({{reference}}, author); !status)
      return fail(status.error());
  }
  if (session.isJson)
    printJson({{"identifier", identifier}, {"removed", reference == 0 ? "person" : "reference"}});
  else
    std::printf("%s removed\n", reference == 0 ? identifier.c_str() : "Reference");
  return Exit::Done;
}

}  // namespace

void addHistoryCommands(CLI::App& app, Session& session) {
  auto history = std::make_shared<HistoryArguments>();
  auto* command = app.add_subcommand("history", "List recorded decisions, newest first");
  addStore(*command, history->store);
  command->add_option("--id", history->identifier, "Only decisions about this person");
  auto* show =
      command->add_option("--show", history->decision,
                          "One decision, with its score worked out anew; exit 1 when it differs");
  command->add_option("--pdf", history->pdf, "Write that decision on one page, as PDF")
      ->needs(show);
  command->add_option("--limit", history->limit, "Most decisions that are listed")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->callback([history, &session] {
    session.run = [history, &session] { return runHistory(*history, session); };
  });

  auto people = std::make_shared<StoreArguments>();
  command = app.add_subcommand("people", "List the people on file");
  addStore(*command, *people);
  command->callback([people, &session] {
    session.run = [people, &session] { return runPeople(*people, session); };
  });

  struct Removal {
    StoreArguments store;
    std::string identifier;
    std::int64_t reference = 0;
  };
  auto removal = std::make_shared<Removal>();
  command = app.add_subcommand("remove", "Take a person, or one reference, off the file");
  addStore(*command, removal->store);
  addConfirmation(*command, removal->store);
  command->add_option("--id", removal->identifier, "Identifier of the person")->required();
  command
      ->add_option("--reference", removal->reference,
                   "Only this reference, by its number in the output of verify --json")
      ->check(CLI::PositiveNumber);
  command->callback([removal, &session] {
    session.run = [removal, &session] {
      return runRemove(removal->store, removal->identifier, removal->reference, session);
    };
  });
}

}  // namespace countersign::cli
