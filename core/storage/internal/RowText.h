// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/biometrics/Records.h"

namespace countersign {

/// Values as they stand in text columns, and back. What cannot be read throws SqlFailure: the store
/// is damaged.
std::string regionText(const SampleRegion& region);
SampleRegion regionFrom(const std::string& text);
std::string inputKindText(InputKind kind);
InputKind inputKindFrom(const std::string& text);
std::string findingText(Finding finding);
Finding findingFrom(const std::string& text);
std::string sourceText(ThresholdSource source);
ThresholdSource sourceFrom(const std::string& text);
Modality modalityFrom(const std::string& text);

/// The entry of store_info that names the network in service.
std::string serviceEntry(Modality modality);

}  // namespace countersign
