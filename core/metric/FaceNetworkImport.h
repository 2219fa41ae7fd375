// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/base/Result.h"
#include "core/metric/NetworkFile.h"

namespace countersign {

/// A published MobileFaceNet (Chen et al., 2018) with batch normalisation folded into its
/// convolutions, as TensorFlow Lite keeps it, as a network of this program. Whether the port is
/// right is a matter of equal embeddings, not of equal files: see the tests.
///
/// Slopes of parametric rectifiers are written there as a product with x − |x|, so they are twice
/// the factor.
///
/// @return  FileNotReadable, FileMalformed, or NetworkIncompatible when the graph is another one.
Result<NetworkFile> importMobileFaceNet(const std::filesystem::path& tflite);

}  // namespace countersign
