// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "core/biometrics/Records.h"

namespace countersign {

class SqlConnection;

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

/// Numbers as they stand in columns of bytes: little-endian, as every machine that this runs on has
/// them.
template <typename Value>
Bytes bytesOf(const std::vector<Value>& values) {
  Bytes bytes(values.size() * sizeof(Value));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}
template <typename Value>
std::vector<Value> valuesFrom(const Bytes& bytes) {
  std::vector<Value> values(bytes.size() / sizeof(Value));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(Value));
  return values;
}

/// The entry of store_info that names the network in service.
std::string serviceEntry(Modality modality);
/// The one that names the network that served before.
std::string serviceBeforeEntry(Modality modality);

/// What people start with, as the entry of store_info holds it.
inline constexpr const char* kUsualGroundsEntry = "usual_grounds";
std::string usualGroundsText(const UsualGrounds& grounds);
UsualGrounds usualGroundsFrom(const std::string& text);
UsualGrounds usualGroundsIn(SqlConnection& sql);

/// At most five decimals: "0.788".
std::string numberText(double number);

/// Lower-case hexadecimal digits, two a byte.
std::string hexText(const Bytes& bytes);

}  // namespace countersign
