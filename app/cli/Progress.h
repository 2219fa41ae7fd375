// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>

namespace countersign::cli {

/// A duration for people: "42 s", "7 min", "2 h 5 min".
std::string duration(double seconds);

/// One line on stderr that is rewritten at most ten times a second; nothing when stderr is a file.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const std::string& what, std::int64_t done, std::int64_t total);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool m_isTerminal;
  bool m_isShown = false;
  std::string m_what;
  Clock::time_point m_start;
  Clock::time_point m_last;
};

/// While it lives, Ctrl-C and SIGTERM ask for a stop; a second one ends the process.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  std::stop_token token() const { return m_source.get_token(); }

 private:
  std::stop_source m_source;
  std::jthread m_watcher;  // last: joined before the source goes
};

}  // namespace countersign::cli
