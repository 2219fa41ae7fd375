// SPDX-License-Identifier: GPL-3.0-or-later
//
// What somebody with the passphrase could put into a file of people.
#include "core/storage/internal/PersonMessage.h"
#include "tests/fuzz/Fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto person = countersign::personFromMessage({data, data + size});
  return person && person->references.size() > size ? -1 : 0;
}
