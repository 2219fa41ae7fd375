// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/CorpusAudit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/base/File.h"
#include "core/base/Sha256.h"
#include "core/evaluation/TraitClassifier.h"
#include "core/imaging/ImageFile.h"
#include "core/training/internal/InParallel.h"

namespace countersign {

namespace {

constexpr std::array kTraits{LeakTrait::Background, LeakTrait::InkGrey, LeakTrait::PictureSize,
                             LeakTrait::FileTraits, LeakTrait::NormalisedTone};
constexpr int kFewestPeople = 10;
/// Forgers write larger and lift the pen more often; such differences of shape move a few per cent.
constexpr double kSilent = 0.60;

/// What is kept of a sample.
struct Look {
  std::string hash;
  std::string problem;  ///< Empty when the sample can be used.
  std::array<std::vector<double>, kTraits.size()> traits;
};

/// Mean, deviation and histogram of the pixels of a mask.
std::vector<double> tones(const cv::Mat& grey, const cv::Mat& mask) {
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(grey, mean, deviation, mask);
  std::vector<double> values{mean[0], deviation[0]};
  cv::Mat histogram;
  constexpr int kBins = 8;
  const float range[] = {0, 256};
  cv::calcHist(std::vector{grey}, {0}, mask, histogram, {kBins}, {range[0], range[1]});
  const double total = std::max(1.0, cv::sum(histogram)[0]);
  for (int i = 0; i < kBins; ++i) values.push_back(histogram.at<float>(i) / total);
  return values;
}

void lookAtPicture(const DecodedImage& image, std::size_t fileBytes, Look& look) {
  cv::Mat grey = image.pixels;
  if (grey.channels() == 3) cv::cvtColor(image.pixels, grey, cv::COLOR_BGR2GRAY);
  const cv::Mat dark = 255 - grey;
  cv::Mat ink;
  cv::threshold(dark, ink, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
  const cv::Mat paper = ~ink;
  const auto of = [&](LeakTrait trait) -> auto& {
    return look.traits[static_cast<std::size_t>(trait)];
  };
  of(LeakTrait::Background) = tones(grey, paper);
  of(LeakTrait::InkGrey) = tones(dark, ink);
  const double width = grey.cols;
  const double height = grey.rows;
  of(LeakTrait::PictureSize) = {width, height, std::log(width / height), std::log(width * height)};
  auto& file = of(LeakTrait::FileTraits);
  constexpr int kFormats = 6;
  for (int i = 0; i < kFormats; ++i)
    file.push_back(static_cast<int>(image.header.format) == i ? 1 : 0);
  file.insert(file.end(), {static_cast<double>(image.header.channels),
                           static_cast<double>(fileBytes) / (width * height),
                           image.header.dotsPerInch.value_or(0),
                           static_cast<double>(image.header.orientation)});
}

Look lookAt(const std::filesystem::path& path, const SampleReader& reader) {
  Look look;
  const bool isInk = reader.format().channels == 1;
  const auto bytes = readFile(path, ImageLimits{}.fileBytes);
  if (!bytes) {
    look.problem = bytes.error().message;
    return look;
  }
  look.hash = Sha256().add(std::as_bytes(std::span(*bytes))).finish();
  const auto judge = [&](const Result<cv::Mat>& canvas) {
    if (canvas && isInk)
      look.traits[static_cast<std::size_t>(LeakTrait::NormalisedTone)] =
          tones(*canvas, *canvas > 0);
    else if (!canvas)
      look.problem = canvas.error().message;
  };
  if (path.extension() == ".txt" || path.extension() == ".TXT") {
    judge(readCanvas(path, reader));
    return look;
  }
  const auto image = decodeImage(*bytes);
  if (!image) {
    look.problem = image.error().message;
    return look;
  }
  if (isInk) lookAtPicture(*image, bytes->size(), look);
  judge(canvasOf(image->pixels, reader));
  return look;
}

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof(text), "%.0f %%", 100 * share);
  return text;
}

const char* traitPhrase(LeakTrait trait) {
  switch (trait) {
    case LeakTrait::Background:
      return "the tone of the paper";
    case LeakTrait::InkGrey:
      return "the grey of the ink";
    case LeakTrait::PictureSize:
      return "the size of the picture";
    case LeakTrait::FileTraits:
      return "traits of the file";
    case LeakTrait::NormalisedTone:
      return "the tone of the normalised image";
  }
  return "";
}

/// Leaves out what cannot be used and says why.
void sift(const CorpusManifest& manifest, const std::vector<Look>& looks, CorpusAudit& audit) {
  using Kind = CorpusProblem::Kind;
  std::map<std::string, std::size_t> firstWith;
  std::map<std::string, int> genuine;
  for (const auto& sample : manifest.samples) genuine[sample.subject];
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const auto& sample = manifest.samples[i];
    const auto report = [&](Kind kind, const std::string& sentence) {
      audit.problems.push_back({kind, sample.path, sample.subject, sentence});
    };
    if (!looks[i].problem.empty()) {
      report(Kind::Unreadable, sample.path.generic_string() + ": " + looks[i].problem);
      continue;
    }
    const auto [at, isFirst] = firstWith.emplace(looks[i].hash, i);
    if (!isFirst) {
      const auto& other = manifest.samples[at->second];
      const bool isSame = other.subject == sample.subject && other.label == sample.label;
      report(isSame ? Kind::Duplicate : Kind::SharedByTwo,
             quoted(sample.path) + " is the same file as " + quoted(other.path) +
                 (isSame ? "." : ", which is said to be something else."));
      continue;
    }
    audit.usable.samples.push_back(sample);
    if (sample.label == SampleLabel::Genuine)
      ++genuine[sample.subject];
    else
      ++audit.forgeries;
  }
  for (const auto& [subject, count] : genuine) {
    audit.genuine += count;
    if (count >= 2) {
      ++audit.people;
      continue;
    }
    audit.problems.push_back({Kind::TooFewGenuine,
                              {},
                              subject,
                              subject + " has " + (count == 0 ? "no" : "only one") +
                                  " genuine image; training needs two of each person."});
  }
}

/// People of whom there are genuine and forged samples with this trait.
int peopleWithBoth(const std::vector<TraitRow>& rows) {
  std::map<std::string, std::array<bool, 2>> labels;
  for (const auto& row : rows) labels[row.subject][row.isGenuine ? 1 : 0] = true;
  return static_cast<int>(std::count_if(labels.begin(), labels.end(), [](const auto& item) {
    return item.second[0] && item.second[1];
  }));
}

}  // namespace

std::string_view leakTraitName(LeakTrait trait) {
  static constexpr std::array<std::string_view, kTraits.size()> kNames{
      "background", "inkGrey", "pictureSize", "fileTraits", "normalisedTone"};
  return kNames.at(static_cast<std::size_t>(trait));
}

bool LeakFinding::isLeak() const { return accuracy.low > kSilent; }

bool LeakFinding::isUncertain() const { return !isLeak() && accuracy.high > kSilent; }

std::string LeakFinding::sentence() const {
  const auto figures = percent(accuracy.value) +
                       " right on people it has not seen (95 %: " + percent(accuracy.low) + " to " +
                       percent(accuracy.high) + "; chance is 50 %)";
  if (isUncertain())
    return std::string("Whether ") + traitPhrase(trait) +
           " tells genuine from forged cannot be said from so few people: " + figures +
           ". Look at more of them before you trust figures from this corpus.";
  if (!isLeak())
    return std::string("Genuine and forged are not told apart by ") + traitPhrase(trait) + ": " +
           figures + ".";
  return std::string("Genuine and forged are told apart by ") + traitPhrase(trait) +
         " alone, without any reference: " + figures + ". " +
         (trait == LeakTrait::NormalisedTone
              ? "A network can learn this instead of the hand; its figures on this corpus mean "
                "little."
              : "A network that sees the pictures as they are would learn this instead of the "
                "hand; Countersign trains on normalised images.");
}

const LeakFinding* CorpusAudit::leak(LeakTrait trait) const {
  const auto at = std::find_if(leaks.begin(), leaks.end(),
                               [&](const LeakFinding& finding) { return finding.trait == trait; });
  return at == leaks.end() ? nullptr : &*at;
}

Result<CorpusAudit> auditCorpus(const CorpusManifest& manifest, const std::filesystem::path& root,
                                const SampleReader& reader, int threads,
                                const JobContext<CorpusProgress>& context) {
  std::vector<Look> looks(manifest.samples.size());
  auto status = inParallel(looks.size(), threads, context, [&](std::size_t i) {
    try {
      looks[i] = lookAt(root / manifest.samples[i].path, reader);
    } catch (const std::exception&) {  // none may leave a helper thread
      looks[i].problem = "The image could not be read.";
    }
  });
  if (!status) return status.error();
  CorpusAudit audit;
  sift(manifest, looks, audit);
  for (std::size_t t = 0; t < kTraits.size(); ++t) {
    std::vector<TraitRow> rows;
    for (std::size_t i = 0; i < looks.size(); ++i) {
      const auto& sample = manifest.samples[i];
      if (!looks[i].problem.empty() || looks[i].traits[t].empty()) continue;
      rows.push_back(
          {std::move(looks[i].traits[t]), sample.label == SampleLabel::Genuine, sample.subject});
    }
    if (peopleWithBoth(rows) < kFewestPeople) continue;
    if (const auto accuracy = traitAccuracy(rows)) audit.leaks.push_back({kTraits[t], *accuracy});
  }
  return audit;
}

}  // namespace countersign
