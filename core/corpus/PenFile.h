// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/Result.h"
#include "core/imaging/PenDrawing.h"

namespace countersign {

/// Pen data in the text format of SVC2004 (Yeung et al., 2004): the number of points on the first
/// line, then `x y time pen-down [azimuth altitude pressure]` a line, time in milliseconds.
///
/// @return  FileMalformed when a number is missing or the count does not hold.
Result<PenTrajectory> parsePenFile(std::string_view text);
Result<PenTrajectory> readPenFile(const std::filesystem::path& path);
std::string writePenFile(const PenTrajectory& trajectory);

}  // namespace countersign
