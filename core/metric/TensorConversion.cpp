// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/TensorConversion.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstring>

namespace countersign {

static_assert(_GLIBCXX_USE_CXX11_ABI, "OpenCV and LibTorch must share one C++ ABI");

namespace {

struct TypePair {
  ElementType element;
  at::ScalarType scalar;
};
constexpr std::array kTypes{
    TypePair{ElementType::U8, at::kByte},   TypePair{ElementType::I32, at::kInt},
    TypePair{ElementType::I64, at::kLong},  TypePair{ElementType::F16, at::kHalf},
    TypePair{ElementType::F32, at::kFloat}, TypePair{ElementType::F64, at::kDouble}};

}  // namespace

at::Tensor toBatch(std::span<const cv::Mat> canvases) {
  TORCH_CHECK(!canvases.empty(), "no canvas");
  const auto& first = canvases.front();
  TORCH_CHECK(first.type() == CV_8UC1 || first.type() == CV_8UC3, "a canvas is ink or colour");
  const auto count = static_cast<int64_t>(canvases.size());
  auto batch = torch::empty({count, first.rows, first.cols, first.channels()}, at::kByte);
  auto* out = batch.data_ptr<std::uint8_t>();
  const auto rowBytes = static_cast<std::size_t>(first.cols) * first.elemSize();
  for (const auto& canvas : canvases) {
    TORCH_CHECK(canvas.type() == first.type() && canvas.size() == first.size(),
                "the canvases of a batch differ in size or type");
    for (int y = 0; y < canvas.rows; ++y, out += rowBytes)
      std::memcpy(out, canvas.ptr(y), rowBytes);
  }
  if (first.channels() == 1)
    return batch.reshape({count, 1, first.rows, first.cols}).to(at::kFloat).div_(255.0);
  // OpenCV keeps blue first; what is interleaved already is channels-last to LibTorch.
  return batch.flip(3).permute({0, 3, 1, 2}).to(at::kFloat).div_(255.0);
}

BranchInput toPaddedBatch(const std::vector<const PenFeatures*>& sequences) {
  std::vector<std::int64_t> lengths;
  lengths.reserve(sequences.size());
  for (const auto* one : sequences) lengths.push_back(one->points());
  const auto longest = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
  auto data =
      torch::zeros({static_cast<std::int64_t>(sequences.size()), longest, PenFeatures::kFeatures});
  for (std::size_t i = 0; i < sequences.size(); ++i)
    std::memcpy(data[static_cast<std::int64_t>(i)].data_ptr<float>(), sequences[i]->values.data(),
                sequences[i]->values.size() * sizeof(float));
  return {data, torch::tensor(lengths), {}};
}

std::vector<EmbeddedSample> toSamples(const BranchOutput& output, const PairScore& score) {
  const auto rows = output.embeddings.contiguous();
  const auto maps = output.maps.defined() ? output.maps.contiguous() : at::Tensor();
  const auto localShare = static_cast<float>(score.localShare());
  std::vector<EmbeddedSample> samples;
  samples.reserve(static_cast<std::size_t>(rows.size(0)));
  for (int64_t i = 0; i < rows.size(0); ++i) {
    EmbeddedSample sample;
    const auto* first = rows.data_ptr<float>() + i * rows.size(1);
    sample.embedding.assign(first, first + rows.size(1));
    sample.score = score.kind();
    if (maps.defined()) {
      const auto size = maps[i].numel();
      const auto* cells = maps.data_ptr<float>() + i * size;
      sample.map.assign(cells, cells + size);
      sample.mapShape = {static_cast<int>(maps.size(1)), static_cast<int>(maps.size(2)),
                         static_cast<int>(maps.size(3))};
      sample.localShare = localShare;
    }
    samples.push_back(std::move(sample));
  }
  return samples;
}

RawTensor toRaw(const at::Tensor& tensor) {
  const auto dense = tensor.detach().cpu().contiguous();
  const auto pair = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypePair& p) {
    return p.scalar == dense.scalar_type();
  });
  TORCH_CHECK(pair != kTypes.end(), "element type cannot be stored");
  const auto* bytes = static_cast<const std::byte*>(dense.data_ptr());
  return {pair->element, dense.sizes().vec(), {bytes, bytes + dense.nbytes()}};
}

at::Tensor fromRaw(const RawTensor& raw) {
  const auto pair = std::find_if(kTypes.begin(), kTypes.end(),
                                 [&](const TypePair& p) { return p.element == raw.type; });
  auto tensor = torch::empty(raw.shape, pair->scalar);
  std::memcpy(tensor.data_ptr(), raw.bytes.data(), raw.bytes.size());
  return tensor.to(tensor.is_floating_point() ? at::kFloat : at::kLong);
}

}  // namespace countersign
