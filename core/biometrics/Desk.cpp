// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/Desk.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <mutex>
#include <opencv2/core.hpp>

#include "core/base/Secret.h"
#include "core/base/Sha256.h"
#include "core/base/Text.h"
#include "core/biometrics/IndividualThreshold.h"
#include "core/metric/EmbeddingSearch.h"

namespace countersign {

namespace {

InputKind kindOf(const cv::Mat& picture) {
  if (picture.channels() > 1) {
    // A colour file of a grey scan is a grey scan.
    std::vector<cv::Mat> planes;
    cv::split(picture, planes);
    constexpr double kHue = 24;
    if (cv::norm(planes[0], planes[1], cv::NORM_INF) > kHue ||
        cv::norm(planes[1], planes[2], cv::NORM_INF) > kHue)
      return InputKind::Colour;
    return InputKind::Grey;
  }
  double darkest = 0;
  double lightest = 0;
  cv::minMaxLoc(picture, &darkest, &lightest);
  const auto extremes =
      cv::countNonZero(picture == darkest) + cv::countNonZero(picture == lightest);
  return static_cast<std::size_t>(extremes) >= picture.total() ? InputKind::Bilevel
                                                               : InputKind::Grey;
}

/// Look-alikes are sought among so many by the whole score.
constexpr std::size_t kLookalikeShortlist = 20;

std::string shortNumber(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4g", value);
  return text;
}

ScoreRange rangeOf(const EmbeddingNetwork& network) {
  const auto& card = network.card();
  return scoreRange(card.score, card.architecture.embeddingSize);
}

Status refuseOutside(const ScoreRange& range, double threshold) {
  if (threshold >= range.lowest && threshold <= range.highest) return ok();
  return Error{ErrorCode::OptionOutOfRange,
               "The threshold must lie between " + shortNumber(range.lowest) + " and " +
                   shortNumber(range.highest) + ".",
               ""};
}

Result<std::vector<EmbeddedSample>> embeddedOf(const std::vector<StoredTemplate>& templates) {
  std::vector<EmbeddedSample> all;
  all.reserve(templates.size());
  for (const auto& stored : templates) {
    auto sample = embeddingFrom(stored.content);
    if (!sample) return sample.error();
    all.push_back(*std::move(sample));
  }
  return all;
}

}  // namespace

Desk::Desk(Repository& repository, std::shared_ptr<const EmbeddingNetwork> network, Author author)
    : m_repository(repository),
      m_network(std::move(network)),
      m_verifier(*m_network),
      m_author(std::move(author)),
      m_gallery(std::make_shared<GalleryPlace>()) {}

Result<ExaminedImage> Desk::examinePicture(SampleImage image, const cv::Mat& picture) const {
  auto sample = m_network->read(picture, image.region);
  if (!sample) return sample.error();
  ExaminedImage examined{std::move(image), picture, *std::move(sample), {}, m_network->identity()};
  examined.image.quality = examined.sample.quality;
  if (!examined.sample.canvas.empty())
    examined.image.normalised = encodePng(examined.sample.canvas);
  if (examined.sample.isComparable) {
    auto embedded = m_network->embed(examined.sample.canvas);
    if (!embedded) return embedded.error();
    examined.embedded = *std::move(embedded);
  }
  return examined;
}

Result<ExaminedImage> Desk::examine(Bytes file, const std::string& sourceName,
                                    const SampleRegion& region) const {
  const auto decoded = decodeImage(file);
  if (!decoded)
    return Error{decoded.error().code, sourceName + ": " + decoded.error().message,
                 decoded.error().detail};
  SampleImage image;
  image.sourceHash = Sha256().add(std::as_bytes(std::span(file))).finish();
  image.original = std::move(file);
  image.sourceName = sourceName;
  image.region = region;
  image.kind = kindOf(decoded->pixels);
  image.dotsPerInch = decoded->header.dotsPerInch;
  return examinePicture(std::move(image), decoded->pixels);
}

Result<ExaminedImage> Desk::examine(const std::filesystem::path& path,
                                    const SampleRegion& region) const {
  auto bytes = readFile(path, ImageLimits{}.fileBytes);
  if (!bytes) return bytes.error();
  return examine(*std::move(bytes), path.filename().string(), region);
}

Result<ExaminedImage> Desk::examineAgain(const ExaminedImage& before,
                                         const SampleRegion& region) const {
  auto image = before.image;
  image.region = region;
  return examinePicture(std::move(image), before.picture);
}

Status Desk::checkNetwork(const std::string& network) const {
  if (network == m_network->identity()) return ok();
  return Error{ErrorCode::NetworkIncompatible,
               "Another network was put into service meanwhile; choose the image again.", ""};
}

Desk Desk::confirmedBy(std::shared_ptr<const Confirmation> confirmation) const {
  auto desk = *this;
  desk.m_author.confirmation = std::move(confirmation);
  return desk;
}

Result<NetworkInService> Desk::service() const {
  auto service = m_repository.networkInService(modality());
  if (service && service->identity != m_network->identity())
    return Error{ErrorCode::NetworkIncompatible,
                 "Another network was put into service in this store; open it again.", ""};
  return service;
}

Result<std::vector<Reference>> Desk::references(PersonKey person) const {
  auto all = m_repository.references(person);
  if (all) {
    std::erase_if(*all,
                  [&](const Reference& reference) { return reference.modality != modality(); });
  }
  return all;
}

Result<std::vector<EmbeddedSample>> Desk::embeddedReferences(PersonKey person) const {
  const auto templates = m_repository.templates(m_network->identity(), person);
  if (!templates) return templates.error();
  return embeddedOf(*templates);
}

Result<std::vector<ReferenceAgreement>> Desk::agreement(
    const std::vector<std::shared_ptr<const ExaminedImage>>& images,
    std::optional<PersonKey> person) const {
  const auto inForce = service();
  if (!inForce) return inForce.error();
  for (const auto& image : images) {
    if (auto status = checkNetwork(image->network); !status) return status.error();
  }
  std::vector<EmbeddedSample> all;
  if (person) {
    auto embedded = embeddedReferences(*person);
    if (!embedded) return embedded.error();
    all = *std::move(embedded);
  }
  const auto firstNew = all.size();
  all.reserve(firstNew + images.size());
  for (const auto& image : images)
    all.push_back(image->embedded ? *image->embedded : EmbeddedSample{});
  std::vector<ReferenceAgreement> result(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto& sample = all[firstNew + i];
    std::vector<EmbeddedSample> others;
    for (std::size_t j = 0; j < all.size(); ++j) {
      if (j != firstNew + i && !all[j].embedding.empty()) others.push_back(all[j]);
    }
    if (sample.embedding.empty() || others.empty()) continue;
    std::vector<SimilarityScore> scores;
    scores.reserve(others.size());
    for (const auto& other : others) scores.push_back({m_network->score(sample, other)});
    // The better half, so that one stranger among them does not make the others look strange.
    const auto half = static_cast<int>((scores.size() + 1) / 2);
    const auto fused =
        fuseScores(std::move(scores), std::min(half, m_network->card().fusedReferences));
    result[i] = {fused, decide(fused, {inForce->rule.threshold, 0}) == Verdict::Match};
  }
  return result;
}

Result<Enrolled> Desk::enrol(const std::string& identifier, const std::string& name,
                             const std::vector<std::shared_ptr<const ExaminedImage>>& images,
                             const ProcessingGrounds& grounds) const {
  if (const auto inForce = service(); !inForce) return inForce.error();
  if (!isUtf8(identifier) || !isUtf8(name))
    return Error{ErrorCode::OptionOutOfRange, "The identifier and the name must be text in UTF-8.",
                 ""};
  Enrolment enrolment{identifier, name, {}, grounds};
  for (const auto& image : images) {
    if (auto status = checkNetwork(image->network); !status) return status.error();
    if (!image->isComparable())
      return Error{ErrorCode::QualityInsufficient,
                   image->image.sourceName + ": " + image->image.quality, ""};
    const auto embedded = m_network->embedReference(image->sample.canvas);
    if (!embedded) return embedded.error();
    enrolment.references.push_back(
        {modality(),
         image->image,
         {{m_network->identity(), std::string(kEmbeddingKind), embeddingBytes(*embedded)}}});
  }
  return m_repository.enrol(enrolment, m_author);
}

std::optional<SimilarityScore> Desk::individualThresholdOf(
    SimilarityScore office, const std::vector<EmbeddedSample>& references) const {
  const auto count = static_cast<int>(references.size());
  if (count < kFewestForSpread) return {};
  const auto usual = usualSpread(m_network->evidence(), count);
  if (!usual) return {};
  std::vector<double> pairs;
  for (std::size_t i = 0; i < references.size(); ++i)
    for (std::size_t j = i + 1; j < references.size(); ++j)
      pairs.push_back(m_network->score(references[i], references[j]) -
                      excessOffset(references[i], references[j]));
  const auto range = rangeOf(*m_network);
  const auto own = individualThreshold(office, *usual, pairs, count);
  return SimilarityScore{std::clamp(own.value, range.lowest, range.highest)};
}

AppliedRule Desk::ruleOf(const NetworkInService& inForce,
                         const std::vector<EmbeddedSample>& references,
                         const std::optional<PersonThreshold>& byHand,
                         std::optional<double> amount) const {
  auto applied = ruleForAmount(inForce.rule, inForce.policy, amount);
  auto& threshold = applied.rule.threshold;
  if (byHand) {
    // Whoever set it did not think of this amount: the stricter one holds.
    if (applied.source == ThresholdSource::Amount && byHand->threshold < threshold) return applied;
    threshold = byHand->threshold;
    applied.source = ThresholdSource::ByHand;
  } else if (inForce.policy.isIndividual) {
    if (const auto own = individualThresholdOf(threshold, references)) {
      threshold = *own;
      applied.source = ThresholdSource::Individual;
    }
  }
  return applied;
}

Result<PersonRule> Desk::ruleFor(PersonKey person, std::optional<double> amount) const {
  const auto inForce = service();
  if (!inForce) return inForce.error();
  const auto references = embeddedReferences(person);
  if (!references) return references.error();
  const auto byHand = m_repository.personThreshold(person, m_network->identity());
  if (!byHand) return byHand.error();
  return PersonRule{
      ruleOf(*inForce, *references, *byHand, amount), inForce->rule.threshold,
      static_cast<int>(references->size()),
      individualThresholdOf(ruleForAmount(inForce->rule, inForce->policy, amount).rule.threshold,
                            *references),
      *byHand};
}

Result<Examination> Desk::verify(PersonKey key, std::shared_ptr<const ExaminedImage> probe,
                                 std::optional<double> amount) const {
  const auto inForce = service();
  if (!inForce) return inForce.error();
  if (auto status = checkNetwork(probe->network); !status) return status.error();
  auto person = m_repository.person(key);
  if (!person) return person.error();
  auto references = this->references(key);
  if (!references) return references.error();
  const auto templates = m_repository.templates(m_network->identity(), key);
  if (!templates) return templates.error();
  auto embedded = embeddedOf(*templates);
  if (!embedded) return embedded.error();

  Examination examination;
  examination.person = *std::move(person);
  examination.probe = std::move(probe);
  examination.service = *inForce;
  // Both are ordered by reference; one that was added between the two readings is left out.
  for (std::size_t i = 0; i < templates->size(); ++i) {
    const auto same = std::find_if(references->begin(), references->end(), [&](const Reference& r) {
      return r.key == (*templates)[i].reference;
    });
    if (same == references->end()) continue;
    examination.references.push_back(std::move(*same));
    examination.embedded.push_back(std::move((*embedded)[i]));
  }
  if (examination.references.empty())
    return Error{ErrorCode::NotFound,
                 examination.person.identifier + " has no reference " +
                     std::string(modalityName(modality())) + " yet; enrol some first.",
                 ""};
  const auto byHand = m_repository.personThreshold(key, m_network->identity());
  if (!byHand) return byHand.error();
  examination.applied = ruleOf(*inForce, examination.embedded, *byHand, amount);
  if (!examination.probe->isComparable()) return examination;
  const auto verification = m_verifier.verify(*examination.probe->embedded, examination.embedded,
                                              examination.applied.rule);
  if (!verification) return verification.error();
  examination.scores = verification->scores;
  examination.fused = verification->fused;
  examination.finding =
      examination.applied.isAlwaysReferred ? Finding::Refer : findingOf(verification->verdict);
  return examination;
}

Result<std::vector<OnFile>> Desk::everybody() const {
  const auto people = m_repository.people();
  if (!people) return people.error();
  const auto templates = m_repository.templates(m_network->identity(), {});
  if (!templates) return templates.error();
  std::map<PersonKey, std::vector<EmbeddedSample>> references;
  for (const auto& stored : *templates) {
    auto sample = embeddingFrom(stored.content);
    if (!sample) return sample.error();
    references[stored.person].push_back(*std::move(sample));
  }
  std::vector<OnFile> all;
  for (const auto& summary : *people) {
    const auto its = references.find(summary.person.key);
    if (its != references.end()) all.push_back({summary.person, std::move(its->second)});
  }
  return all;
}

SimilarityScore Desk::fusedScore(const EmbeddedSample& probe, const OnFile& person,
                                 bool isCoarse) const {
  std::vector<SimilarityScore> scores;
  scores.reserve(person.references.size());
  for (const auto& reference : person.references)
    scores.push_back(
        {isCoarse ? coarseScore(probe, reference) : m_network->score(probe, reference)});
  return fuseScores(std::move(scores), m_network->card().fusedReferences);
}

struct Desk::Gallery {
  EmbeddingSearch search;
  std::vector<PersonKey> owners;  ///< One an embedding; a person's stand together.
  std::int64_t at = 0;            ///< Event up to which it is true.
};

struct Desk::GalleryPlace {
  std::mutex mutex;
  std::shared_ptr<const Gallery> gallery;
};

Result<std::shared_ptr<const Desk::Gallery>> Desk::gallery() const {
  const std::scoped_lock lock(m_gallery->mutex);
  auto& kept = m_gallery->gallery;
  const auto since = kept ? kept->at : 0;
  const auto newest = m_repository.peopleChangedSince(since);
  if (!newest) return newest.error();
  if (kept && *newest == since) return kept;
  // Somebody who comes while it is read belongs to a later event, and it is read again.
  auto templates = m_repository.templates(m_network->identity(), {});
  if (!templates) return templates.error();
  std::stable_sort(templates->begin(), templates->end(),
                   [](const auto& a, const auto& b) { return a.person < b.person; });
  auto made = std::make_shared<Gallery>(
      Gallery{EmbeddingSearch(m_network->card().architecture.embeddingSize), {}, *newest});
  made->search.reserve(static_cast<int>(templates->size()));
  made->owners.reserve(templates->size());
  for (auto& stored : *templates) {
    const auto sample = embeddingFrom(stored.content);
    if (!sample) return sample.error();
    if (static_cast<int>(sample->embedding.size()) != m_network->card().architecture.embeddingSize)
      return Error{ErrorCode::StoreFailure,
                   "The store holds embeddings that are not of the network that serves it.", ""};
    made->search.add(sample->embedding, sample->scoreOffset);
    made->owners.push_back(stored.person);
    wipe(stored.content);
  }
  kept = std::move(made);
  return kept;
}

Result<std::vector<OnFile>> Desk::likeliest(const std::vector<const EmbeddedSample*>& probes,
                                            std::optional<PersonKey> except, std::size_t most,
                                            int& people) const {
  std::vector<std::pair<double, PersonKey>> order;
  const auto best = [&] {
    const auto count = std::min(most, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(), [](const auto& a, const auto& b) {
                        return a.first != b.first ? a.first > b.first : a.second < b.second;
                      });
    people = static_cast<int>(order.size());
    order.resize(count);
  };
  const int fused = m_network->card().fusedReferences;
  std::vector<OnFile> found;
  if (m_network->card().score != ScoreKind::Cosine) {
    // Other scores are no product of vectors: everybody is looked at.
    auto all = everybody();
    if (!all) return all.error();
    std::map<PersonKey, OnFile*> byKey;
    for (auto& one : *all) {
      if (one.person.key == except) continue;
      double sum = 0;
      for (const auto* probe : probes) sum += fusedScore(*probe, one, true).value;
      order.emplace_back(sum, one.person.key);
      byKey[one.person.key] = &one;
    }
    best();
    for (const auto& [score, key] : order) found.push_back(std::move(*byKey.at(key)));
    return found;
  }
  const auto known = gallery();
  if (!known) return known.error();
  const auto& owners = (*known)->owners;
  std::vector<std::vector<float>> scores;
  scores.reserve(probes.size());
  for (const auto* probe : probes) scores.push_back((*known)->search.scores(probe->embedding));
  for (std::size_t from = 0; from < owners.size();) {
    auto to = from;
    while (to < owners.size() && owners[to] == owners[from]) ++to;
    if (owners[from] != except) {
      double sum = 0;
      for (const auto& its : scores) {
        std::vector<SimilarityScore> one;
        for (auto i = from; i < to; ++i) one.push_back({its[i]});
        sum += fuseScores(std::move(one), fused).value;
      }
      order.emplace_back(sum, owners[from]);
    }
    from = to;
  }
  best();
  for (const auto& [score, key] : order) {
    const auto person = m_repository.person(key);
    if (!person) return person.error();
    auto references = embeddedReferences(key);
    if (!references) return references.error();
    if (!references->empty()) found.push_back({*person, *std::move(references)});
  }
  return found;
}

Result<std::vector<Candidate>> Desk::lookalikes(
    const std::vector<std::shared_ptr<const ExaminedImage>>& images,
    std::optional<PersonKey> except, int most) const {
  std::vector<const EmbeddedSample*> probes;
  for (const auto& image : images) {
    if (auto status = checkNetwork(image->network); !status) return status.error();
    if (image->embedded) probes.push_back(&*image->embedded);
  }
  if (probes.empty()) return std::vector<Candidate>{};
  int people = 0;
  const auto all = likeliest(probes, except, kLookalikeShortlist, people);
  if (!all) return all.error();
  return lookalikesAmong(*all, images, except, most);
}

Result<std::vector<Candidate>> Desk::lookalikesAmong(
    const std::vector<OnFile>& people,
    const std::vector<std::shared_ptr<const ExaminedImage>>& images,
    std::optional<PersonKey> except, int most) const {
  const auto inForce = service();
  if (!inForce) return inForce.error();
  std::vector<const EmbeddedSample*> probes;
  for (const auto& image : images) {
    if (auto status = checkNetwork(image->network); !status) return status.error();
    if (image->embedded) probes.push_back(&*image->embedded);
  }
  std::vector<Candidate> alike;
  if (probes.empty()) return alike;
  const auto scoreOf = [&](const OnFile& one, bool isCoarse) {
    double sum = 0;
    double least = std::numeric_limits<double>::infinity();
    for (const auto* probe : probes) {
      const double score = fusedScore(*probe, one, isCoarse).value;
      sum += score;
      least = std::min(least, score);
    }
    return std::pair(sum / static_cast<double>(probes.size()), least);
  };
  std::vector<std::pair<double, const OnFile*>> likeliest;
  for (const auto& one : people) {
    if (one.person.key != except) likeliest.emplace_back(scoreOf(one, true).first, &one);
  }
  // The full score takes time where maps are compared.
  const auto count = std::min(kLookalikeShortlist, likeliest.size());
  std::partial_sort(likeliest.begin(), likeliest.begin() + static_cast<std::ptrdiff_t>(count),
                    likeliest.end(),
                    [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < count; ++i) {
    const auto& one = *likeliest[i].second;
    const auto [mean, least] = scoreOf(one, false);
    if (least > inForce->rule.threshold.value)
      alike.push_back({one.person, {mean}, static_cast<int>(one.references.size())});
  }
  std::stable_sort(alike.begin(), alike.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  if (alike.size() > static_cast<std::size_t>(std::max(0, most)))
    alike.erase(alike.begin() + std::max(0, most), alike.end());
  return alike;
}

Result<Identification> Desk::identify(std::shared_ptr<const ExaminedImage> probe,
                                      int mostCandidates) const {
  const auto inForce = service();
  if (!inForce) return inForce.error();
  if (auto status = checkNetwork(probe->network); !status) return status.error();
  Identification found;
  found.probe = std::move(probe);
  found.service = *inForce;
  if (!found.probe->isComparable()) return found;
  // The full score takes time where maps are compared: for the likeliest people only.
  constexpr std::size_t kShortlist = 200;
  const auto most = static_cast<std::size_t>(std::max(0, mostCandidates));
  const auto onFile =
      likeliest({&*found.probe->embedded}, {}, std::max(kShortlist, most), found.people);
  if (!onFile) return onFile.error();
  for (const auto& one : *onFile)
    found.candidates.push_back({one.person, fusedScore(*found.probe->embedded, one, false),
                                static_cast<int>(one.references.size())});
  std::stable_sort(found.candidates.begin(), found.candidates.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  found.finding = found.candidates.empty()
                      ? Finding::NonMatch
                      : findingOf(decide(found.candidates.front().score, inForce->rule));
  if (found.candidates.size() > most)
    found.candidates.erase(found.candidates.begin() + static_cast<std::ptrdiff_t>(most),
                           found.candidates.end());
  return found;
}

Result<DecisionKey> Desk::record(const Examination& examination,
                                 const RecordedAnswer& answer) const {
  if (auto status = checkNetwork(examination.service.identity); !status) return status.error();
  NewDecision decision;
  decision.modality = modality();
  decision.person = examination.person.key;
  decision.network = examination.service.identity;
  decision.probe = examination.probe->image;
  if (examination.probe->embedded)
    decision.embedding = embeddingBytes(*examination.probe->embedded);
  for (std::size_t i = 0; i < examination.scores.size(); ++i)
    decision.references.push_back({examination.references[i].key,
                                   embeddingBytes(examination.embedded[i]),
                                   examination.scores[i].value});
  decision.applied = examination.applied;
  decision.fusedReferences = m_network->card().fusedReferences;
  if (examination.fused) decision.score = examination.fused->value;
  decision.finding = examination.finding;
  decision.recorded = answer.recorded;
  decision.note = answer.note;
  decision.blind = answer.blind;
  return m_repository.record(decision, m_author);
}

Result<DecisionKey> Desk::record(const Identification& identification,
                                 std::optional<PersonKey> person, Finding recorded,
                                 const std::string& note) const {
  if (auto status = checkNetwork(identification.service.identity); !status) return status.error();
  NewDecision decision;
  decision.modality = modality();
  if (person) {
    // The chosen candidate is the one whose comparison must be reproducible.
    const auto examination = verify(*person, identification.probe);
    if (!examination) return examination.error();
    decision.person = person;
    for (std::size_t i = 0; i < examination->scores.size(); ++i)
      decision.references.push_back({examination->references[i].key,
                                     embeddingBytes(examination->embedded[i]),
                                     examination->scores[i].value});
    if (examination->fused) decision.score = examination->fused->value;
  } else if (!identification.candidates.empty()) {
    decision.score = identification.candidates.front().score.value;
  }
  decision.isIdentification = true;
  decision.network = identification.service.identity;
  decision.probe = identification.probe->image;
  if (identification.probe->embedded)
    decision.embedding = embeddingBytes(*identification.probe->embedded);
  decision.applied.rule = identification.service.rule;
  decision.fusedReferences = m_network->card().fusedReferences;
  decision.finding = identification.finding;
  decision.recorded = recorded;
  decision.note = note;
  return m_repository.record(decision, m_author);
}

Status Desk::checkRulesOf(const std::string& network) const {
  if (network == m_network->identity()) return ok();
  return Error{ErrorCode::NetworkIncompatible,
               "Another network was put into service meanwhile; this threshold was not its own.",
               ""};
}

Status Desk::setRule(std::optional<double> threshold, std::optional<double> band,
                     const std::string& network, const std::optional<DecisionRule>& seen) const {
  auto inForce = service();
  if (!inForce) return inForce.error();
  if (!network.empty())
    if (auto status = checkRulesOf(network); !status) return status;
  auto rule = inForce->rule;
  if (threshold) rule.threshold.value = *threshold;
  if (band) rule.band = *band;
  const auto range = rangeOf(*m_network);
  if (auto status = refuseOutside(range, rule.threshold.value); !status) return status;
  if (!(rule.band >= 0 && rule.band <= range.highest - range.lowest))
    return Error{ErrorCode::OptionOutOfRange, "The refer band must not be negative.", ""};
  return m_repository.setRule(m_network->identity(), rule, m_author, seen);
}

Status Desk::setPolicy(const DecisionPolicy& policy,
                       const std::optional<DecisionPolicy>& seen) const {
  const auto range = rangeOf(*m_network);
  if (auto status = checkPolicy(policy, range.lowest, range.highest); !status) return status;
  if (policy.isIndividual && !usualSpread(m_network->evidence(), kFewestForSpread))
    return Error{ErrorCode::OptionOutOfRange,
                 "This network came without scores of people's own samples, so that nobody's "
                 "references can be compared with what is usual.",
                 ""};
  return m_repository.setPolicy(m_network->identity(), policy, m_author, seen);
}

Status Desk::setPersonThreshold(PersonKey person, double threshold, const std::string& reason,
                                const std::optional<std::optional<PersonThreshold>>& seen) const {
  if (auto status = refuseOutside(rangeOf(*m_network), threshold); !status) return status;
  if (!isUtf8(reason))
    return Error{ErrorCode::OptionOutOfRange, "The reason must be text in UTF-8.", ""};
  return m_repository.setPersonThreshold(person, m_network->identity(),
                                         PersonThreshold{{threshold}, reason, {}}, m_author, seen);
}

Status Desk::clearPersonThreshold(PersonKey person,
                                  const std::optional<std::optional<PersonThreshold>>& seen) const {
  return m_repository.setPersonThreshold(person, m_network->identity(), {}, m_author, seen);
}

Result<EvidenceByList> Desk::evidence() const {
  const auto& card = m_network->evidence();
  const auto own = m_repository.ownEvidence(m_network->identity());
  if (!own) return own.error();
  if (!*own) return card;
  const auto& evidence = (*own)->evidence;
  const auto references = (*own)->references;
  const auto end = '-' + std::to_string(references) + "ref";
  std::vector<ScoreEvidence> forgeries;
  if (peopleWith(evidence, TrialKind::Skilled) < kFewestForgedPeople)
    for (const auto& name : listsFor(card, references).names)
      forgeries.push_back(ofKind(card.at(name), TrialKind::Skilled));
  std::vector<const ScoreEvidence*> lists{&evidence};
  for (const auto& list : forgeries)
    if (!list.scores.empty()) lists.push_back(&list);
  if (lists.size() == 1) return EvidenceByList{{std::string(kPeopleOnFile) + end, evidence}};
  return EvidenceByList{{std::string(kPeopleOnFileWithCardForgeries) + end, pooled(lists)}};
}

Status Desk::weighByOwnPeople(const ScoreEvidence& evidence, int references,
                              const std::string& network) const {
  if (auto status = checkRulesOf(network); !status) return status;
  const int people = peopleWith(evidence, TrialKind::Genuine);
  if (people < kFewestOwnPeople)
    return Error{ErrorCode::QualityInsufficient,
                 std::to_string(people) + " people with two references or more say too little; " +
                     std::to_string(kFewestOwnPeople) + " are needed.",
                 ""};
  return m_repository.setOwnEvidence(network, OwnEvidence{evidence, references, {}}, m_author);
}

Status Desk::weighByCard() const {
  return m_repository.setOwnEvidence(m_network->identity(), {}, m_author);
}

Result<Desk::Reproduction> Desk::reproduce(const Decision& decision) const {
  const auto& content = decision.content;
  Reproduction result;
  if (content.references.empty() || content.embedding.empty()) {
    result.isSame = !content.score || content.isIdentification;
    return result;
  }
  auto probe = embeddingFrom(content.embedding);
  if (!probe) return probe.error();
  if (content.network == m_network->identity()) {
    const auto examined =
        examine(content.probe.original, content.probe.sourceName, content.probe.region);
    if (!examined) return examined.error();
    if (examined->embedded) probe = *examined->embedded;
    result.isFromImage = examined->isComparable();
  }
  std::vector<SimilarityScore> scores;
  for (const auto& reference : content.references) {
    const auto embedded = embeddingFrom(reference.embedding);
    if (!embedded) return embedded.error();
    if (!areComparable(*probe, *embedded))
      return Error{ErrorCode::StoreFailure, "The embeddings of this decision do not fit together.",
                   ""};
    if (content.network == m_network->identity())
      scores.push_back({m_network->score(*probe, *embedded)});
    else if (probe->score != ScoreKind::LearnedHead)
      scores.push_back({sampleScore(*probe, *embedded)});
    else
      return Error{ErrorCode::NetworkIncompatible,
                   "This decision was made by a network whose score is learned; it can only be "
                   "made again while that network is in service.",
                   ""};
  }
  result.score = fuseScores(std::move(scores), content.fusedReferences);
  constexpr double kSame = 1e-5;
  result.isSame = content.score && std::abs(result.score->value - *content.score) < kSame;
  return result;
}

}  // namespace countersign
