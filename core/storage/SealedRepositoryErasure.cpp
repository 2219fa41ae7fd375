// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is deleted for good, and when.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "core/storage/internal/RowText.h"
#include "core/storage/internal/SealedRepository.h"

namespace countersign {

namespace {

void deleteRows(RowLedger& ledger, const RowsWhere& rows) {
  ledger.change(rows, [&] {
    SqlStatement statement(ledger.sql(), "DELETE FROM " + rows.table + " WHERE " + rows.where);
    for (const auto& value : rows.values)
      std::visit([&](const auto& v) { statement.bind(v); }, value);
    statement.run();
  });
}

int count(SqlConnection& sql, const char* query, PersonKey person) {
  SqlStatement row(sql, query);
  return row.bind(person.value).run().next() ? static_cast<int>(row.integer(0)) : 0;
}

Bytes nobodysDigest() {
  constexpr std::size_t kDigestBytes = 16;
  const auto random = Secret::random(kDigestBytes);
  return {random.bytes().begin(), random.bytes().end()};
}

constexpr std::string_view kReferencesOf =
    "reference_key IN (SELECT reference_key FROM biometric_reference WHERE person_key = ?)";

}  // namespace

/// A backup that was restored holds people who were erased since. Nobody can read them.
void SealedRepository::retireErased(RowLedger& ledger) const {
  for (const auto& person : erasedButThere(ledger.sql(), *m_vault)) {
    const auto event =
        note(ledger, {m_vault->account().name}, "retire erased person", {person.value, {}, {}});
    erase(ledger, person, event);
  }
}

void SealedRepository::purge(RowLedger& ledger) const {
  retireErased(ledger);
  const std::string gone =
      "reference_key IN (SELECT r.reference_key FROM biometric_reference r"
      " JOIN person p ON p.person_key = r.person_key"
      " WHERE (r.retired IS NOT NULL OR p.retired IS NOT NULL) AND r.reference_key NOT IN"
      " (SELECT reference_key FROM decision_reference))";
  for (const char* table : {"template", "reference_image", "biometric_reference"})
    deleteRows(ledger, {table, gone});
  deleteRows(ledger, {"person_threshold",
                      "person_key IN (SELECT person_key FROM person WHERE retired IS NOT NULL)"});
  const std::string left =
      "retired IS NOT NULL"
      " AND person_key NOT IN (SELECT person_key FROM biometric_reference)"
      " AND person_key NOT IN (SELECT person_key FROM decision WHERE person_key IS NOT NULL)";
  ledger.change({"erased_person", ""}, [&] {
    ledger.sql().run("INSERT INTO erased_person SELECT person_key FROM person WHERE " + left +
                     " AND person_key NOT IN (SELECT person_key FROM erased_person)");
  });
  deleteRows(ledger, {"person", left});
}

int SealedRepository::dropErasedKeys() const {
  // Nobody's row goes before their key did.
  const std::scoped_lock lock(m_erasing);
  std::vector<std::int64_t> people;
  {
    SqlStatement rows(connection(), "SELECT person_key FROM erased_person");
    rows.run();
    while (rows.next()) people.push_back(rows.integer(0));
  }
  if (people.empty()) return 0;
  m_vault->erasePeople(people);
  const auto done = committed([&](RowLedger& ledger) -> Status {
    for (const auto person : people)
      deleteRows(ledger, {"erased_person", "person_key = ?", {person}});
    return ok();
  });
  if (!done) throw SqlFailure(done.error().code, done.error().message, done.error().detail);
  return static_cast<int>(people.size());
}

ErasedPerson SealedRepository::erase(RowLedger& ledger, PersonKey person,
                                     std::int64_t event) const {
  auto& sql = ledger.sql();
  ErasedPerson erased{person, "", 0, 0};
  erased.references =
      count(sql, "SELECT COUNT(*) FROM biometric_reference WHERE person_key = ?", person);
  erased.decisions = count(sql, "SELECT COUNT(*) FROM decision WHERE person_key = ?", person);
  const std::string its(kReferencesOf);
  const auto key = person.value;
  deleteRows(ledger, {"template", its, {key}});
  deleteRows(ledger, {"reference_image", its, {key}});
  // A row that a decision names stays, and can be read by nobody.
  deleteRows(ledger, {"biometric_reference",
                      "person_key = ? AND reference_key NOT IN"
                      " (SELECT reference_key FROM decision_reference)",
                      {key}});
  // Digests would tell who it was to somebody who tries identifiers or images.
  ledger.change({"biometric_reference", "person_key = ?", {key}}, [&] {
    SqlStatement(sql,
                 "UPDATE biometric_reference SET retired = COALESCE(retired, ?), sample_digest = ?"
                 " WHERE person_key = ?")
        .bind(event)
        .bind(nobodysDigest())
        .bind(key)
        .run();
  });
  deleteRows(ledger, {"person_threshold", "person_key = ?", {key}});
  ledger.change({"person", "person_key = ?", {key}}, [&] {
    SqlStatement(sql,
                 "UPDATE person SET retired = COALESCE(retired, ?), identifier_digest = ?"
                 " WHERE person_key = ?")
        .bind(event)
        .bind(nobodysDigest())
        .bind(key)
        .run();
  });
  deleteRows(ledger, {"person",
                      "person_key = ?"
                      " AND person_key NOT IN (SELECT person_key FROM biometric_reference)"
                      " AND person_key NOT IN"
                      " (SELECT person_key FROM decision WHERE person_key IS NOT NULL)",
                      {key}});
  ledger.add({"erased_person", "person_key = ?", {key}},
             [&] { SqlStatement(sql, "INSERT INTO erased_person VALUES (?)").bind(key).run(); });
  return erased;
}

void SealedRepository::addMerged(SqlConnection& sql, PersonKey person,
                                 std::vector<PersonKey>& all) const {
  if (std::find(all.begin(), all.end(), person) != all.end()) return;
  all.push_back(person);
  std::vector<PersonKey> from;
  {
    SqlStatement rows(sql,
                      "SELECT sequence, details FROM event"
                      " WHERE action = 'merge person in' AND subject = ?");
    rows.bind(person.value).run();
    while (rows.next())
      for (const auto& [name, value] : detailsAt(*m_vault, rows.integer(0), rows, 1).details)
        if (name == "from" && value.starts_with('#'))
          from.push_back({std::atoll(value.c_str() + 1)});
  }
  for (const auto& other : from) {
    // Unless the merge was undone.
    SqlStatement row(sql, "SELECT 1 FROM person WHERE person_key = ? AND retired IS NOT NULL");
    if (row.bind(other.value).run().next() &&
        m_vault->personState(other.value) == Vault::PersonState::Known)
      addMerged(sql, other, all);
  }
}

std::string SealedRepository::namesOf(SqlConnection& sql,
                                      const std::vector<PersonKey>& people) const {
  constexpr std::size_t kMost = 3;
  std::string text;
  for (std::size_t i = 0; i < people.size() && i < kMost; ++i)
    if (const auto known = personInStore(sql, people[i]))
      text += (text.empty() ? "" : ", ") + known->identifier +
              (known->name.empty() ? "" : " " + known->name);
  if (people.size() > kMost) text += " and " + std::to_string(people.size() - kMost) + " more";
  return text;
}

Result<ErasureReceipt> SealedRepository::erasePeople(const std::vector<PersonKey>& people,
                                                     const Author& author) {
  if (auto status = allowSupervisor("erases people"); !status) return status.error();
  auto receipt = change([&](RowLedger& ledger) -> Result<ErasureReceipt> {
    auto& sql = ledger.sql();
    if (auto status = allowConfirmed(author, "Erasing " + namesOf(sql, people)); !status)
      return status.error();
    std::vector<PersonKey> all;
    for (const auto& person : people) addMerged(sql, person, all);
    ErasureReceipt made;
    made.store = m_vault->storeIdentity();
    if (author.confirmation) made.confirmedBy = author.confirmation->account();
    for (const auto& person : all) {
      const auto known = personInStore(sql, person);
      if (!known) return Error{ErrorCode::NotFound, "This is not in the store any more.", ""};
      // What is said here outlives the person, and so names nobody.
      const auto references =
          count(sql, "SELECT COUNT(*) FROM biometric_reference WHERE person_key = ?", person);
      const auto decisions =
          count(sql, "SELECT COUNT(*) FROM decision WHERE person_key = ?", person);
      const auto event = note(
          ledger, author, "erase person",
          {person.value,
           {{"references", std::to_string(references)}, {"decisions", std::to_string(decisions)}},
           {}});
      auto erased = erase(ledger, person, event);
      erased.identifier = known->identifier;
      made.people.push_back(std::move(erased));
      made.event = {event, m_clock(), author.name};
    }
    return made;
  });
  if (!receipt) return receipt;
  // The rows are gone. Where the file of keys cannot be written now, the next opening goes on.
  const auto gone = guarded([&]() -> Status {
    dropErasedKeys();
    return ok();
  });
  receipt->isKeyLeft = !gone;
  return receipt;
}

}  // namespace countersign
