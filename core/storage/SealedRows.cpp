// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/SealedRows.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/storage/internal/RowText.h"

namespace countersign {

namespace {

using Json = nlohmann::json;
using Owner = std::optional<std::int64_t>;

constexpr const char* kContent = "content";

Owner ownerOf(const std::optional<PersonKey>& person) {
  return person ? Owner(person->value) : std::nullopt;
}

Bytes sealJson(const Vault& vault, DataKind kind, Owner owner, const Place& place,
               const Json& json) {
  auto text = Json::to_cbor(json);
  auto sealed = vault.seal(kind, owner, place, text);
  wipe(text);
  return sealed;
}

Json unsealJson(const Vault& vault, DataKind kind, Owner owner, const Place& place,
                const Bytes& sealed) {
  auto text = vault.unseal(kind, owner, place, sealed);
  auto json = Json::from_cbor(text, true, false);
  wipe(text);
  if (!json.is_object())
    throw SqlFailure(ErrorCode::StoreFailure,
                     "The store holds something that this program cannot read.", place.table);
  return json;
}

/// What is read as another type than was written is damage, not a bug of ours.
template <typename Read>
auto readFrom(const Json& json, const char* table, Read&& read) -> decltype(read(json)) {
  try {
    return read(json);
  } catch (const Json::exception& failure) {
    throw SqlFailure(ErrorCode::StoreFailure,
                     "The store holds something that this program cannot read.",
                     std::string(table) + ": " + failure.what());
  }
}

template <typename Value>
Json orNull(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}
template <typename Value>
std::optional<Value> optionalFrom(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional<Value>(json.get<Value>());
}

Place personPlace(PersonKey key, std::int64_t written) {
  return {"person", kContent, std::to_string(key.value), written};
}
Place referencePlace(ReferenceKey key, std::int64_t written) {
  return {"biometric_reference", kContent, std::to_string(key.value), written};
}
Place imagePlace(ReferenceKey key, const char* column, std::int64_t written) {
  return {"reference_image", column, std::to_string(key.value), written};
}
Place templatePlace(ReferenceKey key, const std::string& network, const std::string& kind,
                    std::int64_t written) {
  return {"template", kContent, std::to_string(key.value) + '/' + network + '/' + kind, written};
}
Place networkPlace(const std::string& identity, std::int64_t written) {
  return {"network", kContent, identity, written};
}
Place thresholdPlace(PersonKey person, const std::string& network, std::int64_t event) {
  return {"person_threshold", kContent, std::to_string(person.value) + '/' + network, event};
}
Place evidencePlace(const std::string& network, std::int64_t event) {
  return {"own_evidence", kContent, network, event};
}
Place probePlace(DecisionKey key, const char* column) {
  return {"decision_probe", column, std::to_string(key.value)};
}
Place comparedPlace(DecisionKey key, std::int64_t position, ReferenceKey reference) {
  return {"decision_reference", kContent,
          std::to_string(key.value) + '/' + std::to_string(position) + '/' +
              std::to_string(reference.value)};
}
Place eventPlace(std::int64_t sequence) { return {"event", "author", std::to_string(sequence)}; }
Place detailsPlace(std::int64_t sequence) { return {"event", "details", std::to_string(sequence)}; }

/// What a decision is about besides its sealed content.
Place decisionPlace(DecisionKey key, std::int64_t event, const std::string& modality,
                    const std::string& network) {
  return {"decision", kContent, std::to_string(key.value) + '/' + modality + '/' + network, event};
}

Json jsonOf(const SampleImage& image) {
  return {{"source_name", image.sourceName},
          {"source_hash", image.sourceHash},
          {"region", regionText(image.region)},
          {"input_kind", inputKindText(image.kind)},
          {"dots_per_inch", orNull(image.dotsPerInch)},
          {"quality", image.quality}};
}

Json personJson(const Person& person) {
  Json json = {{"identifier", person.identifier}, {"name", person.name}};
  const auto& grounds = person.grounds;
  if (!grounds.isEmpty())
    json["grounds"] = {{"basis", grounds.basis},
                       {"purpose", grounds.purpose},
                       {"retain_until", grounds.retainUntil}};
  return json;
}

}  // namespace

std::vector<PersonKey> erasedButThere(SqlConnection& sql, const Vault& vault) {
  SqlStatement rows(sql,
                    "SELECT p.person_key FROM person p WHERE p.retired IS NULL OR EXISTS"
                    " (SELECT 1 FROM biometric_reference r JOIN reference_image i"
                    " ON i.reference_key = r.reference_key WHERE r.person_key = p.person_key)");
  rows.run();
  std::vector<PersonKey> all;
  while (rows.next())
    if (vault.personState(rows.integer(0)) == Vault::PersonState::Erased)
      all.push_back({rows.integer(0)});
  return all;
}

Bytes identifierDigest(const Vault& vault, const std::string& identifier) {
  return vault.digest("identifier|" + identifier);
}

Bytes sampleDigest(const Vault& vault, Modality modality, const std::string& sourceHash,
                   const SampleRegion& region) {
  std::string text = "sample|";
  text.append(modalityName(modality)).append("|").append(sourceHash);
  if (modality == Modality::Face) text.append("|").append(regionText(region));
  return vault.digest(text);
}

std::string canonicalEvent(const std::string& store, std::int64_t sequence, std::int64_t time,
                           const std::string& action, std::optional<std::int64_t> subject,
                           const Bytes& author, const Bytes& details) {
  std::string text = "countersign audit 1|";
  text.append(store).append("|").append(std::to_string(sequence));
  text.append("|").append(std::to_string(time)).append("|").append(action);
  text.append("|").append(subject ? std::to_string(*subject) : "");
  text.append("|").append(hexText(author)).append("|").append(hexText(details)).append("\n");
  return text;
}

RowsWhere SealedRows::row(const char* table, const char* keyColumn, std::int64_t key) const {
  return {table, std::string(keyColumn) + " = ?", {key}};
}

std::int64_t SealedRows::nextNumber(const char* counter) {
  SqlStatement(m_sql, "UPDATE counter SET value = value + 1 WHERE name = ?")
      .bind(std::string(counter))
      .run();
  SqlStatement row(m_sql, "SELECT value FROM counter WHERE name = ?");
  if (row.bind(std::string(counter)).run().next()) return row.integer(0);
  throw SqlFailure(ErrorCode::StoreFailure,
                   "The store holds something that this program cannot read.", counter);
}

void SealedRows::setEntry(const std::string& name, const std::string& content) {
  m_ledger.change({"store_info", "name = ?", {name}}, [&] {
    SqlStatement(m_sql, "DELETE FROM store_info WHERE name = ?").bind(name).run();
    SqlStatement(m_sql, "INSERT INTO store_info VALUES (?, ?)").bind(name).bind(content).run();
  });
}

/// Eight bytes say whose key seals them, if anybody's; the sealed text follows.
static Bytes sealDetails(const Vault& vault, const SealedRows::Event& event) {
  if (event.details.empty()) return {};
  const auto person = event.about ? event.about->value : 0;
  auto bytes = bytesOf(std::vector<std::int64_t>{person});
  const auto sealed = sealJson(vault, DataKind::Audit, ownerOf(event.about),
                               detailsPlace(event.sequence), {{"details", event.details}});
  bytes.insert(bytes.end(), sealed.begin(), sealed.end());
  return bytes;
}

SealedDetails detailsAt(const Vault& vault, std::int64_t sequence, const SqlStatement& row,
                        int column) {
  const auto bytes = row.bytes(column);
  constexpr std::size_t kPrefix = sizeof(std::int64_t);
  if (bytes.size() <= kPrefix) return {};
  SealedDetails result;
  const auto person = valuesFrom<std::int64_t>({bytes.begin(), bytes.begin() + kPrefix}).front();
  if (person != 0) result.about = PersonKey{person};
  try {
    const auto json = unsealJson(vault, DataKind::Audit, ownerOf(result.about),
                                 detailsPlace(sequence), {bytes.begin() + kPrefix, bytes.end()});
    result.details =
        readFrom(json, "event", [](const Json& j) { return j.at("details").get<AuditDetails>(); });
  } catch (const SqlFailure& failure) {
    if (failure.error().code != ErrorCode::PersonErased) throw;
    result.isErased = true;
  }
  return result;
}

void SealedRows::addEvent(const Event& event) {
  Bytes previous;  // nothing comes before the first
  SqlStatement last(m_sql, "SELECT code FROM event WHERE sequence = ?");
  if (last.bind(event.sequence - 1).run().next()) previous = last.bytes(0);
  const auto author = m_vault.seal(
      DataKind::Audit, {}, eventPlace(event.sequence),
      {reinterpret_cast<const std::uint8_t*>(event.author.data()), event.author.size()});
  const auto details = sealDetails(m_vault, event);
  const auto code = m_vault.auditCode(
      canonicalEvent(m_vault.storeIdentity(), event.sequence, event.time.microseconds, event.action,
                     event.subject, author, details),
      previous);
  SqlStatement(m_sql,
               "INSERT INTO event (sequence, time_us, author, action, subject, details, code)"
               " VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(event.sequence)
      .bind(event.time.microseconds)
      .bind(author)
      .bind(event.action)
      .bind(event.subject)
      .bind(details)
      .bind(code)
      .run();
}

void SealedRows::addPerson(const Person& person, const LifeTime& life) {
  m_ledger.add(row("person", "person_key", person.key.value), [&] {
    SqlStatement(m_sql, "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)")
        .bind(person.key.value)
        .bind(identifierDigest(m_vault, person.identifier))
        .bind(sealJson(m_vault, DataKind::Identity, person.key.value,
                       personPlace(person.key, life.written), personJson(person)))
        .bind(life.written)
        .bind(life.added)
        .bind(life.retired)
        .run();
  });
}

void SealedRows::updatePerson(const Person& person, std::int64_t event) {
  m_ledger.change(row("person", "person_key", person.key.value), [&] {
    SqlStatement(m_sql, "UPDATE person SET content = ?, written = ? WHERE person_key = ?")
        .bind(sealJson(m_vault, DataKind::Identity, person.key.value,
                       personPlace(person.key, event), personJson(person)))
        .bind(event)
        .bind(person.key.value)
        .run();
  });
}

void SealedRows::addReference(ReferenceKey key, PersonKey person, const NewReference& reference,
                              const LifeTime& life) {
  const auto& image = reference.image;
  m_ledger.add(row("biometric_reference", "reference_key", key.value), [&] {
    SqlStatement(m_sql, "INSERT INTO biometric_reference VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(key.value)
        .bind(person.value)
        .bind(std::string(modalityName(reference.modality)))
        .bind(sampleDigest(m_vault, reference.modality, image.sourceHash, image.region))
        .bind(sealJson(m_vault, DataKind::Image, person.value, referencePlace(key, life.written),
                       jsonOf(image)))
        .bind(life.written)
        .bind(life.added)
        .bind(life.retired)
        .run();
  });
  const auto sealed = [&](const char* column, const Bytes& bytes) {
    return m_vault.seal(DataKind::Image, person.value, imagePlace(key, column, life.written),
                        bytes);
  };
  m_ledger.add(row("reference_image", "reference_key", key.value), [&] {
    SqlStatement(m_sql, "INSERT INTO reference_image VALUES (?, ?, ?, ?)")
        .bind(key.value)
        .bind(sealed("original", image.original))
        .bind(sealed("normalised", image.normalised))
        .bind(life.written)
        .run();
  });
}

void SealedRows::putTemplate(ReferenceKey reference, PersonKey person, const Template& made,
                             std::int64_t event) {
  const RowsWhere one{"template",
                      "reference_key = ? AND network = ? AND kind = ?",
                      {reference.value, made.network, made.kind}};
  m_ledger.change(one, [&] {
    SqlStatement(m_sql, "DELETE FROM template WHERE reference_key = ? AND network = ? AND kind = ?")
        .bind(reference.value)
        .bind(made.network)
        .bind(made.kind)
        .run();
    SqlStatement(m_sql, "INSERT INTO template VALUES (?, ?, ?, ?, ?)")
        .bind(reference.value)
        .bind(made.network)
        .bind(made.kind)
        .bind(m_vault.seal(DataKind::Embedding, person.value,
                           templatePlace(reference, made.network, made.kind, event), made.content))
        .bind(event)
        .run();
  });
}

void SealedRows::handOver(ReferenceKey key, PersonKey from, PersonKey into, std::int64_t event) {
  SqlStatement row(m_sql,
                   "SELECT r.content, r.written, i.original, i.normalised, i.written"
                   " FROM biometric_reference r"
                   " JOIN reference_image i ON i.reference_key = r.reference_key"
                   " WHERE r.reference_key = ? AND r.person_key = ?");
  if (!row.bind(key.value).bind(from.value).run().next()) return;
  const auto reseal = [&](DataKind kind, const Place& before, const Place& after,
                          const Bytes& sealed) {
    return m_vault.seal(kind, into.value, after, m_vault.unseal(kind, from.value, before, sealed));
  };
  const auto images = imagesAt(m_vault, key, from, row, 2);
  m_ledger.change(this->row("biometric_reference", "reference_key", key.value), [&] {
    SqlStatement(m_sql,
                 "UPDATE biometric_reference SET person_key = ?, content = ?, written = ?"
                 " WHERE reference_key = ?")
        .bind(into.value)
        .bind(reseal(DataKind::Image, referencePlace(key, row.integer(1)),
                     referencePlace(key, event), row.bytes(0)))
        .bind(event)
        .bind(key.value)
        .run();
  });
  SqlStatement(m_sql,
               "UPDATE reference_image SET original = ?, normalised = ?, written = ?"
               " WHERE reference_key = ?")
      .bind(m_vault.seal(DataKind::Image, into.value, imagePlace(key, "original", event),
                         images.original))
      .bind(m_vault.seal(DataKind::Image, into.value, imagePlace(key, "normalised", event),
                         images.normalised))
      .bind(event)
      .bind(key.value)
      .run();
  std::vector<Template> templates;
  SqlStatement made(m_sql,
                    "SELECT network, kind, content, written FROM template WHERE reference_key = ?");
  made.bind(key.value).run();
  while (made.next())
    templates.push_back({made.text(0), made.text(1),
                         templateAt(m_vault, key, from, made.text(0), made.text(1), made, 2)});
  for (const auto& one : templates) putTemplate(key, into, one, event);
}

void SealedRows::putNetwork(const std::string& identity, const DecisionRule& rule,
                            const DecisionPolicy& policy, std::int64_t event) {
  auto amounts = Json::array();
  for (const auto& band : policy.amounts)
    amounts.push_back({std::isfinite(band.upTo) ? Json(band.upTo) : Json(), band.threshold.value});
  const Json json = {{"threshold", rule.threshold.value},
                     {"band", rule.band},
                     {"is_individual", policy.isIndividual},
                     {"blind_share", policy.blindShare},
                     {"amounts", amounts}};
  const auto sealed =
      sealJson(m_vault, DataKind::Identity, {}, networkPlace(identity, event), json);
  m_ledger.change({"network", "identity = ?", {identity}}, [&] {
    SqlStatement known(m_sql, "SELECT COUNT(*) FROM network WHERE identity = ?");
    known.bind(identity).run().next();
    if (known.integer(0) == 0)
      SqlStatement(m_sql, "INSERT INTO network VALUES (?, ?, ?)")
          .bind(identity)
          .bind(sealed)
          .bind(event)
          .run();
    else
      SqlStatement(m_sql, "UPDATE network SET content = ?, written = ? WHERE identity = ?")
          .bind(sealed)
          .bind(event)
          .bind(identity)
          .run();
  });
}

void SealedRows::addPersonThreshold(PersonKey person, const std::string& network,
                                    SimilarityScore threshold, const std::string& reason,
                                    std::int64_t event) {
  m_ledger.add({"person_threshold", "person_key = ? AND network = ?", {person.value, network}},
               [&] {
                 SqlStatement(m_sql, "INSERT INTO person_threshold VALUES (?, ?, ?, ?)")
                     .bind(person.value)
                     .bind(network)
                     .bind(sealJson(m_vault, DataKind::Identity, person.value,
                                    thresholdPlace(person, network, event),
                                    {{"threshold", threshold.value}, {"reason", reason}}))
                     .bind(event)
                     .run();
               });
}

void SealedRows::addOwnEvidence(const std::string& network, const OwnEvidence& own,
                                std::int64_t event) {
  const auto& evidence = own.evidence;
  const Json json = {{"references", own.references},
                     {"scores", Json::binary(bytesOf(evidence.scores))},
                     {"kinds", Json::binary(evidence.groups)},
                     {"subjects", Json::binary(bytesOf(evidence.subjects))}};
  m_ledger.add({"own_evidence", "network = ?", {network}}, [&] {
    SqlStatement(m_sql, "INSERT INTO own_evidence VALUES (?, ?, ?)")
        .bind(network)
        .bind(sealJson(m_vault, DataKind::Embedding, {}, evidencePlace(network, event), json))
        .bind(event)
        .run();
  });
}

void SealedRows::addDecision(DecisionKey key, const NewDecision& decision, std::int64_t event) {
  const auto owner = ownerOf(decision.person);
  const std::string modality(modalityName(decision.modality));
  const auto& rule = decision.applied;
  const Json content = {{"is_identification", decision.isIdentification},
                        {"threshold", rule.rule.threshold.value},
                        {"band", rule.rule.band},
                        {"source", sourceText(rule.source)},
                        {"amount", orNull(rule.amount)},
                        {"always_refer", rule.isAlwaysReferred},
                        {"fused_references", decision.fusedReferences},
                        {"score", orNull(decision.score)},
                        {"finding", findingText(decision.finding)},
                        {"recorded", findingText(decision.recorded)},
                        {"blind", decision.blind ? Json(findingText(*decision.blind)) : Json()},
                        {"note", decision.note}};
  m_ledger.add(row("decision", "decision_key", key.value), [&] {
    SqlStatement(m_sql, "INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?)")
        .bind(key.value)
        .bind(event)
        .bind(owner)
        .bind(modality)
        .bind(decision.network)
        .bind(sealJson(m_vault, DataKind::Identity, owner,
                       decisionPlace(key, event, modality, decision.network), content))
        .run();
  });
  const auto& probe = decision.probe;
  const auto sealed = [&](DataKind kind, const char* column, const Bytes& bytes) {
    return m_vault.seal(kind, owner, probePlace(key, column), bytes);
  };
  m_ledger.add(row("decision_probe", "decision_key", key.value), [&] {
    SqlStatement(m_sql, "INSERT INTO decision_probe VALUES (?, ?, ?, ?, ?)")
        .bind(key.value)
        .bind(sealJson(m_vault, DataKind::Image, owner, probePlace(key, kContent), jsonOf(probe)))
        .bind(sealed(DataKind::Image, "original", probe.original))
        .bind(sealed(DataKind::Image, "normalised", probe.normalised))
        .bind(sealed(DataKind::Embedding, "embedding", decision.embedding))
        .run();
  });
  m_ledger.add(row("decision_reference", "decision_key", key.value), [&] {
    std::int64_t position = 0;
    for (const auto& compared : decision.references) {
      SqlStatement(m_sql, "INSERT INTO decision_reference VALUES (?, ?, ?, ?)")
          .bind(key.value)
          .bind(position)
          .bind(compared.reference.value)
          .bind(sealJson(
              m_vault, DataKind::Embedding, owner, comparedPlace(key, position, compared.reference),
              {{"score", compared.score}, {"embedding", Json::binary(compared.embedding)}}))
          .run();
      ++position;
    }
  });
}

StoreEvent eventAt(const Vault& vault, const SqlStatement& row, int column) {
  const auto sequence = row.integer(column);
  const auto author =
      vault.unseal(DataKind::Audit, {}, eventPlace(sequence), row.bytes(column + 2));
  return {sequence, {row.integer(column + 1)}, {author.begin(), author.end()}};
}

Person personAt(const Vault& vault, const SqlStatement& row, int column) {
  const PersonKey key{row.integer(column)};
  const auto json = unsealJson(vault, DataKind::Identity, key.value,
                               personPlace(key, row.integer(column + 2)), row.bytes(column + 1));
  return readFrom(json, "person", [&](const Json& j) {
    Person person{key, j.at("identifier").get<std::string>(), j.at("name").get<std::string>()};
    // Stores of before have none.
    if (j.contains("grounds")) {
      const auto& grounds = j["grounds"];
      person.grounds = {grounds.at("basis").get<std::string>(),
                        grounds.at("purpose").get<std::string>(),
                        grounds.at("retain_until").get<std::string>()};
    }
    return person;
  });
}

Reference referenceAt(const Vault& vault, const SqlStatement& row, int column) {
  const ReferenceKey key{row.integer(column)};
  const PersonKey person{row.integer(column + 1)};
  const auto json = unsealJson(vault, DataKind::Image, person.value,
                               referencePlace(key, row.integer(column + 4)), row.bytes(column + 3));
  return readFrom(json, "biometric_reference", [&](const Json& j) {
    Reference r;
    r.key = key;
    r.person = person;
    r.modality = modalityFrom(row.text(column + 2));
    r.sourceName = j.at("source_name").get<std::string>();
    r.sourceHash = j.at("source_hash").get<std::string>();
    r.region = regionFrom(j.at("region").get<std::string>());
    r.kind = inputKindFrom(j.at("input_kind").get<std::string>());
    r.dotsPerInch = optionalFrom<double>(j.at("dots_per_inch"));
    r.quality = j.at("quality").get<std::string>();
    return r;
  });
}

ReferenceImages imagesAt(const Vault& vault, ReferenceKey key, PersonKey person,
                         const SqlStatement& row, int column) {
  const auto written = row.integer(column + 2);
  const auto opened = [&](const char* name, const Bytes& sealed) {
    return vault.unseal(DataKind::Image, person.value, imagePlace(key, name, written), sealed);
  };
  return {opened("original", row.bytes(column)), opened("normalised", row.bytes(column + 1))};
}

Bytes templateAt(const Vault& vault, ReferenceKey key, PersonKey person, const std::string& network,
                 const std::string& kind, const SqlStatement& row, int column) {
  return vault.unseal(DataKind::Embedding, person.value,
                      templatePlace(key, network, kind, row.integer(column + 1)),
                      row.bytes(column));
}

NetworkInService networkAt(const Vault& vault, const SqlStatement& row, int column) {
  const auto identity = row.text(column);
  const auto json =
      unsealJson(vault, DataKind::Identity, {}, networkPlace(identity, row.integer(column + 2)),
                 row.bytes(column + 1));
  return readFrom(json, "network", [&](const Json& j) {
    NetworkInService network;
    network.identity = identity;
    network.rule = {{j.at("threshold").get<double>()}, j.at("band").get<double>()};
    network.policy.isIndividual = j.at("is_individual").get<bool>();
    network.policy.blindShare = j.at("blind_share").get<double>();
    for (const auto& band : j.at("amounts"))
      network.policy.amounts.push_back(
          {optionalFrom<double>(band.at(0)).value_or(std::numeric_limits<double>::infinity()),
           {band.at(1).get<double>()}});
    return network;
  });
}

PersonThreshold personThresholdAt(const Vault& vault, PersonKey person, const std::string& network,
                                  const SqlStatement& row, int column) {
  const auto json =
      unsealJson(vault, DataKind::Identity, person.value,
                 thresholdPlace(person, network, row.integer(column + 1)), row.bytes(column));
  return readFrom(json, "person_threshold", [&](const Json& j) {
    return PersonThreshold{
        {j.at("threshold").get<double>()}, j.at("reason").get<std::string>(), {}};
  });
}

OwnEvidence ownEvidenceAt(const Vault& vault, const std::string& network, const SqlStatement& row,
                          int column) {
  const auto json = unsealJson(vault, DataKind::Embedding, {},
                               evidencePlace(network, row.integer(column + 1)), row.bytes(column));
  return readFrom(json, "own_evidence", [&](const Json& j) {
    return OwnEvidence{{valuesFrom<float>(j.at("scores").get_binary()), j.at("kinds").get_binary(),
                        valuesFrom<std::int32_t>(j.at("subjects").get_binary())},
                       j.at("references").get<int>(),
                       {}};
  });
}

NewDecision decisionAt(const Vault& vault, const SqlStatement& row, int column) {
  NewDecision d;
  const DecisionKey key{row.integer(column)};
  if (!row.isNull(column + 2)) d.person = PersonKey{row.integer(column + 2)};
  const auto modality = row.text(column + 3);
  d.modality = modalityFrom(modality);
  d.network = row.text(column + 4);
  const auto json = unsealJson(vault, DataKind::Identity, ownerOf(d.person),
                               decisionPlace(key, row.integer(column + 1), modality, d.network),
                               row.bytes(column + 5));
  return readFrom(json, "decision", [&](const Json& j) {
    d.isIdentification = j.at("is_identification").get<bool>();
    d.applied = {{{j.at("threshold").get<double>()}, j.at("band").get<double>()},
                 sourceFrom(j.at("source").get<std::string>()),
                 optionalFrom<double>(j.at("amount")),
                 j.at("always_refer").get<bool>()};
    d.fusedReferences = j.at("fused_references").get<int>();
    d.score = optionalFrom<double>(j.at("score"));
    d.finding = findingFrom(j.at("finding").get<std::string>());
    d.recorded = findingFrom(j.at("recorded").get<std::string>());
    if (!j.at("blind").is_null()) d.blind = findingFrom(j.at("blind").get<std::string>());
    d.note = j.at("note").get<std::string>();
    return d;
  });
}

void readProbe(const Vault& vault, DecisionKey key, std::optional<PersonKey> person,
               const SqlStatement& row, NewDecision& decision) {
  const auto owner = ownerOf(person);
  const auto json =
      unsealJson(vault, DataKind::Image, owner, probePlace(key, kContent), row.bytes(0));
  auto& probe = decision.probe;
  probe = readFrom(json, "decision_probe", [](const Json& j) {
    SampleImage image;
    image.sourceName = j.at("source_name").get<std::string>();
    image.sourceHash = j.at("source_hash").get<std::string>();
    image.region = regionFrom(j.at("region").get<std::string>());
    image.kind = inputKindFrom(j.at("input_kind").get<std::string>());
    image.dotsPerInch = optionalFrom<double>(j.at("dots_per_inch"));
    image.quality = j.at("quality").get<std::string>();
    return image;
  });
  const auto opened = [&](DataKind kind, const char* column, const Bytes& sealed) {
    return vault.unseal(kind, owner, probePlace(key, column), sealed);
  };
  probe.original = opened(DataKind::Image, "original", row.bytes(1));
  probe.normalised = opened(DataKind::Image, "normalised", row.bytes(2));
  decision.embedding = opened(DataKind::Embedding, "embedding", row.bytes(3));
}

DecisionReference decisionReferenceAt(const Vault& vault, DecisionKey key,
                                      std::optional<PersonKey> person, std::int64_t position,
                                      const SqlStatement& row, int column) {
  const ReferenceKey reference{row.integer(column)};
  const auto json = unsealJson(vault, DataKind::Embedding, ownerOf(person),
                               comparedPlace(key, position, reference), row.bytes(column + 1));
  return readFrom(json, "decision_reference", [&](const Json& j) {
    return DecisionReference{reference, j.at("embedding").get_binary(),
                             j.at("score").get<double>()};
  });
}

}  // namespace countersign
