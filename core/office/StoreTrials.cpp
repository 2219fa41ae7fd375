// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/StoreTrials.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "core/base/Csv.h"
#include "core/imaging/ImageFile.h"

namespace countersign {

namespace {

/// A reference as what it is compared by, and as a probe; nothing where it cannot be read.
struct StoredReference {
  std::optional<EmbeddedSample> reference;
  std::optional<EmbeddedSample> probe;
  std::int32_t sample = 0;
};

struct StoredPerson {
  std::int32_t subject = 0;
  std::vector<StoredReference> references;
};

/// Evenly chosen numbers of 0 .. count − 1, all of them where `most` allows it. `turn` shifts the
/// choice, so that different probes meet different people.
std::vector<std::size_t> evenly(std::size_t count, std::size_t most, std::size_t turn) {
  std::vector<std::size_t> chosen;
  const auto size = std::min(count, most);
  chosen.reserve(size);
  for (std::size_t i = 0; i < size; ++i)
    chosen.push_back((i * count / size + (size < count ? turn : 0)) % count);
  return chosen;
}

class StoreTrialMaker {
 public:
  StoreTrialMaker(const Desk& desk, const JobContext<EvaluationProgress>& context,
                  std::shared_ptr<const EmbeddingNetwork> network)
      : m_desk(desk),
        m_examiner(desk.repository(), network ? std::move(network) : desk.sharedNetwork(),
                   desk.author()),
        m_network(m_examiner.network()),
        m_context(context) {}

  Result<StoreTrials> make(const StoreTrialOptions& options) {
    if (auto status = readPeople(); !status) return status.error();
    m_made.known.network = m_network.identity();
    std::vector<std::size_t> counts;
    std::size_t references = 0;
    for (const auto& person : m_people) {
      references += person.references.size();
      if (person.references.size() < 2) {
        ++m_made.singles;
        continue;
      }
      ++m_made.people;
      counts.push_back(person.references.size() - 1);
    }
    if (counts.empty())
      return Error{ErrorCode::NotFound,
                   "Nobody on file has two references, so nothing can be compared whose answer is "
                   "known.",
                   ""};
    const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
    std::nth_element(counts.begin(), middle, counts.end());
    m_made.known.references = static_cast<int>(*middle);
    const auto others = m_people.size() - 1;
    m_made.possibleNonMated = static_cast<std::int64_t>(references * others);
    const auto each =
        std::max<std::size_t>(1, options.mostNonMated / std::max<std::size_t>(1, references));
    std::size_t done = 0;
    for (std::size_t p = 0; p < m_people.size(); ++p) {
      for (std::size_t r = 0; r < m_people[p].references.size(); ++r) {
        if (m_context.stop.stop_requested()) return stopped();
        addTrialsOf(p, r, evenly(others, each, done));
        m_context.emitEvent({static_cast<int>(++done), static_cast<int>(references)});
      }
    }
    if (auto status = addForgeries(); !status) return status.error();
    return std::move(m_made);
  }

 private:
  static Error stopped() {
    return {ErrorCode::Cancelled, "The comparison of the people on file was stopped.", ""};
  }

  Status readPeople() {
    const auto summaries = m_desk.repository().people();
    if (!summaries) return summaries.error();
    const auto templates = m_desk.repository().templates(m_desk.network().identity(), {});
    if (!templates) return templates.error();
    std::map<PersonKey, std::vector<const StoredTemplate*>> byPerson;
    for (const auto& stored : *templates) byPerson[stored.person].push_back(&stored);
    std::map<std::string, int> uses;
    for (const auto& summary : *summaries) {
      ++uses[summary.person.name];
      ++uses[summary.person.identifier];
    }
    const auto total = static_cast<int>(templates->size());
    int done = 0;
    for (const auto& summary : *summaries) {
      const auto its = byPerson.find(summary.person.key);
      if (its == byPerson.end()) continue;
      StoredPerson person{static_cast<std::int32_t>(m_made.known.people.size()), {}};
      m_subjects[summary.person.key] = person.subject;
      // A table is read back by these, and names are not unique.
      const auto& known = summary.person;
      auto label = known.name.empty() ? known.identifier : known.name;
      if (uses.at(label) > 1) label.append(" (").append(known.identifier).append(")");
      m_made.known.people.push_back(std::move(label));
      int number = 0;
      for (const auto* stored : its->second) {
        if (m_context.stop.stop_requested()) return stopped();
        auto made = read(*stored);
        if (!made) return made.error();
        made->sample = addSample({m_made.known.people.back() + " " + std::to_string(++number),
                                  {},
                                  stored->reference.value,
                                  0});
        person.references.push_back(*std::move(made));
        if (isOther() || m_network.card().referenceCopies > 0) m_context.emitEvent({++done, total});
      }
      m_people.push_back(std::move(person));
    }
    return ok();
  }

  bool isOther() const { return m_network.identity() != m_desk.network().identity(); }

  Result<StoredReference> read(const StoredTemplate& stored) const {
    if (isOther()) {
      const auto sample = m_desk.repository().sample(stored.reference);
      if (!sample) return sample.error();
      const auto examined = examine(*sample);
      if (!examined) return examined.error();
      if (!examined->embedded) return StoredReference{};
      auto reference = m_network.embedReference(examined->sample.canvas);
      if (!reference) return reference.error();
      return StoredReference{*std::move(reference), examined->embedded, 0};
    }
    auto reference = embeddingFrom(stored.content);
    if (!reference) return reference.error();
    if (m_network.card().referenceCopies == 0) return StoredReference{*reference, *reference, 0};
    const auto images = m_desk.repository().images(stored.reference);
    if (!images) return images.error();
    const auto canvas = decodeImage(images->normalised);
    if (!canvas) return canvas.error();
    auto probe = m_network.embed(canvas->pixels);
    if (!probe) return probe.error();
    return StoredReference{*std::move(reference), *std::move(probe), 0};
  }

  Result<ExaminedImage> examine(const SampleImage& sample) const {
    return m_examiner.examine(sample.original, sample.sourceName, sample.region);
  }

  std::int32_t addSample(TrialSample sample) {
    m_made.known.samples.push_back(std::move(sample));
    return static_cast<std::int32_t>(m_made.known.samples.size()) - 1;
  }

  void addTrial(double score, TrialKind kind, std::int32_t subject, std::int32_t probe,
                std::int32_t shown) {
    auto& known = m_made.known;
    known.evidence.scores.push_back(static_cast<float>(score));
    known.evidence.groups.push_back(static_cast<std::uint8_t>(kind));
    known.evidence.subjects.push_back(subject);
    known.probes.push_back(probe);
    known.shown.push_back(shown);
  }

  /// The probe against a person without the reference `leftOut`; those with one reference keep it.
  void compare(const StoredReference& probe, const StoredPerson& person, std::size_t leftOut,
               TrialKind kind) {
    std::vector<SimilarityScore> scores;
    scores.reserve(person.references.size());
    double best = -INFINITY;
    std::int32_t shown = person.references.front().sample;
    for (std::size_t i = 0; i < person.references.size(); ++i) {
      const auto& reference = person.references[i];
      if ((i == leftOut && person.references.size() > 1) || !probe.probe || !reference.reference)
        continue;
      const double score = m_network.score(*probe.probe, *reference.reference);
      scores.push_back({score});
      if (score <= best) continue;
      best = score;
      shown = reference.sample;
    }
    addTrial(fused(std::move(scores)), kind, person.subject, probe.sample, shown);
  }

  double fused(std::vector<SimilarityScore> scores) const {
    if (scores.empty()) return -INFINITY;
    return fuseScores(std::move(scores), m_network.card().fusedReferences).value;
  }

  /// Of a forged probe, by a network that did not decide about it.
  Result<double> scoreOf(const SampleImage& probe, const StoredPerson& person) const {
    const auto examined = examine(probe);
    if (!examined) return examined.error();
    std::vector<SimilarityScore> scores;
    for (const auto& reference : person.references)
      if (examined->embedded && reference.reference)
        scores.push_back({m_network.score(*examined->embedded, *reference.reference)});
    return fused(std::move(scores));
  }

  void addTrialsOf(std::size_t p, std::size_t r, const std::vector<std::size_t>& others) {
    const auto& probe = m_people[p].references[r];
    if (m_people[p].references.size() > 1) compare(probe, m_people[p], r, TrialKind::Genuine);
    for (const auto other : others) {
      const auto& person = m_people[other < p ? other : other + 1];
      compare(probe, person, r % person.references.size(), TrialKind::Random);
    }
  }

  Status addForgeries() {
    const auto decisions = m_desk.repository().decisions();
    if (!decisions) return decisions.error();
    std::set<std::pair<std::string, PersonKey>> seen;  // one image may be examined several times
    for (const auto& summary : *decisions) {
      if (m_context.stop.stop_requested()) return stopped();
      if (summary.isIdentification || !summary.person || !summary.score ||
          summary.recorded != Finding::NonMatch || summary.modality != m_desk.modality() ||
          summary.network != m_desk.network().identity())
        continue;
      const auto subject = m_subjects.find(summary.person->key);
      if (subject == m_subjects.end()) continue;
      const auto decision = m_desk.repository().decision(summary.key);
      if (!decision) return decision.error();
      const auto& probe = decision->content.probe;
      if (!seen.insert({probe.sourceHash, summary.person->key}).second) continue;
      const auto& person = m_people[static_cast<std::size_t>(subject->second)];
      double score = *summary.score;
      if (isOther()) {
        const auto its = scoreOf(probe, person);
        if (!its) return its.error();
        score = *its;
      }
      const auto sample = addSample({probe.sourceName, {}, 0, summary.key.value});
      addTrial(score, TrialKind::Skilled, subject->second, sample,
               person.references.front().sample);
      ++m_made.forgeries;
    }
    return ok();
  }

  const Desk& m_desk;
  const Desk m_examiner;  ///< With the network that scores.
  const EmbeddingNetwork& m_network;
  const JobContext<EvaluationProgress>& m_context;
  StoreTrials m_made;
  std::vector<StoredPerson> m_people;  ///< By subject.
  std::map<PersonKey, std::int32_t> m_subjects;
};

}  // namespace

Result<StoreTrials> storeTrials(const Desk& desk, const JobContext<EvaluationProgress>& context,
                                const StoreTrialOptions& options) {
  return StoreTrialMaker(desk, context, options.network).make(options);
}

std::string writeKnownTrials(const KnownTrials& known) {
  std::string text = "references,probe,label,group,subject,score,network,fusedReferences\n";
  const auto& evidence = known.evidence;
  const auto nameOf = [&](const std::vector<std::int32_t>& samples, std::size_t trial) {
    if (samples.empty()) return "sample-" + std::to_string(trial + 1);
    const auto& sample = known.samples[static_cast<std::size_t>(samples[trial])];
    if (!sample.file.empty()) return sample.file.generic_string();
    return sample.decision > 0 ? "decision-" + std::to_string(sample.decision)
                               : "reference-" + std::to_string(sample.reference);
  };
  for (std::size_t i = 0; i < evidence.scores.size(); ++i) {
    const auto kind = static_cast<TrialKind>(evidence.groups[i]);
    const auto subject = static_cast<std::size_t>(evidence.subjects[i]);
    char score[32];             // NOLINT(modernize-avoid-c-arrays): for snprintf
    constexpr int kDigits = 9;  // a float's
    std::snprintf(score, sizeof score, "%.*g", kDigits, double{evidence.scores[i]});
    text += csvCell(nameOf(known.shown, i)) + ',' + csvCell(nameOf(known.probes, i)) + ',';
    text += kind == TrialKind::Genuine ? "mated," : "nonMated,";
    text += trialKindName(kind);
    text += ',';
    text += csvCell(subject < known.people.size() ? known.people[subject]
                                                  : "person-" + std::to_string(subject + 1));
    text += ',';
    text += score;
    text += ',' + known.network + ',' + std::to_string(known.references) + '\n';
  }
  return text;
}

}  // namespace countersign
