// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/UnsealedReader.h"

#include "core/storage/internal/RowText.h"
#include "core/storage/internal/Schema.h"

namespace countersign {

namespace {

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

/// The only row of a query.
SqlStatement& first(SqlStatement& row) {
  if (!row.run().next())
    throw SqlFailure(ErrorCode::StoreFailure, "Something in the store is missing.", "no row");
  return row;
}

}  // namespace

UnsealedReader::UnsealedReader(const std::filesystem::path& database) : m_sql(database) {
  migrateUnsealed(m_sql);
}

std::vector<Person> UnsealedReader::people() {
  SqlStatement rows(m_sql,
                    "SELECT person_key, identifier, name FROM person WHERE retired IS NULL"
                    " ORDER BY person_key");
  rows.run();
  std::vector<Person> all;
  while (rows.next()) all.push_back({{rows.integer(0)}, rows.text(1), rows.text(2)});
  return all;
}

std::vector<ReferenceKey> UnsealedReader::references(PersonKey person) {
  SqlStatement rows(m_sql,
                    "SELECT reference_key FROM biometric_reference"
                    " WHERE retired IS NULL AND person_key = ? ORDER BY reference_key");
  rows.bind(person.value).run();
  std::vector<ReferenceKey> all;
  while (rows.next()) all.push_back({rows.integer(0)});
  return all;
}

SampleImage UnsealedReader::sample(ReferenceKey reference) {
  SqlStatement row(m_sql,
                   "SELECT i.original, i.normalised, r.source_name, r.source_hash, r.region,"
                   " r.input_kind, r.dots_per_inch, r.quality FROM biometric_reference r"
                   " JOIN reference_image i ON i.reference_key = r.reference_key"
                   " WHERE r.reference_key = ?");
  first(row.bind(reference.value));
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
}

std::vector<DecisionKey> UnsealedReader::decisions() {
  SqlStatement rows(m_sql, "SELECT decision_key FROM decision ORDER BY event DESC");
  rows.run();
  std::vector<DecisionKey> all;
  while (rows.next()) all.push_back({rows.integer(0)});
  return all;
}

Decision UnsealedReader::decision(DecisionKey key) {
  SqlStatement row(m_sql,
                   "SELECT d.decision_key, e.sequence, e.time_us, e.author, d.person_key,"
                   " p.identifier, p.name, d.is_identification, d.network, d.score, d.threshold,"
                   " d.band, d.finding, d.recorded, d.note, d.fused_references, d.modality,"
                   " d.amount, d.always_refer, d.threshold_source, d.blind"
                   " FROM decision d JOIN event e ON e.sequence = d.event"
                   " LEFT JOIN person p ON p.person_key = d.person_key WHERE d.decision_key = ?");
  first(row.bind(key.value));
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

  SqlStatement probe(m_sql,
                     "SELECT original, source_name, source_hash, region, input_kind,"
                     " dots_per_inch, quality, normalised, embedding FROM decision_probe"
                     " WHERE decision_key = ?");
  first(probe.bind(key.value));
  content.probe = {probe.bytes(0),
                   probe.text(1),
                   probe.text(2),
                   regionFrom(probe.text(3)),
                   inputKindFrom(probe.text(4)),
                   probe.optionalReal(5),
                   probe.text(6),
                   probe.bytes(7)};
  content.embedding = probe.bytes(8);

  SqlStatement references(m_sql,
                          "SELECT reference_key, embedding, score FROM decision_reference"
                          " WHERE decision_key = ? ORDER BY position");
  references.bind(key.value).run();
  while (references.next())
    content.references.push_back(
        {{references.integer(0)}, references.bytes(1), references.real(2)});
  return decision;
}

}  // namespace countersign
