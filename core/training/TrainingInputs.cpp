// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/internal/TrainingInputs.h"

#include <torch/torch.h>

#include <map>

#include "core/base/File.h"
#include "core/base/Sha256.h"
#include "core/corpus/PenFile.h"
#include "core/metric/internal/TensorConversion.h"
#include "core/training/internal/BatchSource.h"
#include "core/training/internal/InParallel.h"

namespace countersign {

namespace {

Error nothingToTrainOn(const std::vector<LeftOutSample>& leftOut) {
  return {ErrorCode::FileMalformed, "The manifest has no training sample that can be read.",
          leftOut.empty() ? "" : leftOut.front().reason};
}

class ImageInputs final : public TrainingInputs {
 public:
  ImageInputs(const TrainingOptions& options, TrainingCorpus corpus)
      : m_corpus(std::move(corpus)),
        m_source(m_corpus.training, options),
        m_isPseudoSiamese(options.architecture.isPseudoSiamese) {}

  LabelledInput make(std::int64_t step, const BatchShare& share) const override {
    auto batch = m_source.make(step, share);
    return {{toBatch(batch.canvases), {}, kindsOf(batch.kinds)},
            std::move(batch.subjects),
            std::move(batch.victims)};
  }
  std::size_t subjectCount() const override { return m_source.subjectCount(); }
  std::int64_t people() const override { return m_source.people(); }
  const std::vector<SampleRecord>& development() const override {
    return m_corpus.development.records;
  }
  BranchInput developmentInput(std::size_t first, std::size_t count) const override {
    std::vector<std::int64_t> kinds;
    kinds.reserve(count);
    for (std::size_t i = first; i < first + count; ++i)
      kinds.push_back(inputKindOf(m_corpus.development.records[i]));
    return {toBatch(std::span(m_corpus.development.canvases).subspan(first, count)),
            {},
            kindsOf(kinds)};
  }
  std::string fingerprint() const override { return m_corpus.fingerprint(); }
  const std::vector<LeftOutSample>& leftOut() const override { return m_corpus.leftOut; }

 private:
  at::Tensor kindsOf(const std::vector<std::int64_t>& kinds) const {
    return m_isPseudoSiamese ? torch::tensor(kinds) : at::Tensor();
  }

  TrainingCorpus m_corpus;
  BatchSource m_source;
  bool m_isPseudoSiamese;
};

/// Trajectories of one split.
struct PenSet {
  std::vector<SampleRecord> records;
  std::vector<PenTrajectory> trajectories;
};

class SequenceInputs final : public TrainingInputs {
 public:
  SequenceInputs(const TrainingOptions& options, PenSet training, PenSet development,
                 std::vector<LeftOutSample> leftOut)
      : m_options(options),
        m_training(std::move(training)),
        m_development(std::move(development)),
        m_leftOut(std::move(leftOut)),
        m_sampler(makeBatchSampler(m_training.records, options.batch, options.seed)) {
    std::map<std::string, std::int64_t> numbers;
    for (const auto& record : m_training.records)
      m_subjects.push_back(
          numbers.emplace(record.subject, static_cast<std::int64_t>(numbers.size())).first->second);
    m_people = static_cast<std::int64_t>(numbers.size());
  }

  LabelledInput make(std::int64_t step, const BatchShare& share) const override {
    LabelledInput batch;
    std::vector<PenFeatures> features;
    const auto key = static_cast<std::uint64_t>(step);
    const auto items = m_sampler->batch(key);
    for (std::size_t place = 0; place < items.size(); ++place) {
      const auto& item = items[place];
      if (place >= share.begin(items.size()) && place < share.end(items.size())) {
        Random random{m_options.seed, key, place, 0xa06};
        const auto& trajectory = m_training.trajectories[item.sample];
        auto changed = penFeatures(augmentTrajectory(trajectory, m_options.augmentation, random));
        features.push_back(changed ? *std::move(changed) : *penFeatures(trajectory));
      }
      const bool isGenuine = m_training.records[item.sample].label == SampleLabel::Genuine;
      const auto person = m_subjects[item.sample];
      batch.subjects.push_back(isGenuine ? person : -1);
      batch.victims.push_back(isGenuine ? -1 : person);
    }
    batch.input = padded(features);
    return batch;
  }
  std::size_t subjectCount() const override { return m_sampler->subjectCount(); }
  std::int64_t people() const override { return m_people; }
  const std::vector<SampleRecord>& development() const override { return m_development.records; }
  BranchInput developmentInput(std::size_t first, std::size_t count) const override {
    std::vector<PenFeatures> features;
    features.reserve(count);
    for (std::size_t i = first; i < first + count; ++i)
      features.push_back(*penFeatures(m_development.trajectories[i]));
    return padded(features);
  }
  std::string fingerprint() const override {
    Sha256 hash;
    for (const auto* set : {&m_training, &m_development}) {
      for (std::size_t i = 0; i < set->records.size(); ++i) {
        const auto& r = set->records[i];
        hash.add(r.path.generic_string()).add("\n").add(r.subject).add("\n");
        hash.add(r.label == SampleLabel::Genuine ? "g" : "f").add(splitName(r.split));
        hash.add(writePenFile(set->trajectories[i]));
      }
    }
    return hash.finish();
  }
  const std::vector<LeftOutSample>& leftOut() const override { return m_leftOut; }

 private:
  static BranchInput padded(const std::vector<PenFeatures>& features) {
    std::vector<const PenFeatures*> pointers;
    pointers.reserve(features.size());
    for (const auto& one : features) pointers.push_back(&one);
    return toPaddedBatch(pointers);
  }

  const TrainingOptions& m_options;
  PenSet m_training;
  PenSet m_development;
  std::vector<LeftOutSample> m_leftOut;
  std::unique_ptr<BatchSampler> m_sampler;
  std::vector<std::int64_t> m_subjects;
  std::int64_t m_people = 0;
};

using Inputs = Result<std::unique_ptr<TrainingInputs>>;

Inputs readImages(const TrainingOptions& options, const CorpusManifest& manifest,
                  const std::filesystem::path& root, const SampleReader& reader,
                  const CanvasStorage& storage, const JobContext<CorpusProgress>& context) {
  auto corpus = readTrainingCorpus(manifest, root, reader, options.threads, storage, context);
  if (!corpus) return corpus.error();
  auto status = addInvented(corpus->training, options.invented, options.seed,
                            options.architecture.canvas, options.threads, context);
  if (!status) return status.error();
  if (corpus->training.records.empty()) return nothingToTrainOn(corpus->leftOut);
  return Inputs(std::make_unique<ImageInputs>(options, *std::move(corpus)));
}

Inputs readSequences(const TrainingOptions& options, const CorpusManifest& manifest,
                     const std::filesystem::path& root, const JobContext<CorpusProgress>& context) {
  PenSet training;
  PenSet development;
  std::vector<LeftOutSample> leftOut;
  int done = 0;
  for (const auto& record : manifest.samples) {
    if (context.stop.stop_requested())
      return Error{ErrorCode::Cancelled, "Reading the corpus was stopped.", ""};
    context.emitEvent({++done, static_cast<int>(manifest.samples.size())});
    if (record.split == Split::Validation) continue;
    auto trajectory = readPenFile(root / record.path);
    const auto features = trajectory ? penFeatures(*trajectory) : trajectory.error();
    if (!features) {
      leftOut.push_back({record.path, quoted(record.path) + ": " + features.error().message});
      continue;
    }
    auto& set = record.split == Split::Train ? training : development;
    set.records.push_back(record);
    set.trajectories.push_back(*std::move(trajectory));
  }
  if (training.records.empty()) return nothingToTrainOn(leftOut);
  return Inputs(std::make_unique<SequenceInputs>(options, std::move(training),
                                                 std::move(development), std::move(leftOut)));
}

}  // namespace

Result<std::unique_ptr<TrainingInputs>> readTrainingInputs(
    const TrainingOptions& options, const CorpusManifest& manifest,
    const std::filesystem::path& root, const SampleReader* reader, const CanvasStorage& storage,
    const JobContext<CorpusProgress>& context) {
  if (options.architecture.kind == "gru") return readSequences(options, manifest, root, context);
  return readImages(options, manifest, root, *reader, storage, context);
}

}  // namespace countersign
