// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cmath>

#include "core/storage/internal/RowText.h"
#include "core/storage/internal/SqlRepository.h"

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

void addTemplate(SqlConnection& sql, ReferenceKey reference, const Template& made) {
  // One that is there already was made by a run that was broken off, or by another thread.
  SqlStatement(sql, "DELETE FROM template WHERE reference_key = ? AND network = ? AND kind = ?")
      .bind(reference.value)
      .bind(made.network)
      .bind(made.kind)
      .run();
  SqlStatement(sql, "INSERT INTO template VALUES (?, ?, ?, ?)")
      .bind(reference.value)
      .bind(made.network)
      .bind(made.kind)
      .bind(made.content)
      .run();
}

ReferenceKey addReference(SqlConnection& sql, PersonKey person, const NewReference& reference,
                          std::int64_t event) {
  const ReferenceKey key{nextNumber(sql, "reference")};
  const auto& image = reference.image;
  SqlStatement(sql,
               "INSERT INTO biometric_reference (reference_key, person_key, modality, source_name,"
               " source_hash, region, input_kind, dots_per_inch, quality, added)"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(key.value)
      .bind(person.value)
      .bind(std::string(modalityName(reference.modality)))
      .bind(image.sourceName)
      .bind(image.sourceHash)
      .bind(regionText(image.region))
      .bind(inputKindText(image.kind))
      .bind(image.dotsPerInch)
      .bind(image.quality)
      .bind(event)
      .run();
  SqlStatement(sql, "INSERT INTO reference_image VALUES (?, ?, ?)")
      .bind(key.value)
      .bind(image.original)
      .bind(image.normalised)
      .run();
  for (const auto& made : reference.templates) addTemplate(sql, key, made);
  return key;
}

/// Who is on file with an image.
struct ImageOwner {
  std::string sample;  ///< sampleIdentity().
  std::string identifier;
  std::string name;
};

/// Equal for samples that would be the same reference. One photo may show several people.
std::string sampleIdentity(const std::string& modality, const std::string& hash,
                           const std::string& region) {
  return modality + hash + (modality == modalityName(Modality::Face) ? region : "");
}

std::vector<ImageOwner> imagesOnFile(SqlConnection& sql) {
  SqlStatement rows(sql,
                    "SELECT r.modality, r.source_hash, r.region, p.identifier, p.name"
                    " FROM biometric_reference r"
                    " JOIN person p ON p.person_key = r.person_key"
                    " WHERE r.retired IS NULL AND p.retired IS NULL");
  rows.run();
  std::vector<ImageOwner> all;
  while (rows.next())
    all.push_back(
        {sampleIdentity(rows.text(0), rows.text(1), rows.text(2)), rows.text(3), rows.text(4)});
  return all;
}

std::optional<Person> personCalled(SqlConnection& sql, const std::string& identifier) {
  SqlStatement rows(sql, "SELECT person_key, identifier, name FROM person WHERE retired IS NULL");
  rows.run();
  while (rows.next()) {
    if (rows.text(1) == identifier) return Person{{rows.integer(0)}, identifier, rows.text(2)};
  }
  return std::nullopt;
}

Status refuseRepeats(SqlConnection& sql, const std::vector<NewReference>& references) {
  auto onFile = imagesOnFile(sql);
  for (const auto& reference : references) {
    const auto& image = reference.image;
    const auto sample = sampleIdentity(std::string(modalityName(reference.modality)),
                                       image.sourceHash, regionText(image.region));
    const auto same = std::find_if(onFile.begin(), onFile.end(),
                                   [&](const ImageOwner& owner) { return owner.sample == sample; });
    if (same != onFile.end()) {
      const auto whose = same->identifier.empty()
                             ? std::string("is among the images twice")
                             : "is on file already, as a reference of " + same->identifier +
                                   (same->name.empty() ? "" : " " + same->name);
      return Error{ErrorCode::AlreadyEnrolled,
                   "The image " + image.sourceName + " " + whose + "; nothing was saved.", ""};
    }
    onFile.push_back({sample, "", ""});
  }
  return ok();
}

/// After a restoration: an image may have been enrolled again meanwhile.
Status refuseTwins(SqlConnection& sql) {
  auto onFile = imagesOnFile(sql);
  std::sort(onFile.begin(), onFile.end(),
            [](const auto& a, const auto& b) { return a.sample < b.sample; });
  const auto twin =
      std::adjacent_find(onFile.begin(), onFile.end(),
                         [](const auto& a, const auto& b) { return a.sample == b.sample; });
  if (twin == onFile.end()) return ok();
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

Status refuseUnknown(SqlConnection& sql, const std::string& network) {
  SqlStatement known(sql, "SELECT COUNT(*) FROM network WHERE identity = ?");
  known.bind(network).run().next();
  if (known.integer(0) == 1) return ok();
  return Error{ErrorCode::NotFound, "This network was never in service here.", ""};
}

/// Does nothing when the reference is not `from`'s.
void handOver(SqlConnection& sql, ReferenceKey reference, PersonKey from, PersonKey into) {
  SqlStatement(
      sql,
      "UPDATE biometric_reference SET person_key = ? WHERE reference_key = ? AND person_key = ?")
      .bind(into.value)
      .bind(reference.value)
      .bind(from.value)
      .run();
}

}  // namespace

std::int64_t SqlRepository::note(SqlConnection& sql, const Author& author,
                                 const std::string& action,
                                 std::optional<std::int64_t> subject) const {
  const auto sequence = nextNumber(sql, "event");
  SqlStatement(sql, "INSERT INTO event VALUES (?, ?, ?, ?, ?)")
      .bind(sequence)
      .bind(m_clock().microseconds)
      .bind(author.name)
      .bind(action)
      .bind(subject)
      .run();
  return sequence;
}

void SqlRepository::purge(SqlConnection& sql) const {
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
  sql.run(
      "DELETE FROM person WHERE retired IS NOT NULL"
      " AND person_key NOT IN (SELECT person_key FROM biometric_reference)"
      " AND person_key NOT IN (SELECT person_key FROM decision WHERE person_key IS NOT NULL)");
}

Result<Enrolled> SqlRepository::enrol(const Enrolment& enrolment, const Author& author) {
  return change([&](SqlConnection& sql) -> Result<Enrolled> {
    if (enrolment.identifier.empty())
      return Error{ErrorCode::OptionOutOfRange, "A person needs an identifier.", ""};
    if (auto status = refuseRepeats(sql, enrolment.references); !status) return status.error();
    Enrolled enrolled;
    const auto onFile = personCalled(sql, enrolment.identifier);
    enrolled.isNewPerson = !onFile;
    enrolled.person =
        onFile ? *onFile
               : Person{{nextNumber(sql, "person")}, enrolment.identifier, enrolment.name};
    const auto event = note(sql, author, "enrol", enrolled.person.key.value);
    if (enrolled.isNewPerson)
      SqlStatement(sql,
                   "INSERT INTO person (person_key, identifier, name, added) VALUES (?, ?, ?, ?)")
          .bind(enrolled.person.key.value)
          .bind(enrolled.person.identifier)
          .bind(enrolled.person.name)
          .bind(event)
          .run();
    for (const auto& reference : enrolment.references)
      enrolled.references.push_back(addReference(sql, enrolled.person.key, reference, event));
    return enrolled;
  });
}

Status SqlRepository::retireReferences(const std::vector<ReferenceKey>& references,
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

Status SqlRepository::restoreReferences(const std::vector<ReferenceKey>& references,
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

Status SqlRepository::retirePerson(PersonKey person, const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    const auto event = note(sql, author, "retire person", person.value);
    return mark(sql, "person", "person_key", person.value, event);
  });
}

Status SqlRepository::restorePerson(PersonKey person, const Author& author) {
  return change([&](SqlConnection& sql) { return bringBack(sql, person, author); });
}

Status SqlRepository::bringBack(SqlConnection& sql, PersonKey person, const Author& author) const {
  SqlStatement row(sql, "SELECT identifier FROM person WHERE person_key = ?");
  if (row.bind(person.value).run().next() && personCalled(sql, row.text(0)))
    return Error{ErrorCode::AlreadyEnrolled,
                 "Somebody else was enrolled with the identifier " + row.text(0) + " meanwhile.",
                 ""};
  note(sql, author, "restore person", person.value);
  if (auto status = mark(sql, "person", "person_key", person.value, {}); !status) return status;
  return refuseTwins(sql);
}

Result<Merge> SqlRepository::mergePeople(PersonKey from, PersonKey into, const Author& author) {
  return change([&](SqlConnection& sql) -> Result<Merge> {
    if (from == into)
      return Error{ErrorCode::OptionOutOfRange, "A person cannot be merged with themselves.", ""};
    SqlStatement known(sql, "SELECT COUNT(*) FROM person WHERE person_key = ? AND retired IS NULL");
    known.bind(into.value).run().next();
    if (known.integer(0) != 1)
      return Error{ErrorCode::NotFound, "This is not in the store any more.", ""};
    // A threshold that somebody set for a reason is not lost on the way.
    SqlStatement stricter(sql,
                          "SELECT f.threshold FROM person_threshold f WHERE f.person_key = ?"
                          " AND NOT EXISTS (SELECT 1 FROM person_threshold t"
                          " WHERE t.person_key = ? AND t.network = f.network"
                          " AND t.threshold >= f.threshold)");
    if (stricter.bind(from.value).bind(into.value).run().next())
      return Error{ErrorCode::OptionOutOfRange,
                   "A threshold was set by hand for the one who would be merged away. Set it for "
                   "the other one, too, or take it away; then merge.",
                   ""};
    const auto event = note(sql, author, "merge person away", from.value);
    note(sql, author, "merge person in", into.value);
    if (auto status = mark(sql, "person", "person_key", from.value, event); !status)
      return status.error();
    Merge merge{from, into, {}};
    SqlStatement its(sql,
                     "SELECT reference_key FROM biometric_reference"
                     " WHERE person_key = ? AND retired IS NULL ORDER BY reference_key");
    its.bind(from.value).run();
    while (its.next()) merge.moved.push_back({its.integer(0)});
    for (const auto& reference : merge.moved) handOver(sql, reference, from, into);
    return merge;
  });
}

Status SqlRepository::undoMerge(const Merge& merge, const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    if (auto status = bringBack(sql, merge.from, author); !status) return status;
    note(sql, author, "undo merge", merge.into.value);
    for (const auto& reference : merge.moved) handOver(sql, reference, merge.into, merge.from);
    return ok();
  });
}

Status SqlRepository::renamePerson(PersonKey person, const std::string& name,
                                   const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    note(sql, author, "rename person", person.value);
    SqlStatement(sql, "UPDATE person SET name = ? WHERE person_key = ?")
        .bind(name)
        .bind(person.value)
        .run();
    return ok();
  });
}

Result<DecisionKey> SqlRepository::record(const NewDecision& decision, const Author& author) {
  return change([&](SqlConnection& sql) -> Result<DecisionKey> {
    const DecisionKey key{nextNumber(sql, "decision")};
    const auto event = note(sql, author, "decide", key.value);
    SqlStatement(sql,
                 "INSERT INTO decision (decision_key, event, person_key, is_identification,"
                 " modality, network, threshold, band, fused_references, score, finding, recorded,"
                 " note, amount, always_refer, threshold_source, blind)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(key.value)
        .bind(event)
        .bind(decision.person ? std::optional(decision.person->value) : std::nullopt)
        .bind(std::int64_t{decision.isIdentification ? 1 : 0})
        .bind(std::string(modalityName(decision.modality)))
        .bind(decision.network)
        .bind(decision.applied.rule.threshold.value)
        .bind(decision.applied.rule.band)
        .bind(std::int64_t{decision.fusedReferences})
        .bind(decision.score)
        .bind(findingText(decision.finding))
        .bind(findingText(decision.recorded))
        .bind(decision.note)
        .bind(decision.applied.amount)
        .bind(std::int64_t{decision.applied.isAlwaysReferred ? 1 : 0})
        .bind(sourceText(decision.applied.source))
        .bind(decision.blind ? std::optional(findingText(*decision.blind)) : std::nullopt)
        .run();
    const auto& probe = decision.probe;
    SqlStatement(sql, "INSERT INTO decision_probe VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(key.value)
        .bind(probe.original)
        .bind(probe.sourceName)
        .bind(probe.sourceHash)
        .bind(regionText(probe.region))
        .bind(inputKindText(probe.kind))
        .bind(probe.dotsPerInch)
        .bind(probe.quality)
        .bind(probe.normalised)
        .bind(decision.embedding)
        .run();
    std::int64_t position = 0;
    for (const auto& reference : decision.references)
      SqlStatement(sql, "INSERT INTO decision_reference VALUES (?, ?, ?, ?, ?)")
          .bind(key.value)
          .bind(position++)
          .bind(reference.reference.value)
          .bind(reference.embedding)
          .bind(reference.score)
          .run();
    return key;
  });
}

Status SqlRepository::setRule(const std::string& network, const DecisionRule& rule,
                              const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    if (auto status = refuseUnknown(sql, network); !status) return status;
    note(sql, author, "set threshold", {});
    SqlStatement(sql, "UPDATE network SET threshold = ?, band = ? WHERE identity = ?")
        .bind(rule.threshold.value)
        .bind(rule.band)
        .bind(network)
        .run();
    return ok();
  });
}

Status SqlRepository::setPolicy(const std::string& network, const DecisionPolicy& policy,
                                const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    if (auto status = refuseUnknown(sql, network); !status) return status;
    note(sql, author, "set policy", {});
    SqlStatement(sql, "UPDATE network SET is_individual = ?, blind_share = ? WHERE identity = ?")
        .bind(std::int64_t{policy.isIndividual ? 1 : 0})
        .bind(policy.blindShare)
        .bind(network)
        .run();
    SqlStatement(sql, "DELETE FROM amount_band WHERE network = ?").bind(network).run();
    std::int64_t position = 0;
    for (const auto& band : policy.amounts)
      SqlStatement(sql, "INSERT INTO amount_band VALUES (?, ?, ?, ?)")
          .bind(network)
          .bind(position++)
          .bind(std::isfinite(band.upTo) ? std::optional(band.upTo) : std::nullopt)
          .bind(band.threshold.value)
          .run();
    return ok();
  });
}

Status SqlRepository::setPersonThreshold(PersonKey person, const std::string& network,
                                         const std::optional<PersonThreshold>& threshold,
                                         const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    if (auto status = refuseUnknown(sql, network); !status) return status;
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
      SqlStatement(sql, "INSERT INTO person_threshold VALUES (?, ?, ?, ?, ?)")
          .bind(person.value)
          .bind(network)
          .bind(threshold->threshold.value)
          .bind(threshold->reason)
          .bind(event)
          .run();
    return ok();
  });
}

Status SqlRepository::setOwnEvidence(const std::string& network,
                                     const std::optional<OwnEvidence>& evidence,
                                     const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    if (auto status = refuseUnknown(sql, network); !status) return status;
    const auto event = note(sql, author, evidence ? "weigh by own people" : "weigh by card", {});
    SqlStatement(sql, "DELETE FROM own_evidence WHERE network = ?").bind(network).run();
    if (evidence)
      SqlStatement(sql, "INSERT INTO own_evidence VALUES (?, ?, ?, ?, ?, ?)")
          .bind(network)
          .bind(std::int64_t{evidence->references})
          .bind(bytesOf(evidence->evidence.scores))
          .bind(evidence->evidence.groups)
          .bind(bytesOf(evidence->evidence.subjects))
          .bind(event)
          .run();
    return ok();
  });
}

Status SqlRepository::addTemplates(const std::vector<std::pair<ReferenceKey, Template>>& templates,
                                   const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    note(sql, author, "embed references", {});
    for (const auto& [reference, made] : templates) addTemplate(sql, reference, made);
    return ok();
  });
}

/// What a new network takes over from the one before: the share of blind checks, and how far
/// amounts may go without a person's decision. The thresholds of the amounts were on another scale:
/// up to the first limit the new network's own holds, and what lies above is referred until
/// somebody sets them.
void SqlRepository::carryPolicyOver(SqlConnection& sql, const std::string& serviceEntry,
                                    const std::string& network, const DecisionRule& initial) {
  SqlStatement before(sql,
                      "SELECT n.identity, n.blind_share FROM store_info i"
                      " JOIN network n ON n.identity = i.content WHERE i.name = ?");
  if (!before.bind(serviceEntry).run().next()) return;
  SqlStatement(sql, "UPDATE network SET blind_share = ? WHERE identity = ?")
      .bind(before.real(1))
      .bind(network)
      .run();
  SqlStatement limit(sql, "SELECT up_to FROM amount_band WHERE network = ? AND position = 0");
  if (!limit.bind(before.text(0)).run().next() || limit.isNull(0)) return;
  SqlStatement(sql, "INSERT INTO amount_band VALUES (?, 0, ?, ?)")
      .bind(network)
      .bind(limit.real(0))
      .bind(initial.threshold.value)
      .run();
}

Status SqlRepository::putIntoService(Modality modality, const std::string& network,
                                     const DecisionRule& initial, const Author& author) {
  return change([&](SqlConnection& sql) -> Status {
    if (const int missing = countWithoutTemplate(sql, modality, network); missing > 0)
      return Error{
          ErrorCode::NetworkIncompatible,
          std::to_string(missing) + " references have not been embedded by this network yet.", ""};
    note(sql, author, "put network into service", {});
    SqlStatement known(sql, "SELECT COUNT(*) FROM network WHERE identity = ?");
    known.bind(network).run().next();
    const auto entry = serviceEntry(modality);
    if (known.integer(0) == 0) {
      SqlStatement(sql, "INSERT INTO network (identity, threshold, band) VALUES (?, ?, ?)")
          .bind(network)
          .bind(initial.threshold.value)
          .bind(initial.band)
          .run();
      carryPolicyOver(sql, entry, network, initial);
    }
    SqlStatement(sql, "DELETE FROM store_info WHERE name = ?").bind(entry).run();
    SqlStatement(sql, "INSERT INTO store_info VALUES (?, ?)").bind(entry).bind(network).run();
    return ok();
  });
}

}  // namespace countersign
