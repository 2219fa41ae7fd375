// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/TrialPictures.h"

#include <QCoreApplication>

#include "core/imaging/ImageFile.h"
#include "ui/support/Formatting.h"
#include "ui/support/ImageConversion.h"

namespace countersign::ui {

namespace {

struct Words {
  Q_DECLARE_TR_FUNCTIONS(countersign::ui::TrialPictures)
};

/// What a network looks at, as people look at it.
QImage pictureOf(const cv::Mat& canvas, Modality modality) {
  return modality == Modality::Face ? toQImage(canvas) : canvasImage(canvas);
}

QImage fromPng(const Bytes& png, Modality modality) {
  const auto decoded = decodeImage(png);
  return decoded ? pictureOf(decoded->pixels, modality) : QImage();
}

QImage pictureOf(const Desk& desk, const TrialSample& sample, const std::filesystem::path& table) {
  if (sample.reference > 0) {
    const auto images = desk.repository().images({sample.reference});
    return images ? fromPng(images->normalised, desk.modality()) : QImage();
  }
  if (sample.decision > 0) {
    const auto decision = desk.repository().decision({sample.decision});
    return decision ? fromPng(decision->content.probe.normalised, desk.modality()) : QImage();
  }
  const auto examined = desk.examine(besideTable(table, sample.file));
  return examined ? pictureOf(examined->sample.canvas, desk.modality()) : QImage();
}

}  // namespace

std::vector<PairGallery::Item> trialPictures(const Desk& desk, const ThresholdEvidence& evidence,
                                             const std::vector<std::size_t>& trials) {
  const auto& known = evidence.known;
  std::vector<PairGallery::Item> items;
  items.reserve(trials.size());
  for (const auto trial : trials) {
    const auto& probe = known.samples[static_cast<std::size_t>(known.probes[trial])];
    const auto& shown = known.samples[static_cast<std::size_t>(known.shown[trial])];
    PairGallery::Item item{.first = pictureOf(desk, probe, evidence.table),
                           .second = pictureOf(desk, shown, evidence.table),
                           .caption = Words::tr("%1: %2 and %3")
                                          .arg(scoreText(double{known.evidence.scores[trial]}),
                                               QString::fromStdString(probe.name),
                                               QString::fromStdString(shown.name))};
    if (item.first.isNull() || item.second.isNull())
      item.caption += Words::tr(" (image not at hand)");
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace countersign::ui
