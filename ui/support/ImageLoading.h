// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "core/biometrics/Desk.h"
#include "ui/support/Exhibit.h"
#include "ui/widgets/ImageDrop.h"

namespace countersign::ui {

/// Reads, normalises and embeds what was dropped, pasted or opened. Runs on a job's thread.
Result<ExaminedImage> examineSource(const Desk& desk, const ImageSource& source);

/// An examined image with its exhibit, both made on a job's thread.
struct ShownImage {
  std::shared_ptr<const ExaminedImage> examined;
  std::shared_ptr<const Exhibit> exhibit;
};
Result<ShownImage> showSource(const Desk& desk, const ImageSource& source);
ShownImage shown(ExaminedImage examined);
/// The same image and region by the network that serves now.
Result<ShownImage> showAnew(const Desk& desk, const ExaminedImage& before);

/// Exhibits of references that are on file; one that cannot be read any more is a null pointer.
std::vector<std::shared_ptr<const Exhibit>> exhibitsOf(const Desk& desk,
                                                       const std::vector<ReferenceKey>& references);

}  // namespace countersign::ui
