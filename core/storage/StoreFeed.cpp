// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/StoreFeed.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string_view>
#include <thread>

#include "core/storage/internal/PostgresConnection.h"
#include "core/storage/internal/SqlDialect.h"
#include "core/storage/internal/SqlPlace.h"

namespace countersign {

namespace {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr int kConnectMilliseconds = 5000;
constexpr int kPauseMilliseconds = 500;

}  // namespace

struct StoreFeed::State {
  ServerAddress server;
  std::string ownMark;
  Told told;
  int stop = ::eventfd(0, EFD_CLOEXEC);
  std::jthread thread;

  ~State() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop, &one, sizeof one);
    if (thread.joinable()) thread.join();
    ::close(stop);
  }

  /// Waits for something on a socket (or for nothing, −1).
  ///
  /// @return  false when the feed is to end.
  bool await(int socket, short events, int milliseconds) const {
    std::array<pollfd, 2> watched{pollfd{stop, POLLIN, 0}, pollfd{socket, events, 0}};
    ::poll(watched.data(), socket < 0 ? 1 : 2, milliseconds);
    return watched[0].revents == 0;
  }
  static bool isReady(int socket, short events) {
    pollfd watched{socket, events, 0};
    return ::poll(&watched, 1, 0) > 0;
  }
  bool listen(PGconn* connection) const;
  void tellAll(PGconn* connection) const;
  void run() const;
};

bool StoreFeed::State::listen(PGconn* connection) const {
  if (PQsendQuery(connection, (std::string("LISTEN ") + postgres::kChannel).c_str()) == 0)
    return false;
  bool isDone = false;
  while (true) {
    while (PQisBusy(connection) != 0) {
      const int socket = PQsocket(connection);
      if (!await(socket, POLLIN, kConnectMilliseconds) || !isReady(socket, POLLIN) ||
          PQconsumeInput(connection) == 0)
        return false;
    }
    const Answer answer(PQgetResult(connection), &PQclear);
    if (!answer) return isDone;
    isDone = PQresultStatus(answer.get()) == PGRES_COMMAND_OK;
  }
}

void StoreFeed::State::tellAll(PGconn* connection) const {
  std::int64_t newest = 0;
  while (true) {
    const std::unique_ptr<PGnotify, decltype(&PQfreemem)> notice(PQnotifies(connection),
                                                                 &PQfreemem);
    if (!notice) break;
    // "4711 5f3c…": the event, and whose it is.
    const std::string_view text(notice->extra);
    const auto space = text.find(' ');
    if (space == std::string_view::npos || text.substr(space + 1) == ownMark) continue;
    std::int64_t sequence = 0;
    std::from_chars(text.data(), text.data() + space, sequence);
    newest = std::max(newest, sequence);
  }
  if (newest > 0) told({StoreTidings::Kind::Changed, newest});
}

void StoreFeed::State::run() const {
  bool isLost = false;
  const auto lose = [&] {
    if (!await(-1, 0, 0)) return false;  // it was the end, and no loss
    if (!isLost) told({StoreTidings::Kind::Lost});
    isLost = true;
    return await(-1, 0, kPauseMilliseconds);
  };
  while (true) {
    postgres::Attempt attempt(server);
    auto* connection = attempt.begin();
    const bool isOpen = connection != nullptr && attempt.finish([this](int socket, short events) {
      return await(socket, events, kConnectMilliseconds) && isReady(socket, events);
    });
    if (!isOpen || !listen(connection)) {
      if (!lose()) return;
      continue;
    }
    // What happened before it listened was told to nobody.
    told({isLost ? StoreTidings::Kind::Back : StoreTidings::Kind::Changed});
    isLost = false;
    while (true) {
      tellAll(connection);
      if (!await(PQsocket(connection), POLLIN, -1)) return;
      if (PQconsumeInput(connection) == 0) break;
    }
    if (!lose()) return;
  }
}

StoreFeed::StoreFeed(const ServerAddress& server, const std::string& ownMark, Told told)
    : m_state(new State{server, ownMark, std::move(told)}) {
  m_state->thread = std::jthread([state = m_state.get()] { state->run(); });
}

StoreFeed::~StoreFeed() = default;

}  // namespace countersign
