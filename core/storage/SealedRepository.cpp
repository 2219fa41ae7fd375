// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/SealedRepository.h"

#include <algorithm>

#include "core/storage/internal/RowCopy.h"
#include "core/storage/internal/RowText.h"
#include "core/storage/internal/Schema.h"
#include "core/storage/internal/SealedRows.h"

namespace countersign {

namespace {

constexpr const char* kLiveReferences =
    "SELECT r.reference_key, r.person_key, r.modality, r.content, r.written,"
    " e.sequence, e.time_us, e.author"
    " FROM biometric_reference r JOIN event e ON e.sequence = r.added"
    " WHERE r.retired IS NULL AND r.person_key = ? ORDER BY r.reference_key";

constexpr const char* kDecisions =
    "SELECT d.decision_key, d.event, d.person_key, d.modality, d.network, d.content,"
    " e.sequence, e.time_us, e.author, p.person_key, p.content, p.written"
    " FROM decision d JOIN event e ON e.sequence = d.event"
    " LEFT JOIN person p ON p.person_key = d.person_key";

DecisionSummary summaryOf(const Vault& vault, const SqlStatement& row, const NewDecision& content) {
  DecisionSummary d;
  d.key = {row.integer(0)};
  d.event = eventAt(vault, row, 6);
  if (content.person) d.person = personAt(vault, row, 9);
  d.isIdentification = content.isIdentification;
  d.modality = content.modality;
  d.network = content.network;
  d.score = content.score;
  d.applied = content.applied;
  d.finding = content.finding;
  d.recorded = content.recorded;
  d.blind = content.blind;
  d.note = content.note;
  return d;
}

/// What is left of a decision whose person was erased.
DecisionSummary summaryOfErased(const Vault& vault, const SqlStatement& row) {
  DecisionSummary d;
  d.key = {row.integer(0)};
  d.modality = modalityFrom(row.text(3));
  d.network = row.text(4);
  d.event = eventAt(vault, row, 6);
  d.isErased = true;
  return d;
}

std::string listed(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i)
    text.append(i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ").append(parts[i]);
  return text;
}

Status checkBook(SqlConnection& sql, const Vault& vault) {
  const auto differences = RowLedger::differences(sql, vault);
  if (differences.empty()) return ok();
  return Error{ErrorCode::StoreFailure,
               "Another program changed the store, or it is damaged: " + listed(differences) +
                   (differences.size() == 1 ? " is" : " are") +
                   " not as Countersign left them. Restore it from a backup.",
               ""};
}

std::int64_t newestEvent(SqlConnection& sql) {
  SqlStatement row(sql, "SELECT MAX(sequence) FROM event");
  return row.run().next() && !row.isNull(0) ? row.integer(0) : 0;
}

/// Whether there is something to delete from an earlier session; mostly there is not. What a
/// decision rests on stays.
bool hasLeftovers(SqlConnection& sql, const Vault& vault) {
  SqlStatement retired(
      sql,
      "SELECT 1 FROM biometric_reference r JOIN person p ON p.person_key = r.person_key"
      " WHERE (r.retired IS NOT NULL OR p.retired IS NOT NULL) AND r.reference_key NOT IN"
      " (SELECT reference_key FROM decision_reference)"
      " UNION ALL SELECT 1 FROM person_threshold t JOIN person p ON p.person_key = t.person_key"
      " WHERE p.retired IS NOT NULL"
      " UNION ALL SELECT 1 FROM person WHERE retired IS NOT NULL"
      " AND person_key NOT IN (SELECT person_key FROM biometric_reference)"
      " AND person_key NOT IN (SELECT person_key FROM decision WHERE person_key IS NOT NULL)"
      " LIMIT 1");
  return retired.run().next() || !erasedButThere(sql, vault).empty();
}

/// Whether no other desk has the store open; it stays so until postgres::kGoOn.
bool isAlone(SqlConnection& sql) {
  if (!isServer(sql.place())) return true;  // only one writes to a file
  SqlStatement row(sql, postgres::kTryAlone);
  return row.run().next() && row.integer(0) == 1;
}

Error noSuch(const char* what) {
  return {ErrorCode::NotFound, std::string("This ") + what + " is not in the store.", ""};
}

}  // namespace

SealedRepository::SealedRepository(const SqlPlace& place, std::shared_ptr<Vault> vault,
                                   bool isWritable, Clock clock)
    : m_vault(std::move(vault)),
      m_connections(m_vault->connections() ? m_vault->connections()
                                           : std::make_shared<SqlConnections>(place)),
      m_isWritable(isWritable),
      m_clock(std::move(clock)) {}

bool SealedRepository::hasWaited(const SqlFailure& failure,
                                 std::optional<std::chrono::steady_clock::time_point>& lost) const {
  if (failure.error().code != ErrorCode::StoreUnreachable) return false;
  m_connections->drop();
  const auto now = std::chrono::steady_clock::now();
  if (!lost) lost = now;
  // Longer than a server takes to start again, shorter than somebody takes it for a hang.
  constexpr std::chrono::seconds kPatience(10);
  const auto waited = now - *lost;
  if (waited > kPatience) return false;
  constexpr std::chrono::milliseconds kFirst(20);
  constexpr std::chrono::milliseconds kLongest(500);
  std::this_thread::sleep_for(
      std::clamp<std::chrono::steady_clock::duration>(waited / 2, kFirst, kLongest));
  return true;
}

SealedRepository::Mark SealedRepository::markChange(SqlConnection& sql, std::int64_t newest) const {
  Mark mark{newest, {}};
  SqlStatement row(sql, "SELECT code FROM event WHERE sequence = ?");
  if (row.bind(newest).run().next()) mark.code = row.bytes(0);
  SqlStatement(sql, postgres::kNotify)
      .bind(std::to_string(newest) + " " + m_vault->deskMark())
      .run();
  return mark;
}

bool SealedRepository::wasMade(SqlConnection& sql, const Mark& mark) {
  SqlStatement row(sql, "SELECT code FROM event WHERE sequence = ?");
  return row.bind(mark.sequence).run().next() && row.bytes(0) == mark.code;
}

Status SealedRepository::prepare() {
  return guarded([&]() -> Status {
    auto& sql = connection();
    const int version = schemaVersion(sql);
    refuseNewer(version);
    if (version != kSchemaVersion && m_vault->hasBook())
      return Error{ErrorCode::StoreFailure,
                   version == 0
                       ? "The store's database is missing or empty. Restore it from a backup."
                       : "The store's database is of an earlier version than it was, or another "
                         "program changed it. Restore it from a backup, or have an administrator "
                         "accept it.",
                   ""};
    if (version != kSchemaVersion &&
        !(m_isWritable && (version == 0 || version == kLastVersionWithoutBook)))
      return Error{ErrorCode::StoreFailure,
                   "The store was written by another version of Countersign; it can be read once "
                   "this version has opened it for writing.",
                   ""};
    if (version != kSchemaVersion) makeTables(sql, version);
    if (auto status = checkIdentity(sql); !status) return status;
    {
      SqlTransaction look(sql, SqlTransaction::Kind::Look);
      if (auto status = checkBook(sql, *m_vault); !status) return status;
    }
    if (!m_isWritable) return ok();
    if (!m_vault->hasBook()) m_vault->rememberBook();
    if (hasLeftovers(sql, *m_vault)) {
      auto purged = committed([&](RowLedger& ledger) -> Status {
        // What was removed may be taken back by whoever has the store open.
        if (isAlone(ledger.sql())) purge(ledger);
        return ok();
      });
      // By whatever connection there is now.
      if (isOnServer()) SqlStatement(connection(), postgres::kGoOn).run();
      if (!purged) return purged;
    }
    if (auto status = noteRestore(); !status) return status;
    m_erasedAtOpening = dropErasedKeys();
    return ok();
  });
}

std::optional<Timestamp> SealedRepository::latestTime() const {
  std::optional<Timestamp> time;
  static_cast<void>(guarded([&]() -> Status {
    auto& sql = connection();
    constexpr std::int64_t kLookedAt = 500;
    SqlStatement row(sql, "SELECT MAX(time_us) FROM event WHERE sequence > ?");
    if (row.bind(newestEvent(sql) - kLookedAt).run().next() && !row.isNull(0))
      time = Timestamp{row.integer(0)};
    return ok();
  }));
  return time;
}

void SealedRepository::makeTables(SqlConnection& sql, int version) const {
  SqlTransaction transaction(sql);
  if (schemaVersion(sql) != version) return;  // another desk was first
  if (version == 0)
    createSchema(sql, m_vault->storeIdentity());
  else
    migrateSealed(sql, version);
  RowLedger::begin(sql, *m_vault);
  if (version != 0) {
    RowLedger ledger(sql, *m_vault);
    note(ledger, {m_vault->account().name}, "upgrade store",
         {.details = {{"from version", std::to_string(version)}}});
    ledger.close();
  }
  transaction.commit();
}

/// What a restore left on a server, where nobody could write into the history.
Status SealedRepository::noteRestore() const {
  if (!isOnServer() || !connection().hasTable("restore_note")) return ok();
  return committed([&](RowLedger& ledger) -> Status {
    auto& sql = ledger.sql();
    if (!sql.hasTable("restore_note")) return ok();  // another desk was first
    {
      SqlStatement row(sql, "SELECT content FROM restore_note");
      if (row.run().next())
        note(ledger, {m_vault->account().name}, "restore backup",
             {.details = {{"backup", row.text(0)}}});
    }
    sql.run("DROP TABLE restore_note");
    return ok();
  });
}

Result<std::vector<std::string>> SealedRepository::accept(const Author& author) {
  return guarded([&]() -> Result<std::vector<std::string>> {
    auto& sql = connection();
    const int version = schemaVersion(sql);
    refuseNewer(version);
    if (version != kSchemaVersion && version != kLastVersionWithoutBook)
      return Error{ErrorCode::StoreFailure,
                   "There is no database here that could be accepted. Restore it from a backup.",
                   ""};
    if (auto status = checkIdentity(sql); !status) return status.error();
    if (version != kSchemaVersion) {
      makeTables(sql, version);
      return std::vector<std::string>{"its version"};
    }
    SqlTransaction transaction(sql);
    const auto differences = RowLedger::differences(sql, *m_vault);
    if (differences.empty()) return differences;
    RowLedger::begin(sql, *m_vault);
    RowLedger ledger(sql, *m_vault);
    note(ledger, author, "accept changed rows", {.details = {{"changed", listed(differences)}}});
    ledger.close();
    transaction.commit();
    return differences;
  });
}

Status SealedRepository::noteEvent(const Author& author, const std::string& action,
                                   const AuditDetails& details) const {
  return committed([&](RowLedger& ledger) -> Status {
    note(ledger, author, action, {.details = details});
    return ok();
  });
}

/// Keys of another store would read nothing; better to say so at once.
Status SealedRepository::checkIdentity(SqlConnection& sql) const {
  SqlStatement row(sql, "SELECT content FROM store_info WHERE name = 'store'");
  if (row.run().next() && row.text(0) == m_vault->storeIdentity()) return ok();
  return Error{ErrorCode::StoreFailure, "The file of keys in this folder belongs to another store.",
               ""};
}

Status SealedRepository::check() const {
  return guarded([&]() -> Status {
    SqlStatement pages(connection(), connection().dialect().integrityCheck());
    pages.run();
    while (pages.next()) {
      if (pages.text(0) != "ok")
        return Error{ErrorCode::StoreFailure, "The store is damaged.", pages.text(0)};
    }
    SqlStatement links(connection(), connection().dialect().foreignKeyCheck());
    if (links.run().next())
      return Error{ErrorCode::StoreFailure, "The store is damaged.",
                   "foreign key of " + links.text(0)};
    const SqlTransaction look(connection(), SqlTransaction::Kind::Look);
    return checkBook(connection(), *m_vault);
  });
}

Status SealedRepository::copyTo(const std::filesystem::path& file,
                                const JobContext<BackupProgress>& context) const {
  return guarded([&]() -> Status {
    if (isOnServer()) {
      std::error_code ignored;
      std::filesystem::remove(file, ignored);  // of a try that was broken off
      copyRowsToFile(connection(), file, StorePart::Rows,
                     [&](std::int64_t done, std::int64_t total) {
                       context.emitEvent({static_cast<int>(done), static_cast<int>(total)});
                       return !context.stop.stop_requested();
                     });
      return ok();
    }
    connection().copyTo(file, [&](int done, int total) {
      context.emitEvent({done, total});
      return !context.stop.stop_requested();
    });
    return ok();
  });
}

Result<std::vector<PersonSummary>> SealedRepository::people() const {
  return guarded([&]() -> Result<std::vector<PersonSummary>> {
    SqlStatement rows(connection(),
                      "SELECT p.person_key, p.content, p.written,"
                      " (SELECT COUNT(*) FROM biometric_reference r WHERE"
                      " r.person_key = p.person_key AND r.retired IS NULL"
                      " AND r.modality = 'signature'),"
                      " (SELECT COUNT(*) FROM biometric_reference r WHERE"
                      " r.person_key = p.person_key AND r.retired IS NULL"
                      " AND r.modality = 'face'), e.time_us"
                      " FROM person p JOIN event e ON e.sequence = p.added"
                      " WHERE p.retired IS NULL ORDER BY p.person_key");
    rows.run();
    std::vector<PersonSummary> all;
    while (rows.next()) {
      // Of a backup from before an erasure, until somebody opens it for writing.
      if (m_vault->personState(rows.integer(0)) == Vault::PersonState::Erased) continue;
      all.push_back({personAt(*m_vault, rows, 0),
                     static_cast<int>(rows.integer(3)),
                     static_cast<int>(rows.integer(4)),
                     {rows.integer(5)}});
    }
    return all;
  });
}

Result<std::vector<Person>> SealedRepository::removedPeople() const {
  return guarded([&]() -> Result<std::vector<Person>> {
    SqlStatement rows(connection(),
                      "SELECT person_key, content, written FROM person WHERE retired IS NOT NULL"
                      " ORDER BY person_key");
    rows.run();
    std::vector<Person> all;
    while (rows.next())
      if (m_vault->personState(rows.integer(0)) == Vault::PersonState::Known)
        all.push_back(personAt(*m_vault, rows, 0));
    return all;
  });
}

Result<Person> SealedRepository::findPerson(const std::string& identifier) const {
  return guarded([&]() -> Result<Person> {
    if (auto found = personCalled(connection(), *m_vault, identifier)) return *std::move(found);
    return Error{ErrorCode::NotFound, "Nobody with the identifier " + identifier + " is on file.",
                 ""};
  });
}

Result<Person> SealedRepository::person(PersonKey key) const {
  return guarded([&]() -> Result<Person> {
    SqlStatement row(connection(),
                     "SELECT person_key, content, written FROM person WHERE person_key = ?");
    if (!row.bind(key.value).run().next()) return noSuch("person");
    return personAt(*m_vault, row, 0);
  });
}

Result<std::vector<Reference>> SealedRepository::references(PersonKey person) const {
  return guarded([&]() -> Result<std::vector<Reference>> {
    SqlStatement rows(connection(), kLiveReferences);
    rows.bind(person.value).run();
    std::vector<Reference> all;
    while (rows.next()) {
      all.push_back(referenceAt(*m_vault, rows, 0));
      all.back().added = eventAt(*m_vault, rows, 5);
    }
    return all;
  });
}

Result<ReferenceImages> SealedRepository::images(ReferenceKey reference) const {
  return guarded([&]() -> Result<ReferenceImages> {
    SqlStatement row(connection(),
                     "SELECT i.original, i.normalised, i.written, r.person_key"
                     " FROM reference_image i"
                     " JOIN biometric_reference r ON r.reference_key = i.reference_key"
                     " WHERE i.reference_key = ?");
    if (!row.bind(reference.value).run().next()) return noSuch("reference");
    return imagesAt(*m_vault, reference, {row.integer(3)}, row, 0);
  });
}

Result<SampleImage> SealedRepository::sample(ReferenceKey reference) const {
  return guarded([&]() -> Result<SampleImage> {
    SqlStatement row(connection(),
                     "SELECT r.reference_key, r.person_key, r.modality, r.content, r.written,"
                     " i.original, i.normalised, i.written FROM biometric_reference r"
                     " JOIN reference_image i ON i.reference_key = r.reference_key"
                     " WHERE r.reference_key = ?");
    if (!row.bind(reference.value).run().next()) return noSuch("reference");
    auto known = referenceAt(*m_vault, row, 0);
    auto images = imagesAt(*m_vault, reference, known.person, row, 5);
    return SampleImage{std::move(images.original),
                       std::move(known.sourceName),
                       std::move(known.sourceHash),
                       known.region,
                       known.kind,
                       known.dotsPerInch,
                       std::move(known.quality),
                       std::move(images.normalised)};
  });
}

Result<std::vector<StoredTemplate>> SealedRepository::templates(
    const std::string& network, std::optional<PersonKey> person) const {
  return guarded([&]() -> Result<std::vector<StoredTemplate>> {
    const std::string kind(kEmbeddingKind);
    std::string text =
        "SELECT r.person_key, r.reference_key, t.content, t.written FROM template t"
        " JOIN biometric_reference r ON r.reference_key = t.reference_key"
        " JOIN person p ON p.person_key = r.person_key"
        " WHERE t.network = ? AND t.kind = ? AND r.retired IS NULL AND p.retired IS NULL";
    if (person) text += " AND r.person_key = ?";
    SqlStatement rows(connection(), text + " ORDER BY r.reference_key");
    rows.bind(network).bind(kind);
    if (person) rows.bind(person->value);
    rows.run();
    std::vector<StoredTemplate> all;
    while (rows.next()) {
      const PersonKey owner{rows.integer(0)};
      if (m_vault->personState(owner.value) == Vault::PersonState::Erased) continue;
      const ReferenceKey reference{rows.integer(1)};
      all.push_back(
          {owner, reference, templateAt(*m_vault, reference, owner, network, kind, rows, 2)});
    }
    return all;
  });
}

Result<std::int64_t> SealedRepository::peopleChangedSince(std::int64_t since) const {
  return guarded([&]() -> Result<std::int64_t> {
    // Decisions and openings are most of what happens, and change nobody.
    SqlStatement row(connection(),
                     "SELECT MAX(sequence) FROM event WHERE sequence > ? AND action NOT IN"
                     " ('decide', 'open store')");
    return row.bind(since).run().next() && !row.isNull(0) ? row.integer(0) : since;
  });
}

Result<std::vector<DecisionSummary>> SealedRepository::decisions() const {
  return guarded([&]() -> Result<std::vector<DecisionSummary>> {
    SqlStatement rows(connection(), std::string(kDecisions) + " ORDER BY e.sequence DESC");
    rows.run();
    std::vector<DecisionSummary> all;
    while (rows.next()) {
      try {
        all.push_back(summaryOf(*m_vault, rows, decisionAt(*m_vault, rows, 0)));
      } catch (const SqlFailure& failure) {
        if (failure.error().code != ErrorCode::PersonErased) throw;
        all.push_back(summaryOfErased(*m_vault, rows));
      }
    }
    return all;
  });
}

Result<Decision> SealedRepository::decision(DecisionKey key) const {
  return guarded([&]() -> Result<Decision> {
    SqlStatement row(connection(), std::string(kDecisions) + " WHERE d.decision_key = ?");
    if (!row.bind(key.value).run().next()) return noSuch("decision");
    Decision decision;
    auto& content = decision.content;
    content = decisionAt(*m_vault, row, 0);
    decision.summary = summaryOf(*m_vault, row, content);
    SqlStatement probe(connection(),
                       "SELECT content, original, normalised, embedding FROM decision_probe"
                       " WHERE decision_key = ?");
    if (!probe.bind(key.value).run().next()) return noSuch("decision");
    readProbe(*m_vault, key, content.person, probe, content);
    SqlStatement references(connection(),
                            "SELECT position, reference_key, content FROM decision_reference"
                            " WHERE decision_key = ? ORDER BY position");
    references.bind(key.value).run();
    while (references.next())
      content.references.push_back(
          decisionReferenceAt(*m_vault, key, content.person, references.integer(0), references, 1));
    return decision;
  });
}

Result<NetworkInService> SealedRepository::networkInService(Modality modality) const {
  return guarded([&]() -> Result<NetworkInService> {
    SqlStatement row(connection(),
                     "SELECT n.identity, n.content, n.written, o.event FROM store_info i"
                     " JOIN network n ON n.identity = i.content"
                     " LEFT JOIN own_evidence o ON o.network = n.identity"
                     " WHERE i.name = ?");
    if (!row.bind(serviceEntry(modality)).run().next())
      return Error{ErrorCode::NotFound, "No network was put into service in this store.", ""};
    auto service = networkAt(*m_vault, row, 0);
    if (!row.isNull(3)) service.ownEvidence = row.integer(3);
    return service;
  });
}

Result<std::string> SealedRepository::networkBefore(Modality modality) const {
  return guarded([&]() -> Result<std::string> {
    SqlStatement row(connection(), "SELECT content FROM store_info WHERE name = ?");
    if (row.bind(serviceBeforeEntry(modality)).run().next()) return row.text(0);
    return Error{ErrorCode::NotFound, "No other network served here before.", ""};
  });
}

Result<UsualGrounds> SealedRepository::usualGrounds() const {
  return guarded([&]() -> Result<UsualGrounds> { return usualGroundsIn(connection()); });
}

Result<bool> SealedRepository::isOwnEvidenceOutdated(Modality modality) const {
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

Result<int> SealedRepository::personThresholdsElsewhere(Modality modality) const {
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

Result<std::optional<PersonThreshold>> SealedRepository::personThreshold(
    PersonKey person, const std::string& network) const {
  return guarded([&]() -> Result<std::optional<PersonThreshold>> {
    SqlStatement row(connection(),
                     "SELECT t.content, t.event, e.sequence, e.time_us, e.author"
                     " FROM person_threshold t JOIN event e ON e.sequence = t.event"
                     " WHERE t.person_key = ? AND t.network = ?");
    if (!row.bind(person.value).bind(network).run().next()) return std::optional<PersonThreshold>();
    auto threshold = personThresholdAt(*m_vault, person, network, row, 0);
    threshold.set = eventAt(*m_vault, row, 2);
    return std::optional(std::move(threshold));
  });
}

Result<std::optional<OwnEvidence>> SealedRepository::ownEvidence(const std::string& network) const {
  return guarded([&]() -> Result<std::optional<OwnEvidence>> {
    SqlStatement row(connection(),
                     "SELECT o.content, o.event, e.sequence, e.time_us, e.author"
                     " FROM own_evidence o JOIN event e ON e.sequence = o.event"
                     " WHERE o.network = ?");
    if (!row.bind(network).run().next()) return std::optional<OwnEvidence>();
    auto own = ownEvidenceAt(*m_vault, network, row, 0);
    own.set = eventAt(*m_vault, row, 2);
    const auto& evidence = own.evidence;
    if (evidence.scores.size() != evidence.groups.size() ||
        evidence.scores.size() != evidence.subjects.size())
      return Error{ErrorCode::StoreFailure, "The scores of the people on file are damaged.", ""};
    return std::optional(std::move(own));
  });
}

Result<std::vector<ReferenceKey>> SealedRepository::referencesWithout(Modality modality,
                                                                      const std::string& network,
                                                                      int limit) const {
  return guarded([&]() -> Result<std::vector<ReferenceKey>> {
    SqlStatement rows(connection(),
                      "SELECT reference_key FROM biometric_reference WHERE modality = ?"
                      " AND reference_key IN (SELECT reference_key FROM reference_image)"
                      " AND reference_key NOT IN"
                      " (SELECT reference_key FROM template WHERE network = ?)"
                      " ORDER BY reference_key LIMIT ?");
    rows.bind(std::string(modalityName(modality))).bind(network).bind(std::int64_t{limit}).run();
    std::vector<ReferenceKey> all;
    while (rows.next()) all.push_back({rows.integer(0)});
    return all;
  });
}

int SealedRepository::countWithoutTemplate(SqlConnection& sql, Modality modality,
                                           const std::string& network) {
  SqlStatement row(sql,
                   "SELECT COUNT(*) FROM biometric_reference WHERE modality = ?"
                   " AND reference_key IN (SELECT reference_key FROM reference_image)"
                   " AND reference_key NOT IN"
                   " (SELECT reference_key FROM template WHERE network = ?)");
  row.bind(std::string(modalityName(modality))).bind(network).run().next();
  return static_cast<int>(row.integer(0));
}

Result<int> SealedRepository::countReferencesWithout(Modality modality,
                                                     const std::string& network) const {
  return guarded(
      [&]() -> Result<int> { return countWithoutTemplate(connection(), modality, network); });
}

}  // namespace countersign
