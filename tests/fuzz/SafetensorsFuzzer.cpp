// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Safetensors.h"
#include "core/metric/NetworkFile.h"
#include "tests/fuzz/Fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace countersign;
  auto file = parseSafetensors(fuzz::bytesOf(data, size));
  if (!file) return 0;
  const auto network = networkFileOf(*std::move(file));
  return network || !network.error().message.empty() ? 0 : -1;
}
