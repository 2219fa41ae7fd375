// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingRun.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/Csv.h"
#include "core/base/File.h"
#include "core/training/Checkpoint.h"

namespace countersign {

namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 4> kStateNames{"unfinished", "finished", "inService",
                                                      "discarded"};
constexpr std::uintmax_t kLargestRecord = 4U << 20U;

std::filesystem::path recordFile(const std::filesystem::path& folder) {
  return folder / "run.json";
}
std::filesystem::path curveFile(const std::filesystem::path& folder) {
  return folder / "curves.csv";
}

Json rateJson(std::optional<double> rate) { return rate ? Json(*rate) : Json(); }
std::optional<double> rateOf(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<double>());
}

Json resultJson(const RunResult& result) {
  return {{"steps", result.steps},
          {"bestStep", result.bestStep},
          {"developmentEer", rateJson(result.developmentEer)},
          {"randomEer", rateJson(result.randomEer)},
          {"threshold", result.threshold},
          {"identity", result.identity}};
}

RunResult resultOf(const Json& json) {
  return {json.at("steps"),
          json.at("bestStep"),
          rateOf(json.at("developmentEer")),
          rateOf(json.at("randomEer")),
          json.at("threshold"),
          json.at("identity")};
}

std::string cell(std::optional<double> value) {
  if (!value) return {};
  char text[32];
  std::snprintf(text, sizeof(text), "%.6g", *value);
  return text;
}

std::optional<double> valueOf(const std::string& cell) {
  if (cell.empty()) return std::nullopt;
  return std::strtod(cell.c_str(), nullptr);  // the program keeps LC_NUMERIC at "C"
}

constexpr std::string_view kFirstColumns =
    "step,loss,imagesPerSecond,easyTriplets,"
    "semiHardTriplets,hardTriplets,developmentEer,randomEer";
constexpr std::size_t kFirstCount = 8;

std::string rowOf(const CurvePoint& point) {
  std::string row = std::to_string(point.step);
  for (const auto& value :
       {std::optional(point.loss), std::optional(point.imagesPerSecond), point.easyTriplets,
        point.semiHardTriplets, point.hardTriplets, point.developmentEer, point.randomEer})
    row.append(",").append(cell(value));
  for (const double term : point.terms) row.append(",").append(cell(term));
  return row + "\n";
}

std::optional<CurvePoint> pointOf(const std::vector<std::string>& cells) {
  const auto loss = valueOf(cells[1]);
  const auto speed = valueOf(cells[2]);
  if (!loss || !speed) return std::nullopt;
  CurvePoint point{.step = std::strtoll(cells[0].c_str(), nullptr, 10),
                   .loss = *loss,
                   .imagesPerSecond = *speed,
                   .easyTriplets = valueOf(cells[3]),
                   .semiHardTriplets = valueOf(cells[4]),
                   .hardTriplets = valueOf(cells[5]),
                   .developmentEer = valueOf(cells[6]),
                   .randomEer = valueOf(cells[7])};
  for (std::size_t i = kFirstCount; i < cells.size(); ++i)
    point.terms.push_back(valueOf(cells[i]).value_or(0));
  return point;
}

/// The whole lines of a curve file: whoever was killed while writing left half a line.
std::optional<CsvTable> readCurveTable(const std::filesystem::path& folder) {
  constexpr std::uintmax_t kLargest = 256U << 20U;
  const auto text = readTextFile(curveFile(folder), kLargest);
  if (!text) return std::nullopt;
  const auto end = text->rfind('\n');
  if (end == std::string::npos) return std::nullopt;
  auto table = parseCsv(std::string_view(*text).substr(0, end + 1));
  if (!table || table->columns.size() < kFirstCount) return std::nullopt;
  return *std::move(table);
}

}  // namespace

std::string_view runStateName(RunState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

namespace {

/// Files of the run itself are named without their folder, which may be copied or moved.
std::string pathText(const std::filesystem::path& path, const std::filesystem::path& runFolder) {
  return path.parent_path() == runFolder ? path.filename().string() : path.string();
}
std::filesystem::path pathOf(const std::string& text, const std::filesystem::path& runFolder) {
  const std::filesystem::path path(text);
  return text.empty() || path.has_parent_path() ? path : runFolder / path;
}

}  // namespace

Result<RunRecord> readRunRecord(const std::filesystem::path& runFolder) try {
  const auto text = readTextFile(recordFile(runFolder), kLargestRecord);
  if (!text) return text.error();
  const auto json = Json::parse(*text);
  auto options = parseTrainingOptions(json.at("options").dump());
  if (!options) return options.error();
  RunRecord record{.created = json.at("created"),
                   .files = {.manifest = pathOf(json.at("manifest"), runFolder),
                             .root = json.at("root").get<std::string>(),
                             .output = pathOf(json.at("output"), runFolder),
                             .runFolder = runFolder,
                             .startFrom = json.at("startFrom").get<std::string>(),
                             .command = json.at("command").get<std::string>()},
                   .options = *std::move(options),
                   .corpusFingerprint = json.at("corpus").get<std::string>()};
  const auto state = std::find(kStateNames.begin(), kStateNames.end(), json.at("state"));
  if (state == kStateNames.end())
    return Error{ErrorCode::FileMalformed, "The state of a training run is not known.", ""};
  record.state = static_cast<RunState>(state - kStateNames.begin());
  if (json.contains("result")) record.result = resultOf(json["result"]);
  return record;
} catch (const std::exception& e) {
  return Error{ErrorCode::FileMalformed,
               "What is kept of the training run in " + quoted(runFolder) + " cannot be read.",
               e.what()};
}

Status writeRunRecord(const RunRecord& record) {
  const auto& files = record.files;
  std::error_code failure;
  std::filesystem::create_directories(files.runFolder, failure);
  Json json = {{"created", record.created},
               {"manifest", pathText(files.manifest, files.runFolder)},
               {"root", files.root.string()},
               {"output", pathText(files.output, files.runFolder)},
               {"startFrom", files.startFrom.string()},
               {"command", files.command},
               {"options", Json::parse(writeTrainingOptions(record.options))},
               {"corpus", record.corpusFingerprint},
               {"state", runStateName(record.state)}};
  if (record.result) json["result"] = resultJson(*record.result);
  return writeFileAtomically(recordFile(files.runFolder), json.dump(2) + "\n");
}

CurveFile::CurveFile(const std::filesystem::path& runFolder, std::vector<std::string> terms)
    : m_file(curveFile(runFolder)), m_terms(std::move(terms)) {}

Status CurveFile::rewindTo(std::int64_t step) const {
  std::string text(kFirstColumns);
  for (std::size_t i = 0; i < m_terms.size(); ++i)
    text.append(",").append(std::to_string(i + 1)).append(":").append(m_terms[i]);
  text += "\n";
  for (const auto& point : readCurves(m_file.parent_path())) {
    if (point.step <= step && point.terms.size() == m_terms.size()) text += rowOf(point);
  }
  std::error_code failure;
  std::filesystem::create_directories(m_file.parent_path(), failure);
  return writeFileAtomically(m_file, text);
}

Status CurveFile::append(const CurvePoint& point) const {
  std::ofstream file(m_file, std::ios::app | std::ios::binary);
  file << rowOf(point) << std::flush;
  if (file) return ok();
  return Error{ErrorCode::FileNotWritable, quoted(m_file) + " cannot be written.", ""};
}

std::vector<CurvePoint> readCurves(const std::filesystem::path& runFolder) {
  std::vector<CurvePoint> points;
  const auto table = readCurveTable(runFolder);
  if (!table) return points;
  for (const auto& row : table->rows) {
    if (auto point = pointOf(row)) points.push_back(*std::move(point));
  }
  return points;
}

std::filesystem::path runsOfStore(const std::filesystem::path& storeFolder) {
  return storeFolder / "training";
}

Result<RunRecord> planRun(const std::filesystem::path& runs, const TrainingOptions& options,
                          const TrainingFiles& files, Timestamp now) {
  RunRecord record{.created = toIso8601(now), .files = files, .options = options};
  std::string name = record.created.substr(0, record.created.size() - 1);
  std::replace(name.begin(), name.end(), ':', '-');
  std::error_code failure;
  std::filesystem::create_directories(runs, failure);
  constexpr int kMostInOneSecond = 1000;
  for (int i = 1; i < kMostInOneSecond; ++i) {
    const auto folder = runs / (i == 1 ? name : name + "-" + std::to_string(i));
    if (!std::filesystem::create_directory(folder, failure)) {
      if (failure) break;
      continue;
    }
    record.files.runFolder = folder;
    record.files.output = folder / "network.safetensors";
    if (auto status = writeRunRecord(record); !status) return status.error();
    return record;
  }
  return Error{ErrorCode::FileNotWritable,
               "There is no place for the training run in " + quoted(runs) + ".",
               failure.message()};
}

std::vector<KeptRun> keptRuns(const std::filesystem::path& runs) {
  std::vector<KeptRun> kept;
  std::error_code failure;
  std::filesystem::directory_iterator entry(runs, failure);
  while (!failure && entry != std::filesystem::directory_iterator()) {
    auto record = readRunRecord(entry->path());
    if (record) kept.push_back({*std::move(record), readCurves(entry->path())});
    entry.increment(failure);
  }
  std::sort(kept.begin(), kept.end(), [](const KeptRun& a, const KeptRun& b) {
    return std::pair(a.record.created, a.record.files.runFolder) >
           std::pair(b.record.created, b.record.files.runFolder);
  });
  return kept;
}

Status settleRun(const std::filesystem::path& runFolder, RunState state) {
  auto record = readRunRecord(runFolder);
  if (!record) return record.error();
  record->state = state;
  if (auto status = writeRunRecord(*record); !status) return status;
  if (state == RunState::Unfinished) return ok();
  CheckpointFolder(runFolder).remove();
  std::error_code failure;
  // A record could name any file; only the run's own is deleted.
  if (state == RunState::Discarded && record->files.output.parent_path() == runFolder)
    std::filesystem::remove(record->files.output, failure);
  if (failure)
    return Error{ErrorCode::FileNotWritable,
                 quoted(record->files.output) + " could not be deleted.", failure.message()};
  return ok();
}

}  // namespace countersign
