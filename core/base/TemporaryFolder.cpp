// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/TemporaryFolder.h"

#include <cstdlib>

namespace countersign {

Result<std::shared_ptr<const TemporaryFolder>> TemporaryFolder::make() {
  std::error_code failure;
  const auto parent = std::filesystem::temp_directory_path(failure);
  auto name = (parent / "countersign-XXXXXX").string();
  if (!failure && ::mkdtemp(name.data()) != nullptr)
    return std::make_shared<const TemporaryFolder>(name);
  return Error{ErrorCode::FileNotWritable, "There is no room for temporary files.",
               failure.message()};
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(m_path, ignored);
}

}  // namespace countersign
