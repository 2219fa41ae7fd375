// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

namespace countersign {

/// Blocks of one width, the first of which may halve the extent.
struct MobileFaceNetStage {
  int expansion;
  int blocks;
  int stride;  ///< Of the first block; the others have 1.
};

/// MobileFaceNet (Chen et al., 2018), as the imported weights have it. Widths come from
/// Architecture::channels: the stem's, one a stage, and that of the layer before pooling.
inline constexpr std::array<MobileFaceNetStage, 5> kMobileFaceNetStages{
    {{2, 5, 2}, {4, 1, 2}, {2, 6, 1}, {4, 1, 2}, {2, 2, 1}}};

/// The image's extent over that of the last map: the stem halves it, and so do three stages.
inline constexpr int kMobileFaceNetShrinkage = 16;

}  // namespace countersign
