// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "core/biometrics/Desk.h"
#include "core/metric/NetworkFile.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"

namespace countersign::test {

/// A random network (another one for another seed), written to a file.
std::filesystem::path writeRandomNetwork(const std::filesystem::path& folder,
                                         const std::string& name, int seed = 1);

/// A drawing of an invented person's signature, examined.
std::shared_ptr<const ExaminedImage> examinedDrawing(const Desk& desk, std::uint64_t number,
                                                     std::uint64_t index);

}  // namespace countersign::test
