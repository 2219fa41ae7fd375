// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/RowText.h"

#include <array>
#include <nlohmann/json.hpp>

#include "core/storage/internal/Sql.h"

namespace countersign {

namespace {

[[noreturn]] void damaged(const std::string& text) {
  throw SqlFailure(ErrorCode::StoreFailure,
                   "The store holds something that this program cannot read.", text);
}

template <typename Kind, std::size_t Count>
Kind named(const std::string& text, const std::array<Kind, Count>& kinds,
           std::string_view (*nameOf)(Kind)) {
  for (const auto kind : kinds) {
    if (nameOf(kind) == text) return kind;
  }
  damaged(text);
}

}  // namespace

std::string regionText(const SignatureRegion& region) {
  nlohmann::json json = {{"rotation", region.rotation}};
  if (const auto& crop = region.crop) json["crop"] = {crop->x, crop->y, crop->width, crop->height};
  return json.dump();
}

SignatureRegion regionFrom(const std::string& text) try {
  const auto json = nlohmann::json::parse(text);
  SignatureRegion region{.crop = {}, .rotation = json.at("rotation").get<double>()};
  if (json.contains("crop")) {
    const auto crop = json["crop"].get<std::array<int, 4>>();
    region.crop = cv::Rect(crop[0], crop[1], crop[2], crop[3]);
  }
  return region;
} catch (const nlohmann::json::exception&) { damaged(text); }

std::string inputKindText(InputKind kind) { return std::string(inputKindName(kind)); }

InputKind inputKindFrom(const std::string& text) {
  return named(text, std::array{InputKind::Bilevel, InputKind::Grey, InputKind::Colour},
               inputKindName);
}

std::string findingText(Finding finding) { return std::string(findingName(finding)); }

Finding findingFrom(const std::string& text) {
  return named(text,
               std::array{Finding::Match, Finding::NonMatch, Finding::Refer, Finding::CannotJudge},
               findingName);
}

}  // namespace countersign
