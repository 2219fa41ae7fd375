// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/Audit.h"

#include <charconv>
#include <map>

#include "core/storage/Store.h"
#include "core/storage/internal/RowText.h"
#include "core/storage/internal/SealedRows.h"
#include "core/storage/internal/Sql.h"
#include "core/storage/internal/Vault.h"

namespace countersign {

namespace {

constexpr std::size_t kCodeDigits = 64;

Error broken(const std::string& sentence) {
  return {ErrorCode::StoreFailure, "The audit does not hold: " + sentence, ""};
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

AuditTrail::AuditTrail(std::filesystem::path database, std::shared_ptr<const Vault> vault)
    : m_database(std::move(database)), m_vault(std::move(vault)) {}

Result<AuditTrail> AuditTrail::open(const std::filesystem::path& store,
                                    const Credential& credential, const Clock& clock) {
  // Says what is wrong with a store that cannot be read.
  const auto opened = Store::open(store, Store::Access::Read, clock, credential);
  if (!opened) return opened.error();
  auto vault = Vault::unlock(store, credential, clock);
  if (!vault) return vault.error();
  return AuditTrail(store / "store.db", *std::move(vault));
}

template <typename Work>
auto AuditTrail::guarded(Work&& work) const {
  using Done = decltype(work(std::declval<SqlConnection&>()));
  try {
    SqlConnection sql(m_database);
    return work(sql);
  } catch (const SqlFailure& failure) { return Done(failure.error()); }
}

Result<AuditHead> AuditTrail::verify(const std::vector<AuditHead>& earlier) const {
  std::map<std::int64_t, std::string> noted;
  for (const auto& head : earlier) {
    const auto [at, isNew] = noted.emplace(head.sequence, head.code);
    if (!isNew && at->second != head.code)
      return broken("two heads were noted down for row " + std::to_string(head.sequence) +
                    "; a backup was restored, or rows were written anew.");
  }
  return guarded([&](SqlConnection& sql) -> Result<AuditHead> {
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
      const auto name =
          "row " + std::to_string(sequence) + " (" + toIso8601({rows.integer(1)}) + ")";
      std::optional<std::int64_t> subject;
      if (!rows.isNull(4)) subject = rows.integer(4);
      const auto code =
          m_vault->auditCode(canonicalEvent(m_vault->storeIdentity(), sequence, rows.integer(1),
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
    return head;
  });
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
    SqlStatement rows(
        sql, "SELECT sequence, time_us, author, action, subject FROM event ORDER BY sequence");
    rows.run();
    std::vector<AuditRow> all;
    while (rows.next()) {
      AuditRow row{eventAt(*m_vault, rows, 0), rows.text(3), {}};
      if (!rows.isNull(4)) row.subject = rows.integer(4);
      all.push_back(std::move(row));
    }
    return all;
  });
}

}  // namespace countersign
