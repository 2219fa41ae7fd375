// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/metric/NetworkFile.h"

namespace countersign::test {

/// The face network that is shipped: it finds drawn faces, too, so no test needs a real one.
inline std::filesystem::path shippedFaceNetwork() {
  return std::filesystem::path(COUNTERSIGN_SOURCE_DIR) / "models" / "face" / "face.safetensors";
}

inline FaceDetectorFiles shippedDetector() {
  return *readNetworkFile(shippedFaceNetwork())->detector;
}

}  // namespace countersign::test
