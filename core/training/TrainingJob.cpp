// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingJob.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <limits>
#include <numbers>

#include "core/base/Clock.h"
#include "core/base/File.h"
#include "core/base/Sha256.h"
#include "core/corpus/CorpusLayout.h"
#include "core/metric/Backend.h"
#include "core/metric/EmbeddingNetwork.h"
#include "core/metric/NetworkFile.h"
#include "core/metric/internal/BatchPeers.h"
#include "core/metric/internal/Miners.h"
#include "core/metric/internal/TensorConversion.h"
#include "core/storage/internal/WriterLock.h"
#include "core/training/Checkpoint.h"
#include "core/training/DevelopmentTrials.h"
#include "core/training/TrainingHealth.h"
#include "core/training/TrainingRun.h"
#include "core/training/internal/BatchLook.h"
#include "core/training/internal/TrainingInputs.h"
#include "core/training/internal/TrainingPeers.h"
#include "core/training/internal/TrainingState.h"

namespace countersign {

namespace {

using SteadyClock = std::chrono::steady_clock;

double secondsSince(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
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

/// Embeds as EmbeddingNetwork will.
at::Tensor withMirrored(const at::Tensor& embeddings, Branch& branch, BranchInput input) {
  constexpr int kColumns = 3;
  input.data = input.data.flip(kColumns);
  const auto sum = embeddings + branch.embed(input).embeddings;
  return torch::nn::functional::normalize(sum,
                                          torch::nn::functional::NormalizeFuncOptions().dim(1));
}

/// Nothing when it was stopped.
std::optional<Judgement> judge(Branch& branch, const TrainingInputs& inputs, bool isMirrorAveraged,
                               const std::stop_token& stop) {
  const auto& records = inputs.development();
  if (records.empty()) return Judgement{};
  const torch::NoGradGuard noGrad;
  branch.eval();
  std::vector<EmbeddedSample> samples;
  constexpr std::size_t kBatch = 64;
  for (std::size_t first = 0; first < records.size(); first += kBatch) {
    if (stop.stop_requested()) return std::nullopt;
    const auto count = std::min(kBatch, records.size() - first);
    const auto input = inputs.developmentInput(first, count);
    auto output = branch.embed(input);
    if (isMirrorAveraged) output.embeddings = withMirrored(output.embeddings, branch, input);
    auto some = toSamples(output, branch.score());
    samples.insert(samples.end(), std::make_move_iterator(some.begin()),
                   std::make_move_iterator(some.end()));
  }
  const auto scores = developmentScores(records, [&](std::size_t i, std::size_t j) {
    return branch.score().kind() == ScoreKind::LearnedHead
               ? branch.score().headScore(samples[i].embedding, samples[j].embedding)
               : sampleScore(samples[i], samples[j]);
  });
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

LabelledBatch labelled(const BranchOutput& output, const Branch& branch, const LabelledInput& batch,
                       const BatchOptions& options, std::uint64_t key) {
  LabelledBatch samples;
  samples.embeddings = output.embeddings;
  samples.scoreKind = branch.score().kind();
  samples.scores = branch.score().between(output, output);
  samples.subjects = torch::tensor(batch.subjects);
  samples.victims = torch::tensor(batch.victims);
  samples.layout = options.layout;
  samples.compared =
      comparedPairs(samples.layout, static_cast<std::int64_t>(batch.subjects.size()));
  samples.key = key;
  return samples;
}

/// Mean squared distance of unit vectors from their centre: 0 when they are one point.
double spreadOf(const at::Tensor& embeddings) {
  return 1 - embeddings.detach().mean(0).square().sum().item<double>();
}

std::vector<std::string> termNames(const TrainingOptions& options) {
  std::vector<std::string> names;
  names.reserve(options.losses.size());
  for (const auto& loss : options.losses) names.push_back(loss.kind);
  return names;
}

/// Margin by which triplets are called easy, semi-hard or hard: that of the triplet loss, if any.
double mixMarginOf(const TrainingOptions& options) {
  for (const auto& loss : options.losses) {
    if (loss.kind == "triplet") return loss.margin;
  }
  constexpr double kMixMargin = 0.3;
  return kMixMargin;
}

/// Equal for runs of which one may go on from the other's checkpoint.
std::string runKeyOf(const TrainingOptions& options, const TrainingInputs& inputs,
                     const std::optional<NetworkFile>& origin) {
  std::string key = writeTrainingOptions(options);
  key.append("\n").append(inputs.fingerprint());
  if (origin) key.append("\n").append(origin->identity());
  return key;
}

/// What reads the images; nothing for pen data.
Result<std::unique_ptr<const SampleReader>> readerFor(const TrainingOptions& options,
                                                      const std::optional<NetworkFile>& origin) {
  using Reader = std::unique_ptr<const SampleReader>;
  if (options.architecture.kind == "gru") return Reader();
  if (!origin && options.architecture.kind != "mobileFaceNet")
    return makeSignatureReader(options.architecture.canvas);
  auto reader = origin ? makeSampleReader(*origin) : Reader();
  if (!reader) return reader.error();
  if (*reader) return reader;
  return Error{ErrorCode::NetworkIncompatible,
               "A network for faces is trained from one that finds them in pictures; name such a "
               "network to start from.",
               ""};
}

/// What several processes cannot compute together.
Status checkForNodes(const Architecture& architecture) {
  constexpr int kMostChannels = 512;  // that fusedNormalisation() takes
  const bool isTooWide = std::any_of(architecture.channels.begin(), architecture.channels.end(),
                                     [](int channels) { return channels > kMostChannels; });
  if (!architecture.isPseudoSiamese && !isTooWide) return ok();
  return Error{ErrorCode::OptionOutOfRange,
               "Several nodes train networks with one branch and at most 512 channels; train this "
               "one in one process.",
               ""};
}

/// One run of train(), after its inputs have been read.
class Run {
 public:
  Run(const TrainingOptions& options, const TrainingFiles& files,
      const JobContext<TrainingEvent>& context, const TrainingInputs& inputs,
      const std::optional<NetworkFile>& origin, BatchPeers* peers)
      : m_options(options),
        m_files(files),
        m_context(context),
        m_inputs(inputs),
        m_checkpoints(files.runFolder),
        m_curves(files.runFolder, termNames(options)),
        m_origin(origin),
        m_peers(peers),
        m_runKey(runKeyOf(options, inputs, origin)),
        m_state(makeTrainingState(options, inputs.people())) {}

  Result<TrainingReport> execute() try {
    const UseBatchPeers use(m_peers);
    if (m_inputs.subjectCount() < 2)
      return Error{ErrorCode::FileMalformed,
                   "Training needs at least two people with two genuine samples each.", ""};
    if (auto status = start(); !status) return status.error();
    if (m_peers != nullptr)
      if (auto status = startTogether(); !status) return status.error();
    if (auto status = openRecord(); !status) return status.error();
    if (m_state.isJudgementDue && !endEpoch({})) return stopHere();
    auto next = prepare(m_state.step);
    while (m_state.step < m_options.steps && !m_isStoppedEarly) {
      if (anyWantsToStop()) {
        next.wait();
        return stopHere();
      }
      const auto asked = SteadyClock::now();
      const auto batch = next.get();
      m_secondsWaited += secondsSince(asked);
      next = prepare(m_state.step + 1);
      if (auto status = learn(batch); !status) {
        next.wait();
        return status.error();
      }
    }
    next.wait();
    if (m_state.isJudgementDue) return stopHere();
    return finish();
  } catch (const PeersGone& failure) { return partedHere(failure); }

 private:
  Status start() {
    if (m_origin) {
      if (auto status = startFrom(m_state, *m_origin); !status) return status;
    }
    m_state.branch->freeze(m_options.frozenBlocks);
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

  /// Everybody goes on from where the furthest is, if all of them were asked for the same.
  Status startTogether() {
    const auto nodes = static_cast<std::size_t>(m_peers->count());
    if (m_inputs.make(m_state.step, {}).subjects.size() < nodes)
      return Error{ErrorCode::OptionOutOfRange,
                   "There are more nodes than samples in a batch; use fewer of them.", ""};
    const auto digest = Sha256().add(m_runKey).finish();
    auto key = torch::zeros({static_cast<int64_t>(digest.size())}, at::kByte);
    std::copy(digest.begin(), digest.end(), key.data_ptr<std::uint8_t>());
    const auto keys = m_peers->gathered(key);
    if (!keys.eq(key).all().item<bool>())
      return Error{ErrorCode::OptionOutOfRange,
                   "The nodes were not asked for the same: options, samples and the network to "
                   "start from must be equal.",
                   ""};
    const auto steps = m_peers->gathered(torch::tensor(m_state.step));
    const bool isFurthest = steps.argmax().item<int64_t>() == m_peers->index();
    const auto own = isFurthest ? serialiseSafetensors(checkpointOf(m_state, m_runKey)) : "";
    auto size = torch::tensor(static_cast<int64_t>(own.size()));
    m_peers->sum(size);
    auto bytes = torch::zeros({size.item<int64_t>()}, at::kByte);
    std::copy(own.begin(), own.end(), bytes.data_ptr<std::uint8_t>());
    m_peers->sum(bytes);
    m_isTogether = true;
    if (isFurthest) return ok();
    const auto* data = reinterpret_cast<const std::byte*>(bytes.data_ptr<std::uint8_t>());
    const auto state = parseSafetensors({data, static_cast<std::size_t>(bytes.numel())});
    if (!state) return state.error();
    if (auto status = restoreState(m_state, *state, m_runKey); !status) return status;
    noteEarlyStop();
    return ok();
  }

  /// Whether somebody was asked to: then all do, at the same step.
  bool anyWantsToStop() {
    if (m_peers == nullptr) return m_context.stop.stop_requested();
    auto wish = torch::tensor(m_context.stop.stop_requested() ? 1 : 0);
    m_peers->sum(wish);
    return wish.item<int64_t>() > 0;
  }

  /// Another node does not answer any more.
  Result<TrainingReport> partedHere(const PeersGone& failure) {
    if (!m_isTogether)
      return Error{ErrorCode::BackendFailure,
                   "Another node went before training began; its own message says why.",
                   failure.what()};
    // What the step in which it went has changed already.
    const torch::NoGradGuard noGrad;
    for (auto& [buffer, before] : m_buffersBefore) buffer.copy_(before);
    auto stopped = stopHere();
    if (stopped.error().code != ErrorCode::Cancelled) return stopped;
    return Error{ErrorCode::BackendFailure,
                 "Another node is gone, or does not answer any more; training stopped at step " +
                     std::to_string(m_state.step) +
                     ". Start all of them again with --resume to go on from there.",
                 failure.what()};
  }

  /// What node 0 found: machines may round differently, and all are to choose the same.
  void shareJudgement(Judgement& judgement) const {
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    auto figures = torch::zeros({3}, at::kDouble);
    if (m_peers->index() == 0)
      figures = torch::tensor({judgement.skilledEer.value_or(unknown),
                               judgement.randomEer.value_or(unknown), judgement.threshold},
                              at::kDouble);
    m_peers->sum(figures);
    const auto at = [&](int place) -> std::optional<double> {
      const double value = figures[place].item<double>();
      return std::isnan(value) ? std::nullopt : std::optional(value);
    };
    judgement = {at(0), at(1), at(2).value_or(judgement.threshold)};
  }

  /// Running statistics change while a batch goes through the branch.
  void rememberBuffers() {
    m_buffersBefore.clear();
    for (const auto& buffer : m_state.branch->buffers())
      m_buffersBefore.emplace_back(buffer, buffer.clone());
  }

  /// The output for the whole batch.
  BranchOutput together(const BranchOutput& own, std::size_t samples) const {
    const auto first = static_cast<int64_t>(share().begin(samples));
    const auto rows = static_cast<int64_t>(samples);
    BranchOutput all{gatherRows(own.embeddings, first, rows, *m_peers), {}};
    if (own.maps.defined()) all.maps = gatherRows(own.maps, first, rows, *m_peers);
    return all;
  }

  /// A parameter that has a gradient in one process only has one in all of them.
  void averageGradients() const {
    const torch::NoGradGuard noGrad;
    const auto& parameters = m_state.optimiser->parameters();
    std::vector<at::Tensor> flat;
    flat.reserve(parameters.size() + 1);
    auto isKnown = torch::zeros({static_cast<int64_t>(parameters.size())});
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const auto& gradient = parameters[i].grad();
      flat.push_back(gradient.defined() ? gradient.flatten()
                                        : torch::zeros({parameters[i].numel()}));
      if (gradient.defined()) isKnown[static_cast<int64_t>(i)] = 1;
    }
    flat.push_back(isKnown);
    auto all = torch::cat(flat);
    m_peers->sum(all);
    isKnown = all.narrow(0, all.numel() - isKnown.numel(), isKnown.numel()).clone();
    all /= m_peers->count();
    int64_t at = 0;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      auto parameter = parameters[i];
      const auto mean = all.narrow(0, at, parameter.numel()).view_as(parameter);
      at += parameter.numel();
      if (isKnown[static_cast<int64_t>(i)].item<float>() == 0) continue;
      if (!parameter.grad().defined()) parameter.mutable_grad() = torch::empty_like(parameter);
      parameter.mutable_grad().copy_(mean);
    }
  }

  BatchShare share() const {
    return m_peers == nullptr ? BatchShare{} : BatchShare{m_peers->index(), m_peers->count()};
  }

  Status openRecord() {
    m_record.created = toIso8601(systemTime());
    if (const auto known = readRunRecord(m_files.runFolder)) m_record.created = known->created;
    m_record.files = m_files;
    m_record.options = m_options;
    m_record.corpusFingerprint = m_inputs.fingerprint();
    if (auto status = writeRunRecord(m_record); !status) return status;
    if (auto status = m_curves.rewindTo(m_state.step); !status) return status;
    rememberHealth();
    return ok();
  }

  /// What the epochs before a break told counts for the trends after it, and is not said again.
  void rememberHealth() {
    double sum = 0;
    int count = 0;
    for (const auto& point : readCurves(m_files.runFolder)) {
      sum += point.loss;
      ++count;
      if (!point.easyTriplets) continue;
      EpochFigures epoch{.trainingLoss = sum / count,
                         .easyTriplets = *point.easyTriplets,
                         .hardTriplets = point.hardTriplets.value_or(0)};
      epoch.developmentEer = point.developmentEer ? point.developmentEer : point.randomEer;
      m_health.add(epoch);
      sum = 0;
      count = 0;
    }
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

  std::future<LabelledInput> prepare(std::int64_t step) const {
    return std::async(std::launch::async, [this, step] { return m_inputs.make(step, share()); });
  }

  Status learn(const LabelledInput& batch) {
    const auto began = SteadyClock::now();
    m_state.branch->train();
    if (m_peers != nullptr) rememberBuffers();
    auto output = m_state.branch->embed(batch.input);
    if (m_peers != nullptr) output = together(output, batch.subjects.size());
    const auto samples = labelled(output, *m_state.branch, batch, m_options.batch,
                                  static_cast<std::uint64_t>(m_state.step) ^ m_options.seed);
    auto loss = torch::zeros({});
    std::vector<double> terms;
    for (auto& [term, weight] : m_state.losses) {
      const auto weighted = weight * term->compute(samples);
      terms.push_back(weighted.item<double>());
      loss = loss + weighted;
    }
    const double value = loss.item<double>();
    if (!std::isfinite(value))
      return Error{ErrorCode::BackendFailure,
                   "The loss is no longer a number; lower the learning rate.", ""};
    m_state.optimiser->zeroGradient();
    loss.backward();
    if (m_peers != nullptr) averageGradients();
    m_buffersBefore.clear();
    if (!m_state.optimiser->step(learningRateAt(m_options, m_state.step), m_options.gradientNorm))
      return Error{ErrorCode::BackendFailure,
                   "The gradient is no longer a number; lower the learning rate.", ""};
    updateAverage(m_state, m_options.averageDecay);
    ++m_state.step;
    m_lossSum += value;
    ++m_lossCount;
    const double seconds = secondsSince(began);
    const auto images = static_cast<double>(batch.subjects.size());
    m_secondsSpent += seconds;
    ++m_stepsSpent;
    m_means.add(value, terms, images, seconds);
    m_context.emitEvent(
        BatchFinished{m_state.step, m_options.steps, value, images / seconds, secondsLeft()});
    constexpr double kBetweenLooks = 2;
    // Whoever has a part of the batch has only that part's images.
    if (m_peers == nullptr && (!m_lastLook || secondsSince(*m_lastLook) > kBetweenLooks)) {
      m_context.emitEvent(lookInto(samples, batch.input, m_state.step));
      m_lastLook = SteadyClock::now();
    }
    const bool isEpoch =
        m_state.step % m_options.stepsPerEpoch == 0 || m_state.step == m_options.steps;
    m_state.isJudgementDue = isEpoch;
    if (!isEpoch && m_state.step % stepsPerPoint() == 0) {
      if (auto status = addPoint(m_means.take(m_state.step)); !status) return status;
    }
    // Stopped while judging: the loop sees it next, and the checkpoint says that it is still due.
    if (isEpoch && !endEpoch(samples)) return addPoint(m_means.take(m_state.step));
    if (!m_curveStatus) return m_curveStatus;
    if (isEpoch || m_state.step % m_files.stepsPerCheckpoint == 0)
      return m_checkpoints.write(checkpointOf(m_state, m_runKey));
    return ok();
  }

  /// Judges the averaged weights on the development split; false when it was stopped meanwhile.
  bool endEpoch(const std::optional<LabelledBatch>& samples) {
    // Several nodes stop at a step, all of them.
    auto judged = judge(*m_state.average, m_inputs, m_origin && m_origin->card.isMirrorAveraged,
                        m_peers == nullptr ? m_context.stop : std::stop_token());
    if (!judged) return false;
    if (m_peers != nullptr) shareJudgement(*judged);
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
    const auto mix = samples ? tripletMix(*samples, mixMarginOf(m_options)) : TripletMix{};
    const double loss = m_lossSum / static_cast<double>(std::max<std::int64_t>(1, m_lossCount));
    std::vector<std::string> advice;
    if (samples)
      advice = m_health.add({loss, mix.easy, mix.hard, spreadOf(samples->embeddings),
                             judgement.skilledEer ? judgement.skilledEer : judgement.randomEer});
    auto point = pointOfEpoch();
    if (samples) {
      point.easyTriplets = mix.easy;
      point.semiHardTriplets = mix.semiHard;
      point.hardTriplets = mix.hard;
    }
    point.developmentEer = judgement.skilledEer;
    point.randomEer = judgement.randomEer;
    if (m_curveStatus) m_curveStatus = addPoint(point);
    const auto perEpoch = m_options.stepsPerEpoch;
    m_context.emitEvent(EpochFinished{
        static_cast<int>((m_state.step + perEpoch - 1) / perEpoch),
        (m_options.steps + perEpoch - 1) / perEpoch, loss, mix.easy, mix.semiHard, mix.hard,
        judgement.skilledEer, judgement.randomEer, isBest, m_state.average->score().localShare(),
        secondsLeft(), m_secondsWaited / std::max(1e-9, m_secondsSpent + m_secondsWaited),
        std::move(advice)});
    m_lossSum = 0;
    m_lossCount = 0;
    return true;
  }

  Result<TrainingReport> finish() {
    NetworkFile network;
    if (m_origin) {
      // What a picture is read by, and how scores are fused, goes on.
      network.card.modality = m_origin->card.modality;
      network.card.normaliserVersion = m_origin->card.normaliserVersion;
      network.card.isMirrorAveraged = m_origin->card.isMirrorAveraged;
      network.card.fusedReferences = m_origin->card.fusedReferences;
      network.detector = m_origin->detector;
    }
    network.card.name = m_options.name;
    network.card.architecture = m_options.architecture;
    network.card.score = m_options.score;
    network.card.referenceCopies = m_options.referenceCopies;
    network.card.usualCopyScore = m_options.usualCopyScore;
    network.card.defaultThreshold = m_state.best.threshold;
    network.card.training = {m_files.command,
                             m_options.data,
                             m_options.seed,
                             toIso8601(systemTime()),
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
    m_record.state = RunState::Finished;
    m_record.result =
        RunResult{m_state.step,           m_state.bestStep,       m_state.best.skilledEer,
                  m_state.best.randomEer, m_state.best.threshold, network.identity()};
    if (auto status = writeRunRecord(m_record); !status) return status.error();
    return TrainingReport{m_state.step,           m_state.bestStep,       m_state.best.skilledEer,
                          m_state.best.randomEer, m_state.best.threshold, m_inputs.leftOut(),
                          network.identity()};
  }

  std::int64_t perBatch() const { return m_options.batch.size(); }

  double secondsLeft() const {
    return m_secondsSpent / std::max(1.0, m_stepsSpent) *
           static_cast<double>(m_options.steps - m_state.step);
  }

  /// Some hundred points make a curve.
  std::int64_t stepsPerPoint() const {
    constexpr int kPoints = 200;
    constexpr int kFewest = 10;
    return std::clamp(m_options.steps / kPoints, 1, kFewest);
  }

  /// The epoch's last point. A run that goes on with a judgement that was due has it on disk.
  CurvePoint pointOfEpoch() {
    if (!m_means.isEmpty()) return m_means.take(m_state.step);
    CurvePoint point{.step = m_state.step};
    const auto kept = readCurves(m_files.runFolder);
    if (!kept.empty() && kept.back().step == m_state.step) point = kept.back();
    point.terms.resize(m_options.losses.size());
    m_curveStatus = m_curves.rewindTo(m_state.step - 1);
    return point;
  }

  Status addPoint(const CurvePoint& point) const {
    m_context.emitEvent(point);
    return m_curves.append(point);
  }

  const TrainingOptions& m_options;
  const TrainingFiles& m_files;
  const JobContext<TrainingEvent>& m_context;
  const TrainingInputs& m_inputs;
  CheckpointFolder m_checkpoints;
  CurveFile m_curves;
  Status m_curveStatus = ok();
  CurveMeans m_means;
  RunRecord m_record;
  std::optional<SteadyClock::time_point> m_lastLook;
  const std::optional<NetworkFile>& m_origin;
  BatchPeers* m_peers;
  bool m_isTogether = false;  ///< All of them have agreed where to go on from.
  std::vector<std::pair<at::Tensor, at::Tensor>> m_buffersBefore;
  std::string m_runKey;
  TrainingState m_state;
  TrainingHealth m_health;
  bool m_isStoppedEarly = false;
  double m_lossSum = 0;
  std::int64_t m_lossCount = 0;
  double m_secondsSpent = 0;
  double m_secondsWaited = 0;
  double m_stepsSpent = 0;
};

}  // namespace

Result<CorpusManifest> trainingManifest(const TrainingFiles& files) {
  if (!files.manifest.empty()) return readManifest(files.manifest);
  auto corpus = detectCorpus(files.root);
  if (!corpus) return corpus.error();
  return std::move(corpus->manifest);
}

Result<TrainingReport> train(const TrainingOptions& asked, const TrainingFiles& files,
                             const JobContext<TrainingEvent>& context) try {
  auto options = asked;
  std::optional<NetworkFile> origin;
  if (!files.startFrom.empty()) {
    auto file = readNetworkFile(files.startFrom);
    if (!file) return file.error();
    origin = *std::move(file);
    options.architecture = origin->card.architecture;
    options.score = origin->card.score;
    options.referenceCopies = origin->card.referenceCopies;
    options.usualCopyScore = origin->card.usualCopyScore;
  }
  if (auto status = files.nodes.check(); !status) return status.error();
  if (auto status = options.check(); !status) return status.error();
  if (files.nodes.count > 1) {
    options.batch.subjects *= files.nodes.count;
    if (auto status = options.check(); !status) return status.error();
    if (auto status = checkForNodes(options.architecture); !status) return status.error();
  }
  const auto reader = readerFor(options, origin);
  if (!reader) return reader.error();
  const auto manifest = trainingManifest(files);
  if (!manifest) return manifest.error();
  std::error_code failure;
  std::filesystem::create_directories(files.runFolder, failure);
  const auto lock = WriterLock::take(files.runFolder / "run.lock");
  if (!lock) {
    if (lock.error().code != ErrorCode::StoreBusy)
      return Error{ErrorCode::FileNotWritable, quoted(files.runFolder) + " cannot be written.",
                   lock.error().detail};
    return Error{ErrorCode::StoreBusy,
                 "Another window or program is at work on the training run in " +
                     quoted(files.runFolder) + ".",
                 lock.error().detail};
  }
  removeUnfinishedFiles(files.runFolder);
  const ComputeThreads threads(options.threads);
  if (auto status = prepareBackend(); !status) return status.error();
  const LargeBuffers buffers;
  const JobContext<CorpusProgress> reading{
      context.stop, [&](const CorpusProgress& progress) { context.emitEvent(progress); }};
  const auto inputs =
      readTrainingInputs(options, *manifest, files.root, reader->get(), {files.runFolder}, reading);
  if (!inputs) return inputs.error();
  std::unique_ptr<BatchPeers> peers;
  if (files.nodes.count > 1) {
    auto met = meetPeers(files.nodes, context.stop);
    if (!met) return met.error();
    peers = *std::move(met);
  }
  return Run(options, files, context, **inputs, origin, peers.get()).execute();
} catch (const std::exception& e) {  // c10::Error, cv::Exception, std::bad_alloc
  return Error{ErrorCode::BackendFailure, "Training failed.", e.what()};
}

}  // namespace countersign
