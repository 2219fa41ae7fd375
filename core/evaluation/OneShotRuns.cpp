// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/OneShotRuns.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

#include "core/base/File.h"
#include "core/base/Random.h"
#include "core/corpus/CorpusManifest.h"
#include "core/imaging/ImageFile.h"
#include "core/imaging/SignatureNormaliser.h"

namespace countersign {

namespace {

namespace fs = std::filesystem;

Result<OneShotRun> readRun(const fs::path& folder, const std::string& name) {
  constexpr std::uintmax_t kLargest = 1U << 20U;
  const auto text = readTextFile(folder / name / "class_labels.txt", kLargest);
  if (!text) return text.error();
  OneShotRun run{name, {}};
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string test;
    std::string training;
    if (!(words >> test)) continue;
    if (!(words >> training) || !isPathInside(test) || !isPathInside(training))
      return Error{ErrorCode::FileMalformed,
                   quoted(folder / name / "class_labels.txt") +
                       " must hold a test image and a training image on each line.",
                   line};
    run.items.push_back({test, training});
  }
  if (run.items.empty())
    return Error{ErrorCode::FileMalformed,
                 quoted(folder / name / "class_labels.txt") + " names no image.", ""};
  return run;
}

Result<EmbeddedSample> embedded(const EmbeddingNetwork& network, const fs::path& path) {
  const auto image = readImage(path);
  if (!image) return image.error();
  const auto sample = network.read(image->pixels);
  if (!sample) return sample.error();
  if (!sample->signature)
    return Error{ErrorCode::NetworkIncompatible, "One-shot runs need a network for drawings.", ""};
  const auto& reasons = sample->signature->quality.reasons;
  if (std::find(reasons.begin(), reasons.end(), QualityReason::Blank) != reasons.end())
    return Error{ErrorCode::QualityInsufficient,
                 quoted(path) + ": " + std::string(qualitySentence(QualityReason::Blank)), ""};
  return network.embed(sample->canvas);
}

Estimate overRuns(const std::vector<double>& byRun) {
  constexpr int kReplicates = 2000;
  const auto count = static_cast<double>(byRun.size());
  std::vector<double> means;
  means.reserve(kReplicates);
  for (std::uint64_t i = 0; i < kReplicates; ++i) {
    Random random{i, 0x05e};
    double sum = 0;
    for (std::size_t j = 0; j < byRun.size(); ++j) sum += byRun[random.below(byRun.size())];
    means.push_back(sum / count);
  }
  std::sort(means.begin(), means.end());
  const auto quantile = [&](double share) {
    return means[static_cast<std::size_t>(share * (kReplicates - 1))];
  };
  return {std::accumulate(byRun.begin(), byRun.end(), 0.0) / count, quantile(0.025),
          quantile(0.975)};
}

}  // namespace

Result<std::vector<OneShotRun>> readOneShotRuns(const fs::path& folder) {
  std::error_code failure;
  std::set<std::string> names;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    std::error_code ignored;
    if (fs::exists(at->path() / "class_labels.txt", ignored))
      names.insert(at->path().filename().string());
  }
  if (failure)
    return Error{ErrorCode::FileNotReadable, quoted(folder) + " could not be read.",
                 failure.message()};
  std::vector<OneShotRun> runs;
  for (const auto& name : names) {
    auto run = readRun(folder, name);
    if (!run) return run.error();
    runs.push_back(*std::move(run));
  }
  if (runs.empty())
    return Error{ErrorCode::FileMalformed,
                 quoted(folder) + " holds no run: no folder with a file class_labels.txt.", ""};
  return runs;
}

Result<OneShotReport> answerOneShotRuns(const EmbeddingNetwork& network,
                                        const std::vector<OneShotRun>& runs, const fs::path& folder,
                                        const JobContext<EvaluationProgress>& context) {
  std::set<fs::path> paths;
  for (const auto& run : runs) {
    for (const auto& item : run.items) paths.insert({item.test, item.training});
  }
  std::map<fs::path, EmbeddedSample> samples;
  for (const auto& path : paths) {
    if (context.stop.stop_requested())
      return Error{ErrorCode::Cancelled, "The evaluation was stopped.", ""};
    auto sample = embedded(network, folder / path);
    if (!sample) return sample.error();
    samples.emplace(path, *std::move(sample));
    context.emitEvent({static_cast<int>(samples.size()), static_cast<int>(paths.size())});
  }
  OneShotReport report;
  for (const auto& run : runs) {
    std::set<fs::path> classes;
    for (const auto& item : run.items) classes.insert(item.training);
    int right = 0;
    for (const auto& item : run.items) {
      const auto score = [&](const fs::path& training) {
        return network.score(samples.at(item.test), samples.at(training));
      };
      const auto best = std::max_element(
          classes.begin(), classes.end(),
          [&](const fs::path& a, const fs::path& b) { return score(a) < score(b); });
      right += *best == item.training ? 1 : 0;
    }
    report.right += right;
    report.answers += static_cast<int>(run.items.size());
    report.byRun.push_back(static_cast<double>(right) / static_cast<double>(run.items.size()));
  }
  report.accuracy = overRuns(report.byRun);
  return report;
}

}  // namespace countersign
