// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/SyntheticCorpus.h"

#include <algorithm>
#include <vector>

#include "core/base/File.h"
#include "core/corpus/CorpusManifest.h"
#include "core/corpus/PenFile.h"
#include "core/corpus/SyntheticSigner.h"
#include "core/imaging/ImageFile.h"

namespace countersign {

namespace {

/// For example "signer-0007".
std::string numbered(const std::string& what, int number, std::size_t digits) {
  auto text = std::to_string(number);
  text.insert(0, digits - std::min(digits, text.size()), '0');
  return what + "-" + text;
}

Split splitOf(int signer, int signers) {
  constexpr int kFifths = 5;
  const int fifth = signer * kFifths / signers;
  return fifth < 3 ? Split::Train : fifth == 3 ? Split::Development : Split::Validation;
}

Status makeFolder(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (!failure) return ok();
  return Error{ErrorCode::FileNotWritable, quoted(folder) + " could not be made.",
               failure.message()};
}

Status writePng(const std::filesystem::path& path, const cv::Mat& image) {
  const auto bytes = encodePng(image);
  return writeFileAtomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// One-reference trials: the first genuine sample of each signer against everything else.
std::string trialsOf(const CorpusManifest& manifest) {
  std::vector<const SampleRecord*> references;
  for (const auto& s : manifest.samples) {
    const bool isFirst = references.empty() || references.back()->subject != s.subject;
    if (isFirst && s.label == SampleLabel::Genuine) references.push_back(&s);
  }
  std::string text = "references,probe,label,group,subject\n";
  const auto add = [&](const SampleRecord& reference, const SampleRecord& probe, const char* what) {
    text += reference.path.generic_string() + ',' + probe.path.generic_string() + ',' + what + ',' +
            reference.subject + '\n';
  };
  for (const auto* reference : references) {
    for (const auto& s : manifest.samples) {
      if (s.path == reference->path) continue;
      const bool isGenuine = s.label == SampleLabel::Genuine;
      if (s.subject == reference->subject)
        add(*reference, s, isGenuine ? "mated,genuine" : "nonMated,skilled");
      else if (isGenuine)
        add(*reference, s, "nonMated,random");
    }
  }
  return text;
}

/// Writes one signer's images and pen data, and notes them in both manifests.
Status writeSigner(const std::filesystem::path& folder, const SyntheticCorpusOptions& options,
                   int number, CorpusManifest& images, CorpusManifest& pens) {
  const SyntheticSigner signer(options.seed, static_cast<std::uint64_t>(number));
  const auto name = numbered("signer", number + 1, 4);
  for (const char* kind : {"images", "pen"}) {
    if (auto status = makeFolder(folder / kind / name); !status) return status;
  }
  for (int i = 0; i < options.genuine + options.forgeries; ++i) {
    const bool isGenuine = i < options.genuine;
    const auto index = static_cast<std::uint64_t>(isGenuine ? i : i - options.genuine);
    const auto trajectory = isGenuine ? signer.genuine(index) : signer.forgery(index);
    const auto stem = numbered(isGenuine ? "genuine" : "forgery", static_cast<int>(index) + 1, 2);
    SampleRecord record{std::filesystem::path("images") / name / (stem + ".png"), name,
                        isGenuine ? SampleLabel::Genuine : SampleLabel::SkilledForgery,
                        splitOf(number, options.signers)};
    const auto scan = signer.scan(trajectory, static_cast<std::uint64_t>(i));
    if (auto status = writePng(folder / record.path, scan); !status) return status;
    images.samples.push_back(record);
    record.path = std::filesystem::path("pen") / name / (stem + ".txt");
    if (auto status = writeFileAtomically(folder / record.path, writePenFile(trajectory)); !status)
      return status;
    pens.samples.push_back(std::move(record));
  }
  return ok();
}

}  // namespace

Status SyntheticCorpusOptions::check() const {
  if (signers < 1 || genuine < 2 || forgeries < 0)
    return Error{ErrorCode::OptionOutOfRange,
                 "There must be at least one signer with at least two genuine signatures.", ""};
  return ok();
}

Status writeSyntheticCorpus(const std::filesystem::path& folder,
                            const SyntheticCorpusOptions& options,
                            const JobContext<SyntheticCorpusProgress>& context) {
  if (auto status = options.check(); !status) return status;
  CorpusManifest images;
  CorpusManifest pens;
  for (int number = 0; number < options.signers; ++number) {
    if (context.stop.stop_requested())
      return Error{ErrorCode::Cancelled, "Generating was stopped.", ""};
    if (auto status = writeSigner(folder, options, number, images, pens); !status) return status;
    context.emitEvent({number + 1, options.signers});
  }
  const CorpusManifest validation{images.of(Split::Validation)};
  constexpr std::size_t kFewSamples = 40;
  const auto trials = trialsOf(validation.samples.size() < kFewSamples ? images : validation);
  // The manifests come last: a corpus without them is not complete.
  for (const auto& [name, text] :
       {std::pair{"trials.csv", trials}, std::pair{"pen-manifest.csv", writeManifest(pens)},
        std::pair{"manifest.csv", writeManifest(images)}}) {
    if (auto status = writeFileAtomically(folder / name, text); !status) return status;
  }
  return ok();
}

}  // namespace countersign
