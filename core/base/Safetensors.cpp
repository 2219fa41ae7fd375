// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/File.h"

namespace countersign {

namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

using Json = nlohmann::json;

constexpr std::uintmax_t kLargestFile = std::uintmax_t{1} << 30U;
constexpr std::uint64_t kLargestHeader = std::uint64_t{1} << 20U;
constexpr std::size_t kLengthSize = sizeof(std::uint64_t);
constexpr std::size_t kAlignment = 8;
constexpr std::size_t kMostDimensions = 8;

struct TypeName {
  ElementType type;
  std::string_view name;
  std::size_t size;
};
constexpr std::array kTypes{
    TypeName{ElementType::U8, "U8", 1},   TypeName{ElementType::I32, "I32", 4},
    TypeName{ElementType::I64, "I64", 8}, TypeName{ElementType::F16, "F16", 2},
    TypeName{ElementType::F32, "F32", 4}, TypeName{ElementType::F64, "F64", 8},
};

const TypeName& typeInfo(ElementType type) {
  return *std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& t) { return t.type == type; });
}

Error malformed(const std::string& what) {
  return {ErrorCode::FileMalformed, "The safetensors file is damaged: " + what + ".", ""};
}

struct Entry {
  std::string name;
  ElementType type = ElementType::F32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// Parses the header; a name that stands twice is refused, which a plain parse would not notice.
Result<Json> parseHeader(std::string_view text) {
  std::vector<std::set<std::string>> keys;
  std::string twice;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
      twice = parsed.get<std::string>();
    return true;
  };
  auto header = Json::parse(text, watch, /*allow_exceptions=*/false);
  if (header.is_discarded() || !header.is_object()) return malformed("its header is not JSON");
  if (!twice.empty()) return malformed("\"" + twice + "\" stands twice in its header");
  return header;
}

bool isNonNegativeList(const Json& value, std::size_t most) {
  return value.is_array() && value.size() <= most &&
         std::all_of(value.begin(), value.end(),
                     [](const Json& v) { return v.is_number_unsigned(); });
}

Result<Entry> parseEntry(const std::string& name, const Json& value, std::uint64_t dataSize) {
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") ||
      !value.contains("shape") || !value.contains("data_offsets"))
    return malformed("the entry of tensor \"" + name + "\" is incomplete");
  const auto& dtype = value["dtype"];
  const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& t) {
    return dtype.is_string() && dtype.template get_ref<const std::string&>() == t.name;
  });
  if (type == kTypes.end()) return malformed("the type of tensor \"" + name + "\" is not known");
  const auto& offsets = value["data_offsets"];
  if (!isNonNegativeList(value["shape"], kMostDimensions) || !isNonNegativeList(offsets, 2) ||
      offsets.size() != 2)
    return malformed("shape or offsets of tensor \"" + name + "\" are not valid");

  Entry entry{
      name, type->type, {}, offsets[0].get<std::uint64_t>(), offsets[1].get<std::uint64_t>()};
  if (entry.begin > entry.end || entry.end > dataSize)
    return malformed("tensor \"" + name + "\" lies outside the file");
  // Every factor is bounded by the data that is really there, so the product cannot overflow.
  std::uint64_t expected = type->size;
  for (const auto& dimension : value["shape"]) {
    const auto extent = dimension.get<std::uint64_t>();
    if (extent > dataSize) return malformed("the shape of tensor \"" + name + "\" is too large");
    expected *= extent;
    if (expected > dataSize) return malformed("the shape of tensor \"" + name + "\" is too large");
    entry.shape.push_back(static_cast<std::int64_t>(extent));
  }
  if (expected != entry.end - entry.begin)
    return malformed("shape and size of tensor \"" + name + "\" disagree");
  return entry;
}

Status checkCoverage(std::vector<Entry>& entries, std::uint64_t dataSize) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  std::uint64_t position = 0;
  for (const auto& entry : entries) {
    if (entry.begin != position) return malformed("its tensors overlap or leave a hole");
    position = entry.end;
  }
  if (position != dataSize) return malformed("it is longer than its tensors");
  return ok();
}

Status readMetadata(const Json& value, SafetensorsFile& file) {
  if (!value.is_object()) return malformed("its metadata is not an object");
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) return malformed("its metadata holds something other than text");
    file.metadata[key] = text.get<std::string>();
  }
  return ok();
}

}  // namespace

std::size_t elementSize(ElementType type) { return typeInfo(type).size; }
std::string_view elementTypeName(ElementType type) { return typeInfo(type).name; }

std::int64_t RawTensor::elementCount() const {
  return static_cast<std::int64_t>(bytes.size() / elementSize(type));
}

Result<SafetensorsFile> parseSafetensors(std::span<const std::byte> content) {
  if (content.size() < kLengthSize) return malformed("it ends before its header");
  std::uint64_t length = 0;
  std::memcpy(&length, content.data(), kLengthSize);
  if (length > kLargestHeader || length > content.size() - kLengthSize)
    return malformed("its header is longer than the file or than the limit");
  const auto headerBytes = content.subspan(kLengthSize, length);
  const auto header =
      parseHeader({reinterpret_cast<const char*>(headerBytes.data()), headerBytes.size()});
  if (!header) return header.error();
  const auto data = content.subspan(kLengthSize + length);

  SafetensorsFile file;
  std::vector<Entry> entries;
  for (const auto& [name, value] : header->items()) {
    if (name == "__metadata__") {
      if (auto status = readMetadata(value, file); !status) return status.error();
      continue;
    }
    auto entry = parseEntry(name, value, data.size());
    if (!entry) return entry.error();
    entries.push_back(*std::move(entry));
  }
  if (auto status = checkCoverage(entries, data.size()); !status) return status.error();
  for (auto& entry : entries) {
    const auto bytes = data.subspan(entry.begin, entry.end - entry.begin);
    file.tensors[entry.name] = {entry.type, std::move(entry.shape), {bytes.begin(), bytes.end()}};
  }
  return file;
}

Result<SafetensorsFile> readSafetensors(const std::filesystem::path& path) {
  const auto content = readFile(path, kLargestFile);
  if (!content) return content.error();
  auto file = parseSafetensors(std::as_bytes(std::span(*content)));
  if (!file) return Error{file.error().code, quoted(path) + ": " + file.error().message, ""};
  return file;
}

std::string serialiseSafetensors(const SafetensorsFile& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t position = 0;
  for (const auto& [name, tensor] : file.tensors) {
    header[name] = {{"dtype", elementTypeName(tensor.type)},
                    {"shape", tensor.shape},
                    {"data_offsets", {position, position + tensor.bytes.size()}}};
    position += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');

  const std::uint64_t length = text.size();
  std::string content(reinterpret_cast<const char*>(&length), kLengthSize);
  content.reserve(kLengthSize + text.size() + position);
  content += text;
  for (const auto& [name, tensor] : file.tensors)
    content.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  return content;
}

Status writeSafetensors(const std::filesystem::path& path, const SafetensorsFile& file) {
  return writeFileAtomically(path, serialiseSafetensors(file));
}

}  // namespace countersign
