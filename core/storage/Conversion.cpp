// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/Conversion.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>

#include "core/base/File.h"
#include "core/storage/internal/RowText.h"
#include "core/storage/internal/Schema.h"
#include "core/storage/internal/SealedRepository.h"
#include "core/storage/internal/SealedRows.h"
#include "core/storage/internal/SqlDialect.h"
#include "core/storage/internal/UnsealedReader.h"

namespace countersign {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDatabase = "store.db";
constexpr const char* kSealing = "sealing.db";
constexpr const char* kUnsealed = "unsealed.db";

Error cannot(const fs::path& path, const std::error_code& failure) {
  return {ErrorCode::FileNotWritable,
          "The store could not be encrypted: " + quoted(path) + " could not be written.",
          failure.message()};
}

/// Overwrites a file before it is deleted. What a file system or a disk keeps of it elsewhere is
/// beyond a program.
void shred(const fs::path& file) {
  std::error_code failure;
  const auto size = fs::file_size(file, failure);
  if (!failure) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    constexpr std::size_t kBlock = std::size_t{1} << 20U;
    const std::string zeros(kBlock, '\0');
    for (std::uintmax_t done = 0; done < size; done += kBlock)
      stream.write(zeros.data(),
                   static_cast<std::streamsize>(std::min<std::uintmax_t>(kBlock, size - done)));
    stream.close();
    flushToDisk(file);
  }
  fs::remove(file, failure);
}

/// Counts samples: each is copied, then compared.
class Counter {
 public:
  Counter(SqlConnection& from, const JobContext<EncryptionProgress>& context) : m_context(context) {
    for (const char* table : {"biometric_reference", "decision"}) {
      SqlStatement row(from, std::string("SELECT COUNT(*) FROM ") + table);
      if (row.run().next()) m_progress.total += 2 * static_cast<int>(row.integer(0));
    }
    m_context.emitEvent(m_progress);
  }
  void step() const {
    if (m_context.stop.stop_requested())
      throw SqlFailure(ErrorCode::Cancelled,
                       "Encrypting was stopped; the store is as it was, not encrypted.", "");
    m_progress.done = std::min(m_progress.done + 1, m_progress.total);
    m_context.emitEvent(m_progress);
  }

 private:
  const JobContext<EncryptionProgress>& m_context;
  mutable EncryptionProgress m_progress;
};

/// Copies the rows of one database into another.
class RowCopier {
 public:
  RowCopier(SqlConnection& from, SqlConnection& to, Vault& vault, const Clock& clock,
            const Counter& counter)
      : m_from(from), m_to(to), m_vault(vault), m_clock(clock), m_counter(counter) {}

  void run() {
    SqlTransaction transaction(m_to);
    createSchema(m_to, m_vault.storeIdentity());
    RowLedger::begin(m_to, m_vault);
    RowLedger ledger(m_to, m_vault);
    m_rows.emplace(ledger, m_vault);
    copyEvents();
    copyPeople();
    copyReferences();
    copyNetworks();
    copyDecisions();
    m_rows.reset();
    RowLedger::begin(m_to, m_vault);
    transaction.commit();
  }

 private:
  static std::optional<std::int64_t> optionalInteger(const SqlStatement& row, int column) {
    if (row.isNull(column)) return std::nullopt;
    return row.integer(column);
  }

  void copyEvents() {
    SqlStatement rows(m_from,
                      "SELECT sequence, time_us, author, action, subject FROM event"
                      " ORDER BY sequence");
    rows.run();
    while (rows.next()) {
      m_rows->addEvent({rows.integer(0),
                        {rows.integer(1)},
                        rows.text(2),
                        rows.text(3),
                        optionalInteger(rows, 4)});
      m_event = rows.integer(0);
    }
    SqlStatement counters(m_from, "SELECT name, value FROM counter");
    counters.run();
    while (counters.next()) {
      const bool isEvent = counters.text(0) == "event";
      if (isEvent) m_event = std::max(m_event, counters.integer(1)) + 1;
      SqlStatement(m_to, "UPDATE counter SET value = ? WHERE name = ?")
          .bind(isEvent ? m_event : counters.integer(1))
          .bind(counters.text(0))
          .run();
    }
    m_rows->addEvent({m_event, m_clock(), m_vault.account().name, "encrypt store", {}});
  }

  void copyPeople() {
    SqlStatement rows(m_from, "SELECT person_key, identifier, name, added, retired FROM person");
    rows.run();
    while (rows.next()) {
      const PersonKey key{rows.integer(0)};
      if (m_vault.personState(key.value) == Vault::PersonState::Unknown)
        m_vault.addPerson(key.value);
      m_rows->addPerson({key, rows.text(1), rows.text(2)},
                        {rows.integer(3), rows.integer(3), optionalInteger(rows, 4)});
    }
  }

  static SampleImage imageAt(const SqlStatement& row, int column) {
    SampleImage image;
    image.original = row.bytes(column);
    image.normalised = row.bytes(column + 1);
    image.sourceName = row.text(column + 2);
    image.sourceHash = row.text(column + 3);
    image.region = regionFrom(row.text(column + 4));
    image.kind = inputKindFrom(row.text(column + 5));
    image.dotsPerInch = row.optionalReal(column + 6);
    image.quality = row.text(column + 7);
    return image;
  }

  void copyReferences() {
    SqlStatement rows(m_from,
                      "SELECT r.reference_key, r.person_key, r.modality, r.added, r.retired,"
                      " i.original, i.normalised, r.source_name, r.source_hash, r.region,"
                      " r.input_kind, r.dots_per_inch, r.quality FROM biometric_reference r"
                      " JOIN reference_image i ON i.reference_key = r.reference_key");
    rows.run();
    std::map<ReferenceKey, std::pair<PersonKey, std::int64_t>> owners;
    while (rows.next()) {
      const ReferenceKey key{rows.integer(0)};
      const PersonKey person{rows.integer(1)};
      m_rows->addReference(key, person, {modalityFrom(rows.text(2)), imageAt(rows, 5), {}},
                           {rows.integer(3), rows.integer(3), optionalInteger(rows, 4)});
      owners[key] = {person, rows.integer(3)};
      m_counter.step();
    }
    SqlStatement templates(m_from, "SELECT reference_key, network, kind, content FROM template");
    templates.run();
    while (templates.next()) {
      const ReferenceKey key{templates.integer(0)};
      const auto& [person, added] = owners.at(key);
      m_rows->putTemplate(key, person, {templates.text(1), templates.text(2), templates.bytes(3)},
                          added);
    }
  }

  void copyNetworks() {
    SqlStatement rows(m_from,
                      "SELECT identity, threshold, band, is_individual, blind_share FROM network");
    rows.run();
    while (rows.next()) {
      DecisionPolicy policy{{}, rows.integer(3) != 0, rows.real(4)};
      SqlStatement bands(m_from,
                         "SELECT up_to, threshold FROM amount_band WHERE network = ?"
                         " ORDER BY position");
      bands.bind(rows.text(0)).run();
      while (bands.next())
        policy.amounts.push_back(
            {bands.optionalReal(0).value_or(std::numeric_limits<double>::infinity()),
             {bands.real(1)}});
      m_rows->putNetwork(rows.text(0), {{rows.real(1)}, rows.real(2)}, policy, m_event);
    }
    SqlStatement info(m_from,
                      "SELECT name, content FROM store_info WHERE name <> 'schema_version'");
    info.run();
    while (info.next())
      SqlStatement(m_to, "INSERT INTO store_info VALUES (?, ?)")
          .bind(info.text(0))
          .bind(info.text(1))
          .run();
    SqlStatement thresholds(m_from,
                            "SELECT person_key, network, threshold, reason, event"
                            " FROM person_threshold");
    thresholds.run();
    while (thresholds.next())
      m_rows->addPersonThreshold({thresholds.integer(0)}, thresholds.text(1), {thresholds.real(2)},
                                 thresholds.text(3), thresholds.integer(4));
    SqlStatement own(m_from,
                     "SELECT network, reference_count, scores, kinds, subjects, event"
                     " FROM own_evidence");
    own.run();
    while (own.next())
      m_rows->addOwnEvidence(
          own.text(0),
          {{valuesFrom<float>(own.bytes(2)), own.bytes(3), valuesFrom<std::int32_t>(own.bytes(4))},
           static_cast<int>(own.integer(1)),
           {}},
          own.integer(5));
  }

  void copyDecisions() {
    SqlStatement rows(m_from,
                      "SELECT d.decision_key, d.event, d.person_key, d.is_identification,"
                      " d.modality, d.network, d.threshold, d.band, d.fused_references, d.score,"
                      " d.finding, d.recorded, d.note, d.amount, d.always_refer,"
                      " d.threshold_source, d.blind, p.original, p.normalised, p.source_name,"
                      " p.source_hash, p.region, p.input_kind, p.dots_per_inch, p.quality,"
                      " p.embedding FROM decision d"
                      " JOIN decision_probe p ON p.decision_key = d.decision_key");
    rows.run();
    while (rows.next()) {
      NewDecision d;
      if (!rows.isNull(2)) d.person = PersonKey{rows.integer(2)};
      d.isIdentification = rows.integer(3) != 0;
      d.modality = modalityFrom(rows.text(4));
      d.network = rows.text(5);
      d.applied = {{{rows.real(6)}, rows.real(7)},
                   sourceFrom(rows.text(15)),
                   rows.optionalReal(13),
                   rows.integer(14) != 0};
      d.fusedReferences = static_cast<int>(rows.integer(8));
      d.score = rows.optionalReal(9);
      d.finding = findingFrom(rows.text(10));
      d.recorded = findingFrom(rows.text(11));
      d.note = rows.text(12);
      if (!rows.isNull(16)) d.blind = findingFrom(rows.text(16));
      d.probe = imageAt(rows, 17);
      d.embedding = rows.bytes(25);
      SqlStatement references(m_from,
                              "SELECT reference_key, embedding, score FROM decision_reference"
                              " WHERE decision_key = ? ORDER BY position");
      references.bind(rows.integer(0)).run();
      while (references.next())
        d.references.push_back({{references.integer(0)}, references.bytes(1), references.real(2)});
      m_rows->addDecision({rows.integer(0)}, d, rows.integer(1));
      m_counter.step();
    }
  }

  SqlConnection& m_from;
  SqlConnection& m_to;
  Vault& m_vault;
  std::optional<SealedRows> m_rows;  ///< While run() runs.
  const Clock& m_clock;
  const Counter& m_counter;
  std::int64_t m_event = 0;
};

[[noreturn]] void differs(const std::string& what) {
  throw SqlFailure(ErrorCode::StoreFailure,
                   "The encrypted copy of the store is not what the store was; the store was left "
                   "as it is.",
                   what);
}

template <typename Value>
const Value& got(const Result<Value>& result, const char* what) {
  if (!result) differs(std::string(what) + ": " + result.error().message + result.error().detail);
  return *result;
}

/// Reads both as the program does.
void compare(UnsealedReader& before, const Repository& after, const Counter& counter) {
  const auto people = before.people();
  const auto peopleNow = after.people();
  if (people.size() != got(peopleNow, "people").size()) differs("people");
  for (std::size_t i = 0; i < people.size(); ++i) {
    const auto& person = people[i];
    const auto& now = (*peopleNow)[i].person;
    if (person.key != now.key || person.identifier != now.identifier || person.name != now.name)
      differs("person");
    const auto references = before.references(person.key);
    const auto referencesNow = after.references(person.key);
    if (references.size() != got(referencesNow, "references").size()) differs("references");
    for (const auto key : references) {
      const auto sample = before.sample(key);
      const auto sampleNow = after.sample(key);
      if (sample.original != got(sampleNow, "sample").original ||
          sample.normalised != sampleNow->normalised || sample.sourceHash != sampleNow->sourceHash)
        differs("sample");
      counter.step();
    }
  }
  const auto decisions = before.decisions();
  const auto decisionsNow = after.decisions();
  if (decisions.size() != got(decisionsNow, "decisions").size()) differs("decisions");
  for (const auto key : decisions) {
    const auto decision = before.decision(key);
    const auto now = after.decision(key);
    if (decision.content.score != got(now, "decision").content.score ||
        decision.content.note != now->content.note ||
        decision.content.embedding != now->content.embedding ||
        decision.content.probe.original != now->content.probe.original ||
        decision.content.references.size() != now->content.references.size())
      differs("decision");
    counter.step();
  }
}

/// The new database, complete and compared, as one file.
void makeSealed(const fs::path& old, const fs::path& made, const std::shared_ptr<Vault>& vault,
                const Clock& clock, const JobContext<EncryptionProgress>& context) {
  UnsealedReader before(old);
  SqlConnection from(old);
  const Counter counter(from, context);
  {
    SqlConnection to(made);
    RowCopier(from, to, *vault, clock, counter).run();
  }
  SealedRepository after(made, vault, true, clock);
  if (auto status = after.prepare(); !status)
    throw SqlFailure(status.error().code, status.error().message, status.error().detail);
  compare(before, after, counter);
}

void removeDatabase(const fs::path& file) {
  std::error_code ignored;
  for (const std::string suffix : {"", sqlite::kLogSuffix, sqlite::kIndexSuffix})
    fs::remove(file.string() + suffix, ignored);
}

/// Takes the steps that are left once the new database is complete.
Status finishConversion(const fs::path& store) {
  std::error_code failure;
  // While the new database still waits, whatever stands in its place was made by mistake.
  if (fs::exists(store / kSealing, failure)) {
    removeDatabase(store / kDatabase);
    fs::rename(store / kSealing, store / kDatabase, failure);
    if (failure) return cannot(store / kDatabase, failure);
    flushToDisk(store);
  }
  shred(store / kUnsealed);
  flushToDisk(store);
  return ok();
}

bool isUnsealed(const fs::path& database) {
  SqlConnection sql(database);
  const int version = schemaVersion(sql);
  return version > 0 && version <= kLastUnsealedVersion;
}

}  // namespace

bool hasPendingConversion(const fs::path& store) {
  std::error_code ignored;
  return fs::exists(store / kUnsealed, ignored);
}

Status convertStore(const fs::path& store, const std::shared_ptr<Vault>& vault, const Clock& clock,
                    const JobContext<EncryptionProgress>& context) try {
  if (hasPendingConversion(store)) return finishConversion(store);
  removeDatabase(store / kSealing);
  std::error_code failure;
  const auto old = store / kDatabase;
  if (!fs::exists(old, failure) || !isUnsealed(old)) return ok();
  // Its own was encrypted long ago.
  if (vault->hasBook())
    return Error{ErrorCode::StoreFailure,
                 "Another program put a database that is not encrypted into the store. Restore the "
                 "store from a backup.",
                 ""};
  makeSealed(old, store / kSealing, vault, clock, context);
  // Both as one file each, with nothing in others beside them.
  for (const auto& file : {old, store / kSealing}) SqlConnection(file).run(sqlite::kOneFile);
  flushToDisk(store / kSealing);
  fs::rename(old, store / kUnsealed, failure);
  if (failure) return cannot(store / kUnsealed, failure);
  flushToDisk(store);
  return finishConversion(store);
} catch (const SqlFailure& failure) {
  removeDatabase(store / kSealing);
  return failure.error();
}

}  // namespace countersign
