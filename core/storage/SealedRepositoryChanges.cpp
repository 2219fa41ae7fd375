// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <map>

#include "core/storage/internal/RowText.h"
#include "core/storage/internal/SealedRepository.h"

namespace countersign {

namespace {

std::int64_t nextNumber(SqlConnection& sql, const char* counter) {
  SqlStatement(sql, "UPDATE counter SET value = value + 1 WHERE name = ?")
      .bind(std::string(counter))
      .run();
  SqlStatement row(sql, "SELECT value FROM counter WHERE name = ?");
  row.bind(std::string(counter)).run().next();
  return row.integer(0);
}

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
Status mark(SqlConnection& sql, const std::string& table, const std::string& keyColumn,
            std::int64_t key, std::optional<std::int64_t> event) {
  const std::string before = event ? "IS NULL" : "IS NOT NULL";
  SqlStatement found(
      sql, "SELECT COUNT(*) FROM " + table + " WHERE " + keyColumn + " = ? AND retired " + before);
  found.bind(key).run().next();
  if (found.integer(0) != 1)
    return Error{ErrorCode::NotFound,
                 event ? "This is not in the store any more." : "This cannot be restored any more.",
                 ""};
  SqlStatement(sql, "UPDATE " + table + " SET retired = ? WHERE " + keyColumn + " = ?")
      .bind(event)
      .bind(key)
      .run();
  return ok();
}

Result<NetworkInService> networkCalled(SqlConnection& sql, const Vault& vault,
                                       const std::string& network) {
  SqlStatement row(sql, "SELECT identity, content, written FROM network WHERE identity = ?");
  if (row.bind(network).run().next()) return networkAt(vault, row, 0);
  return Error{ErrorCode::NotFound, "This network was never in service here.", ""};
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

}  // namespace

std::optional<Person> SealedRepository::personCalled(SqlConnection& sql, const Vault& vault,
                                                     const std::string& identifier) {
  SqlStatement row(sql,
                   "SELECT person_key, content, written FROM person"
                   " WHERE identifier_digest = ? AND retired IS NULL");
  if (!row.bind(identifierDigest(vault, identifier)).run().next()) return std::nullopt;
  return personAt(vault, row, 0);
}

Status SealedRepository::allowSupervisor(const char* what) const {
  const auto role = m_vault->account().role;
  if (role == Role::Supervisor || role == Role::Administrator) return ok();
  return Error{ErrorCode::OptionOutOfRange,
               std::string("Only a supervisor ") + what + "; the account \"" +
                   m_vault->account().name + "\" is of a " + std::string(roleName(role)) + ".",
               ""};
}

std::int64_t SealedRepository::note(SqlConnection& sql, const Author& author,
                                    const std::string& action,
                                    std::optional<std::int64_t> subject) const {
  const auto sequence = nextNumber(sql, "event");
  rows(sql).addEvent({sequence, m_clock(), author.name, action, subject});
  return sequence;
}

/// After a restore, the store may count from where it was, and the keys are further on.
std::int64_t SealedRepository::numberOfNewPerson(SqlConnection& sql) const {
  auto number = nextNumber(sql, "person");
  while (m_vault->personState(number) != Vault::PersonState::Unknown)
    number = nextNumber(sql, "person");
  return number;
}

/// A backup that was restored holds people who were erased since. Nobody can read them.
void SealedRepository::retireErased(SqlConnection& sql) const {
  std::vector<std::int64_t> people;
  SqlStatement row(sql, "SELECT person_key FROM person WHERE retired IS NULL");
  row.run();
  while (row.next())
    if (m_vault->personState(row.integer(0)) == Vault::PersonState::Erased)
      people.push_back(row.integer(0));
  for (const auto person : people)
    SqlStatement(sql, "UPDATE person SET retired = ? WHERE person_key = ?")
        .bind(note(sql, {m_vault->account().name}, "retire erased person", person))
        .bind(person)
        .run();
}

void SealedRepository::purge(SqlConnection& sql) const {
  retireErased(sql);
  const std::string gone =
      "(SELECT r.reference_key FROM biometric_reference r"
      " JOIN person p ON p.person_key = r.person_key"
      " WHERE (r.retired IS NOT NULL OR p.retired IS NOT NULL) AND r.reference_key NOT IN"
      " (SELECT reference_key FROM decision_reference))";
  for (const char* table : {"template", "reference_image", "biometric_reference"})
    sql.run(std::string("DELETE FROM ") + table + " WHERE reference_key IN " + gone);
  sql.run(
      "DELETE FROM person_threshold WHERE person_key IN"
      " (SELECT person_key FROM person WHERE retired IS NOT NULL)");
  const std::string left =
      " retired IS NOT NULL"
      " AND person_key NOT IN (SELECT person_key FROM biometric_reference)"
      " AND person_key NOT IN (SELECT person_key FROM decision WHERE person_key IS NOT NULL)";
  sql.run("INSERT INTO erased_person SELECT person_key FROM person WHERE" + left);
  sql.run("DELETE FROM person WHERE" + left);
}

void SealedRepository::dropErasedKeys(SqlConnection& sql) const {
  std::vector<std::int64_t> people;
  SqlStatement rows(sql, "SELECT person_key FROM erased_person");
  rows.run();
  while (rows.next()) people.push_back(rows.integer(0));
  if (people.empty()) return;
  m_vault->erasePeople(people);
  SqlTransaction transaction(sql);
  sql.run("DELETE FROM erased_person");
  transaction.commit();
}

Result<Enrolled> SealedRepository::enrol(const Enrolment& enrolment, const Author& author) {
  return change([&](SqlConnection& sql) -> Result<Enrolled> {
    if (enrolment.identifier.empty())
      return Error{ErrorCode::OptionOutOfRange, "A person needs an identifier.", ""};
    if (auto status = refuseRepeats(sql, *m_vault, enrolment.references); !status)
      return status.error();
    Enrolled enrolled;
    const auto onFile = personCalled(sql, *m_vault, enrolment.identifier);
    enrolled.isNewPerson = !onFile;
    enrolled.person =
        onFile ? *onFile : Person{{numberOfNewPerson(sql)}, enrolment.identifier, enrolment.name};
    const auto person = enrolled.person.key;
    // First the key: without its person it does no harm, but not the other way round.
    if (enrolled.isNewPerson) m_vault->addPerson(person.value);
    const auto event = note(sql, author, "enrol", person.value);
    auto rows = this->rows(sql);
    if (enrolled.isNewPerson) rows.addPerson(enrolled.person, {event, event, {}});
    for (const auto& reference : enrolment.references) {
      const ReferenceKey key{nextNumber(sql, "reference")};
      rows.addReference(key, person, reference, {event, event, {}});
      for (const auto& made : reference.templates) rows.putTemplate(key, person, made, event);
      enrolled.references.push_back(key);
    }
    return enrolled;
  });
}

Status SealedRepository::retireReferences(const std::vector<ReferenceKey>& references,
                                          const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    for (const auto& reference : references) {
      const auto event = note(sql, author, "retire reference", reference.value);
      auto status = mark(sql, "biometric_reference", "reference_key", reference.value, event);
      if (!status) return status;
    }
    return ok();
  });
}

Status SealedRepository::restoreReferences(const std::vector<ReferenceKey>& references,
                                           const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    for (const auto& reference : references) {
      note(sql, author, "restore reference", reference.value);
      auto status = mark(sql, "biometric_reference", "reference_key", reference.value, {});
      if (!status) return status;
    }
    return refuseTwins(sql);
  });
}

Status SealedRepository::retirePerson(PersonKey person, const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    const auto event = note(sql, author, "retire person", person.value);
    return mark(sql, "person", "person_key", person.value, event);
  });
}

Status SealedRepository::restorePerson(PersonKey person, const Author& author) {
  return change([&](SqlConnection& sql) { return bringBack(sql, person, author); });
}

Status SealedRepository::bringBack(SqlConnection& sql, PersonKey person,
                                   const Author& author) const {
  SqlStatement row(sql, "SELECT person_key, content, written FROM person WHERE person_key = ?");
  if (row.bind(person.value).run().next()) {
    const auto identifier = personAt(*m_vault, row, 0).identifier;
    if (personCalled(sql, *m_vault, identifier))
      return Error{ErrorCode::AlreadyEnrolled,
                   "Somebody else was enrolled with the identifier " + identifier + " meanwhile.",
                   ""};
  }
  note(sql, author, "restore person", person.value);
  if (auto status = mark(sql, "person", "person_key", person.value, {}); !status) return status;
  return refuseTwins(sql);
}

Result<Merge> SealedRepository::mergePeople(PersonKey from, PersonKey into, const Author& author) {
  if (auto status = allowSupervisor("merges people"); !status) return status.error();
  return change([&](SqlConnection& sql) -> Result<Merge> {
    if (from == into)
      return Error{ErrorCode::OptionOutOfRange, "A person cannot be merged with themselves.", ""};
    SqlStatement known(sql, "SELECT COUNT(*) FROM person WHERE person_key = ? AND retired IS NULL");
    known.bind(into.value).run().next();
    if (known.integer(0) != 1)
      return Error{ErrorCode::NotFound, "This is not in the store any more.", ""};
    // A threshold that somebody set for a reason is not lost on the way.
    if (hasStricterThreshold(sql, *m_vault, from, into))
      return Error{ErrorCode::OptionOutOfRange,
                   "A threshold was set by hand for the one who would be merged away. Set it for "
                   "the other one, too, or take it away; then merge.",
                   ""};
    const auto event = note(sql, author, "merge person away", from.value);
    const auto joined = note(sql, author, "merge person in", into.value);
    if (auto status = mark(sql, "person", "person_key", from.value, event); !status)
      return status.error();
    Merge merge{from, into, {}};
    SqlStatement its(sql,
                     "SELECT reference_key FROM biometric_reference"
                     " WHERE person_key = ? AND retired IS NULL ORDER BY reference_key");
    its.bind(from.value).run();
    while (its.next()) merge.moved.push_back({its.integer(0)});
    for (const auto& reference : merge.moved) rows(sql).handOver(reference, from, into, joined);
    return merge;
  });
}

Status SealedRepository::undoMerge(const Merge& merge, const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    if (auto status = bringBack(sql, merge.from, author); !status) return status;
    const auto event = note(sql, author, "undo merge", merge.into.value);
    for (const auto& reference : merge.moved)
      rows(sql).handOver(reference, merge.into, merge.from, event);
    return ok();
  });
}

Status SealedRepository::renamePerson(PersonKey person, const std::string& name,
                                      const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    rows(sql).rename(person, name, note(sql, author, "rename person", person.value));
    return ok();
  });
}

Result<DecisionKey> SealedRepository::record(const NewDecision& decision, const Author& author) {
  return change([&](SqlConnection& sql) -> Result<DecisionKey> {
    const DecisionKey key{nextNumber(sql, "decision")};
    const auto event = note(sql, author, "decide", key.value);
    rows(sql).addDecision(key, decision, event);
    return key;
  });
}

Status SealedRepository::setRule(const std::string& network, const DecisionRule& rule,
                                 const Author& author) {
  if (auto status = allowSupervisor("sets thresholds"); !status) return status;
  return change([&](SqlConnection& sql) -> Status {
    const auto known = networkCalled(sql, *m_vault, network);
    if (!known) return known.error();
    rows(sql).putNetwork(network, rule, known->policy, note(sql, author, "set threshold", {}));
    return ok();
  });
}

Status SealedRepository::setPolicy(const std::string& network, const DecisionPolicy& policy,
                                   const Author& author) {
  if (auto status = allowSupervisor("sets policies"); !status) return status;
  return change([&](SqlConnection& sql) -> Status {
    const auto known = networkCalled(sql, *m_vault, network);
    if (!known) return known.error();
    rows(sql).putNetwork(network, known->rule, policy, note(sql, author, "set policy", {}));
    return ok();
  });
}

Status SealedRepository::setPersonThreshold(PersonKey person, const std::string& network,
                                            const std::optional<PersonThreshold>& threshold,
                                            const Author& author) {
  if (auto status = allowSupervisor("sets thresholds"); !status) return status;
  return change([&](SqlConnection& sql) -> Status {
    if (const auto known = networkCalled(sql, *m_vault, network); !known) return known.error();
    SqlStatement known(sql, "SELECT COUNT(*) FROM person WHERE person_key = ? AND retired IS NULL");
    known.bind(person.value).run().next();
    if (known.integer(0) != 1)
      return Error{ErrorCode::NotFound, "This is not in the store any more.", ""};
    if (threshold && threshold->reason.empty())
      return Error{ErrorCode::OptionOutOfRange,
                   "Say why this person needs a threshold of their own.", ""};
    const auto event =
        note(sql, author, threshold ? "set threshold of person" : "clear threshold of person",
             person.value);
    SqlStatement(sql, "DELETE FROM person_threshold WHERE person_key = ? AND network = ?")
        .bind(person.value)
        .bind(network)
        .run();
    if (threshold)
      rows(sql).addPersonThreshold(person, network, threshold->threshold, threshold->reason, event);
    return ok();
  });
}

Status SealedRepository::setOwnEvidence(const std::string& network,
                                        const std::optional<OwnEvidence>& evidence,
                                        const Author& author) {
  if (auto status = allowSupervisor("chooses what scores are weighed by"); !status) return status;
  return change([&](SqlConnection& sql) -> Status {
    if (const auto known = networkCalled(sql, *m_vault, network); !known) return known.error();
    const auto event = note(sql, author, evidence ? "weigh by own people" : "weigh by card", {});
    SqlStatement(sql, "DELETE FROM own_evidence WHERE network = ?").bind(network).run();
    if (evidence) rows(sql).addOwnEvidence(network, *evidence, event);
    return ok();
  });
}

Status SealedRepository::addTemplates(
    const std::vector<std::pair<ReferenceKey, Template>>& templates, const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    const auto event = note(sql, author, "embed references", {});
    for (const auto& [reference, made] : templates) {
      SqlStatement row(sql, "SELECT person_key FROM biometric_reference WHERE reference_key = ?");
      // Gone meanwhile: then nobody wants its template either.
      if (!row.bind(reference.value).run().next()) continue;
      rows(sql).putTemplate(reference, {row.integer(0)}, made, event);
    }
    return ok();
  });
}

/// What a new network takes over from the one before: the share of blind checks, and how far
/// amounts may go without a person's decision. The thresholds of the amounts were on another scale:
/// up to the first limit the new network's own holds, and what lies above is referred until
/// somebody sets them.
DecisionPolicy SealedRepository::policyAfter(SqlConnection& sql, Modality modality,
                                             const DecisionRule& initial) const {
  DecisionPolicy policy;
  SqlStatement row(sql, "SELECT content FROM store_info WHERE name = ?");
  if (!row.bind(serviceEntry(modality)).run().next()) return policy;
  const auto before = networkCalled(sql, *m_vault, row.text(0));
  if (!before) return policy;
  policy.blindShare = before->policy.blindShare;
  const auto& amounts = before->policy.amounts;
  if (!amounts.empty() && std::isfinite(amounts.front().upTo))
    policy.amounts = {{amounts.front().upTo, initial.threshold}};
  return policy;
}

Status SealedRepository::putIntoService(Modality modality, const std::string& network,
                                        const DecisionRule& initial, const Author& author) {
  if (networkInService(modality)) {
    if (auto status = allowSupervisor("changes networks"); !status) return status;
  }
  return change([&](SqlConnection& sql) -> Status {
    if (const int missing = countWithoutTemplate(sql, modality, network); missing > 0)
      return Error{
          ErrorCode::NetworkIncompatible,
          std::to_string(missing) + " references have not been embedded by this network yet.", ""};
    const auto event = note(sql, author, "put network into service", {});
    const auto entry = serviceEntry(modality);
    if (!networkCalled(sql, *m_vault, network))
      rows(sql).putNetwork(network, initial, policyAfter(sql, modality, initial), event);
    SqlStatement(sql, "DELETE FROM store_info WHERE name = ?").bind(entry).run();
    SqlStatement(sql, "INSERT INTO store_info VALUES (?, ?)").bind(entry).bind(network).run();
    return ok();
  });
}

}  // namespace countersign
