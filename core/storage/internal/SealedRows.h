// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "core/biometrics/Repository.h"
#include "core/storage/internal/RowLedger.h"
#include "core/storage/internal/Sql.h"
#include "core/storage/internal/Vault.h"

namespace countersign {

/// Rows of the store as they are written: what is personal, and what is shown, is sealed. Part of a
/// transaction of the caller's; what goes wrong is thrown as SqlFailure.
class SealedRows {
 public:
  SealedRows(RowLedger& ledger, const Vault& vault)
      : m_ledger(ledger), m_sql(ledger.sql()), m_vault(vault) {}

  struct Event {
    std::int64_t sequence = 0;
    Timestamp time;
    std::string author;
    std::string action;
    std::optional<std::int64_t> subject;
    AuditDetails details = {};
    /// By whose key the details are sealed, so that they go with them.
    std::optional<PersonKey> about = {};
  };
  struct LifeTime {
    std::int64_t written = 0;
    std::int64_t added = 0;
    std::optional<std::int64_t> retired;
  };

  /// The next number of a kind; none is given twice.
  std::int64_t nextNumber(const char* counter);
  /// An entry of store_info, in the place of the one before.
  void setEntry(const std::string& name, const std::string& content);
  /// At the end of the chain; sequences follow each other.
  void addEvent(const Event& event);
  void addPerson(const Person& person, const LifeTime& life);
  /// Another name, or other grounds, of somebody who is there.
  void updatePerson(const Person& person, std::int64_t event);
  /// Without its templates.
  void addReference(ReferenceKey key, PersonKey person, const NewReference& reference,
                    const LifeTime& life);
  /// In the place of one that is there already.
  void putTemplate(ReferenceKey reference, PersonKey person, const Template& made,
                   std::int64_t event);
  /// Seals everything of a reference for another person.
  void handOver(ReferenceKey reference, PersonKey from, PersonKey into, std::int64_t event);
  /// In the place of what is there.
  void putNetwork(const std::string& identity, const DecisionRule& rule,
                  const DecisionPolicy& policy, std::int64_t event);
  void addPersonThreshold(PersonKey person, const std::string& network, SimilarityScore threshold,
                          const std::string& reason, std::int64_t event);
  void addOwnEvidence(const std::string& network, const OwnEvidence& evidence, std::int64_t event);
  void addDecision(DecisionKey key, const NewDecision& decision, std::int64_t event);

 private:
  /// The row of this key and no other.
  RowsWhere row(const char* table, const char* keyColumn, std::int64_t key) const;

  RowLedger& m_ledger;
  SqlConnection& m_sql;
  const Vault& m_vault;
};

/// People whose key is gone while rows of theirs are there: of a backup from before.
std::vector<PersonKey> erasedButThere(SqlConnection& sql, const Vault& vault);

/// By which equal identifiers, and equal samples, are found: one photo may show several people, so
/// that of faces the region is part of it.
Bytes identifierDigest(const Vault& vault, const std::string& identifier);
Bytes sampleDigest(const Vault& vault, Modality modality, const std::string& sourceHash,
                   const SampleRegion& region);

/// The author of an event that stands in columns sequence, time and author of a row.
StoreEvent eventAt(const Vault& vault, const SqlStatement& row, int column);
/// What else is known of an event; its details stand in a column, nothing where there are none.
struct SealedDetails {
  std::optional<PersonKey> about;
  AuditDetails details;
  bool isErased = false;  ///< Nobody can read them any more.
};
SealedDetails detailsAt(const Vault& vault, std::int64_t sequence, const SqlStatement& row,
                        int column);
/// Columns: person_key, content, written.
Person personAt(const Vault& vault, const SqlStatement& row, int column);
/// Columns: reference_key, person_key, modality, content, written. `added` is left empty.
Reference referenceAt(const Vault& vault, const SqlStatement& row, int column);
/// Columns: content, original, normalised of a decision's probe, and embedding.
void readProbe(const Vault& vault, DecisionKey key, std::optional<PersonKey> person,
               const SqlStatement& row, NewDecision& decision);
/// Columns: decision_key, event, person_key, modality, network, content. Probe and references are
/// left empty.
NewDecision decisionAt(const Vault& vault, const SqlStatement& row, int column);
DecisionReference decisionReferenceAt(const Vault& vault, DecisionKey key,
                                      std::optional<PersonKey> person, std::int64_t position,
                                      const SqlStatement& row, int column);
/// Columns: identity, content, written.
NetworkInService networkAt(const Vault& vault, const SqlStatement& row, int column);
/// Columns: original, normalised, written of a reference's images.
ReferenceImages imagesAt(const Vault& vault, ReferenceKey key, PersonKey person,
                         const SqlStatement& row, int column);
Bytes templateAt(const Vault& vault, ReferenceKey key, PersonKey person, const std::string& network,
                 const std::string& kind, const SqlStatement& row, int column);
PersonThreshold personThresholdAt(const Vault& vault, PersonKey person, const std::string& network,
                                  const SqlStatement& row, int column);
OwnEvidence ownEvidenceAt(const Vault& vault, const std::string& network, const SqlStatement& row,
                          int column);

/// The text of an event whose HMAC, with the code before it, is its code: "countersign audit 1",
/// store, sequence, microseconds, action, subject, author and details (both sealed, in hexadecimal
/// digits), with bars between them and a line feed at the end.
std::string canonicalEvent(const std::string& store, std::int64_t sequence, std::int64_t time,
                           const std::string& action, std::optional<std::int64_t> subject,
                           const Bytes& author, const Bytes& details);

}  // namespace countersign
