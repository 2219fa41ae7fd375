// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/storage/PersonFile.h"

namespace countersign {

/// A person of a file of people, as its stream carries them (CBOR), once decrypted.
///
/// @return  nothing when it is none.
std::optional<TransferredPerson> personFromMessage(const Bytes& message);

}  // namespace countersign
