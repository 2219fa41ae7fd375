// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "core/biometrics/Repository.h"
#include "core/storage/internal/RowLedger.h"
#include "core/storage/internal/SealedRows.h"
#include "core/storage/internal/Sql.h"
#include "core/storage/internal/StoredRepository.h"
#include "core/storage/internal/Vault.h"

namespace countersign {

/// The repository in SQL, its rows sealed, with one connection per thread that uses it. A server
/// that goes away for a moment is waited for: what was read is read again, and a change is made
/// again unless it turns out that it was made.
class SealedRepository final : public StoredRepository {
 public:
  SealedRepository(const SqlPlace& place, std::shared_ptr<Vault> vault, bool isWritable,
                   Clock clock);
  /// Other desks learn that this one is gone, whoever still holds the keys.
  ~SealedRepository() override { m_connections->dropAll(); }
  SealedRepository(const SealedRepository&) = delete;
  SealedRepository& operator=(const SealedRepository&) = delete;

  /// Makes the tables of a new store; deletes what was retired in an earlier session.
  Status prepare() override;
  int erasedAtOpening() const override { return m_erasedAtOpening; }
  std::optional<Timestamp> latestTime() const override;
  Result<std::vector<std::string>> accept(const Author& author) override;
  Status noteEvent(const Author& author, const std::string& action,
                   const AuditDetails& details) const override;
  Status check() const override;
  /// Copies the database into a new file.
  Status copyTo(const std::filesystem::path& file,
                const JobContext<BackupProgress>& context) const override;

  Result<std::vector<std::string>> networksHeld() const override;
  Result<Bytes> networkContent(const std::string& network) const override;
  Status keepNetworkContent(const std::string& network, const std::string& hash,
                            const Bytes& content, const Author& author) override;

  bool isWritable() const override { return m_isWritable; }
  Result<std::vector<PersonSummary>> people() const override;
  Result<std::vector<Person>> removedPeople() const override;
  Result<Person> findPerson(const std::string& identifier) const override;
  Result<Person> person(PersonKey key) const override;
  Result<std::vector<Reference>> references(PersonKey person) const override;
  Result<ReferenceImages> images(ReferenceKey reference) const override;
  Result<SampleImage> sample(ReferenceKey reference) const override;
  Result<std::vector<StoredTemplate>> templates(const std::string& network,
                                                std::optional<PersonKey> person) const override;
  Result<std::int64_t> peopleChangedSince(std::int64_t since) const override;
  Result<std::vector<DecisionSummary>> decisions() const override;
  Result<Decision> decision(DecisionKey key) const override;
  Result<NetworkInService> networkInService(Modality modality) const override;
  Result<std::vector<ReferenceKey>> referencesWithout(Modality modality, const std::string& network,
                                                      int limit) const override;
  Result<int> countReferencesWithout(Modality modality, const std::string& network) const override;

  Result<Enrolled> enrol(const Enrolment& enrolment, const Author& author) override;
  Status retireReferences(const std::vector<ReferenceKey>& references,
                          const Author& author) override;
  Status restoreReferences(const std::vector<ReferenceKey>& references,
                           const Author& author) override;
  Status retirePerson(PersonKey person, const Author& author) override;
  Status restorePerson(PersonKey person, const Author& author) override;
  Status renamePerson(PersonKey person, const std::string& name, const Author& author,
                      const std::optional<std::string>& seen = {}) override;
  Status setGrounds(PersonKey person, const ProcessingGrounds& grounds, const Author& author,
                    const std::optional<ProcessingGrounds>& seen = {}) override;
  Result<UsualGrounds> usualGrounds() const override;
  Status setUsualGrounds(const UsualGrounds& grounds, const Author& author,
                         const std::optional<UsualGrounds>& seen = {}) override;
  Result<ErasureReceipt> erasePeople(const std::vector<PersonKey>& people,
                                     const Author& author) override;
  Status noteExport(const std::string& what, const std::vector<PersonKey>& people,
                    const Author& author) override;
  Result<std::string> networkBefore(Modality modality) const override;
  Result<std::string> networkFileHash(const std::string& network) const override;
  Status setNetworkFileHash(const std::string& network, const std::string& hash,
                            const Author& author) override;
  Status mayChangeRules(const std::string& what, const Author& author) const override;
  Result<Merge> mergePeople(PersonKey from, PersonKey into, const Author& author) override;
  Status undoMerge(const Merge& merge, const Author& author) override;
  Result<DecisionKey> record(const NewDecision& decision, const Author& author) override;
  Status setRule(const std::string& network, const DecisionRule& rule, const Author& author,
                 const std::optional<DecisionRule>& seen = {}) override;
  Status setPolicy(const std::string& network, const DecisionPolicy& policy, const Author& author,
                   const std::optional<DecisionPolicy>& seen = {}) override;
  Result<std::optional<PersonThreshold>> personThreshold(PersonKey person,
                                                         const std::string& network) const override;
  Status setPersonThreshold(
      PersonKey person, const std::string& network, const std::optional<PersonThreshold>& threshold,
      const Author& author,
      const std::optional<std::optional<PersonThreshold>>& seen = {}) override;
  Result<int> personThresholdsElsewhere(Modality modality) const override;
  Result<std::optional<OwnEvidence>> ownEvidence(const std::string& network) const override;
  Result<bool> isOwnEvidenceOutdated(Modality modality) const override;
  Status setOwnEvidence(const std::string& network, const std::optional<OwnEvidence>& evidence,
                        const Author& author) override;
  Status addTemplates(const std::vector<std::pair<ReferenceKey, Template>>& templates,
                      const Author& author) override;
  Status putIntoService(Modality modality, const std::string& network, const DecisionRule& initial,
                        const Author& author) override;

 private:
  DecisionPolicy policyAfter(SqlConnection& sql, Modality modality,
                             const DecisionRule& initial) const;
  static int countWithoutTemplate(SqlConnection& sql, Modality modality,
                                  const std::string& network);
  SqlConnection& connection() const { return m_connections->mine(); }
  bool isOnServer() const { return isServer(m_connections->place()); }
  /// Whether a failure is one that goes away, and was waited for; then there is a new connection.
  ///
  /// @param lost  when the first one of a row was seen.
  bool hasWaited(const SqlFailure& failure,
                 std::optional<std::chrono::steady_clock::time_point>& lost) const;
  /// How a change is known again that may have been made, although nobody said so.
  struct Mark {
    std::int64_t sequence = 0;
    Bytes code;  ///< Of the event, which no other has.
  };
  /// Tells other desks of a change, as part of it.
  Mark markChange(SqlConnection& sql, std::int64_t newest) const;
  static bool wasMade(SqlConnection& sql, const Mark& mark);
  /// Runs `work`, and turns what it throws into an Error.
  template <typename Work>
  auto guarded(Work&& work) const -> decltype(work());
  /// The same in a transaction, with the book of rows, that is committed unless `work` fails.
  template <typename Work>
  auto committed(Work&& work) const -> decltype(work(std::declval<RowLedger&>()));
  /// The same for a store that may be written.
  template <typename Work>
  auto change(Work&& work) -> decltype(work(std::declval<RowLedger&>()));

  /// What an event is about, beyond its action.
  struct About {
    std::optional<std::int64_t> subject;
    AuditDetails details;
    std::optional<PersonKey> person;  ///< By whose key the details are sealed.
  };
  /// What to say when somebody changed meanwhile what is about to be changed.
  ///
  /// @param about  what the event that did it is about.
  /// @param now    what it is by now: "threshold 0.8".
  Error conflict(SqlConnection& sql, const std::string& action, const About& about,
                 const std::string& now) const;
  static About aboutReference(RowLedger& ledger, ReferenceKey reference);
  /// Enters a change into the history and gives its sequence number.
  std::int64_t note(RowLedger& ledger, const Author& author, const std::string& action,
                    const About& about) const;
  /// Whether an event is an enrolment of this opening: what it added, it may remove alone.
  bool wasEnrolledHere(std::int64_t event) const;
  /// Whether the account that opened the store may do what a supervisor does.
  Status allowSupervisor(const char* what) const;
  /// Whether a second account confirms it, where there is one that could.
  ///
  /// @param what  names the change: "Threshold 0.8 instead of 0.75".
  Status allowConfirmed(const Author& author, const std::string& what) const;

  Status checkIdentity(SqlConnection& sql) const;
  /// Makes or upgrades the tables.
  void makeTables(SqlConnection& sql, int version) const;
  Status noteRestore() const;
  void retireErased(RowLedger& ledger) const;
  void purge(RowLedger& ledger) const;
  /// Takes the keys of people whose rows are gone.
  ///
  /// @return  of how many.
  int dropErasedKeys() const;
  /// Deletes a person's rows; what decisions need for their links stays, and tells nothing.
  ErasedPerson erase(RowLedger& ledger, PersonKey person, std::int64_t event) const;
  /// Whoever was merged into a person, and whoever into them.
  void addMerged(SqlConnection& sql, PersonKey person, std::vector<PersonKey>& all) const;
  std::string namesOf(SqlConnection& sql, const std::vector<PersonKey>& people) const;
  SealedRows rows(RowLedger& ledger) const { return {ledger, *m_vault}; }
  std::int64_t numberOfNewPerson(RowLedger& ledger) const;
  static std::optional<Person> personCalled(SqlConnection& sql, const Vault& vault,
                                            const std::string& identifier);
  std::optional<Person> personOnFile(SqlConnection& sql, PersonKey key) const;
  /// Removed ones, too, while they can be read.
  std::optional<Person> personInStore(SqlConnection& sql, PersonKey key) const;
  ProcessingGrounds groundsOfNew(SqlConnection& sql, const ProcessingGrounds& given) const;
  /// Part of a change: a retired person is on file again.
  Status bringBack(RowLedger& ledger, PersonKey person, const Author& author) const;

  std::shared_ptr<Vault> m_vault;
  std::shared_ptr<SqlConnections> m_connections;
  bool m_isWritable;
  Clock m_clock;
  mutable std::mutex m_enrolling;
  std::set<std::int64_t> m_enrolments;  ///< Events of this opening's own.
  int m_erasedAtOpening = 0;
  mutable std::mutex m_erasing;
};

template <typename Work>
auto SealedRepository::guarded(Work&& work) const -> decltype(work()) {
  std::optional<std::chrono::steady_clock::time_point> lost;
  while (true) {
    try {
      return work();
    } catch (const SqlFailure& failure) {
      if (!hasWaited(failure, lost)) return failure.error();
    } catch (const std::exception& failure) {
      return Error{ErrorCode::StoreFailure, "The store did not do what it was asked to.",
                   failure.what()};
    }
  }
}

template <typename Work>
auto SealedRepository::committed(Work&& work) const -> decltype(work(std::declval<RowLedger&>())) {
  using Done = decltype(work(std::declval<RowLedger&>()));
  std::optional<Mark> sent;   // what a commit without an answer leaves, if it was made
  std::optional<Done> asked;  // and what it gives
  auto done = guarded([&]() -> Done {
    auto& sql = connection();
    // Whoever may still be making it is waited for here.
    SqlTransaction transaction(sql);
    if (sent && wasMade(sql, *sent)) return *std::move(asked);
    sent.reset();
    RowLedger ledger(sql, *m_vault);
    auto result = work(ledger);
    if (!result) return result;
    const auto newest = ledger.close();
    // What has no event may be done twice.
    if (!isOnServer() || newest == ledger.begunAt()) {
      transaction.commit();
      return result;
    }
    const auto mark = markChange(sql, newest);
    asked.emplace(result);
    sent = mark;
    transaction.commit();
    sent.reset();
    return result;
  });
  if (!done && sent)
    return Error{ErrorCode::StoreUnreachable,
                 "The server of the store went away in the middle of saving; whether it was saved "
                 "is not known. Look whether it is there before you do it again.",
                 done.error().detail};
  return done;
}

template <typename Work>
auto SealedRepository::change(Work&& work) -> decltype(work(std::declval<RowLedger&>())) {
  if (!m_isWritable)
    return Error{ErrorCode::StoreBusy,
                 "This store is open for reading only, since another window or program writes to "
                 "it; nothing was changed.",
                 ""};
  return committed(std::forward<Work>(work));
}

}  // namespace countersign
