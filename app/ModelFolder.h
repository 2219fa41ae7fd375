// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/base/Result.h"
#include "core/imaging/Modality.h"

namespace countersign {

/// The folder with the networks that come with the program: `asked` if it is not empty, otherwise
/// the one of the install prefix or of the checkout that the running program lies in.
///
/// @return  FileNotReadable with a sentence when there is none.
Result<std::filesystem::path> findModelFolder(const std::filesystem::path& asked);

/// The network that is used for a modality when none is named.
std::filesystem::path defaultNetwork(const std::filesystem::path& models, Modality modality);

}  // namespace countersign
