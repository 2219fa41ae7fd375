// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a supervisor answers for: thresholds, policies, evidence and networks.
#include <cmath>

#include "core/storage/internal/RowText.h"
#include "core/storage/internal/SealedRepository.h"

namespace countersign {

namespace {

const std::string kNetworkFileEntry = "network_file.";

Result<NetworkInService> networkCalled(SqlConnection& sql, const Vault& vault,
                                       const std::string& network) {
  SqlStatement row(sql, "SELECT identity, content, written FROM network WHERE identity = ?");
  if (row.bind(network).run().next()) return networkAt(vault, row, 0);
  return Error{ErrorCode::NotFound, "This network was never in service here.", ""};
}

/// As much of an identity as tells networks apart.
std::string briefly(const std::string& network) {
  constexpr std::size_t kDigits = 12;
  return network.substr(0, kDigits);
}

AuditDetails ruleDetails(const std::string& network, const DecisionRule& rule,
                         const DecisionRule& before) {
  AuditDetails details{{"network", briefly(network)}};
  const auto add = [&](const char* name, double now, double then) {
    details.emplace_back(name, now == then
                                   ? numberText(now)
                                   : numberText(now) + " (before " + numberText(then) + ")");
  };
  add("threshold", rule.threshold.value, before.threshold.value);
  add("band", rule.band, before.band);
  return details;
}

std::string policyText(const DecisionPolicy& policy) {
  std::string text;
  for (const auto& band : policy.amounts)
    text += (std::isfinite(band.upTo) ? "up to " + numberText(band.upTo) : std::string("above")) +
            ": " + numberText(band.threshold.value) + "; ";
  text += policy.isIndividual ? "by person; " : "";
  return text + "blind checks " + numberText(policy.blindShare);
}

}  // namespace

Status SealedRepository::setRule(const std::string& network, const DecisionRule& rule,
                                 const Author& author, const std::optional<DecisionRule>& seen) {
  if (auto status = allowSupervisor("sets thresholds"); !status) return status;
  return change([&](RowLedger& ledger) -> Status {
    const auto known = networkCalled(ledger.sql(), *m_vault, network);
    if (!known) return known.error();
    const auto text = [](const DecisionRule& one) {
      return numberText(one.threshold.value) + " and refer band " + numberText(one.band);
    };
    if (seen && *seen != known->rule && rule != known->rule)
      return conflict(ledger.sql(), "set threshold", {{}, {{"network", briefly(network)}}, {}},
                      "threshold " + text(known->rule));
    auto status =
        allowConfirmed(author, "Threshold " + text(rule) + " instead of " + text(known->rule));
    if (!status) return status;
    const auto event =
        note(ledger, author, "set threshold", {.details = ruleDetails(network, rule, known->rule)});
    rows(ledger).putNetwork(network, rule, known->policy, event);
    return ok();
  });
}

Status SealedRepository::setPolicy(const std::string& network, const DecisionPolicy& policy,
                                   const Author& author,
                                   const std::optional<DecisionPolicy>& seen) {
  if (auto status = allowSupervisor("sets policies"); !status) return status;
  return change([&](RowLedger& ledger) -> Status {
    const auto known = networkCalled(ledger.sql(), *m_vault, network);
    if (!known) return known.error();
    if (seen && *seen != known->policy && policy != known->policy)
      return conflict(ledger.sql(), "set policy", {{}, {{"network", briefly(network)}}, {}},
                      policyText(known->policy));
    if (auto status = allowConfirmed(author, "Other rules (" + policyText(policy) + ")"); !status)
      return status;
    const auto event = note(ledger, author, "set policy",
                            {.details = {{"network", briefly(network)},
                                         {"policy", policyText(policy)},
                                         {"before", policyText(known->policy)}}});
    rows(ledger).putNetwork(network, known->rule, policy, event);
    return ok();
  });
}

Status SealedRepository::setPersonThreshold(
    PersonKey person, const std::string& network, const std::optional<PersonThreshold>& threshold,
    const Author& author, const std::optional<std::optional<PersonThreshold>>& seen) {
  if (auto status = allowSupervisor("sets thresholds"); !status) return status;
  return change([&](RowLedger& ledger) -> Status {
    auto& sql = ledger.sql();
    if (const auto known = networkCalled(sql, *m_vault, network); !known) return known.error();
    if (!personOnFile(sql, person))
      return Error{ErrorCode::NotFound, "This is not in the store any more.", ""};
    if (threshold && threshold->reason.empty())
      return Error{ErrorCode::OptionOutOfRange,
                   "Say why this person needs a threshold of their own.", ""};
    if (seen) {
      std::optional<double> known;
      SqlStatement row(sql,
                       "SELECT content, event FROM person_threshold"
                       " WHERE person_key = ? AND network = ?");
      if (row.bind(person.value).bind(network).run().next())
        known = personThresholdAt(*m_vault, person, network, row, 0).threshold.value;
      const auto valueOf = [](const std::optional<PersonThreshold>& one) {
        return one ? std::optional(one->threshold.value) : std::nullopt;
      };
      if (known != valueOf(*seen) && known != valueOf(threshold))
        return conflict(sql, known ? "set threshold of person" : "clear threshold of person",
                        {person.value, {{"network", briefly(network)}}, {}},
                        known ? "threshold " + numberText(*known) : "the office's threshold");
    }
    auto status = allowConfirmed(
        author, (threshold ? "Threshold " + numberText(threshold->threshold.value) + " for "
                           : std::string("The office's threshold for ")) +
                    namesOf(sql, {person}));
    if (!status) return status;
    AuditDetails details{{"network", briefly(network)}};
    if (threshold) {
      details.emplace_back("threshold", numberText(threshold->threshold.value));
      details.emplace_back("reason", threshold->reason);
    }
    const auto event =
        note(ledger, author, threshold ? "set threshold of person" : "clear threshold of person",
             {person.value, details, person});
    ledger.change(
        {"person_threshold", "person_key = ? AND network = ?", {person.value, network}}, [&] {
          SqlStatement(sql, "DELETE FROM person_threshold WHERE person_key = ? AND network = ?")
              .bind(person.value)
              .bind(network)
              .run();
        });
    if (threshold)
      rows(ledger).addPersonThreshold(person, network, threshold->threshold, threshold->reason,
                                      event);
    return ok();
  });
}

Status SealedRepository::setOwnEvidence(const std::string& network,
                                        const std::optional<OwnEvidence>& evidence,
                                        const Author& author) {
  if (auto status = allowSupervisor("chooses what scores are weighed by"); !status) return status;
  return change([&](RowLedger& ledger) -> Status {
    auto& sql = ledger.sql();
    if (const auto known = networkCalled(sql, *m_vault, network); !known) return known.error();
    AuditDetails details{{"network", briefly(network)}};
    if (evidence) details.emplace_back("scores", std::to_string(evidence->evidence.scores.size()));
    const auto event = note(ledger, author, evidence ? "weigh by own people" : "weigh by card",
                            {.details = details});
    ledger.change({"own_evidence", "network = ?", {network}}, [&] {
      SqlStatement(sql, "DELETE FROM own_evidence WHERE network = ?").bind(network).run();
    });
    if (evidence) rows(ledger).addOwnEvidence(network, *evidence, event);
    return ok();
  });
}

Status SealedRepository::addTemplates(
    const std::vector<std::pair<ReferenceKey, Template>>& templates, const Author& author) {
  return change([&](RowLedger& ledger) -> Status {
    const auto event = note(
        ledger, author, "embed references",
        {.details = {{"references", std::to_string(templates.size())},
                     {"network", templates.empty() ? std::string()
                                                   : briefly(templates.front().second.network)}}});
    for (const auto& [reference, made] : templates) {
      SqlStatement row(ledger.sql(),
                       "SELECT person_key FROM biometric_reference WHERE reference_key = ?");
      // Gone meanwhile: then nobody wants its template either.
      if (!row.bind(reference.value).run().next()) continue;
      rows(ledger).putTemplate(reference, {row.integer(0)}, made, event);
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

Result<std::string> SealedRepository::networkFileHash(const std::string& network) const {
  return guarded([&]() -> Result<std::string> {
    SqlStatement row(connection(), "SELECT content FROM store_info WHERE name = ?");
    if (row.bind(kNetworkFileEntry + network).run().next()) return row.text(0);
    return Error{ErrorCode::NotFound, "Nothing is known of this network's file.", ""};
  });
}

Status SealedRepository::setNetworkFileHash(const std::string& network, const std::string& hash,
                                            const Author& author) {
  return change([&](RowLedger& ledger) -> Status {
    note(ledger, author, "keep network", {.details = {{"network", briefly(network)}}});
    rows(ledger).setEntry(kNetworkFileEntry + network, hash);
    return ok();
  });
}

Result<std::vector<std::string>> SealedRepository::networksHeld() const {
  return guarded([&]() -> Result<std::vector<std::string>> {
    SqlStatement rows(connection(), "SELECT identity FROM network_file");
    rows.run();
    std::vector<std::string> all;
    while (rows.next()) all.push_back(rows.text(0));
    return all;
  });
}

Result<Bytes> SealedRepository::networkContent(const std::string& network) const {
  return guarded([&]() -> Result<Bytes> {
    SqlStatement row(connection(), "SELECT content FROM network_file WHERE identity = ?");
    if (row.bind(network).run().next()) return row.bytes(0);
    return Error{ErrorCode::NotFound, "The store's server does not hold this network.", ""};
  });
}

Status SealedRepository::keepNetworkContent(const std::string& network, const std::string& hash,
                                            const Bytes& content, const Author& author) {
  return change([&](RowLedger& ledger) -> Status {
    auto& sql = ledger.sql();
    SqlStatement(sql, "DELETE FROM network_file WHERE identity = ?").bind(network).run();
    SqlStatement(sql, "INSERT INTO network_file VALUES (?, ?)").bind(network).bind(content).run();
    note(ledger, author, "keep network", {.details = {{"network", briefly(network)}}});
    rows(ledger).setEntry(kNetworkFileEntry + network, hash);
    return ok();
  });
}

Status SealedRepository::mayChangeRules(const std::string& what, const Author& author) const {
  if (auto status = allowSupervisor("changes networks and thresholds"); !status) return status;
  return guarded([&] { return allowConfirmed(author, what); });
}

Status SealedRepository::putIntoService(Modality modality, const std::string& network,
                                        const DecisionRule& initial, const Author& author) {
  return change([&](RowLedger& ledger) -> Status {
    auto& sql = ledger.sql();
    std::string before;
    {
      SqlStatement row(sql, "SELECT content FROM store_info WHERE name = ?");
      if (row.bind(serviceEntry(modality)).run().next()) before = row.text(0);
    }
    if (!before.empty() && before != network) {
      if (auto status = allowSupervisor("changes networks"); !status) return status;
      auto status =
          allowConfirmed(author, "Network " + briefly(network) + " instead of " + briefly(before));
      if (!status) return status;
    }
    if (const int missing = countWithoutTemplate(sql, modality, network); missing > 0)
      return Error{
          ErrorCode::NetworkIncompatible,
          std::to_string(missing) + " references have not been embedded by this network yet.", ""};
    AuditDetails details{{"kind", std::string(modalityName(modality))},
                         {"network", briefly(network)}};
    if (!before.empty()) details.emplace_back("before", briefly(before));
    const auto event = note(ledger, author, "put network into service", {.details = details});
    if (!networkCalled(sql, *m_vault, network))
      rows(ledger).putNetwork(network, initial, policyAfter(sql, modality, initial), event);
    if (!before.empty() && before != network)
      rows(ledger).setEntry(serviceBeforeEntry(modality), before);
    rows(ledger).setEntry(serviceEntry(modality), network);
    return ok();
  });
}

}  // namespace countersign
