// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is deleted for good, and when.
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

constexpr std::string_view kReferencesOf =
    "reference_key IN (SELECT reference_key FROM biometric_reference WHERE person_key = ?)";

}  // namespace

/// A backup that was restored holds people who were erased since. Nobody can read them.
void SealedRepository::retireErased(RowLedger& ledger) const {
  std::vector<std::int64_t> people;
  SqlStatement row(ledger.sql(), "SELECT person_key FROM person WHERE retired IS NULL");
  row.run();
  while (row.next())
    if (m_vault->personState(row.integer(0)) == Vault::PersonState::Erased)
      people.push_back(row.integer(0));
  for (const auto person : people) {
    const auto event = note(ledger, {m_vault->account().name}, "retire erased person", {person});
    ledger.change({"person", "person_key = ?", {person}}, [&] {
      SqlStatement(ledger.sql(), "UPDATE person SET retired = ? WHERE person_key = ?")
          .bind(event)
          .bind(person)
          .run();
    });
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

void SealedRepository::dropErasedKeys() const {
  std::vector<std::int64_t> people;
  {
    SqlStatement rows(connection(), "SELECT person_key FROM erased_person");
    rows.run();
    while (rows.next()) people.push_back(rows.integer(0));
  }
  if (people.empty()) return;
  m_vault->erasePeople(people);
  const auto done = committed([&](RowLedger& ledger) -> Status {
    deleteRows(ledger, {"erased_person", "person_key > ?", {std::int64_t{0}}});
    return ok();
  });
  if (!done) throw SqlFailure(done.error().code, done.error().message, done.error().detail);
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
  ledger.change({"biometric_reference", "person_key = ?", {key}}, [&] {
    SqlStatement(sql,
                 "UPDATE biometric_reference SET retired = ?"
                 " WHERE person_key = ? AND retired IS NULL")
        .bind(event)
        .bind(key)
        .run();
  });
  deleteRows(ledger, {"person_threshold", "person_key = ?", {key}});
  ledger.change({"person", "person_key = ?", {key}}, [&] {
    SqlStatement(sql, "UPDATE person SET retired = ? WHERE person_key = ? AND retired IS NULL")
        .bind(event)
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

Result<ErasureReceipt> SealedRepository::erasePeople(const std::vector<PersonKey>& people,
                                                     const Author& author) {
  if (auto status = allowSupervisor("erases people"); !status) return status.error();
  auto receipt = change([&](RowLedger& ledger) -> Result<ErasureReceipt> {
    if (auto status = allowConfirmed(author, "Erasing people"); !status) return status.error();
    ErasureReceipt made;
    made.store = m_vault->storeIdentity();
    if (author.confirmation) made.confirmedBy = author.confirmation->account();
    for (const auto& person : people) {
      const auto known = personOnFile(ledger.sql(), person);
      if (!known) return Error{ErrorCode::NotFound, "This is not in the store any more.", ""};
      // What is said here outlives the person, and so names nobody.
      const auto event = note(ledger, author, "erase person", {person.value});
      auto erased = erase(ledger, person, event);
      erased.identifier = known->identifier;
      made.people.push_back(std::move(erased));
      made.event = {event, m_clock(), author.name};
    }
    return made;
  });
  if (!receipt) return receipt;
  // Broken off here, the next opening goes on.
  auto gone = guarded([&]() -> Status {
    dropErasedKeys();
    return ok();
  });
  if (!gone) return gone.error();
  return receipt;
}

}  // namespace countersign
