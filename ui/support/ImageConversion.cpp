// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/ImageConversion.h"

#include <QBuffer>

namespace countersign::ui {

QImage toQImage(const cv::Mat& image) {
  const auto view = [&](QImage::Format format) {
    return QImage(image.ptr(), image.cols, image.rows, static_cast<qsizetype>(image.step[0]),
                  format);
  };
  switch (image.type()) {
    case CV_8UC1:
      return view(QImage::Format_Grayscale8).copy();
    case CV_8UC3:
      return view(QImage::Format_RGB888).rgbSwapped();
    default:
      return {};
  }
}

QImage canvasImage(const cv::Mat& canvas) {
  if (canvas.empty()) return {};
  auto image = toQImage(canvas);
  if (canvas.channels() == 1) image.invertPixels();
  return image;
}

Bytes pngBytes(const QImage& image) {
  QByteArray array;
  QBuffer buffer(&array);
  buffer.open(QIODevice::WriteOnly);
  image.save(&buffer, "PNG");
  return {array.begin(), array.end()};
}

}  // namespace countersign::ui
