// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Progress.h"

#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdio>

namespace countersign::cli {

namespace {

volatile std::sig_atomic_t signalsSeen = 0;

void noteSignal(int number) {
  signalsSeen = signalsSeen + 1;
  if (signalsSeen > 1) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

}  // namespace

std::string duration(double seconds) {
  constexpr int kMinute = 60;
  const auto whole = std::llround(seconds);
  if (whole < 2 * kMinute) return std::to_string(whole) + " s";
  const auto minutes = whole / kMinute;
  if (minutes < kMinute) return std::to_string(minutes) + " min";
  return std::to_string(minutes / kMinute) + " h " + std::to_string(minutes % kMinute) + " min";
}

ProgressLine::ProgressLine() : m_isTerminal(::isatty(STDERR_FILENO) == 1) {}

void ProgressLine::show(const std::string& what, std::int64_t done, std::int64_t total) {
  if (!m_isTerminal) return;
  const auto now = Clock::now();
  const auto kind = what.substr(0, what.find(','));
  if (kind != m_what) {
    m_what = kind;
    m_start = now;
  } else if (now - m_last < std::chrono::milliseconds(100)) {
    return;
  }
  m_last = now;
  const double spent = std::chrono::duration<double>(now - m_start).count();
  const double left =
      done > 0 ? spent * static_cast<double>(total - done) / static_cast<double>(done) : 0;
  std::fprintf(stderr, "\r\033[K%s: %lld of %lld, %s left", what.c_str(),
               static_cast<long long>(done), static_cast<long long>(total), duration(left).c_str());
  std::fflush(stderr);
  m_isShown = true;
}

void ProgressLine::clear() {
  if (m_isShown) std::fputs("\r\033[K", stderr);
  m_isShown = false;
}

StopOnSignal::StopOnSignal() {
  signalsSeen = 0;
  std::signal(SIGINT, noteSignal);
  std::signal(SIGTERM, noteSignal);
  // A handler may not touch a stop_source, so a thread looks at what it noted.
  m_watcher = std::jthread([this](const std::stop_token& ended) {
    while (!ended.stop_requested()) {
      if (signalsSeen > 0) m_source.request_stop();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
}

StopOnSignal::~StopOnSignal() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace countersign::cli
