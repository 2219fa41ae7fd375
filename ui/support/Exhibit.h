// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <optional>

#include "core/biometrics/Desk.h"

namespace countersign::ui {

/// A signature as it is shown: made off the GUI thread, then only painted.
struct Exhibit {
  QImage picture;     ///< The signature with some paper around it, as it came.
  QImage ink;         ///< Format_Alpha8 of the picture's size: where the program sees ink.
  QImage normalised;  ///< What the network sees: ink dark on white, or a face as it is.
  cv::Mat canvas;     ///< The same for the network.
  /// Longer side of the ink's box, in pixels of `picture`; 0 when there is none.
  double inkLength = 0;
  std::optional<double> dotsPerInch;
  QString quality;  ///< Empty when nothing is wrong.
  bool isComparable = false;
};

Exhibit exhibitOf(const ExaminedImage& examined);

/// Factors by which two exhibits are drawn so that they have the same scale: true size when both
/// resolutions are known, otherwise fitted to the same length of ink.
struct CommonScale {
  double first = 1;
  double second = 1;
  bool isTrueSize = false;
};
CommonScale commonScale(const Exhibit& first, const Exhibit& second);

}  // namespace countersign::ui
