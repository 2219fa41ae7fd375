// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/SubjectBatchSampler.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "core/base/Random.h"

namespace countersign {

namespace {

/// `count` different members of `pool` (all of it when it is smaller), in random order.
std::vector<std::size_t> draw(std::vector<std::size_t> pool, std::size_t count, Random& random) {
  random.shuffle(pool);
  pool.resize(std::min(count, pool.size()));
  return pool;
}

}  // namespace

SubjectBatchSampler::SubjectBatchSampler(const std::vector<SampleRecord>& samples,
                                         const SubjectBatchOptions& options, std::uint64_t seed)
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

std::vector<std::size_t> SubjectBatchSampler::batch(std::uint64_t step) const {
  std::vector<std::size_t> batch;
  if (m_subjects.empty()) return batch;
  const auto perBatch = std::min(static_cast<std::size_t>(m_options.subjects), m_subjects.size());
  const auto perRound = m_subjects.size() / perBatch;
  std::vector<std::size_t> order(m_subjects.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random roundRandom{m_seed, step / perRound, 0x0c0a};
  roundRandom.shuffle(order);

  Random random{m_seed, step, 0xba7c};
  const auto first = (step % perRound) * perBatch;
  for (std::size_t i = 0; i < perBatch; ++i) {
    const auto& subject = m_subjects[order[first + i]];
    const auto forgeries =
        draw(subject.forgeries, static_cast<std::size_t>(m_options.forgeries), random);
    const auto wanted =
        static_cast<std::size_t>(m_options.genuine) + static_cast<std::size_t>(m_options.forgeries);
    const auto genuine = draw(subject.genuine, wanted - forgeries.size(), random);
    batch.insert(batch.end(), genuine.begin(), genuine.end());
    batch.insert(batch.end(), forgeries.begin(), forgeries.end());
  }
  return batch;
}

}  // namespace countersign
