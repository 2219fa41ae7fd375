// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/Clock.h"
#include "core/base/File.h"
#include "core/biometrics/DecisionPolicy.h"
#include "core/imaging/Modality.h"
#include "core/imaging/SampleRegion.h"
#include "core/metric/ScoreEvidence.h"

namespace countersign {

/// Number of a row in the store; never used again once the row is gone. `Tag` keeps the kinds
/// apart.
template <typename Tag>
struct Key {
  std::int64_t value = 0;
  friend auto operator<=>(const Key&, const Key&) =
      default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 errs
};
using PersonKey = Key<struct PersonTag>;
using ReferenceKey = Key<struct ReferenceTag>;
using DecisionKey = Key<struct DecisionTag>;

/// That a second account stands in for a change. Only an open store makes one (Store::confirm()),
/// of somebody who showed their own passphrase or key.
class Confirmation {
 public:
  const std::string& account() const { return m_account; }

 private:
  friend class Store;
  explicit Confirmation(std::string account) : m_account(std::move(account)) {}
  std::string m_account;
};

/// Who answers for a change, for example the account name of the clerk.
struct Author {
  std::string name;
  std::shared_ptr<const Confirmation> confirmation = {};  ///< By whom else, if by anybody.
};

/// Where something stands in the store's history.
struct StoreEvent {
  std::int64_t sequence = 0;  ///< Grows by one with every change, whatever the clock says.
  Timestamp time;
  std::string author;
};

/// What is to be known of an event beyond its action: names and values, in this order.
using AuditDetails = std::vector<std::pair<std::string, std::string>>;

/// Why somebody's data may be kept, what for, and until when (GDPR, articles 5, 6 and 9).
struct ProcessingGrounds {
  std::string basis;        ///< For example "contract"; empty: not said.
  std::string purpose;      ///< For example "signatures at the counter".
  std::string retainUntil;  ///< Last day, "2030-12-31"; empty: no end was set.

  bool operator==(const ProcessingGrounds&) const = default;
  bool isEmpty() const { return *this == ProcessingGrounds{}; }
  /// Whether the last day is over.
  bool isDue(const std::string& today) const { return !retainUntil.empty() && retainUntil < today; }
};

/// What somebody who is enrolled starts with, where nothing else is said.
struct UsualGrounds {
  std::string basis;
  std::string purpose;
  int months = 0;  ///< How long from the enrolment; 0: without an end.

  bool operator==(const UsualGrounds&) const = default;
};

/// An enrolled data subject.
struct Person {
  PersonKey key;
  std::string identifier;  ///< As the office knows them, for example a customer number; unique.
  std::string name;
  ProcessingGrounds grounds = {};

  bool operator==(const Person&) const = default;
};

/// What was left of somebody's data once they were erased: nothing but this, and who decided what
/// when.
struct ErasedPerson {
  PersonKey key;
  std::string identifier;
  int references = 0;  ///< That were deleted, removed ones too.
  int decisions = 0;   ///< Whose images, embeddings, scores and notes nobody can read any more.
};

/// For whoever asks whether it was done.
struct ErasureReceipt {
  std::string store;  ///< Identity of the store.
  StoreEvent event;   ///< The last one.
  std::string confirmedBy;
  std::vector<ErasedPerson> people;
  /// Their keys could not be deleted yet; the next opening for writing does.
  bool isKeyLeft = false;
};

struct PersonSummary {
  Person person;
  int signatureReferences = 0;
  int faceReferences = 0;
  Timestamp enrolled;

  int references(Modality modality) const {
    return modality == Modality::Face ? faceReferences : signatureReferences;
  }
  bool operator==(const PersonSummary&) const = default;
};

/// What an image file holds, as far as it matters for its evidence.
enum class InputKind { Bilevel, Grey, Colour };
std::string_view inputKindName(InputKind kind);

/// One encoded sample of one network.
struct Template {
  std::string network;  ///< Identity of the network that made it.
  std::string kind;     ///< "embedding" (kEmbeddingKind): little-endian 32-bit floats.
  Bytes content;
};
inline constexpr std::string_view kEmbeddingKind = "embedding";

/// An image with what was done to it: enough to do the same again.
struct SampleImage {
  Bytes original;          ///< The file as it came.
  std::string sourceName;  ///< Its name, or where it came from ("clipboard").
  std::string sourceHash;  ///< SHA-256 of `original`, hexadecimal.
  SampleRegion region;
  InputKind kind = InputKind::Grey;
  std::optional<double> dotsPerInch;
  std::string quality;  ///< What is wrong with it in words; empty when nothing is.
  Bytes normalised;     ///< The canvas, as PNG; empty when no face was found.
};

/// A biometric reference without its images, which are read when they are shown.
struct Reference {
  ReferenceKey key;
  PersonKey person;
  Modality modality = Modality::Signature;
  std::string sourceName;
  std::string sourceHash;
  SampleRegion region;
  InputKind kind = InputKind::Grey;
  std::optional<double> dotsPerInch;
  std::string quality;
  StoreEvent added;
};

struct NewReference {
  Modality modality = Modality::Signature;
  SampleImage image;
  std::vector<Template> templates;
};

/// What a person is told after an examination. CannotJudge is a verdict about the sample.
enum class Finding { Match, NonMatch, Refer, CannotJudge };
std::string_view findingName(Finding finding);
Finding findingOf(Verdict verdict);

/// One reference that a decision rests on, as it was then.
struct DecisionReference {
  ReferenceKey reference;
  Bytes embedding;
  double score = 0;
};

/// A decision with everything that is needed to get its score again.
struct NewDecision {
  std::optional<PersonKey> person;  ///< Claimed (1:1) or found (1:N); none for "unknown".
  bool isIdentification = false;
  Modality modality = Modality::Signature;
  std::string network;  ///< Identity of the network.
  SampleImage probe;
  Bytes embedding;  ///< Of the probe; empty when it could not be judged.
  std::vector<DecisionReference> references;
  AppliedRule applied;
  int fusedReferences = 1;  ///< The best so many scores were averaged.
  std::optional<double> score;
  Finding finding = Finding::CannotJudge;   ///< What the program said.
  Finding recorded = Finding::CannotJudge;  ///< What the person decided.
  /// What the person said before they saw what the program said, where they were asked to.
  std::optional<Finding> blind;
  std::string note;
};

struct DecisionSummary {
  DecisionKey key;
  StoreEvent event;
  std::optional<Person> person;
  bool isIdentification = false;
  Modality modality = Modality::Signature;
  std::string network;
  std::optional<double> score;
  AppliedRule applied;
  Finding finding = Finding::CannotJudge;
  Finding recorded = Finding::CannotJudge;
  std::optional<Finding> blind;
  std::string note;
  /// Its person was erased: only key, event, modality and network are known.
  bool isErased = false;
};

struct Decision {
  DecisionSummary summary;
  NewDecision content;
};

/// Which network serves a modality, and the rule that goes with it. A rule is never applied to the
/// scores of another network.
struct NetworkInService {
  std::string identity;
  DecisionRule rule;
  DecisionPolicy policy;
  /// Event that put scores of the office's own people in use (OwnEvidence); 0: the card's are.
  std::int64_t ownEvidence = 0;
};

/// Scores of the people on file, by which verdicts are weighed instead of the network's card.
struct OwnEvidence {
  ScoreEvidence evidence;
  int references = 1;  ///< How many the scores are fused of.
  StoreEvent set;
};

/// τ that somebody set for one person, and why.
struct PersonThreshold {
  SimilarityScore threshold;
  std::string reason;  ///< Never empty.
  StoreEvent set;
};

/// A template with the reference it stands for, as a search over the whole store needs it.
struct StoredTemplate {
  PersonKey person;
  ReferenceKey reference;
  Bytes content;
};

}  // namespace countersign
