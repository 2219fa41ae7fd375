// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/TrialList.h"
#include "tests/fuzz/Fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto list = countersign::parseTrialList(countersign::fuzz::textOf(data, size));
  return list || !list.error().message.empty() ? 0 : -1;
}
