// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingCorpus.h"

#include <algorithm>

#include "core/base/File.h"
#include "core/base/Random.h"
#include "core/base/Sha256.h"
#include "core/corpus/PenFile.h"
#include "core/corpus/SyntheticSigner.h"
#include "core/imaging/ImageFile.h"
#include "core/training/internal/CanvasFile.h"
#include "core/training/internal/InParallel.h"

namespace countersign {

namespace {

void addTo(Sha256& hash, const CanvasSet& set) {
  for (std::size_t i = 0; i < set.records.size(); ++i) {
    const auto& r = set.records[i];
    hash.add(r.path.generic_string()).add("\n").add(r.subject).add("\n");
    hash.add(r.label == SampleLabel::Genuine ? "g" : "f").add(splitName(r.split));
    const auto& canvas = set.canvases[i];
    hash.add(std::as_bytes(std::span(canvas.data, canvas.total() * canvas.elemSize())));
  }
}

Result<DecodedImage> drawPenFile(const std::filesystem::path& path) {
  const auto trajectory = readPenFile(path);
  if (!trajectory) return trajectory.error();
  std::uint64_t key = 0;
  for (const char c : path.filename().string()) key = key * 131 + static_cast<unsigned char>(c);
  Random random{key};
  DecodedImage image{drawPen(*trajectory, {.strokeWidth = random.uniform(0.006, 0.014)}), {}};
  if (image.pixels.empty())
    return Error{ErrorCode::QualityInsufficient,
                 quoted(path) + ": The pen never touches the paper.", ""};
  return image;
}

constexpr std::string_view kInventedPrefix = "/invented-";  // no folder is called so

/// Empty when the drawing is nothing that could be compared.
cv::Mat drawnCanvas(const SyntheticSigner& signer, SampleLabel label, std::uint64_t index,
                    CanvasSize size, Random random) {
  // Forgers of all grades, and every sheet with another pen.
  const auto trajectory = label == SampleLabel::Genuine
                              ? signer.genuine(index)
                              : signer.forgery(index, random.uniform(0.6, 1));
  const auto drawing = drawPen(
      trajectory, {.longerSide = 420, .margin = 16, .strokeWidth = random.uniform(0.006, 0.016)});
  if (drawing.empty()) return {};
  const auto signature = normaliseSignature(drawing, {}, {.canvas = size});
  return signature && signature->quality.isComparable() ? signature->canvas : cv::Mat();
}

}  // namespace

bool isInventedSubject(std::string_view subject) { return subject.starts_with(kInventedPrefix); }

Status addInvented(CanvasSet& set, const InventedOptions& options, std::uint64_t seed,
                   CanvasSize size, int threads, const JobContext<CorpusProgress>& context) {
  const auto perSigner = options.genuine + options.forgeries;
  std::vector<SampleRecord> records;
  for (int signer = 0; signer < options.signers; ++signer) {
    for (int i = 0; i < perSigner; ++i)
      records.push_back({std::to_string(i), std::string(kInventedPrefix) + std::to_string(signer),
                         i < options.genuine ? SampleLabel::Genuine : SampleLabel::SkilledForgery,
                         Split::Train});
  }
  std::vector<cv::Mat> canvases(records.size());
  auto status = inParallel(records.size(), threads, context, [&](std::size_t i) {
    const auto signer = i / static_cast<std::size_t>(perSigner);
    const SyntheticSigner hand(seed, signer);
    canvases[i] = drawnCanvas(hand, records[i].label, i, size, Random{seed, i, 0x1e4});
  });
  if (!status) return status;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (canvases[i].empty()) continue;
    set.records.push_back(std::move(records[i]));
    set.canvases.push_back(std::move(canvases[i]));
  }
  return ok();
}

Result<cv::Mat> readCanvas(const std::filesystem::path& path, const SampleReader& reader) {
  const auto image = path.extension() == ".txt" || path.extension() == ".TXT" ? drawPenFile(path)
                                                                              : readImage(path);
  if (!image) return image.error();
  auto canvas = canvasOf(image->pixels, reader);
  if (!canvas && canvas.error().code == ErrorCode::QualityInsufficient)
    return Error{ErrorCode::QualityInsufficient, quoted(path) + ": " + canvas.error().message, ""};
  return canvas;
}

Result<cv::Mat> canvasOf(const cv::Mat& picture, const SampleReader& reader) {
  const auto sample = reader.read(picture, {});
  if (!sample) return sample.error();
  if (!sample->isComparable) return Error{ErrorCode::QualityInsufficient, sample->quality, ""};
  return sample->canvas;
}

std::string TrainingCorpus::fingerprint() const {
  Sha256 hash;
  addTo(hash, training);
  addTo(hash, development);
  return hash.finish();
}

Result<TrainingCorpus> readTrainingCorpus(const CorpusManifest& manifest,
                                          const std::filesystem::path& root,
                                          const SampleReader& reader, int threads,
                                          const CanvasStorage& storage,
                                          const JobContext<CorpusProgress>& context) {
  std::vector<SampleRecord> wanted;
  for (const auto& sample : manifest.samples) {
    if (sample.split != Split::Validation) wanted.push_back(sample);
  }
  std::vector<cv::Mat> canvases(wanted.size());
  std::vector<std::string> reasons(wanted.size());
  std::shared_ptr<CanvasFile> file;
  if (wanted.size() * reader.format().bytes() > storage.memory) {
    auto made = CanvasFile::make(storage.folder, reader.format(), wanted.size());
    if (!made) return made.error();
    file = *std::move(made);
  }
  const auto readOne = [&](std::size_t i) -> Result<cv::Mat> {
    try {
      return readCanvas(root / wanted[i].path, reader);
    } catch (const std::exception& e) {  // none may leave a helper thread
      return Error{ErrorCode::ImageNotDecodable, quoted(wanted[i].path) + " could not be read.",
                   e.what()};
    }
  };
  auto status = inParallel(wanted.size(), threads, context, [&](std::size_t i) {
    auto canvas = readOne(i);
    if (!canvas) {
      reasons[i] = canvas.error().message;
    } else if (file) {
      canvases[i] = file->canvas(i);
      canvas->copyTo(canvases[i]);
    } else {
      canvases[i] = *std::move(canvas);
    }
  });
  if (!status) return status.error();

  TrainingCorpus corpus;
  corpus.training.storage = file;
  corpus.development.storage = file;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (canvases[i].empty()) {
      corpus.leftOut.push_back({wanted[i].path, reasons[i]});
      continue;
    }
    auto& set = wanted[i].split == Split::Train ? corpus.training : corpus.development;
    set.records.push_back(std::move(wanted[i]));
    set.canvases.push_back(std::move(canvases[i]));
  }
  return corpus;
}

}  // namespace countersign
