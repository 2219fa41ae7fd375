// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingJob.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <numbers>

#include "core/base/File.h"
#include "core/corpus/SubjectBatchSampler.h"
#include "core/metric/Backend.h"
#include "core/metric/NetworkFile.h"
#include "core/metric/internal/TensorConversion.h"
#include "core/training/Checkpoint.h"
#include "core/training/DevelopmentTrials.h"
#include "core/training/internal/TrainingState.h"

namespace countersign {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Linear warm-up, then half a cosine down to zero.
double learningRateAt(const TrainingOptions& options, std::int64_t step) {
  const double done = static_cast<double>(step) / options.steps;
  if (done < options.warmUp)
    return options.learningRate * (static_cast<double>(step) + 1) /
           (options.warmUp * options.steps + 1);
  const double rest = (done - options.warmUp) / std::max(1e-9, 1 - options.warmUp);
  return options.learningRate * 0.5 * (1 + std::cos(std::numbers::pi * rest));
}

/// Augmented canvases of one batch and what they are: a function of (seed, step) alone.
struct Batch {
  std::vector<cv::Mat> canvases;
  std::vector<int64_t> subjects;
  std::vector<uint8_t> isGenuine;
};

class BatchSource {
 public:
  BatchSource(const CanvasSet& set, const TrainingOptions& options)
      : m_set(set), m_options(options), m_sampler(set.records, options.batch, options.seed) {
    std::map<std::string, int64_t> numbers;
    for (const auto& record : set.records)
      m_subjects.push_back(
          numbers.emplace(record.subject, static_cast<int64_t>(numbers.size())).first->second);
  }

  std::size_t subjectCount() const { return m_sampler.subjectCount(); }

  Batch make(std::int64_t step) const {
    Batch batch;
    const auto key = static_cast<std::uint64_t>(step);
    std::uint64_t place = 0;
    for (const auto i : m_sampler.batch(key)) {
      Random random{m_options.seed, key, place++, 0xa06};
      batch.canvases.push_back(augmentCanvas(m_set.canvases[i], m_options.augmentation, random));
      batch.subjects.push_back(m_subjects[i]);
      batch.isGenuine.push_back(m_set.records[i].label == SampleLabel::Genuine ? 1 : 0);
    }
    return batch;
  }

 private:
  const CanvasSet& m_set;
  const TrainingOptions& m_options;
  SubjectBatchSampler m_sampler;
  std::vector<int64_t> m_subjects;
};

/// Nothing when it was stopped.
std::optional<Judgement> judge(Branch& branch, const CanvasSet& set, const std::stop_token& stop) {
  if (set.records.empty()) return Judgement{};
  const torch::NoGradGuard noGrad;
  branch.eval();
  std::vector<EmbeddedSample> samples;
  constexpr std::size_t kBatch = 64;
  for (std::size_t first = 0; first < set.canvases.size(); first += kBatch) {
    if (stop.stop_requested()) return std::nullopt;
    const auto count = std::min(kBatch, set.canvases.size() - first);
    const auto rows = branch.embed({toBatch(std::span(set.canvases).subspan(first, count)), {}})
                          .embeddings.contiguous();
    for (int64_t i = 0; i < rows.size(0); ++i) {
      const auto* data = rows.data_ptr<float>() + i * rows.size(1);
      samples.push_back({{data, data + rows.size(1)}, {}, {}});
    }
  }
  const auto scores = developmentScores(set.records, samples);
  Judgement judgement;
  const auto measure = [&](const LabelledScores& s, std::optional<double>& eer) {
    if (s.mated.empty() || s.nonMated.empty()) return;
    const auto equal = equalError(s);
    eer = equal.rate;
    judgement.threshold = equal.threshold;
  };
  measure(scores.random, judgement.randomEer);
  measure(scores.skilled, judgement.skilledEer);  // last: its threshold counts where there is one
  return judgement;
}

LabelledEmbeddings labelled(const at::Tensor& embeddings, const Batch& batch) {
  const auto count = static_cast<int64_t>(batch.subjects.size());
  return {embeddings, torch::tensor(batch.subjects),
          torch::from_blob(const_cast<uint8_t*>(batch.isGenuine.data()), {count}, at::kByte)
              .to(at::kBool)};
}

/// One run of train(), after its inputs have been read.
class Run {
 public:
  Run(const TrainingOptions& options, const TrainingFiles& files,
      const JobContext<TrainingEvent>& context, const TrainingCorpus& corpus)
      : m_options(options),
        m_files(files),
        m_context(context),
        m_corpus(corpus),
        m_source(corpus.training, options),
        m_checkpoints(files.runFolder),
        m_runKey(writeTrainingOptions(options) + "\n" + corpus.fingerprint()),
        m_state(makeTrainingState(options)) {}

  Result<TrainingReport> execute() {
    if (m_source.subjectCount() < 2)
      return Error{ErrorCode::FileMalformed,
                   "Training needs at least two people with two genuine samples each.", ""};
    if (auto status = start(); !status) return status.error();
    if (m_state.isJudgementDue && !endEpoch({})) return stopHere();
    auto next = prepare(m_state.step);
    while (m_state.step < m_options.steps && !m_isStoppedEarly) {
      if (m_context.stop.stop_requested()) {
        next.wait();
        return stopHere();
      }
      const auto batch = next.get();
      next = prepare(m_state.step + 1);
      if (auto status = learn(batch); !status) {
        next.wait();
        return status.error();
      }
    }
    next.wait();
    if (m_state.isJudgementDue) return stopHere();
    return finish();
  }

 private:
  Status start() {
    if (!m_files.isResumed) {
      if (!m_checkpoints.hasAny()) return ok();
      return Error{ErrorCode::OptionOutOfRange,
                   quoted(m_files.runFolder) +
                       " holds the checkpoint of an earlier run; go on with "
                       "--resume, or choose another folder with --run.",
                   ""};
    }
    const auto checkpoint = m_checkpoints.newest();
    if (!checkpoint) {
      if (!m_checkpoints.hasAny()) return ok();
      return Error{ErrorCode::FileMalformed,
                   "No checkpoint in " + quoted(m_files.runFolder) + " can be read.", ""};
    }
    if (auto status = restoreState(m_state, *checkpoint, m_runKey); !status) return status;
    noteEarlyStop();
    return ok();
  }

  void noteEarlyStop() {
    m_isStoppedEarly = m_options.patience > 0 && m_state.epochsSinceBest >= m_options.patience;
  }

  /// Writes the state as it is; the run goes on from here.
  Result<TrainingReport> stopHere() {
    if (auto status = m_checkpoints.write(checkpointOf(m_state, m_runKey)); !status)
      return status.error();
    return Error{ErrorCode::Cancelled, "Training was stopped; --resume goes on from here.", ""};
  }

  std::future<Batch> prepare(std::int64_t step) const {
    return std::async(std::launch::async, [this, step] { return m_source.make(step); });
  }

  Status learn(const Batch& batch) {
    const auto began = Clock::now();
    m_state.branch->train();
    const auto samples =
        labelled(m_state.branch->embed({toBatch(batch.canvases), {}}).embeddings, batch);
    auto loss = torch::zeros({});
    for (auto& [term, weight] : m_state.losses) loss = loss + weight * term->compute(samples);
    const double value = loss.item<double>();
    if (!std::isfinite(value))
      return Error{ErrorCode::BackendFailure,
                   "The loss is no longer a number; lower the learning rate.", ""};
    m_state.optimiser->zeroGradient();
    loss.backward();
    if (!m_state.optimiser->step(learningRateAt(m_options, m_state.step), m_options.gradientNorm))
      return Error{ErrorCode::BackendFailure,
                   "The gradient is no longer a number; lower the learning rate.", ""};
    updateAverage(m_state, m_options.averageDecay);
    ++m_state.step;
    m_lossSum += value;
    ++m_lossCount;
    m_secondsSpent += secondsSince(began);
    ++m_stepsSpent;
    m_context.emitEvent(
        BatchFinished{m_state.step, m_options.steps, value,
                      static_cast<double>(batch.canvases.size()) / secondsSince(began)});
    const bool isEpoch =
        m_state.step % m_options.stepsPerEpoch == 0 || m_state.step == m_options.steps;
    m_state.isJudgementDue = isEpoch;
    // Stopped while judging: the loop sees it next, and the checkpoint says that it is still due.
    if (isEpoch && !endEpoch(samples)) return ok();
    if (isEpoch || m_state.step % m_files.stepsPerCheckpoint == 0)
      return m_checkpoints.write(checkpointOf(m_state, m_runKey));
    return ok();
  }

  /// Judges the averaged weights on the development split; false when it was stopped meanwhile.
  bool endEpoch(const std::optional<LabelledEmbeddings>& samples) {
    const auto judged = judge(*m_state.average, m_corpus.development, m_context.stop);
    if (!judged) return false;
    const auto& judgement = *judged;
    m_state.isJudgementDue = false;
    // Without forgeries, other people's signatures decide; without a development split there is
    // nothing to choose by, and the last weights are kept.
    const auto errorOf = [](const Judgement& j) {
      return j.skilledEer ? j.skilledEer : j.randomEer;
    };
    const auto now = errorOf(judgement);
    const auto before = errorOf(m_state.best);
    const bool isBest = !now || !before || *now < *before;
    if (isBest) {
      m_state.best = judgement;
      m_state.bestStep = m_state.step;
      m_state.bestWeights = rawTensors(*m_state.average);
      m_state.epochsSinceBest = 0;
    } else {
      ++m_state.epochsSinceBest;
    }
    noteEarlyStop();
    constexpr double kMixMargin = 0.3;
    const auto mix = samples ? tripletMix(*samples, kMixMargin) : TripletMix{};
    const auto perEpoch = m_options.stepsPerEpoch;
    m_context.emitEvent(EpochFinished{
        static_cast<int>((m_state.step + perEpoch - 1) / perEpoch),
        (m_options.steps + perEpoch - 1) / perEpoch,
        m_lossSum / static_cast<double>(std::max<std::int64_t>(1, m_lossCount)), mix.easy,
        mix.semiHard, mix.hard, judgement.skilledEer, judgement.randomEer, isBest,
        m_secondsSpent / std::max(1.0, m_stepsSpent) *
            static_cast<double>(m_options.steps - m_state.step)});
    m_lossSum = 0;
    m_lossCount = 0;
    return true;
  }

  Result<TrainingReport> finish() {
    NetworkFile network;
    network.card.name = m_options.name;
    network.card.architecture = m_options.architecture;
    network.card.defaultThreshold = m_state.best.threshold;
    network.card.training = {m_files.command,
                             m_options.data,
                             m_options.seed,
                             nowUtc(),
                             backendVersions(),
                             writeTrainingOptions(m_options),
                             static_cast<int>(m_state.bestStep * perBatch())};
    for (const auto& [name, raw] : m_state.bestWeights) {
      const auto tensor = fromRaw(raw);
      // Normalisation statistics keep their precision: they are few, and some are tiny.
      network.weights[name] =
          toRaw(m_options.isHalfPrecision && tensor.dim() > 1 ? tensor.to(at::kHalf) : tensor);
    }
    if (auto status = writeNetworkFile(m_files.output, network); !status) return status.error();
    return TrainingReport{m_state.step,           m_state.bestStep,       m_state.best.skilledEer,
                          m_state.best.randomEer, m_state.best.threshold, m_corpus.leftOut,
                          network.identity()};
  }

  std::int64_t perBatch() const {
    return std::int64_t{m_options.batch.subjects} *
           (m_options.batch.genuine + m_options.batch.forgeries);
  }

  static std::string nowUtc() {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts)};
  }

  const TrainingOptions& m_options;
  const TrainingFiles& m_files;
  const JobContext<TrainingEvent>& m_context;
  const TrainingCorpus& m_corpus;
  BatchSource m_source;
  CheckpointFolder m_checkpoints;
  std::string m_runKey;
  TrainingState m_state;
  bool m_isStoppedEarly = false;
  double m_lossSum = 0;
  std::int64_t m_lossCount = 0;
  double m_secondsSpent = 0;
  double m_stepsSpent = 0;
};

}  // namespace

Result<TrainingReport> train(const TrainingOptions& options, const TrainingFiles& files,
                             const JobContext<TrainingEvent>& context) try {
  if (auto status = options.check(); !status) return status.error();
  const auto manifest = readManifest(files.manifest);
  if (!manifest) return manifest.error();
  setComputeThreads(options.threads);
  if (auto status = prepareBackend(); !status) return status.error();
  keepLargeBuffers();
  const auto corpus = readTrainingCorpus(
      *manifest, files.root, options.architecture.canvas, options.threads,
      {context.stop, [&](const CorpusProgress& progress) { context.emitEvent(progress); }});
  if (!corpus) return corpus.error();
  return Run(options, files, context, *corpus).execute();
} catch (const std::exception& e) {  // c10::Error, cv::Exception, std::bad_alloc
  return Error{ErrorCode::BackendFailure, "Training failed.", e.what()};
}

}  // namespace countersign
