// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/Audit.h"

#include <charconv>
#include <map>

#include "core/base/Csv.h"
#include "core/storage/ServerAddress.h"
#include "core/storage/Store.h"
#include "core/storage/internal/AuditChain.h"
#include "core/storage/internal/Conversion.h"
#include "core/storage/internal/PendingRestore.h"
#include "core/storage/internal/RowLedger.h"
#include "core/storage/internal/RowText.h"
#include "core/storage/internal/Schema.h"
#include "core/storage/internal/SealedRows.h"
#include "core/storage/internal/Sql.h"
#include "core/storage/internal/Vault.h"

namespace countersign {

namespace {

constexpr std::size_t kCodeDigits = 64;

Error broken(const std::string& sentence) {
  return {ErrorCode::StoreFailure, "The audit does not hold: " + sentence, ""};
}

/// Whether the database is where it belongs, and nothing waits to take its place.
bool isDatabaseInPlace(const std::filesystem::path& store) {
  const auto server = serverOf(store);
  if (!server || *server) return server.has_value();
  std::error_code ignored;
  return std::filesystem::exists(store / "store.db", ignored) && !hasPendingConversion(store) &&
         !hasPendingRestore(store);
}

Status checkReader(const Account& account) {
  if (account.role != Role::Clerk) return ok();
  return Error{ErrorCode::OptionOutOfRange,
               "The history of everybody's work is not a clerk's business; ask an auditor.", ""};
}

/// One line; a spreadsheet that opens the table takes no cell for a formula.
std::string csvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& cell : cells) {
    const bool isFormula =
        !cell.empty() && std::string_view("=+-@").find(cell.front()) != std::string_view::npos;
    line.append(line.empty() ? "" : ",").append(csvCell(isFormula ? "'" + cell : cell));
  }
  return line + "\r\n";
}

/// Whether an action's subject is a person; in stores of before, some were about references.
bool isAboutPerson(std::string_view action) {
  return action != "decide" && action != "retire reference" && action != "restore reference";
}

std::string rowsText(std::int64_t first, std::int64_t last) {
  if (first == last) return "row " + std::to_string(first) + " is missing";
  return "rows " + std::to_string(first) + " to " + std::to_string(last) + " are missing";
}

}  // namespace

std::string auditHeadText(const AuditHead& head) {
  return std::to_string(head.sequence) + ":" + head.code;
}

std::optional<AuditHead> auditHeadOf(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  AuditHead head;
  const auto* end = text.data() + colon;
  const auto [parsed, failure] = std::from_chars(text.data(), end, head.sequence);
  head.code = text.substr(colon + 1);
  const bool isCode = head.code.size() == kCodeDigits &&
                      head.code.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (failure != std::errc() || parsed != end || head.sequence < 1 || !isCode) return std::nullopt;
  return head;
}

AuditTrail::AuditTrail(std::filesystem::path store, std::shared_ptr<const Vault> vault)
    : m_store(std::move(store)), m_vault(std::move(vault)) {}

Result<AuditTrail> AuditTrail::open(const std::filesystem::path& store,
                                    const Credential& credential, const Clock& clock) {
  // Says what is wrong with a store that cannot be read, and notes down who looks.
  const auto opened = Store::open(store, Store::Access::Read, clock, credential);
  if (opened) return of(**opened);
  if (opened.error().code != ErrorCode::StoreFailure || !isDatabaseInPlace(store))
    return opened.error();
  // Of a store that was changed by others the history says most.
  auto vault = Vault::unlock(store, credential, clock);
  if (!vault) return vault.error();
  if (auto status = checkReader((*vault)->account()); !status) return status.error();
  return AuditTrail(store, *std::move(vault));
}

Result<AuditTrail> AuditTrail::of(const Store& store) {
  if (auto status = checkReader(store.account()); !status) return status.error();
  return AuditTrail(store.folder(), store.vault());
}

template <typename Work>
auto AuditTrail::guarded(Work&& work) const {
  using Done = decltype(work(std::declval<SqlConnection&>()));
  const auto once = [&]() -> Done {
    try {
      SqlConnection sql(rowsPlaceOf(m_store));
      return work(sql);
    } catch (const SqlFailure& failure) { return Done(failure.error()); }
  };
  auto done = once();
  if (done || done.error().code != ErrorCode::StoreUnreachable || !m_vault->connections())
    return done;
  // It may be the vault's connection that was lost, some time ago.
  m_vault->connections()->drop();
  return once();
}

Result<AuditHead> verifyChain(SqlConnection& sql, const Vault& vault,
                              const std::map<std::int64_t, std::string>& noted) {
  const SqlTransaction look(sql, SqlTransaction::Kind::Look);
  SqlStatement rows(sql,
                    "SELECT sequence, time_us, author, action, subject, details, code FROM event"
                    " ORDER BY sequence");
  rows.run();
  AuditHead head;
  Bytes previous;
  while (rows.next()) {
    const auto sequence = rows.integer(0);
    if (sequence != head.sequence + 1)
      return broken(rowsText(head.sequence + 1, sequence - 1) + ".");
    const auto name = "row " + std::to_string(sequence) + " (" + toIso8601({rows.integer(1)}) + ")";
    std::optional<std::int64_t> subject;
    if (!rows.isNull(4)) subject = rows.integer(4);
    const auto code =
        vault.auditCode(canonicalEvent(vault.storeIdentity(), sequence, rows.integer(1),
                                       rows.text(3), subject, rows.bytes(2), rows.bytes(5)),
                        previous);
    if (code != rows.bytes(6)) return broken(name + " was changed, or what came before it was.");
    head = {sequence, hexText(code)};
    if (const auto at = noted.find(sequence); at != noted.end() && at->second != head.code)
      return broken(name +
                    " is not the one that was noted down: rows were written anew by "
                    "somebody with the keys, or a backup was restored.");
    previous = code;
  }
  SqlStatement counter(sql, "SELECT value FROM counter WHERE name = 'event'");
  auto last = counter.run().next() ? counter.integer(0) : 0;
  if (!noted.empty()) last = std::max(last, noted.rbegin()->first);
  if (last > head.sequence)
    return broken(rowsText(head.sequence + 1, last) +
                  " at the end: they were cut off, or a backup was restored.");
  if (schemaVersion(sql) != kSchemaVersion) {
    if (vault.hasBook())
      return broken("the store's database is of an earlier version than it was.");
    return head;
  }
  const auto differences = RowLedger::differences(sql, vault);
  if (!differences.empty())
    return broken("its rows follow each other, but " + differences.front() +
                  " were changed by another program.");
  return head;
}

Result<AuditHead> AuditTrail::verify(const std::vector<AuditHead>& earlier) const {
  std::map<std::int64_t, std::string> noted;
  for (const auto& head : earlier) {
    const auto [at, isNew] = noted.emplace(head.sequence, head.code);
    if (!isNew && at->second != head.code)
      return broken("two heads were noted down for row " + std::to_string(head.sequence) +
                    "; a backup was restored, or rows were written anew.");
  }
  return guarded([&](SqlConnection& sql) { return verifyChain(sql, *m_vault, noted); });
}

Result<AuditHead> AuditTrail::head() const {
  return guarded([&](SqlConnection& sql) -> Result<AuditHead> {
    SqlStatement row(sql, "SELECT sequence, code FROM event ORDER BY sequence DESC LIMIT 1");
    if (!row.run().next()) return AuditHead{};
    return AuditHead{row.integer(0), hexText(row.bytes(1))};
  });
}

Result<std::vector<AuditRow>> AuditTrail::rows() const {
  return guarded([&](SqlConnection& sql) -> Result<std::vector<AuditRow>> {
    SqlStatement rows(sql,
                      "SELECT e.sequence, e.time_us, e.author, e.action, e.subject, e.details,"
                      " d.person_key FROM event e"
                      " LEFT JOIN decision d ON d.event = e.sequence ORDER BY e.sequence");
    rows.run();
    std::vector<AuditRow> all;
    while (rows.next()) {
      AuditRow row{eventAt(*m_vault, rows, 0), rows.text(3), {}, {}, {}};
      if (!rows.isNull(4)) row.subject = rows.integer(4);
      auto known = detailsAt(*m_vault, row.event.sequence, rows, 5);
      row.details = std::move(known.details);
      row.isErased = known.isErased;
      if (!rows.isNull(6))
        row.person = PersonKey{rows.integer(6)};
      else if (row.subject && isAboutPerson(row.action))
        row.person = PersonKey{*row.subject};
      all.push_back(std::move(row));
    }
    return all;
  });
}

bool AuditFilter::admits(const AuditRow& row) const {
  const auto day = dayOf(row.event.time);
  return (account.empty() || row.event.author == account) &&
         (action.empty() || row.action == action) && (!person || row.person == person) &&
         (from.empty() || day >= from) && (to.empty() || day <= to);
}

std::string detailsText(const AuditRow& row) {
  if (row.isErased) return "(erased with the person)";
  std::string text;
  for (const auto& [name, value] : row.details)
    if (!value.empty())
      text.append(text.empty() ? "" : ", ").append(name).append(" ").append(value);
  return text;
}

std::string erasureText(const ErasureReceipt& receipt, const AuditHead& head) {
  std::string text = "Receipt of an erasure\n\n";
  text += "Store      " + receipt.store + "\n";
  text += "Time       " + toIso8601(receipt.event.time) + "\n";
  text += "By         " + receipt.event.author + "\n";
  if (!receipt.confirmedBy.empty()) text += "Confirmed  " + receipt.confirmedBy + "\n";
  text += "\nErased, with all images, embeddings, names and notes:\n";
  for (const auto& person : receipt.people)
    text += "  " + person.identifier + " (number " + std::to_string(person.key.value) +
            "): " + std::to_string(person.references) + " references, what " +
            std::to_string(person.decisions) + " decisions kept of them\n";
  text +=
      "\nTheir keys were deleted. What older backups hold of them cannot be read any more with the "
      "keys of this store, nor with any copy of the keys that is made from now on; copies of the "
      "file of keys that were made before have to be deleted. That decisions were made, when, and "
      "by whom, is kept without the person.\n\n";
  if (receipt.isKeyLeft)
    text +=
        "Their keys could not be deleted yet, since the file of keys could not be written; that is "
        "done when the store is next opened for writing.\n\n";
  text += "Head of the audit after it: " + auditHeadText(head) + "\n";
  return text;
}

std::string auditCsv(const std::vector<AuditRow>& rows) {
  std::string text =
      csvLine({"sequence", "time", "account", "action", "person", "subject", "details"});
  for (const auto& row : rows)
    text +=
        csvLine({std::to_string(row.event.sequence), toIso8601(row.event.time), row.event.author,
                 row.action, row.person ? std::to_string(row.person->value) : "",
                 row.subject ? std::to_string(*row.subject) : "", detailsText(row)});
  return text;
}

}  // namespace countersign
