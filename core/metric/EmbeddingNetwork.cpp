// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/EmbeddingNetwork.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/base/File.h"
#include "core/base/Random.h"
#include "core/imaging/Augmentation.h"
#include "core/metric/Backend.h"
#include "core/metric/internal/Branch.h"
#include "core/metric/internal/TensorConversion.h"

namespace countersign {

namespace {

/// Every reference is changed in the same ways, here and on every other machine.
constexpr std::uint64_t kCopySeed = 9;

/// The sum of vectors of one length, as a unit vector; the first where they cancel each other out.
std::vector<float> meanDirection(const std::vector<const std::vector<float>*>& vectors) {
  auto sum = *vectors.front();
  for (std::size_t i = 1; i < vectors.size(); ++i)
    std::transform(sum.begin(), sum.end(), vectors[i]->begin(), sum.begin(), std::plus<>());
  const auto length = std::sqrt(std::inner_product(sum.begin(), sum.end(), sum.begin(), double{0}));
  if (!(length > 0)) return *vectors.front();
  for (auto& value : sum) value = static_cast<float>(value / length);
  return sum;
}

}  // namespace

Result<std::unique_ptr<const SampleReader>> makeSampleReader(const NetworkFile& file) {
  using Reader = std::unique_ptr<const SampleReader>;
  const auto& architecture = file.card.architecture;
  if (architecture.kind == "gru") return Reader();
  if (file.card.modality == Modality::Signature) return makeSignatureReader(architecture.canvas);
  if (!file.detector) return Reader();
  auto detector = FaceDetector::of(*file.detector);
  if (!detector) return detector.error();
  return makeFaceReader(*std::move(detector));
}

struct EmbeddingNetwork::Impl {
  std::shared_ptr<Branch> branch;
  std::unique_ptr<const SampleReader> reader;  ///< None where read() cannot be.
  NetworkCard card;
  std::map<std::string, ScoreEvidence, std::less<>> evidence;
  std::string identity;
};

EmbeddingNetwork::EmbeddingNetwork(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
EmbeddingNetwork::EmbeddingNetwork(EmbeddingNetwork&&) noexcept = default;
EmbeddingNetwork& EmbeddingNetwork::operator=(EmbeddingNetwork&&) noexcept = default;
EmbeddingNetwork::~EmbeddingNetwork() = default;

Result<EmbeddingNetwork> EmbeddingNetwork::load(const std::filesystem::path& path) {
  auto file = readNetworkFile(path);
  if (!file) return file.error();
  auto network = of(*std::move(file));
  if (!network)
    return Error{network.error().code, quoted(path) + ": " + network.error().message,
                 network.error().detail};
  return network;
}

Result<EmbeddingNetwork> EmbeddingNetwork::of(NetworkFile file) try {
  if (auto status = prepareBackend(); !status) return status.error();
  const auto normaliser = normaliserVersionOf(file.card.modality);
  if (file.card.normaliserVersion != normaliser)
    return Error{ErrorCode::NetworkIncompatible,
                 "The network was trained on images normalised by \"" +
                     file.card.normaliserVersion + "\", but this program has \"" +
                     std::string(normaliser) + "\".",
                 ""};
  if (auto status = file.card.architecture.check(); !status) return status.error();
  auto branch = makeBranch(file.card.architecture, file.card.score);
  if (auto status = loadWeights(*branch, file.weights); !status) return status.error();
  branch->foldForInference();
  auto reader = makeSampleReader(file);
  if (!reader) return reader.error();
  auto identity = file.identity();
  return EmbeddingNetwork(
      std::make_unique<Impl>(Impl{std::move(branch), *std::move(reader), std::move(file.card),
                                  std::move(file.evidence), std::move(identity)}));
} catch (const std::exception& e) {
  return Error{ErrorCode::NetworkIncompatible, "The network could not be loaded.", e.what()};
}

Result<std::reference_wrapper<const SampleReader>> EmbeddingNetwork::reader() const {
  if (m_impl->reader) return std::cref(*m_impl->reader);
  return Error{ErrorCode::NetworkIncompatible,
               m_impl->card.modality == Modality::Face
                   ? "The network file has no face detector; import it again with one."
                   : "This network compares pen data, not images.",
               ""};
}

Result<ReadSample> EmbeddingNetwork::read(const cv::Mat& picture,
                                          const SampleRegion& region) const {
  const auto reads = reader();
  return reads ? reads->get().read(picture, region) : reads.error();
}

Result<std::vector<EmbeddedSample>> EmbeddingNetwork::embedInput(const BranchInput& input) const
    try {
  auto samples = toSamples(m_impl->branch->embed(input), m_impl->branch->score());
  const auto isFinite = [](float value) { return std::isfinite(value); };
  for (const auto& sample : samples) {
    if (!std::all_of(sample.embedding.begin(), sample.embedding.end(), isFinite) ||
        !std::all_of(sample.map.begin(), sample.map.end(), isFinite))
      return Error{ErrorCode::NetworkIncompatible,
                   "The network's weights give numbers that cannot be compared.", ""};
  }
  return samples;
} catch (const std::exception& e) {
  return Error{ErrorCode::BackendFailure, "The sample could not be embedded.", e.what()};
}

Result<EmbeddedSample> EmbeddingNetwork::embed(const cv::Mat& canvas, TwinSide side) const {
  auto samples = embedBatch({&canvas, 1}, side);
  if (!samples) return samples.error();
  return std::move(samples->front());
}

Result<EmbeddedSample> EmbeddingNetwork::embedWithPlaces(const cv::Mat& canvas) const try {
  auto sample = embed(canvas);
  if (!sample || !sample->map.empty()) return sample;
  const c10::InferenceMode inference;
  flushDenormals();
  const auto batch = toBatch({&canvas, 1});
  auto places = m_impl->branch->places({batch, {}, {}});
  if (!places.defined())
    return Error{ErrorCode::NetworkIncompatible,
                 "This network compares samples as wholes: it does not say where they differ.", ""};
  if (m_impl->card.isMirrorAveraged)
    places = (places + m_impl->branch->places({batch.flip(3), {}, {}}).flip(3)) / 2;
  places = places.contiguous();
  const auto* cells = places.data_ptr<float>();
  sample->map.assign(cells, cells + places.numel());
  for (std::size_t i = 0; i < sample->mapShape.size(); ++i)
    sample->mapShape[i] = static_cast<int>(places.size(static_cast<std::int64_t>(i) + 1));
  return sample;
} catch (const std::exception& e) {
  return Error{ErrorCode::BackendFailure, "The sample could not be embedded.", e.what()};
}

Result<EmbeddedSample> EmbeddingNetwork::embed(const PenFeatures& sequence) const {
  const auto& architecture = m_impl->card.architecture;
  if (architecture.kind != "gru" || architecture.channels.front() != PenFeatures::kFeatures ||
      sequence.points() == 0)
    return Error{ErrorCode::NetworkIncompatible, "This network does not compare pen data.", ""};
  const c10::InferenceMode inference;
  flushDenormals();
  auto samples = embedInput(toPaddedBatch({&sequence}));
  if (!samples) return samples.error();
  return std::move(samples->front());
}

Result<std::vector<EmbeddedSample>> EmbeddingNetwork::embedBatch(std::span<const cv::Mat> canvases,
                                                                 TwinSide side) const {
  const auto& architecture = m_impl->card.architecture;
  if (architecture.kind == "gru")
    return Error{ErrorCode::NetworkIncompatible, "This network compares pen data, not images.", ""};
  const auto& size = architecture.canvas;
  for (const auto& canvas : canvases) {
    if (canvas.type() != CV_8UC(architecture.inputChannels()) || canvas.rows != size.height ||
        canvas.cols != size.width)
      return Error{ErrorCode::NetworkIncompatible, "The canvas does not have the network's size.",
                   ""};
  }
  if (canvases.empty()) return std::vector<EmbeddedSample>{};
  const c10::InferenceMode inference;  // thread-local: needed here, not in main()
  flushDenormals();
  const auto kinds = architecture.isPseudoSiamese
                         ? torch::full({static_cast<std::int64_t>(canvases.size())},
                                       static_cast<std::int64_t>(side), at::kLong)
                         : at::Tensor();
  const auto batch = toBatch(canvases);
  if (!m_impl->card.isMirrorAveraged) return embedInput({batch, {}, kinds});
  auto samples = embedInput({batch, {}, kinds});
  if (!samples) return samples;
  const auto mirrored = embedInput({batch.flip(3), {}, kinds});
  if (!mirrored) return mirrored.error();
  for (std::size_t i = 0; i < samples->size(); ++i)
    (*samples)[i].embedding = meanDirection({&(*samples)[i].embedding, &(*mirrored)[i].embedding});
  return samples;
}

Result<std::vector<EmbeddedSample>> EmbeddingNetwork::embedCopies(const cv::Mat& canvas,
                                                                  TwinSide side) const {
  std::vector<cv::Mat> copies;
  for (int i = 0; i < m_impl->card.referenceCopies; ++i) {
    Random random{kCopySeed, static_cast<std::uint64_t>(i)};
    copies.push_back(augmentCanvas(canvas, AugmentationOptions{}, random));
  }
  return embedBatch(copies, side);
}

double EmbeddingNetwork::meanScore(const EmbeddedSample& sample,
                                   const std::vector<EmbeddedSample>& others) const {
  double sum = 0;
  for (const auto& other : others) sum += score(sample, other);
  return sum / static_cast<double>(others.size());
}

Result<EmbeddedSample> EmbeddingNetwork::embedReference(const cv::Mat& canvas,
                                                        TwinSide side) const {
  auto sample = embed(canvas, side);
  if (!sample || m_impl->card.referenceCopies == 0) return sample;
  const auto copies = embedCopies(canvas, side);
  if (!copies) return copies.error();
  if (m_impl->card.usualCopyScore > 0)
    sample->scoreOffset =
        static_cast<float>(m_impl->card.usualCopyScore - meanScore(*sample, *copies));
  std::vector<const std::vector<float>*> all{&sample->embedding};
  for (const auto& copy : *copies) all.push_back(&copy.embedding);
  sample->embedding = meanDirection(all);
  return sample;
}

Result<double> EmbeddingNetwork::copyScore(const cv::Mat& canvas, TwinSide side) const {
  if (m_impl->card.referenceCopies == 0)
    return Error{ErrorCode::OptionOutOfRange, "The network makes no copies of references.", ""};
  const auto sample = embed(canvas, side);
  if (!sample) return sample.error();
  const auto copies = embedCopies(canvas, side);
  if (!copies) return copies.error();
  return meanScore(*sample, *copies);
}

double EmbeddingNetwork::score(const EmbeddedSample& probe, const EmbeddedSample& reference) const {
  if (m_impl->card.score == ScoreKind::LearnedHead)
    return m_impl->branch->score().headScore(probe.embedding, reference.embedding);
  return sampleScore(probe, reference);
}

const NetworkCard& EmbeddingNetwork::card() const { return m_impl->card; }
const std::string& EmbeddingNetwork::identity() const { return m_impl->identity; }
const std::map<std::string, ScoreEvidence, std::less<>>& EmbeddingNetwork::evidence() const {
  return m_impl->evidence;
}

}  // namespace countersign
