// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"

namespace countersign {

/// Element types of the safetensors format that Countersign reads and writes.
enum class ElementType { U8, I32, I64, F16, F32, F64 };

/// Bytes of one element.
std::size_t elementSize(ElementType type);
std::string_view elementTypeName(ElementType type);

/// A dense array in row-major order, little-endian, that knows nothing of LibTorch.
struct RawTensor {
  ElementType type = ElementType::F32;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;

  std::int64_t elementCount() const;

  /// The elements as T, whose size must be that of the element type.
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

  template <typename T>
  static RawTensor of(ElementType type, std::vector<std::int64_t> shape,
                      std::span<const T> values) {
    const auto raw = std::as_bytes(values);
    return {type, std::move(shape), {raw.begin(), raw.end()}};
  }

  friend bool operator==(const RawTensor&, const RawTensor&) = default;
};

/// Named tensors and string metadata: the content of one safetensors file.
struct SafetensorsFile {
  std::map<std::string, RawTensor, std::less<>> tensors;
  std::map<std::string, std::string, std::less<>> metadata;
};

/// Reads a safetensors file (huggingface/safetensors, format of 2023: 8 bytes header length, JSON
/// header, data). The header's length, names, types, shapes and offsets are checked before any
/// tensor is allocated: offsets must cover the data part without a hole or an overlap.
///
/// @return  FileNotReadable, or FileMalformed with what is wrong.
Result<SafetensorsFile> readSafetensors(const std::filesystem::path& path);
Result<SafetensorsFile> parseSafetensors(std::span<const std::byte> content);

/// Replaces `path` as a whole. Tensors are written in the order of their names, so that equal
/// content gives equal bytes.
Status writeSafetensors(const std::filesystem::path& path, const SafetensorsFile& file);
std::string serialiseSafetensors(const SafetensorsFile& file);

}  // namespace countersign
