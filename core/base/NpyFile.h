// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/Result.h"

namespace countersign {

/// Writes rows of equal length as a NumPy array (format 1.0, float32, [rows, columns], C order).
Status writeNpy(const std::filesystem::path& path, const std::vector<std::vector<float>>& rows,
                std::size_t columns);

}  // namespace countersign
