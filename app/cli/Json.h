// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>

namespace countersign::cli {

/// Prints a value for programs; text that is not UTF-8 (a file name may be anything) is mended.
inline void printJson(const nlohmann::json& json) {
  std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

}  // namespace countersign::cli
