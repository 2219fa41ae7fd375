// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace countersign {

/// A moment, as microseconds since 1970-01-01 00:00 UTC.
struct Timestamp {
  std::int64_t microseconds = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) =
      default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 errs
};

/// Tells the time; tests pass one of their own.
using Clock = std::function<Timestamp()>;

/// The computer's clock. It may be set back: order what happened by a sequence, not by time.
Timestamp systemTime();

/// ISO 8601 in UTC, to the second: "2026-11-22T05:12:07Z".
std::string toIso8601(Timestamp time);

/// Its day in UTC: "2026-11-22".
std::string dayOf(Timestamp time);
/// Whether a text is a day that exists, written like that.
bool isDay(std::string_view text);
/// The same day so many months later; the month's last where it has none of this number.
std::string monthsLater(const std::string& day, int months);

}  // namespace countersign
