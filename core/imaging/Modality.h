// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

namespace countersign {

/// The kind of biometric sample.
enum class Modality { Signature, Face };

/// "signature" or "face": in files, tables and commands.
std::string_view modalityName(Modality modality);
/// Nothing when there is no such modality.
std::optional<Modality> modalityOf(std::string_view name);
/// What turns an image into the input of such networks, with its version.
std::string_view normaliserVersionOf(Modality modality);

}  // namespace countersign
