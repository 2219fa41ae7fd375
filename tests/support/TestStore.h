// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace countersign::test {

/// Sees to it that there is a store in a folder that opens for everybody; an old one is encrypted
/// when it is opened.
///
/// @return  the folder.
std::filesystem::path storeIn(const std::filesystem::path& folder);

}  // namespace countersign::test
