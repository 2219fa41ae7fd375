// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Clock.h"
#include "core/base/Result.h"
#include "core/biometrics/Records.h"
#include "core/storage/Accounts.h"

namespace countersign {

class Store;
class Vault;

/// The newest row of an audit, or one that was the newest: kept where nobody who opens the store
/// can write, it tells later whether rows were cut off or written anew.
struct AuditHead {
  std::int64_t sequence = 0;  ///< 0: nothing happened yet.
  std::string code;           ///< HMAC-SHA-256 of the row and the code before it, in hexadecimal.

  bool operator==(const AuditHead&) const = default;
};
/// "17:5f3c…"
std::string auditHeadText(const AuditHead& head);
std::optional<AuditHead> auditHeadOf(std::string_view text);

/// What happened once.
struct AuditRow {
  StoreEvent event;
  std::string action;
  std::optional<std::int64_t> subject;  ///< Key of the person or the decision that it was about.
  std::optional<PersonKey> person;      ///< Whom it was about, through a decision or not.
  AuditDetails details;
  bool isErased = false;  ///< The details went with the person.
};

/// Which rows are wanted; what is empty does not narrow them.
struct AuditFilter {
  std::string account;
  std::string action;
  std::optional<PersonKey> person;
  std::string from;  ///< First day, "2026-11-22", in UTC.
  std::string to;    ///< Last day.

  bool admits(const AuditRow& row) const;
};

/// As a table for other programs: sequence, time, account, action, person, subject, details.
std::string auditCsv(const std::vector<AuditRow>& rows);
/// What an erasure did, on one page, for whoever asked for it; with the head of the audit after it.
std::string erasureText(const ErasureReceipt& receipt, const AuditHead& head);
/// "threshold 0.75, before 0.7"
std::string detailsText(const AuditRow& row);

/// What happened in a store, in the order in which it did. Reads the store beside whoever works
/// with it. Each row's code covers the row and the code before it, so that none can be changed,
/// taken out or put in by somebody without the keys; cutting off the newest rows is noticed by a
/// head that was noted down before.
class AuditTrail {
 public:
  /// @return  StoreMissing, StoreNotEncrypted, CredentialNeeded, CredentialWrong, StoreFailure;
  ///          OptionOutOfRange for a clerk, who has no business with what others did.
  static Result<AuditTrail> open(const std::filesystem::path& store, const Credential& credential,
                                 const Clock& clock = systemTime);
  /// Of a store that is open.
  static Result<AuditTrail> of(const Store& store);

  /// Works out every code anew.
  ///
  /// @param earlier  heads that were noted down; each must be in the chain.
  /// @return         the head; or StoreFailure, which says where the chain breaks.
  Result<AuditHead> verify(const std::vector<AuditHead>& earlier = {}) const;
  /// Without looking whether the chain holds.
  Result<AuditHead> head() const;
  /// Oldest first.
  Result<std::vector<AuditRow>> rows() const;

 private:
  AuditTrail(std::filesystem::path store, std::shared_ptr<const Vault> vault);
  template <typename Work>
  auto guarded(Work&& work) const;

  std::filesystem::path m_store;
  std::shared_ptr<const Vault> m_vault;
};

}  // namespace countersign
