// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/storage/ServerAddress.h"

namespace countersign {

/// What a desk hears of a store that it shares with others.
struct StoreTidings {
  enum class Kind {
    Changed,  ///< Another desk changed something, or may have before this one listened.
    Lost,     ///< The server does not answer any more; it is tried again twice a second.
    Back,     ///< It answers again; what happened meanwhile is not told one by one.
  };
  Kind kind = Kind::Changed;
  std::int64_t newest = 0;  ///< Event of the change; 0 when it is not known.
};

/// Listens to the server of a store (LISTEN), on a thread and a connection of its own. Gone at
/// once when it is destroyed.
class StoreFeed {
 public:
  /// Called on the feed's thread.
  using Told = std::function<void(const StoreTidings&)>;

  /// @param ownMark  of the desk's own changes, which it is not told of.
  StoreFeed(const ServerAddress& server, const std::string& ownMark, Told told);
  ~StoreFeed();
  StoreFeed(const StoreFeed&) = delete;
  StoreFeed& operator=(const StoreFeed&) = delete;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace countersign
