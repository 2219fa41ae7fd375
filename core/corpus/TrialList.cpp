// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/TrialList.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/base/File.h"

namespace countersign {

namespace {

constexpr std::array<std::string_view, 3> kKindNames{"genuine", "skilled", "random"};

constexpr std::string_view kMated = "mated";
constexpr std::string_view kNonMated = "nonMated";

std::vector<std::filesystem::path> splitPaths(std::string_view text) {
  std::vector<std::filesystem::path> paths;
  for (;;) {
    const auto end = std::min(text.find('|'), text.size());
    paths.emplace_back(text.substr(0, end));
    if (end == text.size()) return paths;
    text.remove_prefix(end + 1);
  }
}

Result<TrialList> trialListOf(CsvTable table) {
  constexpr std::array<std::string_view, 5> kColumns{"references", "probe", "label", "group",
                                                     "subject"};
  std::array<std::size_t, kColumns.size()> column{};
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    const auto index = table.columnIndex(kColumns[i]);
    if (!index) return index.error();
    column[i] = *index;
  }
  const auto kindOf = [&](const std::vector<std::string>& row) {
    return std::find(kKindNames.begin(), kKindNames.end(), row[column[3]]);
  };
  // A list has groups of one sort: a misspelt "skilled" is no fold.
  const bool hasKinds = std::any_of(table.rows.begin(), table.rows.end(), [&](const auto& row) {
    return kindOf(row) != kKindNames.end();
  });
  TrialList list;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    const auto failure = [&](const char* what) {
      return Error{ErrorCode::FileMalformed, "Trial " + std::to_string(r + 1) + " " + what + ".",
                   ""};
    };
    const auto& label = row[column[2]];
    const auto& group = row[column[3]];
    if (label != kMated && label != kNonMated) return failure("has an unknown label");
    if (group.empty()) return failure("has no group");
    Trial trial{splitPaths(row[column[0]]), row[column[1]],
                label == kMated ? TrialKind::Genuine : TrialKind::Random, row[column[4]], ""};
    const auto kind = kindOf(row);
    if (hasKinds && kind == kKindNames.end()) return failure("has an unknown group");
    if (hasKinds)
      trial.kind = static_cast<TrialKind>(kind - kKindNames.begin());
    else if (group != kMated && group != kNonMated)
      trial.fold = group;
    else if (group != label)
      return failure("has a label that contradicts its group");
    if (label != (trial.isMated() ? kMated : kNonMated))
      return failure("has a label that contradicts its group");
    if (!isPathInside(trial.probe) ||
        !std::all_of(trial.references.begin(), trial.references.end(), &isPathInside))
      return failure("names a path outside the root folder");
    list.trials.push_back(std::move(trial));
  }
  if (list.trials.empty()) return Error{ErrorCode::FileMalformed, "The trial list is empty.", ""};
  list.table = std::move(table);
  return list;
}

}  // namespace

std::string_view trialKindName(TrialKind kind) {
  return kKindNames.at(static_cast<std::size_t>(kind));
}

Result<TrialList> parseTrialList(std::string_view csv) {
  return parseCsv(csv).and_then(&trialListOf);
}

Result<TrialList> readTrialList(const std::filesystem::path& path) {
  auto list = readCsv(path).and_then(&trialListOf);
  if (!list && list.error().message.find(path.string()) == std::string::npos)
    return Error{list.error().code, quoted(path) + ": " + list.error().message, ""};
  return list;
}

TrialList trialsOf(const std::vector<SampleRecord>& samples) {
  struct Person {
    std::vector<std::filesystem::path> genuine;
    std::vector<std::filesystem::path> forgeries;
  };
  std::map<std::string, Person> people;
  for (const auto& sample : samples) {
    auto& person = people[sample.subject];
    (sample.label == SampleLabel::Genuine ? person.genuine : person.forgeries)
        .push_back(sample.path);
  }
  std::erase_if(people, [](const auto& item) { return item.second.genuine.size() < 2; });
  TrialList list;
  list.table.columns = {"references", "probe", "label", "group", "subject"};
  const auto add = [&](const std::string& subject, TrialKind kind,
                       const std::vector<std::array<std::filesystem::path, 2>>& pairs) {
    constexpr std::size_t kMost = 30;
    const auto count = std::min(kMost, pairs.size());
    for (std::size_t i = 0; i < count; ++i) {
      const auto& [reference, probe] = pairs[i * pairs.size() / count];
      list.trials.push_back({{reference}, probe, kind, subject});
      list.table.rows.push_back({reference.generic_string(), probe.generic_string(),
                                 kind == TrialKind::Genuine ? "mated" : "nonMated",
                                 std::string(trialKindName(kind)), subject});
    }
  };
  for (const auto& [subject, person] : people) {
    std::vector<std::array<std::filesystem::path, 2>> mated;
    std::vector<std::array<std::filesystem::path, 2>> skilled;
    std::vector<std::array<std::filesystem::path, 2>> random;
    for (std::size_t i = 0; i < person.genuine.size(); ++i) {
      for (std::size_t j = i + 1; j < person.genuine.size(); ++j)
        mated.push_back({person.genuine[i], person.genuine[j]});
      for (const auto& forgery : person.forgeries) skilled.push_back({person.genuine[i], forgery});
    }
    std::size_t turn = 0;
    for (const auto& [other, their] : people) {
      if (other == subject) continue;
      random.push_back({person.genuine[turn % person.genuine.size()],
                        their.genuine[turn % their.genuine.size()]});
      ++turn;
    }
    add(subject, TrialKind::Genuine, mated);
    add(subject, TrialKind::Skilled, skilled);
    add(subject, TrialKind::Random, random);
  }
  return list;
}

}  // namespace countersign
