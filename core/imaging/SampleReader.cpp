// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/SampleReader.h"

#include <opencv2/core.hpp>

namespace countersign {

namespace {

class SignatureReader final : public SampleReader {
 public:
  explicit SignatureReader(CanvasSize canvas) : m_canvas(canvas) {}

  Result<ReadSample> read(const cv::Mat& picture, const SampleRegion& region) const override {
    auto signature = normaliseSignature(picture, region, {.canvas = m_canvas});
    if (!signature) return signature.error();
    ReadSample sample;
    sample.canvas = signature->canvas;
    sample.box = signature->box;
    sample.isComparable = signature->quality.isComparable();
    sample.quality = signature->quality.text();
    sample.signature = *std::move(signature);
    return sample;
  }

  CanvasFormat format() const override { return {m_canvas, 1}; }

 private:
  CanvasSize m_canvas;
};

class FaceReader final : public SampleReader {
 public:
  explicit FaceReader(FaceDetector detector) : m_detector(std::move(detector)) {}

  Result<ReadSample> read(const cv::Mat& picture, const SampleRegion& region) const override try {
    auto face = readFace(m_detector, picture, region);
    if (!face) return face.error();
    ReadSample sample;
    sample.canvas = face->chip;
    if (face->chosen) sample.box = face->faces[*face->chosen].box;
    sample.isComparable = face->quality.isComparable();
    sample.quality = face->quality.text();
    sample.face = *std::move(face);
    return sample;
  } catch (const cv::Exception& e) {  // a side that is too long for it, for example
    return Error{ErrorCode::QualityInsufficient,
                 "The picture could not be searched for a face; choose one with fewer pixels.",
                 e.what()};
  }

  CanvasFormat format() const override { return {{kFaceChipSize, kFaceChipSize}, 3}; }

 private:
  FaceDetector m_detector;
};

}  // namespace

std::unique_ptr<const SampleReader> makeSignatureReader(CanvasSize canvas) {
  return std::make_unique<SignatureReader>(canvas);
}

std::unique_ptr<const SampleReader> makeFaceReader(FaceDetector detector) {
  return std::make_unique<FaceReader>(std::move(detector));
}

}  // namespace countersign
