// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/Likeness.h"

#include <opencv2/imgproc.hpp>

#include "core/imaging/InkAlignment.h"

namespace countersign::ui {

namespace {

/// Ink as a mask, no larger than needed for finding its place; `scale` from the picture to it.
cv::Mat maskOf(const QImage& ink, double& scale) {
  if (ink.isNull()) return {};
  const cv::Mat alpha(ink.height(), ink.width(), CV_8UC1,
                      const_cast<uchar*>(ink.constBits()),  // only read
                      static_cast<std::size_t>(ink.bytesPerLine()));
  constexpr double kLongest = 400;
  scale = std::min(1.0, kLongest / std::max(ink.width(), ink.height()));
  cv::Mat smaller;
  cv::resize(alpha, smaller, {}, scale, scale, cv::INTER_AREA);
  constexpr double kInk = 64;
  cv::threshold(smaller, smaller, kInk, 255, cv::THRESH_BINARY);
  return smaller;
}

}  // namespace

Likeness likenessOf(const EmbeddingNetwork& network, const Exhibit& probe, const Exhibit& reference,
                    const EmbeddedSample* probeSample, const EmbeddedSample* referenceSample) {
  Likeness likeness;
  double probeScale = 1;
  double referenceScale = 1;
  const auto from = maskOf(probe.ink, probeScale);
  const auto to = maskOf(reference.ink, referenceScale);
  if (!from.empty() && !to.empty()) {
    if (const auto aligned = alignInk(from, to)) {
      const auto& t = aligned->transform;
      likeness.alignment = QTransform::fromScale(probeScale, probeScale) *
                           QTransform(t(0, 0), t(1, 0), t(0, 1), t(1, 1), t(0, 2), t(1, 2)) *
                           QTransform::fromScale(1 / referenceScale, 1 / referenceScale);
    }
  }
  likeness.isCompared = probeSample != nullptr && referenceSample != nullptr;
  if (!likeness.isCompared || !areComparable(*probeSample, *referenceSample)) return likeness;
  const auto compare = [&](const EmbeddedSample& one, const EmbeddedSample& other) {
    likeness.ofProbe = localAgreement(one, other);
    likeness.ofReference = localAgreement(other, one);
  };
  if (!probeSample->map.empty()) {
    compare(*probeSample, *referenceSample);
    return likeness;
  }
  if (probe.canvas.empty() || reference.canvas.empty()) return likeness;
  const auto one = network.embedWithPlaces(probe.canvas);
  const auto other = network.embedWithPlaces(reference.canvas);
  if (one && other) compare(*one, *other);
  return likeness;
}

}  // namespace countersign::ui
