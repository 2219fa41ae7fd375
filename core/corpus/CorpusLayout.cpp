// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/CorpusLayout.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "core/base/File.h"
#include "core/base/Random.h"

namespace countersign {

namespace {

namespace fs = std::filesystem;

/// In the order of CorpusLayout.
constexpr std::array<std::string_view, 4> kNames{"manifest", "CEDAR", "BHSig260",
                                                 "folder per person"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool isSampleFile(const fs::path& path) {
  static const std::set<std::string> kExtensions{".png", ".jpg",  ".jpeg", ".tif", ".tiff",
                                                 ".bmp", ".webp", ".pgm",  ".ppm", ".txt"};
  return kExtensions.contains(lower(path.extension().string()));
}

/// Paths relative to the folder, sorted, without hidden files and folders.
Result<std::vector<fs::path>> sampleFiles(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied,
                                      failure);
  const fs::recursive_directory_iterator end;
  for (; !failure && at != end; at.increment(failure)) {
    if (at->path().filename().string().starts_with(".")) {
      at.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    if (at->is_regular_file(ignored) && isSampleFile(at->path()))
      files.push_back(at->path().lexically_relative(folder));
  }
  if (failure)
    return Error{ErrorCode::FileNotReadable, quoted(folder) + " could not be read.",
                 failure.message()};
  std::sort(files.begin(), files.end());
  return files;
}

std::optional<SampleRecord> cedarRecord(const fs::path& path) {
  static const std::regex kName("(original|forgeries)_([0-9]+)_[0-9]+");
  std::smatch match;
  const auto stem = path.stem().string();
  if (!std::regex_match(stem, match, kName)) return std::nullopt;
  return SampleRecord{path, "cedar-" + match[2].str(),
                      match[1] == "original" ? SampleLabel::Genuine : SampleLabel::SkilledForgery,
                      Split::Train};
}

std::optional<SampleRecord> bhsigRecord(const fs::path& path) {
  static const std::regex kName("([BH])-S-([0-9]+)-([GF])-[0-9]+");
  std::smatch match;
  const auto stem = path.stem().string();
  if (!std::regex_match(stem, match, kName)) return std::nullopt;
  return SampleRecord{path, (match[1] == "B" ? "bengali-" : "hindi-") + match[2].str(),
                      match[3] == "G" ? SampleLabel::Genuine : SampleLabel::SkilledForgery,
                      Split::Train};
}

bool soundsForged(const std::string& name) {
  const auto text = lower(name);
  return text.starts_with("forg") || text.starts_with("skilled") || text.starts_with("fake") ||
         text.starts_with("simulated");
}

/// A person is named by the folders down to the files, without those that only say whether they
/// are genuine: <person>/a.png is genuine; <person>/forged/a.png, forged/<person>/a.png,
/// <person>/forgery-1.png and <person>_forg/a.png are not. Nothing for a file that lies in no
/// folder.
std::optional<SampleRecord> folderRecord(const fs::path& path) {
  static const std::set<std::string> kGenuine{"genuine", "original",  "originals",
                                              "real",    "reference", "references"};
  static const std::regex kForger("(.+)[_ -]forg[a-z]*", std::regex::icase);
  bool isForged = soundsForged(path.stem().string());
  fs::path person;
  for (const auto& part : path.parent_path()) {
    const auto name = part.string();
    std::smatch match;
    if (soundsForged(name)) {
      isForged = true;
    } else if (std::regex_match(name, match, kForger)) {
      isForged = true;
      person /= match[1].str();
    } else if (!kGenuine.contains(lower(name))) {
      person /= name;
    }
  }
  if (person.empty()) return std::nullopt;
  return SampleRecord{path, person.generic_string(),
                      isForged ? SampleLabel::SkilledForgery : SampleLabel::Genuine, Split::Train};
}

/// Takes away the leading folders that all people's names begin with.
void shortenNames(CorpusManifest& manifest) {
  const auto isShared = [&](const std::string& head) {
    return std::all_of(manifest.samples.begin(), manifest.samples.end(),
                       [&](const SampleRecord& s) { return s.subject.starts_with(head); });
  };
  for (;;) {
    const auto& first = manifest.samples.front().subject;
    const auto slash = first.find('/');
    if (slash == std::string::npos || !isShared(first.substr(0, slash + 1))) return;
    for (auto& sample : manifest.samples) sample.subject.erase(0, slash + 1);
  }
}

/// Deals people out to the splits; a function of their names alone.
void deal(CorpusManifest& manifest) {
  std::map<std::string, Split> splits;
  for (const auto& sample : manifest.samples) splits.emplace(sample.subject, Split::Train);
  std::vector<std::pair<std::uint64_t, std::string>> order;
  order.reserve(splits.size());
  for (const auto& [subject, split] : splits) {
    std::uint64_t key = 0;
    for (const char c : subject) key = key * 131 + static_cast<unsigned char>(c);
    order.emplace_back(Random{key, 0x5011}.next(), subject);
  }
  std::sort(order.begin(), order.end());
  constexpr std::size_t kFewestForOne = 3;
  constexpr std::size_t kFewestForBoth = 6;
  constexpr std::size_t kFewestForTwo = 10;  // without forgeries, one person gives no trial
  constexpr std::size_t kOneIn = 7;
  const auto people = order.size();
  const auto each = std::max<std::size_t>(people >= kFewestForTwo ? 2 : 1, people / kOneIn);
  std::size_t next = 0;
  const auto give = [&](Split split, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) splits[order[next++].second] = split;
  };
  if (people >= kFewestForBoth) {
    give(Split::Development, each);
    give(Split::Validation, each);
  } else if (people >= kFewestForOne) {
    give(Split::Development, 1);
  }
  for (auto& sample : manifest.samples) sample.split = splits.at(sample.subject);
}

}  // namespace

std::string_view corpusLayoutName(CorpusLayout layout) {
  return kNames.at(static_cast<std::size_t>(layout));
}

Result<DetectedCorpus> detectCorpus(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(folder / "manifest.csv", ignored)) {
    auto manifest = readManifest(folder / "manifest.csv");
    if (!manifest) return manifest.error();
    return DetectedCorpus{CorpusLayout::Manifest, *std::move(manifest)};
  }
  const auto files = sampleFiles(folder);
  if (!files) return files.error();
  // The layout that explains most files wins; names that say it all come before folders.
  struct Reading {
    CorpusLayout layout;
    std::optional<SampleRecord> (*record)(const fs::path&);
  };
  constexpr std::array kReadings{Reading{CorpusLayout::Cedar, cedarRecord},
                                 Reading{CorpusLayout::BhSig260, bhsigRecord},
                                 Reading{CorpusLayout::FolderPerPerson, folderRecord}};
  for (const auto& reading : kReadings) {
    DetectedCorpus corpus{reading.layout, {}};
    for (const auto& file : *files) {
      if (auto record = reading.record(file)) corpus.manifest.samples.push_back(*std::move(record));
    }
    const bool isMost = 2 * corpus.manifest.samples.size() > files->size();
    if (corpus.manifest.samples.empty() || !isMost) continue;
    shortenNames(corpus.manifest);
    deal(corpus.manifest);
    return corpus;
  }
  return Error{ErrorCode::FileMalformed,
               quoted(folder) +
                   " holds no signatures that can be told apart by person. Put each person's "
                   "images into a folder of their own, with forgeries in a folder \"forged\" "
                   "inside it, or add a table manifest.csv.",
               ""};
}

}  // namespace countersign
