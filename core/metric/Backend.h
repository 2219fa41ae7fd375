// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/base/Result.h"

namespace countersign {

/// Threads that LibTorch and OpenCV may use for one computation; call it before the first one.
void setComputeThreads(int count);

/// While one of these lives, freed buffers are kept in the process instead of being handed back to
/// the system at every step, where page faults would take 5 to 10 % of a training step. Afterwards
/// the system gets them all. One at a time.
class LargeBuffers {
 public:
  LargeBuffers();
  ~LargeBuffers();
  LargeBuffers(const LargeBuffers&) = delete;
  LargeBuffers& operator=(const LargeBuffers&) = delete;
};

/// Computes with so many threads while it lives, and with as many as before afterwards.
class ComputeThreads {
 public:
  explicit ComputeThreads(int count);
  ~ComputeThreads();
  ComputeThreads(const ComputeThreads&) = delete;
  ComputeThreads& operator=(const ComputeThreads&) = delete;

 private:
  int m_before;
};

/// Turns denormal numbers off on the calling thread, where they would cost ten times the time.
void flushDenormals();

/// Turns denormals off and checks once that the linear algebra library multiplies right: some
/// kernels of older OpenBLAS builds compute wrong results on processors that they do not know.
///
/// @return  BackendFailure with a sentence that says which environment variable to set.
Status prepareBackend();

/// Versions of the libraries that decide a score, for cards: "LibTorch 1.13.1, OpenCV 4.6.0".
std::string backendVersions();

/// Kernel of the linear algebra library, for example "SkylakeX"; "unknown" when it is not OpenBLAS.
std::string blasKernel();

}  // namespace countersign
