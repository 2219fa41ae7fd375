// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/NpyFile.h"

#include <cassert>
#include <string>

#include "core/base/File.h"

namespace countersign {

Status writeNpy(const std::filesystem::path& path, const std::vector<std::vector<float>>& rows,
                std::size_t columns) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                       std::to_string(rows.size()) + ", " + std::to_string(columns) + "), }";
  constexpr std::size_t kPrefix = 10;
  constexpr std::size_t kAlignment = 64;
  header.append(kAlignment - (kPrefix + header.size() + 1) % kAlignment, ' ');
  header += '\n';
  std::string prefix("\x93NUMPY\x01\x00", kPrefix - 2);
  prefix += static_cast<char>(header.size() & 0xFFU);
  prefix += static_cast<char>(header.size() >> 8U);
  std::string data;
  for (const auto& row : rows) {
    assert(row.size() == columns);
    data.append(reinterpret_cast<const char*>(row.data()), row.size() * sizeof(float));
  }
  return writeFileAtomically(path, {prefix, header, data});
}

}  // namespace countersign
