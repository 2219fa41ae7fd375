// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Clock.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>

namespace countersign {

Timestamp systemTime() {
  using std::chrono::duration_cast;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {duration_cast<std::chrono::microseconds>(now).count()};
}

std::string toIso8601(Timestamp time) {
  constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
  // Towards the past, also before 1970.
  auto seconds = time.microseconds / kMicrosecondsPerSecond;
  if (time.microseconds % kMicrosecondsPerSecond < 0) --seconds;
  const std::time_t whole = seconds;
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string dayOf(Timestamp time) { return toIso8601(time).substr(0, toIso8601({}).find('T')); }

namespace {

std::optional<std::chrono::year_month_day> parsedDay(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00";
  if (text.size() != kForm.size()) return std::nullopt;
  std::array<int, 3> parts{};
  std::size_t part = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kForm[i] == '-') {
      if (text[i] != '-') return std::nullopt;
      ++part;
    } else {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      parts[part] = 10 * parts[part] + (text[i] - '0');
    }
  }
  const std::chrono::year_month_day day{std::chrono::year(parts[0]),
                                        std::chrono::month(static_cast<unsigned>(parts[1])),
                                        std::chrono::day(static_cast<unsigned>(parts[2]))};
  return day.ok() ? std::optional(day) : std::nullopt;
}

}  // namespace

bool isDay(std::string_view text) { return parsedDay(text).has_value(); }

std::string monthsLater(const std::string& day, int months) {
  const auto from = parsedDay(day);
  if (!from) return day;
  auto to = *from + std::chrono::months(months);
  if (!to.ok()) to = to.year() / to.month() / std::chrono::last;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(to.year()),
                static_cast<unsigned>(to.month()), static_cast<unsigned>(to.day()));
  return text.data();
}

}  // namespace countersign
