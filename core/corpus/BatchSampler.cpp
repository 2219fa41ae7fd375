// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/BatchSampler.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <string>

#include "core/base/Random.h"

namespace countersign {

namespace {

/// In the order of BatchLayout.
constexpr std::array<std::string_view, 4> kLayoutNames{"subjects", "alignedPairs", "pairs",
                                                       "triplets"};

/// `count` different members of `pool` (all of it when it is smaller), in random order.
std::vector<std::size_t> draw(std::vector<std::size_t> pool, std::size_t count, Random& random) {
  random.shuffle(pool);
  pool.resize(std::min(count, pool.size()));
  return pool;
}

std::size_t oneOf(const std::vector<std::size_t>& pool, Random& random) {
  return pool[static_cast<std::size_t>(random.below(pool.size()))];
}

struct Subject {
  std::vector<std::size_t> genuine;
  std::vector<std::size_t> forgeries;
};

/// What all samplers share: the people, and whose turn it is.
class TurnSampler : public BatchSampler {
 public:
  TurnSampler(const std::vector<SampleRecord>& samples, const BatchOptions& options,
              std::uint64_t seed)
      : m_options(options), m_seed(seed) {
    std::map<std::string, Subject> subjects;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      auto& subject = subjects[samples[i].subject];
      (samples[i].label == SampleLabel::Genuine ? subject.genuine : subject.forgeries).push_back(i);
    }
    for (auto& [name, subject] : subjects) {
      if (subject.genuine.size() >= 2) m_subjects.push_back(std::move(subject));
    }
  }

  std::vector<BatchItem> batch(std::uint64_t step) const final {
    if (m_subjects.empty()) return {};
    const auto perBatch = std::min(static_cast<std::size_t>(m_options.subjects), m_subjects.size());
    const auto perRound = m_subjects.size() / perBatch;
    std::vector<std::size_t> order(m_subjects.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random roundRandom{m_seed, step / perRound, 0x0c0a};
    roundRandom.shuffle(order);
    const auto first = order.begin() + static_cast<std::ptrdiff_t>((step % perRound) * perBatch);
    Random random{m_seed, step, 0xba7c};
    return drawFrom({first, first + static_cast<std::ptrdiff_t>(perBatch)}, random);
  }

  std::size_t subjectCount() const final { return m_subjects.size(); }

 protected:
  /// @param turn  indices of the batch's people.
  virtual std::vector<BatchItem> drawFrom(const std::vector<std::size_t>& turn,
                                          Random& random) const = 0;

  const Subject& subject(std::size_t index) const { return m_subjects[index]; }
  const BatchOptions& options() const { return m_options; }

  /// An imitation of the person, or a genuine sample of another one.
  std::size_t negativeOf(std::size_t index, Random& random) const {
    const auto& own = m_subjects[index];
    if (!own.forgeries.empty() && (random.chance(m_options.skilledShare) || m_subjects.size() < 2))
      return oneOf(own.forgeries, random);
    const auto other = (index + 1 + random.below(m_subjects.size() - 1)) % m_subjects.size();
    return oneOf(m_subjects[other].genuine, random);
  }

 private:
  std::vector<Subject> m_subjects;
  BatchOptions m_options;
  std::uint64_t m_seed;
};

class SubjectSampler final : public TurnSampler {
  using TurnSampler::TurnSampler;

  std::vector<BatchItem> drawFrom(const std::vector<std::size_t>& turn,
                                  Random& random) const override {
    std::vector<BatchItem> batch;
    batch.reserve(static_cast<std::size_t>(options().size()));
    const auto append = [&](const std::vector<std::size_t>& samples, bool isPseudoWriter) {
      for (const auto sample : samples) batch.push_back({sample, isPseudoWriter});
    };
    for (const auto index : turn) {
      const auto& person = subject(index);
      const auto forgeries =
          draw(person.forgeries, static_cast<std::size_t>(options().forgeries), random);
      const auto wanted = static_cast<std::size_t>(options().genuine) +
                          static_cast<std::size_t>(options().forgeries);
      append(draw(person.genuine, wanted - forgeries.size(), random), false);
      append(forgeries, false);
      append(draw(person.genuine, static_cast<std::size_t>(options().pseudoWriters), random), true);
    }
    return batch;
  }
};

class AlignedPairSampler final : public TurnSampler {
  using TurnSampler::TurnSampler;

  std::vector<BatchItem> drawFrom(const std::vector<std::size_t>& turn,
                                  Random& random) const override {
    std::vector<BatchItem> first;
    std::vector<BatchItem> second;
    for (const auto index : turn) {
      const auto pair = draw(subject(index).genuine, 2, random);
      first.push_back({pair[0]});
      second.push_back({pair[1]});
    }
    first.insert(first.end(), second.begin(), second.end());
    return first;
  }
};

class PairSampler final : public TurnSampler {
  using TurnSampler::TurnSampler;

  std::vector<BatchItem> drawFrom(const std::vector<std::size_t>& turn,
                                  Random& random) const override {
    std::vector<BatchItem> batch;
    batch.reserve(static_cast<std::size_t>(options().size()));
    for (const auto index : turn) {
      for (int i = 0; i < options().genuine; ++i) {
        const auto pair = draw(subject(index).genuine, 2, random);
        batch.push_back({pair[0]});
        batch.push_back({pair[1]});
        for (int j = 0; j < options().ratio; ++j) {
          batch.push_back({oneOf(subject(index).genuine, random)});
          batch.push_back({negativeOf(index, random)});
        }
      }
    }
    return batch;
  }
};

class TripletSampler final : public TurnSampler {
  using TurnSampler::TurnSampler;

  std::vector<BatchItem> drawFrom(const std::vector<std::size_t>& turn,
                                  Random& random) const override {
    std::vector<BatchItem> batch;
    batch.reserve(static_cast<std::size_t>(options().size()));
    for (const auto index : turn) {
      for (int i = 0; i < options().genuine; ++i) {
        const auto pair = draw(subject(index).genuine, 2, random);
        batch.push_back({pair[0]});
        batch.push_back({pair[1]});
        batch.push_back({negativeOf(index, random)});
      }
    }
    return batch;
  }
};

}  // namespace

std::string_view batchLayoutName(BatchLayout layout) {
  return kLayoutNames.at(static_cast<std::size_t>(layout));
}

std::optional<BatchLayout> batchLayoutOf(std::string_view name) {
  const auto* at = std::find(kLayoutNames.begin(), kLayoutNames.end(), name);
  if (at == kLayoutNames.end()) return std::nullopt;
  return static_cast<BatchLayout>(at - kLayoutNames.begin());
}

Status BatchOptions::check() const {
  const auto bad = [](const char* what) { return Error{ErrorCode::OptionOutOfRange, what, ""}; };
  constexpr int kMost = 4096;
  const auto isWithin = [](double value, double low, double high) {
    return value >= low && value <= high;
  };
  const int fewest = layout == BatchLayout::Subjects ? 2 : 1;
  if (!isWithin(subjects, 2, kMost) || !isWithin(genuine, fewest, kMost) ||
      !isWithin(forgeries, 0, kMost) || !isWithin(pseudoWriters, 0, kMost))
    return bad("A batch needs at least two people with two genuine samples each.");
  if (!isWithin(ratio, 1, 100) || !isWithin(skilledShare, 0, 1))
    return bad(
        "There must be 1 to 100 non-mated pairs for each mated one, and the share of forgeries "
        "must be between 0 and 1.");
  if (size() > kMost) return bad("A batch can have at most 4096 images.");
  return ok();
}

std::int64_t BatchOptions::size() const {
  const std::int64_t people = subjects;
  switch (layout) {
    case BatchLayout::Subjects:
      return people * (std::int64_t{genuine} + forgeries + pseudoWriters);
    case BatchLayout::AlignedPairs:
      return 2 * people;
    case BatchLayout::Pairs:
      return 2 * people * genuine * (1 + ratio);
    case BatchLayout::Triplets:
      return 3 * people * genuine;
  }
  return 0;
}

std::unique_ptr<BatchSampler> makeBatchSampler(const std::vector<SampleRecord>& samples,
                                               const BatchOptions& options, std::uint64_t seed) {
  switch (options.layout) {
    case BatchLayout::AlignedPairs:
      return std::make_unique<AlignedPairSampler>(samples, options, seed);
    case BatchLayout::Pairs:
      return std::make_unique<PairSampler>(samples, options, seed);
    case BatchLayout::Triplets:
      return std::make_unique<TripletSampler>(samples, options, seed);
    case BatchLayout::Subjects:
      break;
  }
  return std::make_unique<SubjectSampler>(samples, options, seed);
}

}  // namespace countersign
