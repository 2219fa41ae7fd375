// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/ImageLoading.h"

#include "ui/support/ImageConversion.h"

namespace countersign::ui {

Result<ExaminedImage> examineSource(const Desk& desk, const ImageSource& source) {
  if (!source.file.isEmpty()) return desk.examine(source.file.toStdString());
  auto bytes = source.encoded.isEmpty() ? pngBytes(source.picture)
                                        : Bytes(source.encoded.begin(), source.encoded.end());
  return desk.examine(std::move(bytes),
                      source.name.isEmpty() ? "clipboard" : source.name.toStdString());
}

ShownImage shown(ExaminedImage examined) {
  auto exhibit = std::make_shared<const Exhibit>(exhibitOf(examined));
  return {std::make_shared<const ExaminedImage>(std::move(examined)), std::move(exhibit)};
}

Result<ShownImage> showSource(const Desk& desk, const ImageSource& source) {
  auto examined = examineSource(desk, source);
  if (!examined) return examined.error();
  return shown(*std::move(examined));
}

Result<ShownImage> showAnew(const Desk& desk, const ExaminedImage& before) {
  auto examined = desk.examineAgain(before, before.image.region);
  if (!examined) return examined.error();
  return shown(*std::move(examined));
}

std::vector<std::shared_ptr<const Exhibit>> exhibitsOf(
    const Desk& desk, const std::vector<ReferenceKey>& references) {
  std::vector<std::shared_ptr<const Exhibit>> all;
  for (const auto key : references) {
    std::shared_ptr<const Exhibit> exhibit;
    if (auto sample = desk.repository().sample(key)) {
      if (const auto examined =
              desk.examine(std::move(sample->original), sample->sourceName, sample->region))
        exhibit = std::make_shared<const Exhibit>(exhibitOf(*examined));
    }
    all.push_back(std::move(exhibit));
  }
  return all;
}

}  // namespace countersign::ui
