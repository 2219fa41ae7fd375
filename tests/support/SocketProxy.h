// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/support/TemporaryFolder.h"

namespace countersign::test {

/// Stands between a desk and its server, on a Unix socket of its own, and can cut the line at a
/// chosen moment.
class SocketProxy {
 public:
  /// @param target  the server's socket.
  explicit SocketProxy(std::filesystem::path target, int port);
  ~SocketProxy();
  SocketProxy(const SocketProxy&) = delete;
  SocketProxy& operator=(const SocketProxy&) = delete;

  std::filesystem::path folder() const { return m_folder.path(); }
  /// The next time that a desk sends this text, the line is cut: before the server gets it, or
  /// after the server has answered, which the desk never hears.
  enum class Cut { BeforeRequest, BeforeAnswer };
  void cutAt(const std::string& text, Cut when);
  int cuts() const { return m_cuts; }

 private:
  void serve();
  void forward(int desk, int server);

  std::filesystem::path m_target;
  TemporaryFolder m_folder;
  int m_listening = -1;
  std::atomic<bool> m_isEnding = false;
  std::atomic<int> m_cuts = 0;
  std::atomic<bool> m_isArmed = false;
  std::string m_text;
  Cut m_when = Cut::BeforeRequest;
  std::jthread m_thread;
};

}  // namespace countersign::test
