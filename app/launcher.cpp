// SPDX-License-Identifier: GPL-3.0-or-later
//
// The program that users start. It uses no library but the system's, so that it can look at the
// processor before LibTorch and OpenBLAS are loaded, and then becomes the real program.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int kFailure = 2;

#if defined(__x86_64__)
bool hasCpuNeeded() {
  return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("ssse3") != 0 &&
         __builtin_cpu_supports("popcnt") != 0;
}

/// OpenBLAS 0.3.21 takes processors that are newer than itself for the oldest one that it knows,
/// and is then five times slower; so it is told what the processor can do.
const char* blasKernel() {
  const bool hasAvx512 =
      __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
      __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
      __builtin_cpu_supports("avx512cd") != 0;
  if (hasAvx512) return "SKYLAKEX";
  const bool hasAvx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  return hasAvx2 ? "HASWELL" : nullptr;
}
#else
bool hasCpuNeeded() { return true; }
const char* blasKernel() { return nullptr; }
#endif

std::string ownFolder() {
  std::string path(4096, '\0');
  const auto length = ::readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0) return ".";
  path.resize(static_cast<std::size_t>(length));
  return path.substr(0, path.rfind('/'));
}

}  // namespace

int main(int, char** argv) {
  if (!hasCpuNeeded()) {
    std::fputs(
        "This computer's processor is too old for Countersign: it needs one with SSE4.2 "
        "(made after 2009).\n",
        stderr);
    return kFailure;
  }
  if (const char* kernel = blasKernel(); kernel != nullptr)
    ::setenv("OPENBLAS_CORETYPE", kernel, 0);
  const auto program = ownFolder() + "/../" COUNTERSIGN_LIBEXEC "/countersign/" COUNTERSIGN_PROGRAM;
  ::execv(program.c_str(), argv);
  std::fprintf(stderr, "%s could not be started: %s.\n", program.c_str(), std::strerror(errno));
  return kFailure;
}
