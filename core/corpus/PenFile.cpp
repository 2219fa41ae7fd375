// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/PenFile.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "core/base/File.h"

namespace countersign {

namespace {

constexpr double kMillisecond = 1e-3;
constexpr std::size_t kMostPoints = 1'000'000;

/// Takes the next number of a line; locale plays no part.
std::optional<double> takeNumber(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  double value = 0;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), value);
  if (failure != std::errc() || !std::isfinite(value)) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  return value;
}

std::string_view takeLine(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

Result<PenTrajectory> parsePenFile(std::string_view text) {
  auto line = takeLine(text);
  const auto count = takeNumber(line);
  if (!count || *count < 1 || *count > static_cast<double>(kMostPoints))
    return Error{ErrorCode::FileMalformed, "The pen data does not begin with its number of points.",
                 ""};
  PenTrajectory trajectory;
  double start = 0;
  while (!text.empty() && trajectory.size() < static_cast<std::size_t>(*count)) {
    line = takeLine(text);
    const auto x = takeNumber(line);
    const auto y = takeNumber(line);
    const auto time = takeNumber(line);
    const auto down = takeNumber(line);
    if (!x || !y || !time || !down)
      return Error{
          ErrorCode::FileMalformed,
          "Point " + std::to_string(trajectory.size() + 1) + " of the pen data is not complete.",
          ""};
    if (trajectory.empty()) start = *time;
    trajectory.push_back({*x, *y, (*time - start) * kMillisecond, *down != 0});
  }
  if (trajectory.size() != static_cast<std::size_t>(*count))
    return Error{ErrorCode::FileMalformed, "The pen data has fewer points than it says.", ""};
  return trajectory;
}

Result<PenTrajectory> readPenFile(const std::filesystem::path& path) {
  constexpr std::uintmax_t kLargest = std::uintmax_t{64} << 20U;
  const auto text = readTextFile(path, kLargest);
  if (!text) return text.error();
  auto trajectory = parsePenFile(*text);
  if (!trajectory)
    return Error{trajectory.error().code, quoted(path) + ": " + trajectory.error().message, ""};
  return trajectory;
}

std::string writePenFile(const PenTrajectory& trajectory) {
  std::string text = std::to_string(trajectory.size()) + '\n';
  for (const auto& p : trajectory) {
    for (const double value : {p.x, p.y, p.seconds / kMillisecond})
      text += std::to_string(std::llround(value)) + ' ';
    text += p.isDown ? "1\n" : "0\n";
  }
  return text;
}

}  // namespace countersign
