// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/Schema.h"

#include <array>
#include <charconv>

namespace countersign {

namespace {

// Versions 1 and 2 were not encrypted, and are not written any more. A store of theirs is brought
// to version 2, and then copied into a new one (Conversion.h). Decisions by amount and by person,
// and answers that were given before the program's.
constexpr std::array kVersion2 = {
    "ALTER TABLE network ADD COLUMN is_individual BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE network ADD COLUMN blind_share DOUBLE PRECISION NOT NULL DEFAULT 0",
    // up_to NULL: whatever the amount.
    "CREATE TABLE amount_band (network TEXT NOT NULL REFERENCES network (identity),"
    " position BIGINT NOT NULL, up_to DOUBLE PRECISION, threshold DOUBLE PRECISION NOT NULL,"
    " PRIMARY KEY (network, position))",
    "CREATE TABLE person_threshold (person_key BIGINT NOT NULL REFERENCES person (person_key),"
    " network TEXT NOT NULL REFERENCES network (identity), threshold DOUBLE PRECISION NOT NULL,"
    " reason TEXT NOT NULL, event BIGINT NOT NULL REFERENCES event (sequence),"
    " PRIMARY KEY (person_key, network))",
    // Scores as 32-bit floats, kinds as bytes, subjects as 32-bit integers, all little-endian.
    "CREATE TABLE own_evidence (network TEXT PRIMARY KEY REFERENCES network (identity),"
    " reference_count BIGINT NOT NULL, scores BYTEA NOT NULL, kinds BYTEA NOT NULL,"
    " subjects BYTEA NOT NULL, event BIGINT NOT NULL REFERENCES event (sequence))",
    "ALTER TABLE decision ADD COLUMN amount DOUBLE PRECISION",
    "ALTER TABLE decision ADD COLUMN always_refer BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE decision ADD COLUMN threshold_source TEXT NOT NULL DEFAULT 'office'",
    "ALTER TABLE decision ADD COLUMN blind TEXT",
};

// Standard SQL only, and types that SQLite and PostgreSQL both know. What is sealed (BYTEA without
// another word) nothing can search or sort by. `written` is the event that wrote a row, and part of
// what its sealed columns are bound to.
constexpr std::array kVersion3 = {
    "CREATE TABLE store_info (name TEXT PRIMARY KEY, content TEXT NOT NULL)",
    // Numbers are never given twice, not even after what they named was deleted.
    "CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
    // code: HMAC-SHA-256 of the row and the code before; author and details are sealed.
    "CREATE TABLE event (sequence BIGINT PRIMARY KEY, time_us BIGINT NOT NULL,"
    " author BYTEA NOT NULL, action TEXT NOT NULL, subject BIGINT, details BYTEA,"
    " code BYTEA NOT NULL)",
    // Digests find equal texts; without the key they tell nothing.
    "CREATE TABLE person (person_key BIGINT PRIMARY KEY, identifier_digest BYTEA NOT NULL,"
    " content BYTEA NOT NULL, written BIGINT NOT NULL REFERENCES event (sequence),"
    " added BIGINT NOT NULL REFERENCES event (sequence),"
    " retired BIGINT REFERENCES event (sequence))",
    "CREATE INDEX person_of_identifier ON person (identifier_digest)",
    "CREATE TABLE biometric_reference (reference_key BIGINT PRIMARY KEY,"
    " person_key BIGINT NOT NULL REFERENCES person (person_key), modality TEXT NOT NULL,"
    " sample_digest BYTEA NOT NULL, content BYTEA NOT NULL,"
    " written BIGINT NOT NULL REFERENCES event (sequence),"
    " added BIGINT NOT NULL REFERENCES event (sequence),"
    " retired BIGINT REFERENCES event (sequence))",
    "CREATE INDEX reference_of_person ON biometric_reference (person_key)",
    "CREATE INDEX reference_of_sample ON biometric_reference (sample_digest)",
    "CREATE TABLE reference_image (reference_key BIGINT PRIMARY KEY"
    " REFERENCES biometric_reference (reference_key), original BYTEA NOT NULL,"
    " normalised BYTEA NOT NULL, written BIGINT NOT NULL REFERENCES event (sequence))",
    "CREATE TABLE network (identity TEXT PRIMARY KEY, content BYTEA NOT NULL,"
    " written BIGINT NOT NULL REFERENCES event (sequence))",
    "CREATE TABLE template (reference_key BIGINT NOT NULL"
    " REFERENCES biometric_reference (reference_key), network TEXT NOT NULL, kind TEXT NOT NULL,"
    " content BYTEA NOT NULL, written BIGINT NOT NULL REFERENCES event (sequence),"
    " PRIMARY KEY (reference_key, network, kind))",
    "CREATE TABLE person_threshold (person_key BIGINT NOT NULL REFERENCES person (person_key),"
    " network TEXT NOT NULL REFERENCES network (identity), content BYTEA NOT NULL,"
    " event BIGINT NOT NULL REFERENCES event (sequence), PRIMARY KEY (person_key, network))",
    "CREATE TABLE own_evidence (network TEXT PRIMARY KEY REFERENCES network (identity),"
    " content BYTEA NOT NULL, event BIGINT NOT NULL REFERENCES event (sequence))",
    "CREATE TABLE decision (decision_key BIGINT PRIMARY KEY,"
    " event BIGINT NOT NULL REFERENCES event (sequence),"
    " person_key BIGINT REFERENCES person (person_key), modality TEXT NOT NULL,"
    " network TEXT NOT NULL, content BYTEA NOT NULL)",
    "CREATE TABLE decision_probe (decision_key BIGINT PRIMARY KEY"
    " REFERENCES decision (decision_key), content BYTEA NOT NULL, original BYTEA NOT NULL,"
    " normalised BYTEA NOT NULL, embedding BYTEA NOT NULL)",
    "CREATE TABLE decision_reference (decision_key BIGINT NOT NULL"
    " REFERENCES decision (decision_key), position BIGINT NOT NULL,"
    " reference_key BIGINT NOT NULL REFERENCES biometric_reference (reference_key),"
    " content BYTEA NOT NULL, PRIMARY KEY (decision_key, position))",
    "CREATE INDEX decision_of_reference ON decision_reference (reference_key)",
    // People whose rows were deleted: their keys go, too, if it was broken off in between.
    "CREATE TABLE erased_person (person_key BIGINT PRIMARY KEY)",
};
// The book of rows, sealed: one row.
constexpr std::array kVersion4 = {
    "CREATE TABLE store_state (id BIGINT PRIMARY KEY, sequence BIGINT NOT NULL,"
    " content BYTEA NOT NULL)",
    // Stores that were made before had it, and looked for one person's templates among all.
    "DROP INDEX IF EXISTS template_of_network",
};
constexpr std::array kCounters = {"event", "person", "reference", "decision"};

void setVersion(SqlConnection& connection, int version) {
  connection.run("DELETE FROM store_info WHERE name = 'schema_version'");
  SqlStatement(connection, "INSERT INTO store_info VALUES ('schema_version', ?)")
      .bind(std::to_string(version))
      .run();
}

}  // namespace

int schemaVersion(SqlConnection& connection) {
  if (!connection.hasTable("store_info")) return 0;
  SqlStatement query(connection, "SELECT content FROM store_info WHERE name = 'schema_version'");
  if (!query.run().next()) return 0;
  const auto text = query.text(0);
  int version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error == std::errc() && end == text.data() + text.size() && version > 0) return version;
  throw SqlFailure(ErrorCode::StoreFailure,
                   "The store is damaged: it does not say which version it is of. Restore it from "
                   "a backup.",
                   "schema version \"" + text + "\"");
}

void refuseNewer(int version) {
  if (version > kSchemaVersion)
    throw SqlFailure(ErrorCode::StoreFailure,
                     "The store was written by a newer version of Countersign; use that one.", "");
}

void migrateUnsealed(SqlConnection& connection) {
  SqlTransaction transaction(connection);
  const int version = schemaVersion(connection);
  refuseNewer(version);
  if (version == 1) {
    for (const char* statement : kVersion2) connection.run(statement);
    setVersion(connection, kLastUnsealedVersion);
  }
  transaction.commit();
}

void createTables(SqlConnection& connection) {
  connection.prepareForTables();
  for (const char* statement : kVersion3) connection.run(statement);
  for (const char* statement : kVersion4) connection.run(statement);
  // Desks have no folder in common. Its hash is in store_info, and with that in the book of rows.
  if (isServer(connection.place()))
    connection.run("CREATE TABLE network_file (identity TEXT PRIMARY KEY, content BYTEA NOT NULL)");
  for (const auto& statement : connection.dialect().appendOnly("event")) connection.run(statement);
}

void createSchema(SqlConnection& connection, const std::string& storeIdentity) {
  createTables(connection);
  for (const char* counter : kCounters)
    SqlStatement(connection, "INSERT INTO counter VALUES (?, 0)").bind(std::string(counter)).run();
  SqlStatement(connection, "INSERT INTO store_info VALUES ('store', ?)").bind(storeIdentity).run();
  setVersion(connection, kSchemaVersion);
}

void migrateSealed(SqlConnection& connection, int version) {
  if (version == kLastVersionWithoutBook)
    for (const char* statement : kVersion4) connection.run(statement);
  setVersion(connection, kSchemaVersion);
}

}  // namespace countersign
