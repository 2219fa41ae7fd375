// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/SocketProxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace countersign::test {

namespace {

constexpr int kWait = 50;

sockaddr_un addressOf(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return address;
}

bool pass(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

SocketProxy::SocketProxy(std::filesystem::path target, int port) : m_target(std::move(target)) {
  m_listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = addressOf(m_folder.path() / (".s.PGSQL." + std::to_string(port)));
  constexpr int kWaiting = 16;
  if (::bind(m_listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(m_listening, kWaiting) != 0)
    throw std::runtime_error("no socket for the proxy");
  m_thread = std::jthread([this] { serve(); });
}

SocketProxy::~SocketProxy() {
  m_isEnding = true;
  m_thread.join();
  ::close(m_listening);
}

void SocketProxy::cutAt(const std::string& text, Cut when) {
  m_text = text;
  m_when = when;
  m_isArmed = true;
}

void SocketProxy::serve() {
  std::vector<std::jthread> lines;
  while (!m_isEnding) {
    pollfd watched{m_listening, POLLIN, 0};
    if (::poll(&watched, 1, kWait) <= 0) continue;
    const int desk = ::accept4(m_listening, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = addressOf(m_target);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(desk);
      ::close(server);
      continue;
    }
    lines.emplace_back([this, desk, server] { forward(desk, server); });
  }
}

void SocketProxy::forward(int desk, int server) {
  std::array<char, 1U << 16U> buffer{};
  bool isLastAnswer = false;
  while (!m_isEnding) {
    std::array<pollfd, 2> watched{pollfd{desk, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), kWait) <= 0) continue;
    if (watched[0].revents != 0) {
      const auto got = ::recv(desk, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
      if (m_isArmed && bytes.find(m_text) != std::string_view::npos && m_isArmed.exchange(false)) {
        ++m_cuts;
        if (m_when == Cut::BeforeRequest) break;
        isLastAnswer = true;
      }
      if (!pass(server, bytes)) break;
    }
    if (watched[1].revents != 0) {
      const auto got = ::recv(server, buffer.data(), buffer.size(), 0);
      if (got <= 0 || isLastAnswer) break;
      if (!pass(desk, {buffer.data(), static_cast<std::size_t>(got)})) break;
    }
  }
  ::close(desk);
  ::close(server);
}

}  // namespace countersign::test
