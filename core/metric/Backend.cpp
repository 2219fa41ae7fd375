// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/Backend.h"

#include <dlfcn.h>
#include <malloc.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <limits>
#include <mutex>
#include <opencv2/core.hpp>

namespace countersign {

namespace {

/// A product whose exact result is known: small integers, so that no rounding can happen.
bool multipliesRight() {
  const torch::NoGradGuard noGrad;
  constexpr int64_t kSize = 72;
  const auto index = torch::arange(kSize * kSize, at::kFloat).reshape({kSize, kSize});
  const auto a = index.remainder(7) - 3;
  const auto b = index.remainder(5) - 2;
  const auto product = at::mm(a, b);
  const auto exact = (a.unsqueeze(2) * b.unsqueeze(0)).sum(1);
  return at::equal(product, exact);
}

}  // namespace

void setComputeThreads(int count) {
  at::set_num_threads(count);
  static std::once_flag once;
  std::call_once(once, [] { at::set_num_interop_threads(1); });
  cv::setNumThreads(count);
}

void flushDenormals() { at::globalContext().setFlushDenormal(true); }

LargeBuffers::LargeBuffers() {
  // The largest activations are above the highest threshold that glibc accepts, so none is mapped.
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

LargeBuffers::~LargeBuffers() {
  constexpr int kMaps = 65536;  // glibc's own values
  constexpr int kTrim = 128 * 1024;
  ::mallopt(M_MMAP_MAX, kMaps);
  ::mallopt(M_TRIM_THRESHOLD, kTrim);
  ::malloc_trim(0);
}

ComputeThreads::ComputeThreads(int count) : m_before(at::get_num_threads()) {
  setComputeThreads(count);
}

ComputeThreads::~ComputeThreads() { setComputeThreads(m_before); }

Status prepareBackend() {
  flushDenormals();
  static const bool isRight = multipliesRight();
  if (isRight) return ok();
  return Error{ErrorCode::BackendFailure,
               "The linear algebra library computes wrong results with its kernel \"" +
                   blasKernel() +
                   "\" on this processor; start the program with "
                   "OPENBLAS_CORETYPE=HASWELL in the environment.",
               ""};
}

std::string backendVersions() {
  return std::string("LibTorch ") + TORCH_VERSION + ", OpenCV " + CV_VERSION;
}

std::string blasKernel() {
  using CoreName = char* (*)();
  const auto name = reinterpret_cast<CoreName>(::dlsym(RTLD_DEFAULT, "openblas_get_corename"));
  return name != nullptr ? name() : "unknown";
}

}  // namespace countersign
