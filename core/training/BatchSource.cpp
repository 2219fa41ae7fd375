// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/internal/BatchSource.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace countersign {

namespace {

/// Two batches of one layout as one.
std::vector<BatchItem> joined(BatchLayout layout, std::vector<BatchItem> a,
                              const std::vector<BatchItem>& b) {
  if (layout != BatchLayout::AlignedPairs) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }
  const auto halfOf = [](const std::vector<BatchItem>& items) {
    return items.cbegin() + static_cast<std::ptrdiff_t>(items.size() / 2);
  };
  std::vector<BatchItem> all(a.cbegin(), halfOf(a));
  all.insert(all.end(), b.cbegin(), halfOf(b));
  all.insert(all.end(), halfOf(a), a.cend());
  all.insert(all.end(), halfOf(b), b.cend());
  return all;
}

}  // namespace

std::int64_t inputKindOf(const SampleRecord& record) {
  const auto extension = record.path.extension();
  return extension == ".txt" || extension == ".TXT" ? 1 : 0;
}

BatchSource::BatchSource(const CanvasSet& set, const TrainingOptions& options)
    : m_set(set), m_options(options) {
  std::map<std::string, std::int64_t> numbers;
  for (const auto& record : set.records)
    m_subjects.push_back(
        numbers.emplace(record.subject, static_cast<std::int64_t>(numbers.size())).first->second);
  m_people = static_cast<std::int64_t>(numbers.size());

  const auto isInvented = [](const SampleRecord& record) {
    return isInventedSubject(record.subject);
  };
  const auto border = std::find_if(set.records.begin(), set.records.end(), isInvented);
  m_firstInvented = static_cast<std::size_t>(border - set.records.begin());
  auto real = options.batch;
  auto invented = options.batch;
  if (border != set.records.end()) {
    const double share = m_firstInvented == 0 ? 1 : options.invented.share;
    invented.subjects = static_cast<int>(std::lround(share * options.batch.subjects));
    real.subjects = options.batch.subjects - invented.subjects;
    if (invented.subjects > 0)
      m_invented = makeBatchSampler({border, set.records.end()}, invented, options.seed);
  }
  if (real.subjects > 0)
    m_real = makeBatchSampler({set.records.begin(), border}, real, options.seed);
}

std::size_t BatchSource::subjectCount() const {
  return (m_real ? m_real->subjectCount() : 0) + (m_invented ? m_invented->subjectCount() : 0);
}

std::vector<BatchItem> BatchSource::itemsOf(std::uint64_t step) const {
  auto real = m_real ? m_real->batch(step) : std::vector<BatchItem>{};
  if (!m_invented) return real;
  auto invented = m_invented->batch(step);
  for (auto& item : invented) item.sample += m_firstInvented;
  return joined(m_options.batch.layout, std::move(real), invented);
}

cv::Mat BatchSource::written(std::size_t sample, std::uint64_t step) const {
  const auto& canvas = m_set.canvases[sample];
  const auto& options = m_options.virtualWriters;
  if (options.share <= 0) return canvas;
  Random hand{m_options.seed, step, static_cast<std::uint64_t>(m_subjects[sample]), 0x71c7};
  return hand.chance(options.share) ? warpAsVirtualWriter(canvas, options, hand) : canvas;
}

cv::Mat BatchSource::pseudoWritten(const cv::Mat& canvas, std::size_t sample,
                                   std::int64_t variant) const {
  Random hand{m_options.seed, static_cast<std::uint64_t>(m_subjects[sample]),
              static_cast<std::uint64_t>(variant), 0x95e0};
  return warpAsPseudoWriter(canvas, m_options.pseudoWriters, hand);
}

ImageBatch BatchSource::make(std::int64_t step, const BatchShare& share) const {
  ImageBatch batch;
  const auto key = static_cast<std::uint64_t>(step);
  std::uint64_t place = 0;
  const auto items = itemsOf(key);
  for (const auto& item : items) {
    Random random{m_options.seed, key, place, 0xa06};
    const bool isOwn = place >= share.begin(items.size()) && place < share.end(items.size());
    ++place;
    const auto person = m_subjects[item.sample];
    const auto canvas = isOwn ? written(item.sample, key) : cv::Mat();
    const bool isGenuine = m_set.records[item.sample].label == SampleLabel::Genuine;
    if (isOwn) batch.kinds.push_back(inputKindOf(m_set.records[item.sample]));
    if (item.isPseudoWriter) {
      // All of a person's pseudo-written images in a batch are by one imitator.
      const auto variants = static_cast<std::size_t>(m_options.pseudoWriters.variants);
      const auto variant = static_cast<std::int64_t>(
          Random{m_options.seed, key, static_cast<std::uint64_t>(person), 0x95e1}.below(variants));
      if (isOwn)
        batch.canvases.push_back(augmentCanvas(pseudoWritten(canvas, item.sample, variant),
                                               m_options.augmentation, random));
      batch.subjects.push_back(m_people + person);
      batch.victims.push_back(person);
    } else {
      if (isOwn) batch.canvases.push_back(augmentCanvas(canvas, m_options.augmentation, random));
      batch.subjects.push_back(isGenuine ? person : -1);
      batch.victims.push_back(isGenuine ? -1 : person);
    }
  }
  return batch;
}

}  // namespace countersign
