// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/TfliteFile.h"
#include "tests/fuzz/Fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto graph = countersign::parseTflite(countersign::fuzz::bytesOf(data, size));
  return graph || !graph.error().message.empty() ? 0 : -1;
}
