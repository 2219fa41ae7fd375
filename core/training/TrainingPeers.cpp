// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/internal/TrainingPeers.h"

#define USE_C10D_GLOO  // tells the header that this LibTorch has it
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

namespace countersign {

namespace {

constexpr auto kLookAround = std::chrono::milliseconds(100);
/// For a step, or for judging an epoch on the slowest machine.
constexpr auto kPatience = std::chrono::minutes(10);

using Value = std::vector<std::uint8_t>;

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&bytes); }
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&bytes); }
};

Error stoppedBefore() {
  return {ErrorCode::Cancelled, "Training was stopped before all nodes had met.", ""};
}

Error notAPlace(const std::string& place) {
  return {ErrorCode::OptionOutOfRange,
          "\"" + place + "\" is no place to meet; name an address and a port: 127.0.0.1:29400.",
          ""};
}

Result<Address> addressOf(const std::string& place) {
  const auto colon = place.rfind(':');
  if (colon == std::string::npos || colon == 0) return notAPlace(place);
  auto host = place.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  // No names: what was found to be private would not have to be what is used.
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), place.c_str() + colon + 1, &hints, &found) != 0 ||
      found == nullptr)
    return notAPlace(place);
  Address address;
  std::memcpy(&address.bytes, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  ::freeaddrinfo(found);
  return address;
}

bool isPrivateFour(std::uint32_t address) {
  const auto isIn = [&](std::uint32_t net, unsigned bits) {
    return (address >> (32U - bits)) == (net >> (32U - bits));
  };
  return isIn(0x7F000000U, 8) || isIn(0x0A000000U, 8) || isIn(0xAC100000U, 12) ||
         isIn(0xC0A80000U, 16) || isIn(0x64400000U, 10) || isIn(0xA9FE0000U, 16);
}

bool isPrivate(const Address& address) {
  if (address.bytes.ss_family == AF_INET)
    return isPrivateFour(
        ntohl(reinterpret_cast<const sockaddr_in*>(&address.bytes)->sin_addr.s_addr));
  if (address.bytes.ss_family != AF_INET6) return false;
  const auto& six = reinterpret_cast<const sockaddr_in6*>(&address.bytes)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_LINKLOCAL(&six) ||
         (six.s6_addr[0] & 0xFEU) == 0xFCU;
}

/// Of this end of a connection, as text; nothing when it is no private one.
std::optional<std::string> ownAddress(int socket) {
  Address address;
  address.size = sizeof(address.bytes);
  char host[NI_MAXHOST] = "";
  if (::getsockname(socket, address.generic(), &address.size) != 0 || !isPrivate(address) ||
      ::getnameinfo(address.generic(), address.size, host, sizeof(host), nullptr, 0,
                    NI_NUMERICHOST) != 0)
    return std::nullopt;
  return host;
}

/// So that nobody who says nothing, or does not listen, holds the others up.
void limitWaiting(int socket, long seconds) {
  const timeval longest{seconds, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest));
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof(longest));
}

/// What a node says first; whoever says something else is none.
struct Hello {
  std::array<char, 20> word = kWord;
  std::uint32_t index = 0;
  std::uint32_t count = 0;

  static constexpr std::array<char, 20> kWord{"countersign nodes 1"};
};

/// Where the processes tell each other their addresses: what one sets, all get. Node 0 listens at
/// the place that was named and nowhere else (LibTorch's own would listen at every address of the
/// computer), and passes everything on.
class MeetingPlace final : public c10d::Store {
 public:
  MeetingPlace(const TrainingNodes& nodes, std::stop_token stop)
      : Store(kPatience), m_nodes(nodes), m_stop(std::move(stop)) {}
  ~MeetingPlace() override {
    m_isClosing = true;
    m_acceptor = {};  // waits for it: nobody new from here on
    for (const int socket : m_sockets) ::shutdown(socket, SHUT_RDWR);
    m_threads.clear();
    for (const int socket : m_sockets) ::close(socket);
    if (m_listener >= 0) ::close(m_listener);
  }
  MeetingPlace(const MeetingPlace&) = delete;
  MeetingPlace& operator=(const MeetingPlace&) = delete;

  Status open() {
    const auto address = addressOf(m_nodes.place);
    if (!address) return address.error();
    return m_nodes.index == 0 ? listen(*address) : join(*address);
  }
  const std::string& ownHost() const { return m_ownHost; }

  void set(const std::string& key, const Value& value) override {
    const std::lock_guard lock(m_mutex);
    m_values[key] = value;
    for (const int socket : m_sockets) send(socket, key, value);
    m_changed.notify_all();
  }
  Value get(const std::string& key) override {
    wait({key});
    const std::lock_guard lock(m_mutex);
    return m_values.at(key);
  }
  bool check(const std::vector<std::string>& keys) override {
    const std::lock_guard lock(m_mutex);
    return hasAll(keys);
  }
  void wait(const std::vector<std::string>& keys) override { wait(keys, kPatience); }
  void wait(const std::vector<std::string>& keys,
            const std::chrono::milliseconds& timeout) override {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    std::unique_lock lock(m_mutex);
    while (!hasAll(keys)) {
      if (m_stop.stop_requested()) throw std::runtime_error("stopped");
      if (m_isLost) throw std::runtime_error("another process went before all had met");
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("nobody came");
      m_changed.wait_for(lock, kLookAround);
    }
  }
  // What Gloo does not ask for.
  std::int64_t add(const std::string&, std::int64_t) override { throw unused(); }
  bool deleteKey(const std::string&) override { throw unused(); }
  std::int64_t getNumKeys() override { throw unused(); }

 private:
  static std::logic_error unused() { return std::logic_error("not asked for by Gloo"); }
  bool hasAll(const std::vector<std::string>& keys) const {
    return std::all_of(keys.begin(), keys.end(),
                       [&](const std::string& key) { return m_values.contains(key); });
  }

  Status listen(const Address& address) {
    m_listener = ::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(m_listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (m_listener < 0 || ::bind(m_listener, address.generic(), address.size) != 0 ||
        ::listen(m_listener, m_nodes.count) != 0)
      return Error{ErrorCode::OptionOutOfRange,
                   "Nobody can meet at " + m_nodes.place +
                       " here: it is no address of this computer, or the port is taken.",
                   std::strerror(errno)};
    if (auto status = learnOwnHost(m_listener); !status) return status;
    m_acceptor = std::jthread([this] { accept(); });
    return ok();
  }

  Status learnOwnHost(int socket) {
    const auto own = ownAddress(socket);
    if (!own)
      return Error{ErrorCode::OptionOutOfRange,
                   "This computer reaches " + m_nodes.place +
                       " by an address that is not private; meet over a private tunnel.",
                   ""};
    m_ownHost = *own;
    return ok();
  }

  void accept() {
    std::set<std::uint32_t> known{0};
    while (static_cast<int>(known.size()) < m_nodes.count && !m_isClosing) {
      pollfd listener{m_listener, POLLIN, 0};
      if (::poll(&listener, 1, static_cast<int>(kLookAround.count())) <= 0) continue;
      const int socket = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) {
        std::this_thread::sleep_for(kLookAround);
        continue;
      }
      limitWaiting(socket, 5);
      Hello hello;
      const bool isNode = receiveAll(socket, &hello, sizeof(hello)) && hello.word == Hello::kWord &&
                          ntohl(hello.count) == static_cast<std::uint32_t>(m_nodes.count) &&
                          ntohl(hello.index) < static_cast<std::uint32_t>(m_nodes.count) &&
                          known.insert(ntohl(hello.index)).second;
      if (isNode)
        adopt(socket);
      else
        ::close(socket);
    }
  }

  /// A connection, or −1: nobody there yet, or stopped.
  int connectTo(const Address& address) const {
    const int socket =
        ::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) return -1;
    constexpr auto kLongest = std::chrono::seconds(10);
    const auto deadline = std::chrono::steady_clock::now() + kLongest;
    int failure = ::connect(socket, address.generic(), address.size) == 0 ? 0 : errno;
    while (failure == EINPROGRESS && !m_stop.stop_requested() &&
           std::chrono::steady_clock::now() < deadline) {
      pollfd one{socket, POLLOUT, 0};
      if (::poll(&one, 1, static_cast<int>(kLookAround.count())) <= 0) continue;
      socklen_t size = sizeof(failure);
      ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &size);
    }
    if (failure == 0 && ::fcntl(socket, F_SETFL, 0) == 0) return socket;
    ::close(socket);
    return -1;
  }

  Status join(const Address& address) {
    while (!m_stop.stop_requested()) {
      const int socket = connectTo(address);
      if (socket < 0) {
        std::this_thread::sleep_for(kLookAround);  // node 0 may still read its images
        continue;
      }
      Hello hello;
      hello.index = htonl(static_cast<std::uint32_t>(m_nodes.index));
      hello.count = htonl(static_cast<std::uint32_t>(m_nodes.count));
      auto status = learnOwnHost(socket);
      if (status && ::send(socket, &hello, sizeof(hello), MSG_NOSIGNAL) == sizeof(hello)) {
        adopt(socket);
        return ok();
      }
      ::close(socket);
      if (!status) return status;
    }
    return stoppedBefore();
  }

  /// Tells a newcomer what is known, and listens to it.
  void adopt(int socket) {
    constexpr long kLongest = 10;
    limitWaiting(socket, 0);
    const timeval longest{kLongest, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof(longest));
    const std::lock_guard lock(m_mutex);
    m_sockets.push_back(socket);
    for (const auto& [key, value] : m_values) send(socket, key, value);
    m_threads.emplace_back([this, socket] { listenTo(socket); });
  }

  void listenTo(int socket) {
    while (auto entry = receive(socket)) {
      const std::lock_guard lock(m_mutex);
      for (const int other : m_sockets)
        if (other != socket) send(other, entry->first, entry->second);
      m_values[entry->first] = std::move(entry->second);
      m_changed.notify_all();
    }
    if (m_isClosing) return;
    const std::lock_guard lock(m_mutex);
    m_isLost = true;
    m_changed.notify_all();
  }

  static void send(int socket, const std::string& key, const Value& value) {
    const std::uint32_t sizes[] = {htonl(static_cast<std::uint32_t>(key.size())),
                                   htonl(static_cast<std::uint32_t>(value.size()))};
    Value message(sizeof(sizes));
    std::memcpy(message.data(), sizes, sizeof(sizes));
    message.insert(message.end(), key.begin(), key.end());
    message.insert(message.end(), value.begin(), value.end());
    for (std::size_t done = 0; done < message.size();) {
      const auto sent = ::send(socket, message.data() + done, message.size() - done, MSG_NOSIGNAL);
      if (sent <= 0) return;  // whoever listens to it notices
      done += static_cast<std::size_t>(sent);
    }
  }

  static bool receiveAll(int socket, void* place, std::size_t size) {
    return size == 0 || ::recv(socket, place, size, MSG_WAITALL) == static_cast<ssize_t>(size);
  }

  static std::optional<std::pair<std::string, Value>> receive(int socket) {
    constexpr std::uint32_t kLargest = 1U << 20U;
    std::uint32_t sizes[2];
    if (!receiveAll(socket, sizes, sizeof(sizes))) return std::nullopt;
    for (auto& size : sizes) size = ntohl(size);
    if (sizes[0] > kLargest || sizes[1] > kLargest) return std::nullopt;
    std::string key(sizes[0], '\0');
    Value value(sizes[1]);
    if (!receiveAll(socket, key.data(), key.size()) ||
        !receiveAll(socket, value.data(), value.size()))
      return std::nullopt;
    return std::pair{std::move(key), std::move(value)};
  }

  TrainingNodes m_nodes;
  std::stop_token m_stop;
  std::string m_ownHost;
  int m_listener = -1;
  std::atomic<bool> m_isClosing = false;
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::map<std::string, Value> m_values;
  std::vector<int> m_sockets;
  bool m_isLost = false;
  std::vector<std::jthread> m_threads;
  std::jthread m_acceptor;
};

class GlooPeers final : public BatchPeers {
 public:
  GlooPeers(const TrainingNodes& nodes, const c10::intrusive_ptr<MeetingPlace>& place,
            std::stop_token stop)
      : m_nodes(nodes), m_stop(std::move(stop)) {
    auto options = c10d::ProcessGroupGloo::Options::create(kPatience);
    options->devices = {c10d::ProcessGroupGloo::createDeviceForHostname(place->ownHost())};
    m_group = c10::make_intrusive<c10d::ProcessGroupGloo>(place, nodes.index, nodes.count, options);
  }

  int count() const override { return m_nodes.count; }
  int index() const override { return m_nodes.index; }
  void sum(at::Tensor& tensor) override try {
    std::vector<at::Tensor> tensors{tensor.contiguous()};
    const auto work = m_group->allreduce(tensors);
    await(*work);
    work->wait();
    if (!tensors.front().is_same(tensor)) tensor.copy_(tensors.front());
  } catch (const PeersGone&) { throw; } catch (const std::exception& failure) {
    throw PeersGone(failure.what());
  }

 private:
  /// Whoever was asked to stop does not wait long for one that stands still.
  void await(c10d::Work& work) const {
    constexpr auto kAtOnce = std::chrono::milliseconds(5);
    constexpr auto kGrace = std::chrono::seconds(10);
    const auto began = std::chrono::steady_clock::now();
    std::optional<std::chrono::steady_clock::time_point> asked;
    while (!work.isCompleted()) {
      const auto now = std::chrono::steady_clock::now();
      if (now - began < kAtOnce) {
        std::this_thread::yield();
        continue;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (!asked && m_stop.stop_requested()) asked = now;
      if (asked && now - *asked > kGrace) throw PeersGone("stopped while another stood still");
    }
  }

  TrainingNodes m_nodes;
  std::stop_token m_stop;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> m_group;
};

}  // namespace

Status TrainingNodes::check() const {
  constexpr int kMost = 64;
  if (count < 1 || count > kMost || index < 0 || index >= count)
    return Error{ErrorCode::OptionOutOfRange,
                 "There may be 1 to " + std::to_string(kMost) +
                     " nodes, with numbers from 0 to one less than there are.",
                 ""};
  if (count == 1) return ok();
  const auto address = addressOf(place);
  if (!address) return address.error();
  if (isPrivate(*address)) return ok();
  return Error{ErrorCode::OptionOutOfRange,
               "What goes between nodes is neither encrypted nor authenticated: meet on this "
               "computer or over a private tunnel, not at " +
                   place + ".",
               ""};
}

Result<std::unique_ptr<BatchPeers>> meetPeers(const TrainingNodes& nodes,
                                              const std::stop_token& stop) try {
  if (auto status = nodes.check(); !status) return status.error();
  // Gloo writes to whoever is gone.
  std::signal(SIGPIPE, SIG_IGN);
  const auto place = c10::make_intrusive<MeetingPlace>(nodes, stop);
  if (auto status = place->open(); !status) return status.error();
  // All of them first, however long each takes to read its images.
  const auto here = [](int node) { return "here " + std::to_string(node); };
  place->set(here(nodes.index), {1});
  std::vector<std::string> all;
  all.reserve(static_cast<std::size_t>(nodes.count));
  for (int node = 0; node < nodes.count; ++node) all.push_back(here(node));
  constexpr std::chrono::milliseconds kDay = std::chrono::hours(24);
  place->wait(all, kDay);
  return std::unique_ptr<BatchPeers>(std::make_unique<GlooPeers>(nodes, place, stop));
} catch (const std::exception& failure) {
  if (stop.stop_requested()) return stoppedBefore();
  return Error{ErrorCode::BackendFailure,
               "The nodes could not meet at " + nodes.place +
                   ": one of them went again, or is not reached from the others.",
               failure.what()};
}

}  // namespace countersign
