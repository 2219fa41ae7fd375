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
};

/// What happened in a store, in the order in which it did. Reads the store beside whoever works
/// with it. Each row's code covers the row and the code before it, so that none can be changed,
/// taken out or put in by somebody without the keys; cutting off the newest rows is noticed by a
/// head that was noted down before.
class AuditTrail {
 public:
  /// @return  StoreMissing, StoreNotEncrypted, CredentialNeeded, CredentialWrong, StoreFailure.
  static Result<AuditTrail> open(const std::filesystem::path& store, const Credential& credential,
                                 const Clock& clock = systemTime);

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
  AuditTrail(std::filesystem::path database, std::shared_ptr<const Vault> vault);
  template <typename Work>
  auto guarded(Work&& work) const;

  std::filesystem::path m_database;
  std::shared_ptr<const Vault> m_vault;
};

}  // namespace countersign
