// SPDX-License-Identifier: GPL-3.0-or-later
//
// The database of a store, changed in some places by somebody without the keys: an input is a list
// of changes, three bytes for the place and one to be put there. Either all is refused with a
// sentence, or nothing of the audit was changed.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/storage/Audit.h"
#include "core/storage/Store.h"
#include "tests/fuzz/Fuzz.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;

struct Place {
  fs::path folder;
  std::string database;
  AuditHead head;
  std::size_t rows = 0;
};

Bytes content(const fs::path& file) { return *readFile(file, std::uintmax_t{1} << 26U); }

const Place& place() {
  static const Place made = [] {
    Place p;
    // In memory, where there is such a disk.
    const fs::path memory = "/dev/shm";
    p.folder = (fs::exists(memory) ? memory : fs::temp_directory_path()) /
               ("countersign-fuzz-" + std::to_string(::getpid()));
    fs::remove_all(p.folder);
    if (!protectOpenly(p.folder, "ada")) std::abort();
    {
      const auto store = Store::open(p.folder, Store::Access::Write);
      if (!store) std::abort();
      for (const char* name : {"1", "2", "3"})
        if (!(*store)->repository().enrol({name, name, {}}, {"ada"})) std::abort();
      if (!(*store)->repository().renamePerson({2}, "Two", {"bob"})) std::abort();
    }
    const auto trail = AuditTrail::open(p.folder, {});
    p.head = *trail->verify();
    p.rows = trail->rows()->size();
    for (const char* log : {"store.db-wal", "store.db-shm"}) fs::remove(p.folder / log);
    const auto bytes = content(p.folder / "store.db");
    p.database.assign(bytes.begin(), bytes.end());
    return p;
  }();
  return made;
}

}  // namespace
}  // namespace countersign

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace countersign;
  const auto& p = place();
  auto changed = p.database;
  constexpr std::size_t kChange = 4;
  for (std::size_t i = 0; i + kChange <= size; i += kChange) {
    const std::size_t at =
        (std::size_t{data[i]} << 16U) | (std::size_t{data[i + 1]} << 8U) | data[i + 2];
    changed[at % changed.size()] = static_cast<char>(data[i + 3]);
  }
  for (const char* log : {"store.db-wal", "store.db-shm"}) fs::remove(p.folder / log);
  std::ofstream(p.folder / "store.db", std::ios::binary) << changed;
  const auto trail = AuditTrail::open(p.folder, {});
  if (!trail) return trail.error().message.empty() ? -1 : 0;
  const auto head = trail->verify();
  const auto rows = trail->rows();
  // Whoever looks is a row more.
  if (head && head->sequence < p.head.sequence) __builtin_trap();
  if (head && rows && rows->size() < p.rows) __builtin_trap();
  return 0;
}
