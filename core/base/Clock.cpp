// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Clock.h"

#include <array>
#include <chrono>
#include <ctime>

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

}  // namespace countersign
