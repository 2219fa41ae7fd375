// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/SampleRegion.h"

#include <opencv2/imgproc.hpp>

namespace countersign {

Result<cv::Mat> cropped(const cv::Mat& image, const std::optional<cv::Rect>& crop) {
  if (!crop) return image;
  const cv::Rect inside = *crop & cv::Rect(0, 0, image.cols, image.rows);
  if (inside.empty() || inside != *crop)
    return Error{ErrorCode::OptionOutOfRange, "The crop box lies outside the image.", ""};
  return image(inside);
}

cv::Mat turnedClockwise(const cv::Mat& image, double degrees) {
  if (degrees == 0) return image;
  const cv::Point2f centre(static_cast<float>(image.cols - 1) / 2,
                           static_cast<float>(image.rows - 1) / 2);
  cv::Mat turn = cv::getRotationMatrix2D(centre, -degrees, 1.0);
  const auto box =
      cv::RotatedRect(centre, image.size(), static_cast<float>(degrees)).boundingRect2f();
  turn.at<double>(0, 2) += box.width / 2.0 - centre.x - 0.5;
  turn.at<double>(1, 2) += box.height / 2.0 - centre.y - 0.5;
  cv::Mat turned;
  cv::warpAffine(image, turned, turn, {cvRound(box.width), cvRound(box.height)}, cv::INTER_LINEAR,
                 cv::BORDER_REPLICATE);
  return turned;
}

Result<cv::Mat> selectRegion(const cv::Mat& image, const SampleRegion& region) {
  const auto part = cropped(image, region.crop);
  if (!part) return part.error();
  return turnedClockwise(*part, region.rotation);
}

}  // namespace countersign
