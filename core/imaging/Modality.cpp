// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/Modality.h"

#include <algorithm>
#include <array>

#include "core/imaging/FaceAligner.h"
#include "core/imaging/SignatureNormaliser.h"

namespace countersign {

namespace {

/// In the order of Modality.
constexpr std::array<std::string_view, 2> kModalityNames{"signature", "face"};

}  // namespace

std::string_view modalityName(Modality modality) {
  return kModalityNames.at(static_cast<std::size_t>(modality));
}

std::optional<Modality> modalityOf(std::string_view name) {
  const auto at = std::find(kModalityNames.begin(), kModalityNames.end(), name);
  if (at == kModalityNames.end()) return {};
  return static_cast<Modality>(at - kModalityNames.begin());
}

std::string_view normaliserVersionOf(Modality modality) {
  return modality == Modality::Face ? kFaceAlignerVersion : kSignatureNormaliserVersion;
}

}  // namespace countersign
