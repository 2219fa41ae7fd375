// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace countersign {

/// Whether a text is well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates.
/// Names of files need not be.
bool isUtf8(std::string_view text);

}  // namespace countersign
