// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <set>

#include "core/storage/internal/RowText.h"
#include "core/storage/internal/SealedRepository.h"

namespace countersign {

namespace {

/// The owner of a live reference with this digest.
std::optional<PersonKey> ownerOfSample(SqlConnection& sql, const Bytes& digest) {
  SqlStatement row(sql,
                   "SELECT r.person_key FROM biometric_reference r"
                   " JOIN person p ON p.person_key = r.person_key"
                   " WHERE r.sample_digest = ? AND r.retired IS NULL AND p.retired IS NULL");
  if (!row.bind(digest).run().next()) return std::nullopt;
  return PersonKey{row.integer(0)};
}

Status refuseRepeats(SqlConnection& sql, const Vault& vault,
                     const std::vector<NewReference>& references) {
  std::vector<Bytes> given;
  for (const auto& reference : references) {
    const auto& image = reference.image;
    const auto digest = sampleDigest(vault, reference.modality, image.sourceHash, image.region);
    std::string whose;
    if (const auto owner = ownerOfSample(sql, digest)) {
      SqlStatement row(sql, "SELECT person_key, content, written FROM person WHERE person_key = ?");
      row.bind(owner->value).run().next();
      const auto person = personAt(vault, row, 0);
      whose = "is on file already, as a reference of " + person.identifier +
              (person.name.empty() ? "" : " " + person.name);
    } else if (std::find(given.begin(), given.end(), digest) != given.end()) {
      whose = "is among the images twice";
    }
    given.push_back(digest);
    if (!whose.empty())
      return Error{ErrorCode::AlreadyEnrolled,
                   "The image " + image.sourceName + " " + whose + "; nothing was saved.", ""};
  }
  return ok();
}

/// After a restoration: an image may have been enrolled again meanwhile.
Status refuseTwins(SqlConnection& sql) {
  SqlStatement twins(sql,
                     "SELECT 1 FROM biometric_reference r"
                     " JOIN person p ON p.person_key = r.person_key"
                     " WHERE r.retired IS NULL AND p.retired IS NULL"
                     " GROUP BY r.sample_digest HAVING COUNT(*) > 1");
  if (!twins.run().next()) return ok();
  return Error{ErrorCode::AlreadyEnrolled,
               "The same image was enrolled again meanwhile, so that this cannot be restored.", ""};
}

/// Marks rows as retired by `event`, or as live again; NotFound when one is not in that state.
Status mark(RowLedger& ledger, const std::string& table, const std::string& keyColumn,
            std::int64_t key, std::optional<std::int64_t> event) {
  auto& sql = ledger.sql();
  const std::string before = event ? "IS NULL" : "IS NOT NULL";
  SqlStatement found(
      sql, "SELECT COUNT(*) FROM " + table + " WHERE " + keyColumn + " = ? AND retired " + before);
  found.bind(key).run().next();
  if (found.integer(0) != 1)
    return Error{ErrorCode::NotFound,
                 event ? "This is not in the store any more." : "This cannot be restored any more.",
                 ""};
  ledger.change({table, keyColumn + " = ?", {key}}, [&] {
    SqlStatement(sql, "UPDATE " + table + " SET retired = ? WHERE " + keyColumn + " = ?")
        .bind(event)
        .bind(key)
        .run();
  });
  return ok();
}

/// Whether somebody has a threshold of their own that another has not, or a lower one: it is not to
/// be lost on the way.
bool hasStricterThreshold(SqlConnection& sql, const Vault& vault, PersonKey person,
                          PersonKey other) {
  const auto thresholdsOf = [&](PersonKey whose) {
    std::map<std::string, double> all;
    SqlStatement rows(sql,
                      "SELECT network, content, event FROM person_threshold WHERE person_key = ?");
    rows.bind(whose.value).run();
    while (rows.next())
      all[rows.text(0)] = personThresholdAt(vault, whose, rows.text(0), rows, 1).threshold.value;
    return all;
  };
  const auto others = thresholdsOf(other);
  for (const auto& [network, threshold] : thresholdsOf(person)) {
    const auto at = others.find(network);
    if (at == others.end() || at->second < threshold) return true;
  }
  return false;
}

std::string groundsText(const ProcessingGrounds& grounds) {
  if (grounds.isEmpty()) return "nothing";
  std::string text = "\"" + grounds.basis + "\", \"" + grounds.purpose + "\"";
  if (!grounds.retainUntil.empty()) text += " until " + grounds.retainUntil;
  return text;
}

std::string keyText(std::int64_t key) { return "#" + std::to_string(key); }

Status checkGrounds(const ProcessingGrounds& grounds) {
  if (grounds.retainUntil.empty() || isDay(grounds.retainUntil)) return ok();
  return Error{ErrorCode::OptionOutOfRange,
               "\"" + grounds.retainUntil + "\" is no day; write it as 2030-12-31.", ""};
}

}  // namespace

SealedRepository::About SealedRepository::aboutReference(RowLedger& ledger,
                                                         ReferenceKey reference) {
  SqlStatement row(ledger.sql(),
                   "SELECT person_key FROM biometric_reference WHERE reference_key = ?");
  About about{{}, {{"reference", keyText(reference.value)}}, {}};
  if (row.bind(reference.value).run().next()) about.subject = row.integer(0);
  return about;
}

std::optional<Person> SealedRepository::personCalled(SqlConnection& sql, const Vault& vault,
                                                     const std::string& identifier) {
  SqlStatement row(sql,
                   "SELECT person_key, content, written FROM person"
                   " WHERE identifier_digest = ? AND retired IS NULL");
  if (!row.bind(identifierDigest(vault, identifier)).run().next()) return std::nullopt;
  return personAt(vault, row, 0);
}

bool SealedRepository::wasEnrolledHere(std::int64_t event) const {
  const std::scoped_lock lock(m_enrolling);
  return m_enrolments.contains(event);
}

Status SealedRepository::allowSupervisor(const char* what) const {
  const auto role = m_vault->account().role;
  if (role == Role::Supervisor || role == Role::Administrator) return ok();
  return Error{ErrorCode::OptionOutOfRange,
               std::string("Only a supervisor ") + what + "; the account \"" +
                   m_vault->account().name + "\" is of a " + std::string(roleName(role)) + ".",
               ""};
}

Status SealedRepository::allowConfirmed(const Author& author, const std::string& what) const {
  const auto mayConfirm = m_vault->confirmers();
  if (mayConfirm.empty()) return ok();
  if (author.confirmation && author.confirmation->account() != m_vault->account().name) return ok();
  std::string names;
  for (const auto& account : mayConfirm) names += (names.empty() ? "" : ", ") + account.name;
  return Error{ErrorCode::ConfirmationNeeded,
               what + ": this takes two, a second account has to confirm it (" + names + ").", ""};
}

std::int64_t SealedRepository::note(RowLedger& ledger, const Author& author,
                                    const std::string& action, const About& about) const {
  auto details = about.details;
  if (author.confirmation) details.emplace_back("confirmed by", author.confirmation->account());
  const auto sequence = rows(ledger).nextNumber("event");
  rows(ledger).addEvent(
      {sequence, m_clock(), author.name, action, about.subject, std::move(details), about.person});
  return sequence;
}

/// After a restore, the store may count from where it was, and the keys are further on.
std::int64_t SealedRepository::numberOfNewPerson(RowLedger& ledger) const {
  auto number = rows(ledger).nextNumber("person");
  while (m_vault->personState(number) != Vault::PersonState::Unknown)
    number = rows(ledger).nextNumber("person");
  return number;
}

std::optional<Person> SealedRepository::personOnFile(SqlConnection& sql, PersonKey key) const {
  SqlStatement row(sql,
                   "SELECT person_key, content, written FROM person"
                   " WHERE person_key = ? AND retired IS NULL");
  if (!row.bind(key.value).run().next()) return std::nullopt;
  return personAt(*m_vault, row, 0);
}

std::optional<Person> SealedRepository::personInStore(SqlConnection& sql, PersonKey key) const {
  if (m_vault->personState(key.value) != Vault::PersonState::Known) return std::nullopt;
  SqlStatement row(sql, "SELECT person_key, content, written FROM person WHERE person_key = ?");
  if (!row.bind(key.value).run().next()) return std::nullopt;
  return personAt(*m_vault, row, 0);
}

ProcessingGrounds SealedRepository::groundsOfNew(SqlConnection& sql,
                                                 const ProcessingGrounds& given) const {
  if (!given.isEmpty()) return given;
  const auto usual = usualGroundsIn(sql);
  return {usual.basis, usual.purpose,
          usual.months > 0 ? monthsLater(dayOf(m_clock()), usual.months) : ""};
}

Result<Enrolled> SealedRepository::enrol(const Enrolment& enrolment, const Author& author) {
  std::int64_t event = 0;
  std::optional<std::int64_t> added;
  const auto forgetAdded = [&] {
    if (added) m_vault->forgetPerson(*added);
    added.reset();
  };
  auto done = change([&](RowLedger& ledger) -> Result<Enrolled> {
    forgetAdded();  // of a try that was broken off
    auto& sql = ledger.sql();
    if (enrolment.identifier.empty())
      return Error{ErrorCode::OptionOutOfRange, "A person needs an identifier.", ""};
    if (auto status = checkGrounds(enrolment.grounds); !status) return status.error();
    if (auto status = refuseRepeats(sql, *m_vault, enrolment.references); !status)
      return status.error();
    Enrolled enrolled;
    const auto onFile = personCalled(sql, *m_vault, enrolment.identifier);
    enrolled.isNewPerson = !onFile;
    enrolled.person = onFile ? *onFile
                             : Person{{numberOfNewPerson(ledger)},
                                      enrolment.identifier,
                                      enrolment.name,
                                      groundsOfNew(sql, enrolment.grounds)};
    const auto person = enrolled.person.key;
    // First the key: without its person it does no harm, but not the other way round.
    if (enrolled.isNewPerson) {
      added = person.value;
      m_vault->addPerson(person.value);
    }
    event = note(ledger, author, "enrol",
                 {person.value,
                  {{"identifier", enrolment.identifier},
                   {"references", std::to_string(enrolment.references.size())}},
                  person});
    auto rows = this->rows(ledger);
    if (enrolled.isNewPerson) rows.addPerson(enrolled.person, {event, event, {}});
    for (const auto& reference : enrolment.references) {
      const ReferenceKey key{rows.nextNumber("reference")};
      rows.addReference(key, person, reference, {event, event, {}});
      for (const auto& made : reference.templates) rows.putTemplate(key, person, made, event);
      enrolled.references.push_back(key);
    }
    return enrolled;
  });
  forgetAdded();  // from here on it is read as any other
  if (done) {
    const std::scoped_lock lock(m_enrolling);
    m_enrolments.insert(event);
  }
  return done;
}

Status SealedRepository::retireReferences(const std::vector<ReferenceKey>& references,
                                          const Author& author) {
  return change([&](RowLedger& ledger) -> Status {
    auto& sql = ledger.sql();
    std::set<PersonKey> owners;
    bool isNew = true;
    for (const auto& reference : references) {
      SqlStatement row(sql,
                       "SELECT person_key, added FROM biometric_reference WHERE reference_key = ?");
      if (!row.bind(reference.value).run().next()) continue;
      owners.insert({row.integer(0)});
      isNew = isNew && wasEnrolledHere(row.integer(1));
    }
    for (const auto& reference : references) {
      const auto event =
          note(ledger, author, "remove reference", aboutReference(ledger, reference));
      auto status = mark(ledger, "biometric_reference", "reference_key", reference.value, event);
      if (!status) return status;
    }
    for (const auto& owner : owners) {
      SqlStatement left(sql,
                        "SELECT COUNT(*) FROM biometric_reference"
                        " WHERE person_key = ? AND retired IS NULL");
      if (isNew || !left.bind(owner.value).run().next() || left.integer(0) > 0) continue;
      auto status = allowConfirmed(author, "Removing all references of " + namesOf(sql, {owner}));
      if (!status) return status;
    }
    return ok();
  });
}

Status SealedRepository::restoreReferences(const std::vector<ReferenceKey>& references,
                                           const Author& author) {
  return change([&](RowLedger& ledger) -> Status {
    for (const auto& reference : references) {
      note(ledger, author, "bring reference back", aboutReference(ledger, reference));
      auto status = mark(ledger, "biometric_reference", "reference_key", reference.value, {});
      if (!status) return status;
    }
    return refuseTwins(ledger.sql());
  });
}

Status SealedRepository::retirePerson(PersonKey person, const Author& author) {
  return change([&](RowLedger& ledger) -> Status {
    // Whoever was enrolled a moment ago is taken back, not removed.
    SqlStatement row(ledger.sql(), "SELECT added FROM person WHERE person_key = ?");
    const bool isNew = row.bind(person.value).run().next() && wasEnrolledHere(row.integer(0));
    const auto known = personOnFile(ledger.sql(), person);
    if (!isNew)
      if (auto status = allowConfirmed(author, "Removing " + namesOf(ledger.sql(), {person}));
          !status)
        return status;
    const auto event =
        note(ledger, author, "retire person",
             {person.value, {{"identifier", known ? known->identifier : std::string()}}, person});
    return mark(ledger, "person", "person_key", person.value, event);
  });
}

Status SealedRepository::restorePerson(PersonKey person, const Author& author) {
  return change([&](RowLedger& ledger) { return bringBack(ledger, person, author); });
}

Status SealedRepository::bringBack(RowLedger& ledger, PersonKey person,
                                   const Author& author) const {
  auto& sql = ledger.sql();
  SqlStatement row(sql, "SELECT person_key, content, written FROM person WHERE person_key = ?");
  if (row.bind(person.value).run().next()) {
    const auto identifier = personAt(*m_vault, row, 0).identifier;
    if (personCalled(sql, *m_vault, identifier))
      return Error{ErrorCode::AlreadyEnrolled,
                   "Somebody else was enrolled with the identifier " + identifier + " meanwhile.",
                   ""};
  }
  note(ledger, author, "restore person", {person.value});
  if (auto status = mark(ledger, "person", "person_key", person.value, {}); !status) return status;
  return refuseTwins(sql);
}

Result<Merge> SealedRepository::mergePeople(PersonKey from, PersonKey into, const Author& author) {
  if (auto status = allowSupervisor("merges people"); !status) return status.error();
  return change([&](RowLedger& ledger) -> Result<Merge> {
    auto& sql = ledger.sql();
    if (from == into)
      return Error{ErrorCode::OptionOutOfRange, "A person cannot be merged with themselves.", ""};
    const auto gone = personOnFile(sql, from);
    const auto kept = personOnFile(sql, into);
    if (!gone || !kept) return Error{ErrorCode::NotFound, "This is not in the store any more.", ""};
    // A threshold that somebody set for a reason is not lost on the way.
    if (hasStricterThreshold(sql, *m_vault, from, into))
      return Error{ErrorCode::OptionOutOfRange,
                   "A threshold was set by hand for the one who would be merged away. Set it for "
                   "the other one, too, or take it away; then merge.",
                   ""};
    if (auto status = allowConfirmed(
            author, "Merging " + namesOf(sql, {from}) + " into " + namesOf(sql, {into}));
        !status)
      return status.error();
    const auto event =
        note(ledger, author, "merge person away",
             {from.value, {{"identifier", gone->identifier}, {"into", keyText(into.value)}}, from});
    const auto joined =
        note(ledger, author, "merge person in",
             {into.value, {{"identifier", kept->identifier}, {"from", keyText(from.value)}}, into});
    if (auto status = mark(ledger, "person", "person_key", from.value, event); !status)
      return status.error();
    Merge merge{from, into, {}};
    SqlStatement its(sql,
                     "SELECT reference_key FROM biometric_reference"
                     " WHERE person_key = ? AND retired IS NULL ORDER BY reference_key");
    its.bind(from.value).run();
    while (its.next()) merge.moved.push_back({its.integer(0)});
    for (const auto& reference : merge.moved) rows(ledger).handOver(reference, from, into, joined);
    return merge;
  });
}

Status SealedRepository::undoMerge(const Merge& merge, const Author& author) {
  return change([&](RowLedger& ledger) -> Status {
    if (auto status = bringBack(ledger, merge.from, author); !status) return status;
    const auto event = note(ledger, author, "undo merge",
                            {merge.into.value, {{"from", keyText(merge.from.value)}}, {}});
    for (const auto& reference : merge.moved)
      rows(ledger).handOver(reference, merge.into, merge.from, event);
    return ok();
  });
}

Error SealedRepository::conflict(SqlConnection& sql, const std::string& action, const About& about,
                                 const std::string& now) const {
  std::string query = "SELECT sequence, time_us, author, details FROM event WHERE action = ?";
  if (about.subject) query += " AND subject = ?";
  SqlStatement row(sql, query + " ORDER BY sequence DESC LIMIT 50");
  row.bind(action);
  if (about.subject) row.bind(*about.subject);
  row.run();
  std::string who = "Somebody";
  std::string when;
  while (row.next()) {
    // Of this network, where there are several.
    const auto known = detailsAt(*m_vault, row.integer(0), row, 3).details;
    const bool isIt = std::all_of(about.details.begin(), about.details.end(), [&](const auto& one) {
      return std::find(known.begin(), known.end(), one) != known.end();
    });
    if (!isIt) continue;
    const auto event = eventAt(*m_vault, row, 0);
    who = event.author;
    when = " (" + toIso8601(event.time) + ")";
    break;
  }
  return {ErrorCode::StoreConflict,
          who + " changed this meanwhile" + when + ": it is " + now +
              " by now. Yours was not saved; look at both, and save yours again if it is to be.",
          ""};
}

Status SealedRepository::renamePerson(PersonKey person, const std::string& name,
                                      const Author& author,
                                      const std::optional<std::string>& seen) {
  return change([&](RowLedger& ledger) -> Status {
    auto known = personOnFile(ledger.sql(), person);
    if (!known) return Error{ErrorCode::NotFound, "This is not in the store any more.", ""};
    if (seen && *seen != known->name && name != known->name)
      return conflict(ledger.sql(), "rename person", {person.value, {}, {}},
                      known->name.empty() ? "no name" : "\"" + known->name + "\"");
    const auto event = note(ledger, author, "rename person",
                            {person.value, {{"name", name}, {"before", known->name}}, person});
    known->name = name;
    rows(ledger).updatePerson(*known, event);
    return ok();
  });
}

Status SealedRepository::setGrounds(PersonKey person, const ProcessingGrounds& grounds,
                                    const Author& author,
                                    const std::optional<ProcessingGrounds>& seen) {
  if (auto status = checkGrounds(grounds); !status) return status;
  return change([&](RowLedger& ledger) -> Status {
    auto known = personOnFile(ledger.sql(), person);
    if (!known) return Error{ErrorCode::NotFound, "This is not in the store any more.", ""};
    if (seen && *seen != known->grounds && grounds != known->grounds)
      return conflict(ledger.sql(), "set grounds of person", {person.value, {}, {}},
                      groundsText(known->grounds));
    const auto event = note(ledger, author, "set grounds of person",
                            {person.value,
                             {{"basis", grounds.basis},
                              {"purpose", grounds.purpose},
                              {"retain until", grounds.retainUntil},
                              {"before", known->grounds.retainUntil}},
                             person});
    known->grounds = grounds;
    rows(ledger).updatePerson(*known, event);
    return ok();
  });
}

Status SealedRepository::setUsualGrounds(const UsualGrounds& grounds, const Author& author,
                                         const std::optional<UsualGrounds>& seen) {
  if (auto status = allowSupervisor("says why people are kept"); !status) return status;
  constexpr int kMostMonths = 1200;
  if (grounds.months < 0 || grounds.months > kMostMonths)
    return Error{ErrorCode::OptionOutOfRange, "People are kept for 0 to 1200 months.", ""};
  return change([&](RowLedger& ledger) -> Status {
    const auto known = usualGroundsIn(ledger.sql());
    if (seen && *seen != known && grounds != known)
      return conflict(ledger.sql(), "set usual grounds", {},
                      groundsText({known.basis, known.purpose, ""}) + ", for " +
                          std::to_string(known.months) + " months");
    note(ledger, author, "set usual grounds",
         {.details = {{"basis", grounds.basis},
                      {"purpose", grounds.purpose},
                      {"months", std::to_string(grounds.months)}}});
    rows(ledger).setEntry(kUsualGroundsEntry, usualGroundsText(grounds));
    return ok();
  });
}

Result<DecisionKey> SealedRepository::record(const NewDecision& decision, const Author& author) {
  return change([&](RowLedger& ledger) -> Result<DecisionKey> {
    const DecisionKey key{rows(ledger).nextNumber("decision")};
    AuditDetails details{{"recorded", findingText(decision.recorded)},
                         {"program", findingText(decision.finding)}};
    if (decision.score) details.emplace_back("score", numberText(*decision.score));
    details.emplace_back("threshold", numberText(decision.applied.rule.threshold.value));
    const auto event = note(ledger, author, "decide", {key.value, details, decision.person});
    rows(ledger).addDecision(key, decision, event);
    return key;
  });
}

Status SealedRepository::noteExport(const std::string& what, const std::vector<PersonKey>& people,
                                    const Author& author) {
  if (auto status = allowSupervisor("exports people"); !status) return status;
  return committed([&](RowLedger& ledger) -> Status {
    if (auto status = allowConfirmed(author, "Exporting " + namesOf(ledger.sql(), people)); !status)
      return status;
    note(ledger, author, what, {.details = {{"people", std::to_string(people.size())}}});
    for (const auto& person : people) note(ledger, author, what + ": person", {person.value});
    return ok();
  });
}

}  // namespace countersign
