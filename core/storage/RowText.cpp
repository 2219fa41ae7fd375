// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/RowText.h"

#include <array>
#include <cstdio>
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

constexpr const char* kLargest = "largest";
constexpr const char* kMostCentral = "central";

}  // namespace

std::string regionText(const SampleRegion& region) {
  nlohmann::json json = {{"rotation", region.rotation}};
  if (const auto& crop = region.crop) json["crop"] = {crop->x, crop->y, crop->width, crop->height};
  switch (region.face.kind) {
    case FaceChoice::Kind::Only:
      break;
    case FaceChoice::Kind::Largest:
    case FaceChoice::Kind::MostCentral:
      json["face"] = region.face.kind == FaceChoice::Kind::Largest ? kLargest : kMostCentral;
      break;
    case FaceChoice::Kind::Number:
      json["face"] = region.face.number;
      break;
  }
  return json.dump();
}

SampleRegion regionFrom(const std::string& text) try {
  const auto json = nlohmann::json::parse(text);
  SampleRegion region;
  region.rotation = json.at("rotation").get<double>();
  if (json.contains("crop")) {
    const auto crop = json["crop"].get<std::array<int, 4>>();
    region.crop = cv::Rect(crop[0], crop[1], crop[2], crop[3]);
  }
  if (json.contains("face")) {
    const auto& face = json["face"];
    if (face.is_number_integer())
      region.face = {FaceChoice::Kind::Number, face.get<int>()};
    else if (face == kLargest)
      region.face.kind = FaceChoice::Kind::Largest;
    else if (face == kMostCentral)
      region.face.kind = FaceChoice::Kind::MostCentral;
    else
      damaged(text);
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

std::string sourceText(ThresholdSource source) { return std::string(thresholdSourceName(source)); }

ThresholdSource sourceFrom(const std::string& text) {
  return named(text,
               std::array{ThresholdSource::Office, ThresholdSource::Amount,
                          ThresholdSource::Individual, ThresholdSource::ByHand},
               thresholdSourceName);
}

Modality modalityFrom(const std::string& text) {
  if (const auto modality = modalityOf(text)) return *modality;
  damaged(text);
}

std::string serviceEntry(Modality modality) {
  return "network_in_service." + std::string(modalityName(modality));
}

std::string serviceBeforeEntry(Modality modality) {
  return "network_before." + std::string(modalityName(modality));
}

std::string usualGroundsText(const UsualGrounds& grounds) {
  return nlohmann::json{
      {"basis", grounds.basis}, {"purpose", grounds.purpose}, {"months", grounds.months}}
      .dump();
}

UsualGrounds usualGroundsFrom(const std::string& text) try {
  const auto json = nlohmann::json::parse(text);
  return {json.at("basis").get<std::string>(), json.at("purpose").get<std::string>(),
          json.at("months").get<int>()};
} catch (const nlohmann::json::exception&) { damaged(text); }

UsualGrounds usualGroundsIn(SqlConnection& sql) {
  SqlStatement row(sql, "SELECT content FROM store_info WHERE name = ?");
  if (!row.bind(std::string(kUsualGroundsEntry)).run().next()) return {};
  return usualGroundsFrom(row.text(0));
}

std::string numberText(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.5g", number);
  return text.data();
}

std::string hexText(const Bytes& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

}  // namespace countersign
