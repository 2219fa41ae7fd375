// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/CorpusManifest.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "core/base/Csv.h"
#include "core/base/File.h"

namespace countersign {

namespace {

constexpr std::array<std::string_view, 3> kSplitNames{"train", "development", "validation"};
constexpr std::array<std::string_view, 2> kLabelNames{"genuine", "skilledForgery"};

template <typename Enum, std::size_t Count>
std::optional<Enum> parseName(std::string_view name,
                              const std::array<std::string_view, Count>& names) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return std::nullopt;
  return static_cast<Enum>(at - names.begin());
}

Error malformed(const std::string& what) { return {ErrorCode::FileMalformed, what, ""}; }

Status checkSubjectsDisjoint(const CorpusManifest& manifest) {
  std::map<std::string, Split, std::less<>> splitOf;
  for (const auto& sample : manifest.samples) {
    const auto [at, isNew] = splitOf.emplace(sample.subject, sample.split);
    if (!isNew && at->second != sample.split)
      return malformed(
          "\"" + sample.subject + "\" is in the splits " + std::string(splitName(at->second)) +
          " and " + std::string(splitName(sample.split)) + "; a person may be in one split only.");
  }
  return ok();
}

}  // namespace

std::string_view splitName(Split split) { return kSplitNames.at(static_cast<std::size_t>(split)); }

std::vector<SampleRecord> CorpusManifest::of(Split split) const {
  std::vector<SampleRecord> found;
  std::copy_if(samples.begin(), samples.end(), std::back_inserter(found),
               [&](const SampleRecord& s) { return s.split == split; });
  return found;
}

bool isPathInside(const std::filesystem::path& path) {
  return !path.empty() && path.is_relative() &&
         std::none_of(path.begin(), path.end(), [](const auto& part) { return part == ".."; });
}

Result<CorpusManifest> parseManifest(std::string_view csv) {
  const auto table = parseCsv(csv);
  if (!table) return table.error();
  std::array<std::size_t, 4> column{};
  constexpr std::array<std::string_view, 4> kColumns{"path", "subject", "label", "split"};
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    const auto index = table->columnIndex(kColumns[i]);
    if (!index) return index.error();
    column[i] = *index;
  }
  CorpusManifest manifest;
  std::set<std::filesystem::path> paths;
  for (const auto& row : table->rows) {
    const auto label = parseName<SampleLabel>(row[column[2]], kLabelNames);
    const auto split = parseName<Split>(row[column[3]], kSplitNames);
    SampleRecord record{row[column[0]], row[column[1]]};
    if (!label || !split || record.subject.empty())
      return malformed("The manifest's entry for " + quoted(record.path) +
                       " has an unknown label, an unknown split or no subject.");
    if (!isPathInside(record.path))
      return malformed("The manifest's path " + quoted(record.path) +
                       " leaves the folder of the corpus.");
    if (!paths.insert(record.path).second)
      return malformed("The manifest names " + quoted(record.path) + " twice.");
    record.label = *label;
    record.split = *split;
    manifest.samples.push_back(std::move(record));
  }
  if (auto status = checkSubjectsDisjoint(manifest); !status) return status.error();
  return manifest;
}

Result<CorpusManifest> readManifest(const std::filesystem::path& path) {
  constexpr std::uintmax_t kLargest = std::uintmax_t{256} << 20U;
  const auto text = readTextFile(path, kLargest);
  if (!text) return text.error();
  auto manifest = parseManifest(*text);
  if (!manifest)
    return Error{manifest.error().code, quoted(path) + ": " + manifest.error().message, ""};
  return manifest;
}

std::string writeManifest(const CorpusManifest& manifest) {
  std::string text = "path,subject,label,split\n";
  for (const auto& s : manifest.samples) {
    text += csvCell(s.path.generic_string()) + ',' + csvCell(s.subject) + ',' +
            std::string(kLabelNames.at(static_cast<std::size_t>(s.label))) + ',' +
            std::string(splitName(s.split)) + '\n';
  }
  return text;
}

}  // namespace countersign
