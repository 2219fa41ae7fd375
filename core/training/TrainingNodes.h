// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/base/Result.h"

namespace countersign {

/// Several processes, on one machine or more, that train one network together: each computes its
/// part of every batch. What goes between them is neither encrypted nor authenticated.
struct TrainingNodes {
  int count = 1;
  int index = 0;  ///< Of this process: 0 to count − 1. 0 listens, the others come to it.
  /// Where they meet, an address of node 0: "127.0.0.1:29400".
  std::string place = "127.0.0.1:29400";

  /// @return  OptionOutOfRange with a sentence: too many or too few, or an address that is neither
  ///          of this computer nor of a private network (RFC 1918, RFC 4193, RFC 6598, link-local).
  Status check() const;
};

}  // namespace countersign
