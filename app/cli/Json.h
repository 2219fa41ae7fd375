// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/evaluation/ThresholdTable.h"

namespace countersign::cli {

/// Prints a value for programs; text that is not UTF-8 (a file name may be anything) is mended.
inline void printJson(const nlohmann::json& json) {
  std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

/// A rate with its interval and what it rests on; null where nothing was measured.
inline nlohmann::json measuredJson(const RateAtThreshold& rate) {
  if (rate.trials == 0) return nullptr;
  return {{"value", rate.rate.value},
          {"low", rate.rate.low},
          {"high", rate.rate.high},
          {"trials", rate.trials},
          {"people", rate.people}};
}

}  // namespace countersign::cli
