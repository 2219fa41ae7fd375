// SPDX-License-Identifier: GPL-3.0-or-later
//
// Enrols person after person into a store until it is killed, and writes the identifier of each to
// a file once the store has said that it is saved; CONFIRMED.ready says that it has begun:
//
//     enrolment_victim STORE CONFIRMED
#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "core/storage/Store.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

int main(int, char** argv) {
  using namespace countersign;
  constexpr int kMode = 0600;
  const auto ready = std::string(argv[2]) + ".ready";
  ::close(::open(ready.c_str(), O_WRONLY | O_CREAT, kMode));
  auto store = Store::open(test::storeIn(argv[1]), Store::Access::Write);
  if (!store) return 1;
  const int confirmed = ::open(argv[2], O_WRONLY | O_CREAT | O_APPEND, kMode);
  const auto first = (*store)->repository().people()->size();
  for (std::size_t number = first;; ++number) {
    const auto identifier = std::to_string(number);
    Enrolment enrolment{identifier, "", {}};
    for (int i = 0; i < 5; ++i) {
      auto reference = test::plainReference(identifier + "-" + std::to_string(i), "net");
      constexpr std::size_t kScan = 60'000;
      reference.image.original.resize(kScan, static_cast<std::uint8_t>(number));
      enrolment.references.push_back(std::move(reference));
    }
    if (!(*store)->repository().enrol(enrolment, {"victim"})) return 2;
    const auto line = identifier + "\n";
    if (::write(confirmed, line.data(), line.size()) < 0) return 3;
  }
}
