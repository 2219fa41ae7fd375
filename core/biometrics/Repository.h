// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/biometrics/Records.h"

namespace countersign {

struct ReferenceImages {
  Bytes original;
  Bytes normalised;  ///< The canvas, as PNG.
};

/// Several references of one person, who is added with them when the identifier is new.
struct Enrolment {
  std::string identifier;
  std::string name;  ///< Of a new person; somebody on file keeps the name that is there.
  std::vector<NewReference> references;
  ProcessingGrounds grounds = {};  ///< Of a new person; empty: the usual ones.
};

struct Enrolled {
  Person person;
  bool isNewPerson = false;
  std::vector<ReferenceKey> references;
};

/// Two people on file who turned out to be one, and what went over from the one to the other.
struct Merge {
  PersonKey from;
  PersonKey into;
  std::vector<ReferenceKey> moved;
};

/// People, references, templates and decisions of one office. The interface lies below its SQL so
/// that what a clerk does (Desk) is written once, for every kind of store.
///
/// Thread-safe. Reading sees complete changes only; every change is all-or-nothing, is on the disk
/// when the function returns, and enters the store's history with its author. Removing is retiring:
/// what is retired is not compared any more, can be restored, and is really deleted when the store
/// is next opened for writing, unless a decision rests on it. What is erased is gone at once, and
/// what rested on it cannot be read any more.
///
/// Others may change the same thing at the same time. Whoever says what they saw when they began
/// (`seen`) is refused with StoreConflict when it is something else by now, with a sentence that
/// says what, and by whom; what two people change beside each other, both have changed.
///
/// Where a second account could confirm it (a supervisor's or an administrator's), these changes
/// are refused with ConfirmationNeeded until the author brings a confirmation: thresholds,
/// policies, removing people who were not enrolled since the store was opened, merging, erasing,
/// exporting people, and another network.
class Repository {
 public:
  virtual ~Repository() = default;

  /// False when another window or program holds the store: then only reading works.
  virtual bool isWritable() const = 0;

  virtual Result<std::vector<PersonSummary>> people() const = 0;
  /// People who were removed or merged away, and are kept because decisions rest on them.
  virtual Result<std::vector<Person>> removedPeople() const = 0;
  /// @return  NotFound when nobody of this identifier is on file.
  virtual Result<Person> findPerson(const std::string& identifier) const = 0;
  virtual Result<Person> person(PersonKey key) const = 0;
  virtual Result<std::vector<Reference>> references(PersonKey person) const = 0;
  virtual Result<ReferenceImages> images(ReferenceKey reference) const = 0;
  /// Everything that a job needs to embed a reference again.
  virtual Result<SampleImage> sample(ReferenceKey reference) const = 0;
  /// Embeddings of one person, or of everybody, in the order of the references.
  virtual Result<std::vector<StoredTemplate>> templates(const std::string& network,
                                                        std::optional<PersonKey> person) const = 0;
  /// Newest event after `since` by which people, references or embeddings may have changed; `since`
  /// when there is none. For what is kept of them in memory.
  virtual Result<std::int64_t> peopleChangedSince(std::int64_t since) const = 0;
  virtual Result<std::vector<DecisionSummary>> decisions() const = 0;
  virtual Result<Decision> decision(DecisionKey key) const = 0;
  /// NotFound while no network was put into service for this modality.
  virtual Result<NetworkInService> networkInService(Modality modality) const = 0;
  /// Identity of the network that served this modality before; NotFound when only one ever did.
  virtual Result<std::string> networkBefore(Modality modality) const = 0;
  /// SHA-256 of the file of a network, as it was when it first served here; NotFound for stores of
  /// before. Its identity tells what scores it gives, and this that its card is as it was, too.
  virtual Result<std::string> networkFileHash(const std::string& network) const = 0;
  virtual Status setNetworkFileHash(const std::string& network, const std::string& hash,
                                    const Author& author) = 0;
  /// Whether the author may change networks and thresholds now, or what they lack.
  ///
  /// @param what  names the change for whoever has to confirm it: "Network signature-3".
  virtual Status mayChangeRules(const std::string& what, const Author& author) const = 0;
  /// References of a modality (retired ones too, since they may be restored) that `network` has no
  /// template of, in order, at most `limit`.
  virtual Result<std::vector<ReferenceKey>> referencesWithout(Modality modality,
                                                              const std::string& network,
                                                              int limit) const = 0;
  virtual Result<int> countReferencesWithout(Modality modality,
                                             const std::string& network) const = 0;

  /// @return  AlreadyEnrolled when one of the images is on file with the same modality, for this
  ///          person or for another; of faces, the same one of the picture.
  virtual Result<Enrolled> enrol(const Enrolment& enrolment, const Author& author) = 0;
  /// The last ones of a person count as removing the person.
  virtual Status retireReferences(const std::vector<ReferenceKey>& references,
                                  const Author& author) = 0;
  virtual Status restoreReferences(const std::vector<ReferenceKey>& references,
                                   const Author& author) = 0;
  virtual Status retirePerson(PersonKey person, const Author& author) = 0;
  virtual Status restorePerson(PersonKey person, const Author& author) = 0;
  virtual Status renamePerson(PersonKey person, const std::string& name, const Author& author,
                              const std::optional<std::string>& seen = {}) = 0;
  /// @return  OptionOutOfRange when the day is none.
  virtual Status setGrounds(PersonKey person, const ProcessingGrounds& grounds,
                            const Author& author,
                            const std::optional<ProcessingGrounds>& seen = {}) = 0;
  virtual Result<UsualGrounds> usualGrounds() const = 0;
  virtual Status setUsualGrounds(const UsualGrounds& grounds, const Author& author,
                                 const std::optional<UsualGrounds>& seen = {}) = 0;
  /// Deletes everything of these people, on file or removed, and of whoever was merged into them,
  /// and the keys that older backups of them would need. Cannot be taken back.
  virtual Result<ErasureReceipt> erasePeople(const std::vector<PersonKey>& people,
                                             const Author& author) = 0;
  /// Whether the author may take people out of the store; enters it into the history before they
  /// do.
  virtual Status noteExport(const std::string& what, const std::vector<PersonKey>& people,
                            const Author& author) = 0;
  /// Enters something else into the history that changes no row, for example that a record was
  /// written as PDF; also where others hold the right to write.
  virtual Status noteEvent(const Author& author, const std::string& action,
                           const AuditDetails& details) const = 0;
  /// Gives `from`'s references of all modalities to `into` and retires `from`; decisions about
  /// `from` stay as they are.
  ///
  /// @return  OptionOutOfRange when both are the same, or when a threshold was set by hand for
  ///          `from` that `into` has not, or a lower one; NotFound when one is not on file.
  virtual Result<Merge> mergePeople(PersonKey from, PersonKey into, const Author& author) = 0;
  /// Takes a merge back, as far as its references are still there.
  virtual Status undoMerge(const Merge& merge, const Author& author) = 0;
  virtual Result<DecisionKey> record(const NewDecision& decision, const Author& author) = 0;
  /// τ and band that are in force for one network.
  virtual Status setRule(const std::string& network, const DecisionRule& rule, const Author& author,
                         const std::optional<DecisionRule>& seen = {}) = 0;
  virtual Status setPolicy(const std::string& network, const DecisionPolicy& policy,
                           const Author& author,
                           const std::optional<DecisionPolicy>& seen = {}) = 0;
  /// τ that was set by hand for a person with one network, if one was.
  virtual Result<std::optional<PersonThreshold>> personThreshold(
      PersonKey person, const std::string& network) const = 0;
  /// People for whom one was set with another network of this modality, and none with the one in
  /// service.
  virtual Result<int> personThresholdsElsewhere(Modality modality) const = 0;
  /// Sets it, or takes it away again. `set` is filled in.
  ///
  /// @param seen  what was seen: nothing, or that there was none, or one.
  /// @return      OptionOutOfRange without a reason.
  virtual Status setPersonThreshold(
      PersonKey person, const std::string& network, const std::optional<PersonThreshold>& threshold,
      const Author& author, const std::optional<std::optional<PersonThreshold>>& seen = {}) = 0;
  /// Scores of the office's own people that were put in use for a network, if any were.
  virtual Result<std::optional<OwnEvidence>> ownEvidence(const std::string& network) const = 0;
  /// Whether they should be made anew: references came or went since they were put in use; or none
  /// are in use for the network in service, while those of an earlier one tell nothing now.
  virtual Result<bool> isOwnEvidenceOutdated(Modality modality) const = 0;
  /// Puts them in use, or goes back to the card's. `set` is filled in.
  virtual Status setOwnEvidence(const std::string& network,
                                const std::optional<OwnEvidence>& evidence,
                                const Author& author) = 0;
  virtual Status addTemplates(const std::vector<std::pair<ReferenceKey, Template>>& templates,
                              const Author& author) = 0;
  /// Switches in one step. Rule and policy are those of an earlier service of this network; a new
  /// one starts with `initial`, with the share of blind checks that was in force, and, where there
  /// were amount bands, refers everything above the first one's limit until they are set anew.
  ///
  /// @return  NetworkIncompatible while a reference of the modality has no template of this
  /// network.
  virtual Status putIntoService(Modality modality, const std::string& network,
                                const DecisionRule& initial, const Author& author) = 0;
};

}  // namespace countersign
