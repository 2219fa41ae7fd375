// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/SqlRepository.h"

#include <algorithm>
#include <limits>

#include "core/storage/internal/RowText.h"
#include "core/storage/internal/Schema.h"
#include "core/storage/internal/SqlDialect.h"

namespace countersign {

namespace {

constexpr const char* kLiveReferences =
    "SELECT r.reference_key, r.person_key, r.source_name, r.source_hash, r.region, r.input_kind,"
    " r.dots_per_inch, r.quality, r.modality, e.sequence, e.time_us, e.author"
    " FROM biometric_reference r JOIN event e ON e.sequence = r.added"
    " WHERE r.retired IS NULL AND r.person_key = ? ORDER BY r.reference_key";

constexpr const char* kDecisions =
    "SELECT d.decision_key, e.sequence, e.time_us, e.author, d.person_key, p.identifier, p.name,"
    " d.is_identification, d.network, d.score, d.threshold, d.band, d.finding, d.recorded, d.note,"
    " d.fused_references, d.modality, d.amount, d.always_refer, d.threshold_source, d.blind"
    " FROM decision d JOIN event e ON e.sequence = d.event"
    " LEFT JOIN person p ON p.person_key = d.person_key";

StoreEvent eventAt(const SqlStatement& row, int column) {
  return {row.integer(column), {row.integer(column + 1)}, row.text(column + 2)};
}

DecisionSummary decisionFrom(const SqlStatement& row) {
  DecisionSummary d;
  d.key = {row.integer(0)};
  d.event = eventAt(row, 1);
  if (!row.isNull(4)) d.person = Person{{row.integer(4)}, row.text(5), row.text(6)};
  d.isIdentification = row.integer(7) != 0;
  d.network = row.text(8);
  d.score = row.optionalReal(9);
  d.applied = {{{row.real(10)}, row.real(11)},
               sourceFrom(row.text(19)),
               row.optionalReal(17),
               row.integer(18) != 0};
  d.finding = findingFrom(row.text(12));
  d.recorded = findingFrom(row.text(13));
  d.note = row.text(14);
  d.modality = modalityFrom(row.text(16));
  if (!row.isNull(20)) d.blind = findingFrom(row.text(20));
  return d;
}

Error noSuch(const char* what) {
  return {ErrorCode::NotFound, std::string("This ") + what + " is not in the store.", ""};
}

}  // namespace

SqlRepository::SqlRepository(std::filesystem::path file, bool isWritable, Clock clock)
    : m_file(std::move(file)), m_isWritable(isWritable), m_clock(std::move(clock)) {}

SqlConnection& SqlRepository::connection() const {
  const std::scoped_lock lock(m_mutex);
  auto& mine = m_connections[std::this_thread::get_id()];
  if (!mine) mine = std::make_unique<SqlConnection>(m_file);
  return *mine;
}

Status SqlRepository::prepare() {
  return guarded([&]() -> Status {
    auto& sql = connection();
    if (m_isWritable) {
      migrateUnsealed(sql);
      SqlTransaction transaction(sql);
      purge(sql);
      transaction.commit();
    } else if (schemaVersion(sql) != kLastUnsealedVersion) {
      return Error{ErrorCode::StoreFailure,
                   "The store was written by another version of Countersign; it can be read once "
                   "this version has opened it for writing.",
                   ""};
    }
    return ok();
  });
}

Status SqlRepository::check() const {
  return guarded([&]() -> Status {
    SqlStatement pages(connection(), dialect::kIntegrityCheck);
    pages.run();
    while (pages.next()) {
      if (pages.text(0) != "ok")
        return Error{ErrorCode::StoreFailure, "The store is damaged.", pages.text(0)};
    }
    SqlStatement links(connection(), dialect::kForeignKeyCheck);
    if (links.run().next())
      return Error{ErrorCode::StoreFailure, "The store is damaged.",
                   "foreign key of " + links.text(0)};
    return ok();
  });
}

Status SqlRepository::copyTo(const std::filesystem::path& file,
                             const JobContext<BackupProgress>& context) const {
  return guarded([&]() -> Status {
    connection().copyTo(file, [&](int done, int total) {
      context.emitEvent({done, total});
      return !context.stop.stop_requested();
    });
    return ok();
  });
}

Result<std::vector<PersonSummary>> SqlRepository::people() const {
  return guarded([&]() -> Result<std::vector<PersonSummary>> {
    SqlStatement rows(connection(),
                      "SELECT p.person_key, p.identifier, p.name,"
                      " SUM(CASE WHEN r.modality = 'signature' THEN 1 ELSE 0 END),"
                      " SUM(CASE WHEN r.modality = 'face' THEN 1 ELSE 0 END), e.time_us"
                      " FROM person p JOIN event e ON e.sequence = p.added"
                      " LEFT JOIN biometric_reference r"
                      " ON r.person_key = p.person_key AND r.retired IS NULL"
                      " WHERE p.retired IS NULL"
                      " GROUP BY p.person_key, p.identifier, p.name, e.time_us"
                      " ORDER BY p.person_key");
    rows.run();
    std::vector<PersonSummary> all;
    while (rows.next())
      all.push_back({{{rows.integer(0)}, rows.text(1), rows.text(2)},
                     static_cast<int>(rows.integer(3)),
                     static_cast<int>(rows.integer(4)),
                     {rows.integer(5)}});
    return all;
  });
}

Result<Person> SqlRepository::findPerson(const std::string& identifier) const {
  // Identifiers will be encrypted, so that SQL cannot look for one.
  const auto all = people();
  if (!all) return all.error();
  const auto found = std::find_if(all->begin(), all->end(), [&](const PersonSummary& summary) {
    return summary.person.identifier == identifier;
  });
  if (found == all->end())
    return Error{ErrorCode::NotFound, "Nobody with the identifier " + identifier + " is on file.",
                 ""};
  return found->person;
}

Result<Person> SqlRepository::person(PersonKey key) const {
  return guarded([&]() -> Result<Person> {
    SqlStatement row(connection(), "SELECT identifier, name FROM person WHERE person_key = ?");
    if (!row.bind(key.value).run().next()) return noSuch("person");
    return Person{key, row.text(0), row.text(1)};
  });
}

Result<std::vector<Reference>> SqlRepository::references(PersonKey person) const {
  return guarded([&]() -> Result<std::vector<Reference>> {
    SqlStatement rows(connection(), kLiveReferences);
    rows.bind(person.value).run();
    std::vector<Reference> all;
    while (rows.next()) {
      Reference r;
      r.key = {rows.integer(0)};
      r.person = {rows.integer(1)};
      r.sourceName = rows.text(2);
      r.sourceHash = rows.text(3);
      r.region = regionFrom(rows.text(4));
      r.kind = inputKindFrom(rows.text(5));
      r.dotsPerInch = rows.optionalReal(6);
      r.quality = rows.text(7);
      r.modality = modalityFrom(rows.text(8));
      r.added = eventAt(rows, 9);
      all.push_back(std::move(r));
    }
    return all;
  });
}

Result<ReferenceImages> SqlRepository::images(ReferenceKey reference) const {
  return guarded([&]() -> Result<ReferenceImages> {
    SqlStatement row(connection(),
                     "SELECT original, normalised FROM reference_image WHERE reference_key = ?");
    if (!row.bind(reference.value).run().next()) return noSuch("reference");
    return ReferenceImages{row.bytes(0), row.bytes(1)};
  });
}

Result<SampleImage> SqlRepository::sample(ReferenceKey reference) const {
  return guarded([&]() -> Result<SampleImage> {
    SqlStatement row(connection(),
                     "SELECT i.original, i.normalised, r.source_name, r.source_hash, r.region,"
                     " r.input_kind, r.dots_per_inch, r.quality FROM biometric_reference r"
                     " JOIN reference_image i ON i.reference_key = r.reference_key"
                     " WHERE r.reference_key = ?");
    if (!row.bind(reference.value).run().next()) return noSuch("reference");
    SampleImage image;
    image.original = row.bytes(0);
    image.normalised = row.bytes(1);
    image.sourceName = row.text(2);
    image.sourceHash = row.text(3);
    image.region = regionFrom(row.text(4));
    image.kind = inputKindFrom(row.text(5));
    image.dotsPerInch = row.optionalReal(6);
    image.quality = row.text(7);
    return image;
  });
}

Result<std::vector<StoredTemplate>> SqlRepository::templates(
    const std::string& network, std::optional<PersonKey> person) const {
  return guarded([&]() -> Result<std::vector<StoredTemplate>> {
    std::string text =
        "SELECT r.person_key, r.reference_key, t.content FROM template t"
        " JOIN biometric_reference r ON r.reference_key = t.reference_key"
        " JOIN person p ON p.person_key = r.person_key"
        " WHERE t.network = ? AND t.kind = ? AND r.retired IS NULL AND p.retired IS NULL";
    if (person) text += " AND r.person_key = ?";
    SqlStatement rows(connection(), text + " ORDER BY r.reference_key");
    rows.bind(network).bind(std::string(kEmbeddingKind));
    if (person) rows.bind(person->value);
    rows.run();
    std::vector<StoredTemplate> all;
    while (rows.next()) all.push_back({{rows.integer(0)}, {rows.integer(1)}, rows.bytes(2)});
    return all;
  });
}

Result<std::vector<DecisionSummary>> SqlRepository::decisions() const {
  return guarded([&]() -> Result<std::vector<DecisionSummary>> {
    SqlStatement rows(connection(), std::string(kDecisions) + " ORDER BY e.sequence DESC");
    rows.run();
    std::vector<DecisionSummary> all;
    while (rows.next()) all.push_back(decisionFrom(rows));
    return all;
  });
}

Result<Decision> SqlRepository::decision(DecisionKey key) const {
  return guarded([&]() -> Result<Decision> {
    SqlStatement row(connection(), std::string(kDecisions) + " WHERE d.decision_key = ?");
    if (!row.bind(key.value).run().next()) return noSuch("decision");
    Decision decision;
    auto& summary = decision.summary;
    auto& content = decision.content;
    summary = decisionFrom(row);
    content.fusedReferences = static_cast<int>(row.integer(15));
    if (summary.person) content.person = summary.person->key;
    content.isIdentification = summary.isIdentification;
    content.modality = summary.modality;
    content.network = summary.network;
    content.applied = summary.applied;
    content.blind = summary.blind;
    content.score = summary.score;
    content.finding = summary.finding;
    content.recorded = summary.recorded;
    content.note = summary.note;

    SqlStatement probe(connection(),
                       "SELECT original, source_name, source_hash, region, input_kind,"
                       " dots_per_inch, quality, normalised, embedding FROM decision_probe"
                       " WHERE decision_key = ?");
    if (!probe.bind(key.value).run().next()) return noSuch("decision");
    content.probe = {probe.bytes(0),
                     probe.text(1),
                     probe.text(2),
                     regionFrom(probe.text(3)),
                     inputKindFrom(probe.text(4)),
                     probe.optionalReal(5),
                     probe.text(6),
                     probe.bytes(7)};
    content.embedding = probe.bytes(8);

    SqlStatement references(connection(),
                            "SELECT reference_key, embedding, score FROM decision_reference"
                            " WHERE decision_key = ? ORDER BY position");
    references.bind(key.value).run();
    while (references.next())
      content.references.push_back(
          {{references.integer(0)}, references.bytes(1), references.real(2)});
    return decision;
  });
}

Result<NetworkInService> SqlRepository::networkInService(Modality modality) const {
  return guarded([&]() -> Result<NetworkInService> {
    SqlStatement row(connection(),
                     "SELECT n.identity, n.threshold, n.band, n.is_individual, n.blind_share,"
                     " o.event FROM store_info i"
                     " JOIN network n ON n.identity = i.content"
                     " LEFT JOIN own_evidence o ON o.network = n.identity"
                     " WHERE i.name = ?");
    if (!row.bind(serviceEntry(modality)).run().next())
      return Error{ErrorCode::NotFound, "No network was put into service in this store.", ""};
    NetworkInService service{
        row.text(0), {{row.real(1)}, row.real(2)}, {{}, row.integer(3) != 0, row.real(4)}};
    if (!row.isNull(5)) service.ownEvidence = row.integer(5);
    SqlStatement bands(connection(),
                       "SELECT up_to, threshold FROM amount_band WHERE network = ?"
                       " ORDER BY position");
    bands.bind(service.identity).run();
    while (bands.next())
      service.policy.amounts.push_back(
          {bands.optionalReal(0).value_or(std::numeric_limits<double>::infinity()),
           {bands.real(1)}});
    return service;
  });
}

Result<bool> SqlRepository::isOwnEvidenceOutdated(Modality modality) const {
  const auto service = networkInService(modality);
  if (!service) return service.error();
  return guarded([&]() -> Result<bool> {
    const std::string kind(modalityName(modality));
    if (service->ownEvidence == 0) {
      SqlStatement others(connection(),
                          "SELECT 1 FROM own_evidence o WHERE o.network <> ? AND EXISTS"
                          " (SELECT 1 FROM template t JOIN biometric_reference r"
                          " ON r.reference_key = t.reference_key"
                          " WHERE t.network = o.network AND r.modality = ?)");
      return others.bind(service->identity).bind(kind).run().next();
    }
    const auto since = service->ownEvidence;
    SqlStatement changed(connection(),
                         "SELECT 1 FROM biometric_reference r"
                         " JOIN person p ON p.person_key = r.person_key WHERE r.modality = ?"
                         " AND (r.added > ? OR r.retired > ? OR p.retired > ?)");
    return changed.bind(kind).bind(since).bind(since).bind(since).run().next();
  });
}

Result<int> SqlRepository::personThresholdsElsewhere(Modality modality) const {
  const auto service = networkInService(modality);
  if (!service) return service.error();
  return guarded([&]() -> Result<int> {
    SqlStatement row(connection(),
                     "SELECT COUNT(DISTINCT t.person_key) FROM person_threshold t"
                     " JOIN person p ON p.person_key = t.person_key"
                     " WHERE p.retired IS NULL AND t.network <> ? AND NOT EXISTS"
                     " (SELECT 1 FROM person_threshold o WHERE o.person_key = t.person_key"
                     " AND o.network = ?) AND EXISTS"
                     " (SELECT 1 FROM template m JOIN biometric_reference r"
                     " ON r.reference_key = m.reference_key"
                     " WHERE m.network = t.network AND r.person_key = t.person_key"
                     " AND r.modality = ?)");
    row.bind(service->identity).bind(service->identity);
    return row.bind(std::string(modalityName(modality))).run().next()
               ? static_cast<int>(row.integer(0))
               : 0;
  });
}

Result<std::optional<PersonThreshold>> SqlRepository::personThreshold(
    PersonKey person, const std::string& network) const {
  return guarded([&]() -> Result<std::optional<PersonThreshold>> {
    SqlStatement row(connection(),
                     "SELECT t.threshold, t.reason, e.sequence, e.time_us, e.author"
                     " FROM person_threshold t JOIN event e ON e.sequence = t.event"
                     " WHERE t.person_key = ? AND t.network = ?");
    if (!row.bind(person.value).bind(network).run().next()) return std::optional<PersonThreshold>();
    return std::optional(PersonThreshold{{row.real(0)}, row.text(1), eventAt(row, 2)});
  });
}

Result<std::optional<OwnEvidence>> SqlRepository::ownEvidence(const std::string& network) const {
  return guarded([&]() -> Result<std::optional<OwnEvidence>> {
    SqlStatement row(connection(),
                     "SELECT o.reference_count, o.scores, o.kinds, o.subjects, e.sequence,"
                     " e.time_us, e.author FROM own_evidence o JOIN event e ON e.sequence = o.event"
                     " WHERE o.network = ?");
    if (!row.bind(network).run().next()) return std::optional<OwnEvidence>();
    OwnEvidence own{
        {valuesFrom<float>(row.bytes(1)), row.bytes(2), valuesFrom<std::int32_t>(row.bytes(3))},
        static_cast<int>(row.integer(0)),
        eventAt(row, 4)};
    const auto& evidence = own.evidence;
    if (evidence.scores.size() != evidence.groups.size() ||
        evidence.scores.size() != evidence.subjects.size())
      return Error{ErrorCode::StoreFailure, "The scores of the people on file are damaged.", ""};
    return std::optional(std::move(own));
  });
}

Result<std::vector<ReferenceKey>> SqlRepository::referencesWithout(Modality modality,
                                                                   const std::string& network,
                                                                   int limit) const {
  return guarded([&]() -> Result<std::vector<ReferenceKey>> {
    SqlStatement rows(connection(),
                      "SELECT reference_key FROM biometric_reference WHERE modality = ?"
                      " AND reference_key NOT IN"
                      " (SELECT reference_key FROM template WHERE network = ?)"
                      " ORDER BY reference_key LIMIT ?");
    rows.bind(std::string(modalityName(modality))).bind(network).bind(std::int64_t{limit}).run();
    std::vector<ReferenceKey> all;
    while (rows.next()) all.push_back({rows.integer(0)});
    return all;
  });
}

int SqlRepository::countWithoutTemplate(SqlConnection& sql, Modality modality,
                                        const std::string& network) {
  SqlStatement row(sql,
                   "SELECT COUNT(*) FROM biometric_reference WHERE modality = ?"
                   " AND reference_key NOT IN"
                   " (SELECT reference_key FROM template WHERE network = ?)");
  row.bind(std::string(modalityName(modality))).bind(network).run().next();
  return static_cast<int>(row.integer(0));
}

Result<int> SqlRepository::countReferencesWithout(Modality modality,
                                                  const std::string& network) const {
  return guarded(
      [&]() -> Result<int> { return countWithoutTemplate(connection(), modality, network); });
}

}  // namespace countersign
