// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <opencv2/core/mat.hpp>

#include "core/base/File.h"

namespace countersign::ui {

/// Deep copy, so that the QImage may outlive `image` and cross threads.
///
/// @param image  CV_8UC1 (grey) or CV_8UC3 (BGR, as OpenCV loads it).
/// @return       Format_Grayscale8 or Format_RGB888 of the same size; null for other types.
QImage toQImage(const cv::Mat& image);

/// A canvas (255 = ink) as dark ink on white.
QImage canvasImage(const cv::Mat& canvas);

/// A picture that Qt holds, for example from the clipboard, as the bytes of a PNG file.
Bytes pngBytes(const QImage& image);

}  // namespace countersign::ui
