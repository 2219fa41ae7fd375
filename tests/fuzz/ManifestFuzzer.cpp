// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/CorpusManifest.h"
#include "core/corpus/PenFile.h"
#include "tests/fuzz/Fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace countersign;
  const auto text = fuzz::textOf(data, size);
  const auto manifest = parseManifest(text);
  const auto pen = parsePenFile(text);
  return (manifest || !manifest.error().message.empty()) && (pen || !pen.error().message.empty())
             ? 0
             : -1;
}
