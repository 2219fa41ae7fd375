// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/FusedNormalisation.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/metric/internal/BatchPeers.h"

// GCC compiles the loops once for each instruction set and picks at start; sanitizers do not get
// along with that, and other compilers use the baseline.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COUNTERSIGN_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define COUNTERSIGN_CLONES
#endif

namespace countersign {

namespace {

constexpr int64_t kMostChannels =
    512;                             // sums of a chunk stay on the stack and in the nearest cache
constexpr int64_t kChunkRows = 512;  // rows that are summed in single precision

// Rows are pixels: [rows, channels] in memory, channels innermost. No two arrays overlap: without
// that promise the compiler would not vectorise loops over so many of them.

COUNTERSIGN_CLONES
void sumRows(const float* __restrict x, const float* __restrict shift, int64_t rows,
             int64_t channels, float* __restrict sum, float* __restrict squares) {
  for (int64_t r = 0; r < rows; ++r, x += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float value = x[c] - shift[c];
      sum[c] += value;
      squares[c] += value * value;
    }
  }
}

COUNTERSIGN_CLONES
void applyOne(const float* __restrict x, const float* __restrict a, const float* __restrict b,
              int64_t rows, int64_t channels, float* __restrict y) {
  for (int64_t r = 0; r < rows; ++r, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float value = x[c] * a[c] + b[c];
      y[c] = value > 0 ? value : 0;
    }
  }
}

COUNTERSIGN_CLONES
void applyTwo(const float* __restrict x1, const float* __restrict a1, const float* __restrict x2,
              const float* __restrict a2, const float* __restrict b, int64_t rows, int64_t channels,
              float* __restrict y) {
  for (int64_t r = 0; r < rows; ++r, x1 += channels, x2 += channels, y += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float value = x1[c] * a1[c] + x2[c] * a2[c] + b[c];
      y[c] = value > 0 ? value : 0;
    }
  }
}

/// Sums of the masked gradient g, and of g times the normalised input.
COUNTERSIGN_CLONES
void sumGradients(const float* __restrict x, const float* __restrict mean,
                  const float* __restrict y, const float* __restrict gradient, int64_t rows,
                  int64_t channels, float* __restrict sum, float* __restrict product) {
  for (int64_t r = 0; r < rows; ++r, x += channels, y += channels, gradient += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float own = gradient[c];  // loaded in any case, or the loop cannot be vectorised
      const float g = y[c] > 0 ? own : 0;
      sum[c] += g;
      product[c] += g * (x[c] - mean[c]);
    }
  }
}

/// dx = scale · g − offset − slope · (x − mean), by channel.
COUNTERSIGN_CLONES
void applyGradients(const float* __restrict x, const float* __restrict mean,
                    const float* __restrict y, const float* __restrict gradient,
                    const float* __restrict scale, const float* __restrict offset,
                    const float* __restrict slope, int64_t rows, int64_t channels,
                    float* __restrict dx) {
  for (int64_t r = 0; r < rows;
       ++r, x += channels, y += channels, gradient += channels, dx += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float own = gradient[c];  // loaded in any case, or the loop cannot be vectorised
      const float g = y[c] > 0 ? own : 0;
      dx[c] = scale[c] * g - offset[c] - slope[c] * (x[c] - mean[c]);
    }
  }
}

int64_t rowsOf(const at::Tensor& x) { return x.size(0) * x.size(2) * x.size(3); }

/// Calls work(first, count, sums, products) for chunks of rows, and adds up what it leaves in the
/// two arrays of floats, in an order that depends on the number of threads alone.
template <typename Work>
void addUp(int64_t rows, int64_t channels, std::vector<double>& sum, std::vector<double>& product,
           const Work& work) {
  const auto threads = static_cast<int64_t>(at::get_num_threads());
  const auto share = (rows + threads - 1) / threads;
  const auto size = static_cast<std::size_t>(channels);
  std::vector<std::vector<double>> partial(static_cast<std::size_t>(threads),
                                           std::vector<double>(2 * size));
  at::parallel_for(0, threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      auto& own = partial[static_cast<std::size_t>(t)];
      const auto last = std::min(rows, (t + 1) * share);
      for (int64_t first = t * share; first < last; first += kChunkRows) {
        std::array<float, kMostChannels> s{};
        std::array<float, kMostChannels> p{};
        work(first, std::min(kChunkRows, last - first), s.data(), p.data());
        for (std::size_t c = 0; c < size; ++c) {
          own[c] += static_cast<double>(s[c]);
          own[size + c] += static_cast<double>(p[c]);
        }
      }
    }
  });
  sum.assign(size, 0);
  product.assign(size, 0);
  for (const auto& own : partial) {
    for (std::size_t c = 0; c < size; ++c) {
      sum[c] += own[c];
      product[c] += own[size + c];
    }
  }
}

/// Calls work(first, count) for shares of the rows, one a thread.
template <typename Work>
void inShares(int64_t rows, const Work& work) {
  at::parallel_for(0, rows, kChunkRows,
                   [&](int64_t begin, int64_t end) { work(begin, end - begin); });
}

at::Tensor vectorOf(const std::vector<double>& values) {
  return torch::tensor(values, at::kDouble);
}

/// Of one channel each, in double precision.
struct Moments {
  at::Tensor mean;
  at::Tensor variance;  ///< Biased.
  double rows = 0;
};

/// The moments of all parts of a batch, from those of each (Chan, Golub & LeVeque, 1983).
Moments together(const Moments& own, BatchPeers& peers) {
  const auto channels = own.mean.size(0);
  const auto parts =
      peers.gathered(torch::cat({torch::full({1}, own.rows, at::kDouble), own.mean, own.variance}));
  const auto rows = parts.narrow(1, 0, 1);
  const auto means = parts.narrow(1, 1, channels);
  const auto variances = parts.narrow(1, 1 + channels, channels);
  const double all = rows.sum().item<double>();
  const auto mean = (means * rows).sum(0) / all;
  const auto variance = ((variances + (means - mean).square()) * rows).sum(0) / all;
  return {mean, variance, all};
}

Moments momentsOf(const at::Tensor& x) {
  const auto rows = rowsOf(x);
  const auto channels = x.size(1);
  const auto* data = x.data_ptr<float>();
  // Sums of squares lose digits far from zero; the first pixel is near enough to the mean.
  const std::vector<float> shift(data, data + channels);
  std::vector<double> sum;
  std::vector<double> squares;
  addUp(rows, channels, sum, squares, [&](int64_t first, int64_t count, float* s, float* p) {
    sumRows(data + first * channels, shift.data(), count, channels, s, p);
  });
  const auto offset = vectorOf(sum) / static_cast<double>(rows);
  const auto variance =
      (vectorOf(squares) / static_cast<double>(rows) - offset.square()).clamp_min(0);
  const Moments own{offset + torch::tensor(shift).to(at::kDouble), variance,
                    static_cast<double>(rows)};
  return batchPeers() != nullptr ? together(own, *batchPeers()) : own;
}

void updateRunning(const NormalisedInput& input, const Moments& moments, double momentum) {
  const double unbiased = moments.rows > 1 ? moments.rows / (moments.rows - 1) : 1;
  input.runningMean.lerp_(moments.mean.to(at::kFloat), momentum);
  input.runningVariance.lerp_((moments.variance * unbiased).to(at::kFloat), momentum);
}

class FusedFunction : public torch::autograd::Function<FusedFunction> {
 public:
  // LibTorch demands these signatures.
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x1,
                            const at::Tensor& weight1, const at::Tensor& /*bias1*/,
                            const at::Tensor& x2, const at::Tensor& weight2,
                            const at::Tensor& /*bias2*/, const std::vector<NormalisedInput>& inputs,
                            double momentum, double epsilon) {
    std::vector<at::Tensor> saved;
    std::vector<at::Tensor> scales;
    auto offset = torch::zeros({x1.size(1)}, at::kDouble);
    for (const auto& input : inputs) {
      const auto moments = momentsOf(input.x);
      const auto& [mean, variance, rows] = moments;
      updateRunning(input, moments, momentum);
      context->saved_data["rows"] = rows;
      const auto inverse = (variance + epsilon).rsqrt();
      const auto scale = input.weight.to(at::kDouble) * inverse;
      offset += input.bias.to(at::kDouble) - mean * scale;
      scales.push_back(scale.to(at::kFloat));
      saved.insert(saved.end(), {input.x, mean, inverse});
    }
    const auto bias = offset.to(at::kFloat);
    auto y = torch::empty_like(x1);
    const auto channels = x1.size(1);
    const auto* b = bias.data_ptr<float>();
    const auto* p1 = x1.data_ptr<float>();
    const auto* a1 = scales[0].data_ptr<float>();
    auto* out = y.data_ptr<float>();
    if (inputs.size() == 1) {
      inShares(rowsOf(x1), [&](int64_t first, int64_t count) {
        const auto at = first * channels;
        applyOne(p1 + at, a1, b, count, channels, out + at);
      });
    } else {
      const auto* p2 = x2.data_ptr<float>();
      const auto* a2 = scales[1].data_ptr<float>();
      inShares(rowsOf(x1), [&](int64_t first, int64_t count) {
        const auto at = first * channels;
        applyTwo(p1 + at, a1, p2 + at, a2, b, count, channels, out + at);
      });
    }
    saved.insert(saved.end(), {weight1, weight2, y});
    context->save_for_backward(saved);
    return y;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& y = saved.back();
    const auto gradient = gradients.front().contiguous(at::MemoryFormat::ChannelsLast);
    const std::size_t inputs = (saved.size() - 3) / 3;
    torch::autograd::tensor_list result(9);
    for (std::size_t i = 0; i < inputs; ++i) {
      const auto& x = saved[3 * i];
      const auto& mean = saved[3 * i + 1];
      const auto& inverse = saved[3 * i + 2];
      const auto& weight = saved[saved.size() - 3 + i];
      auto [dx, dWeight, dBias] =
          backwardOf(x, mean, inverse, weight, y, gradient, context->saved_data["rows"].toDouble());
      result[3 * i] = std::move(dx);
      result[3 * i + 1] = std::move(dWeight);
      result[3 * i + 2] = std::move(dBias);
    }
    return result;
  }

 private:
  static std::array<at::Tensor, 3> backwardOf(const at::Tensor& x, const at::Tensor& mean,
                                              const at::Tensor& inverse, const at::Tensor& weight,
                                              const at::Tensor& y, const at::Tensor& gradient,
                                              double allRows) {
    const auto rows = rowsOf(x);
    const auto channels = x.size(1);
    const auto meanFloat = mean.to(at::kFloat);
    const auto* m = meanFloat.data_ptr<float>();
    const auto* px = x.data_ptr<float>();
    const auto* py = y.data_ptr<float>();
    const auto* pg = gradient.data_ptr<float>();
    std::vector<double> sum;
    std::vector<double> product;
    addUp(rows, channels, sum, product, [&](int64_t first, int64_t count, float* s, float* p) {
      const auto at = first * channels;
      sumGradients(px + at, m, py + at, pg + at, count, channels, s, p);
    });
    const auto dBias = vectorOf(sum);
    const auto dWeight = vectorOf(product) * inverse;
    const auto scale = weight.to(at::kDouble) * inverse;
    const auto scaleFloat = scale.to(at::kFloat);
    // Each row moves the moments of all rows; the weights' gradients stay this part's alone.
    auto sums = torch::stack({dBias, dWeight});
    if (batchPeers() != nullptr) batchPeers()->sum(sums);
    const auto offset = (scale * sums[0] / allRows).to(at::kFloat);
    const auto slope = (scale * sums[1] * inverse / allRows).to(at::kFloat);
    auto dx = torch::empty_like(x);
    inShares(rows, [&](int64_t first, int64_t count) {
      const auto at = first * channels;
      applyGradients(px + at, m, py + at, pg + at, scaleFloat.data_ptr<float>(),
                     offset.data_ptr<float>(), slope.data_ptr<float>(), count, channels,
                     dx.data_ptr<float>() + at);
    });
    return {dx, dWeight.to(at::kFloat), dBias.to(at::kFloat)};
  }
};

}  // namespace

at::Tensor fusedNormalisation(const std::vector<NormalisedInput>& inputs, double momentum,
                              double epsilon) {
  const auto& first = inputs.front();
  const auto& second = inputs.back();
  return FusedFunction::apply(first.x, first.weight, first.bias, second.x, second.weight,
                              second.bias, inputs, momentum, epsilon);
}

bool canFuse(const at::Tensor& x) {
  return x.scalar_type() == at::kFloat && x.dim() == 4 && x.size(1) <= kMostChannels &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast) && x.numel() > 0;
}

}  // namespace countersign
