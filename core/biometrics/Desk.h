// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/biometrics/Repository.h"
#include "core/biometrics/Verifier.h"

namespace countersign {

/// An image that was read and normalised, on its way into the store or into a comparison.
struct ExaminedImage {
  SampleImage image;  ///< As the store will keep it.
  cv::Mat picture;    ///< Upright, CV_8UC1 or CV_8UC3 (BGR): what a person looks at.
  ReadSample sample;  ///< What the network looks at; `quality` says what is wrong.
  std::optional<EmbeddedSample> embedded;  ///< Nothing when it cannot be compared.
  std::string network;  ///< Identity of the network that embedded it; only it may compare it.

  bool isComparable() const { return embedded.has_value(); }
};

/// How well one reference goes with the others of its person.
struct ReferenceAgreement {
  SimilarityScore score;  ///< Fused over the better half of the others.
  bool agrees = true;     ///< Whether it would pass for the same person's: score > τ.
};

/// A questioned sample against the references of one person.
struct Examination {
  Person person;
  std::shared_ptr<const ExaminedImage> probe;
  std::vector<Reference> references;     ///< Those that were compared, in the store's order.
  std::vector<EmbeddedSample> embedded;  ///< One a reference.
  std::vector<SimilarityScore> scores;   ///< One a reference; empty when it cannot be judged.
  std::optional<SimilarityScore> fused;
  NetworkInService service;  ///< Network, τ, band and policy that were in force.
  AppliedRule applied;       ///< What decided: by amount and person, too.
  Finding finding = Finding::CannotJudge;
};

/// Which τ one person is verified with, and why.
struct PersonRule {
  AppliedRule applied;  ///< What holds.
  SimilarityScore office;
  int references = 0;
  /// By the spread of their references, whether it is in use or not; nothing when there are fewer
  /// than kFewestForSpread, or the network came without the evidence for it.
  std::optional<SimilarityScore> individual;
  std::optional<PersonThreshold> byHand;
};

/// What is recorded beside an examination.
struct RecordedAnswer {
  Finding recorded = Finding::CannotJudge;
  std::string note;
  std::optional<Finding> blind = {};  ///< What was answered before the score was shown.
};

/// Somebody on file whom a questioned sample may be of.
struct Candidate {
  Person person;
  SimilarityScore score;  ///< Fused over their references.
  int references = 0;
};

/// Somebody on file with what they are compared by.
struct OnFile {
  Person person;
  std::vector<EmbeddedSample> references;  ///< At least one.
};

/// A questioned sample against everybody on file.
struct Identification {
  std::shared_ptr<const ExaminedImage> probe;
  std::vector<Candidate> candidates;  ///< Best first; at most as many as were asked for.
  int people = 0;                     ///< People who were compared.
  NetworkInService service;
  /// Match: the first candidate; NonMatch: unknown; Refer: the best is within the band of τ.
  Finding finding = Finding::CannotJudge;
};

/// What a clerk does: acquire, enrol, verify, identify, record. One store, one network (and so one
/// modality), one author.
///
/// Thread-safe. The repository must outlive the desk.
class Desk {
 public:
  /// References of a person that a verification should rest on.
  static constexpr int kFewestAdvised = 3;
  static constexpr int kMostAdvised = 12;

  Desk(Repository& repository, std::shared_ptr<const EmbeddingNetwork> network, Author author);

  Repository& repository() const { return m_repository; }
  const EmbeddingNetwork& network() const { return *m_network; }
  std::shared_ptr<const EmbeddingNetwork> sharedNetwork() const { return m_network; }
  Modality modality() const { return m_network->card().modality; }
  const Author& author() const { return m_author; }
  /// The same desk, for what a second account confirmed.
  Desk confirmedBy(std::shared_ptr<const Confirmation> confirmation) const;

  /// τ and band in force; NetworkIncompatible when another network was put into service meanwhile.
  Result<NetworkInService> service() const;

  /// Reads, normalises and embeds. An image without a usable sample is a result, too: it says
  /// what is wrong, and the user may crop it.
  ///
  /// @return  ImageNotDecodable or OptionOutOfRange (crop) with a sentence that names the source.
  Result<ExaminedImage> examine(Bytes file, const std::string& sourceName,
                                const SampleRegion& region = {}) const;
  Result<ExaminedImage> examine(const std::filesystem::path& path,
                                const SampleRegion& region = {}) const;
  /// The same picture with another crop or rotation; nothing is decoded again.
  Result<ExaminedImage> examineAgain(const ExaminedImage& before, const SampleRegion& region) const;

  /// A person's references of this modality, in the store's order.
  Result<std::vector<Reference>> references(PersonKey person) const;

  /// The embeddings of a person's references; none for somebody without any.
  Result<std::vector<EmbeddedSample>> embeddedReferences(PersonKey person) const;

  /// How each of the new images goes with all others and with the references on file.
  /// @param person  nothing for somebody new.
  Result<std::vector<ReferenceAgreement>> agreement(
      const std::vector<std::shared_ptr<const ExaminedImage>>& images,
      std::optional<PersonKey> person) const;

  /// Others on file as whom every one of these images would pass (score > τ): they may be the same
  /// person. The likeliest first, with the mean of the images' scores, at most `most`. What cannot
  /// be compared does not count.
  ///
  /// @param except  whose images they are, when they are on file.
  Result<std::vector<Candidate>> lookalikes(
      const std::vector<std::shared_ptr<const ExaminedImage>>& images,
      std::optional<PersonKey> except, int most = 3) const;
  /// The same among people who have been read already: for many questions in a row.
  Result<std::vector<Candidate>> lookalikesAmong(
      const std::vector<OnFile>& people,
      const std::vector<std::shared_ptr<const ExaminedImage>>& images,
      std::optional<PersonKey> except, int most = 3) const;
  /// Everybody with references of this modality, as this desk's network embedded them.
  Result<std::vector<OnFile>> everybody() const;

  /// @param images   all comparable; QualityInsufficient otherwise.
  /// @param grounds  of somebody new; empty: the office's usual ones.
  Result<Enrolled> enrol(const std::string& identifier, const std::string& name,
                         const std::vector<std::shared_ptr<const ExaminedImage>>& images,
                         const ProcessingGrounds& grounds = {}) const;

  /// @return  NotFound when the person has no reference, NetworkIncompatible when another network
  ///          was put into service meanwhile.
  /// @param amount  what is signed for; used where the office has amount bands.
  Result<Examination> verify(PersonKey person, std::shared_ptr<const ExaminedImage> probe,
                             std::optional<double> amount = {}) const;

  /// The τ that verify() uses: one that was set by hand for the person (the higher one, when the
  /// amount's band has another), else, where the policy says so, the one that goes with the spread
  /// of their references, from the τ of the amount.
  Result<PersonRule> ruleFor(PersonKey person, std::optional<double> amount = {}) const;

  /// By the office's τ for everybody, whatever the policy says about amounts and people.
  Result<Identification> identify(std::shared_ptr<const ExaminedImage> probe,
                                  int mostCandidates = 10) const;

  /// Records what the user decided, with all that the score rests on.
  Result<DecisionKey> record(const Examination& examination, const RecordedAnswer& answer) const;
  /// @param person  the candidate who was chosen, or nothing for "unknown".
  Result<DecisionKey> record(const Identification& identification, std::optional<PersonKey> person,
                             Finding recorded, const std::string& note) const;

  // `seen`: as Repository has it; what the change was made from.

  /// Whether this is the desk of a network: thresholds of one mean nothing for another.
  ///
  /// @return  NetworkIncompatible.
  Status checkRulesOf(const std::string& network) const;

  /// Puts another τ or band into force; what is not given stays.
  ///
  /// @param network  identity of the network that the rule was chosen for; empty for the desk's.
  /// @return  OptionOutOfRange when τ lies outside the network's range or the band is negative,
  ///          NetworkIncompatible when the rule was chosen for another network.
  Status setRule(std::optional<double> threshold, std::optional<double> band,
                 const std::string& network = {},
                 const std::optional<DecisionRule>& seen = {}) const;

  /// Puts another policy into force.
  ///
  /// @return  the errors of checkPolicy(); OptionOutOfRange when people are to have a τ of their
  /// own
  ///          and the network came without the evidence for it.
  Status setPolicy(const DecisionPolicy& policy,
                   const std::optional<DecisionPolicy>& seen = {}) const;

  /// Sets τ for one person by hand, or takes it away again.
  ///
  /// @return  OptionOutOfRange without a reason, or when τ lies outside the network's range.
  Status setPersonThreshold(PersonKey person, double threshold, const std::string& reason,
                            const std::optional<std::optional<PersonThreshold>>& seen = {}) const;
  Status clearPersonThreshold(PersonKey person,
                              const std::optional<std::optional<PersonThreshold>>& seen = {}) const;

  /// What scores are weighed by, for rates and likelihood ratios: the lists of the network's card,
  /// or one of the office's own people, once they were put in use. That one has the card's
  /// forgeries beside it while forgeries of fewer than kFewestForgedPeople were caught here.
  Result<EvidenceByList> evidence() const;
  static constexpr int kFewestForgedPeople = 10;
  /// Puts scores of the people on file in use.
  ///
  /// @param network  identity of the network that made them; NetworkIncompatible when it does not
  ///                 serve.
  /// @return         QualityInsufficient with fewer than kFewestOwnPeople who have two references.
  Status weighByOwnPeople(const ScoreEvidence& evidence, int references,
                          const std::string& network) const;
  static constexpr int kFewestOwnPeople = 10;
  Status weighByCard() const;

  /// Works a recorded decision out anew: from its original image when its network serves still,
  /// otherwise from its stored embeddings.
  struct Reproduction {
    std::optional<SimilarityScore> score;
    bool isFromImage = false;  ///< The probe was read, normalised and embedded again.
    bool isSame = false;       ///< To a hundred thousandth.
  };
  Result<Reproduction> reproduce(const Decision& decision) const;

 private:
  AppliedRule ruleOf(const NetworkInService& inForce, const std::vector<EmbeddedSample>& references,
                     const std::optional<PersonThreshold>& byHand,
                     std::optional<double> amount) const;
  std::optional<SimilarityScore> individualThresholdOf(
      SimilarityScore office, const std::vector<EmbeddedSample>& references) const;
  /// NetworkIncompatible for an image that another network embedded.
  Status checkNetwork(const std::string& network) const;
  SimilarityScore fusedScore(const EmbeddedSample& probe, const OnFile& person,
                             bool isCoarse) const;
  /// The embeddings of everybody on file, side by side; kept until somebody comes or goes.
  struct Gallery;
  struct GalleryPlace;
  Result<std::shared_ptr<const Gallery>> gallery() const;
  /// The likeliest people by the score without its local part, best first, with their templates.
  Result<std::vector<OnFile>> likeliest(const std::vector<const EmbeddedSample*>& probes,
                                        std::optional<PersonKey> except, std::size_t most,
                                        int& people) const;
  Result<ExaminedImage> examinePicture(SampleImage image, const cv::Mat& picture) const;

  Repository& m_repository;
  std::shared_ptr<const EmbeddingNetwork> m_network;
  Verifier m_verifier;
  Author m_author;
  std::shared_ptr<GalleryPlace> m_gallery;
};

}  // namespace countersign
