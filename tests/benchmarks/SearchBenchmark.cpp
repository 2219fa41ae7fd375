// SPDX-License-Identifier: GPL-3.0-or-later
//
// How long an exact search among many embeddings in memory takes on one core, beside how long it
// takes to read the same memory once.
//
// Usage: search_benchmark [numbers of an embedding]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "core/metric/Backend.h"
#include "core/metric/EmbeddingSearch.h"
#include "tests/benchmarks/Timing.h"

namespace countersign {
namespace {

/// All bytes, as fast as one core gets them.
std::uint64_t readOnce(const std::vector<std::uint64_t>& memory) {
  constexpr std::size_t kLanes = 16;
  std::uint64_t lanes[kLanes] = {};  // NOLINT(modernize-avoid-c-arrays)
  for (std::size_t i = 0; i + kLanes <= memory.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += memory[i + lane];
  std::uint64_t sum = 0;
  for (const auto lane : lanes) sum += lane;
  return sum;
}

void run(int count, int size) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> value(-0.1F, 0.1F);
  EmbeddingSearch search(size);
  search.reserve(count);
  std::vector<float> one(static_cast<std::size_t>(size));
  for (int i = 0; i < count; ++i) {
    for (auto& number : one) number = value(random);
    search.add(one);
  }
  const auto bytes =
      static_cast<std::size_t>(count) * static_cast<std::size_t>(size) * sizeof(float);
  const std::vector<std::uint64_t> memory(bytes / sizeof(std::uint64_t), 1);
  constexpr int kRuns = 15;
  constexpr int kBest = 200;
  std::vector<double> searches;
  std::vector<double> reads;
  std::uint64_t kept = 0;
  for (int i = 0; i < kRuns; ++i) {
    searches.push_back(milliseconds([&] { kept += search.best(one, kBest).size(); }));
    reads.push_back(milliseconds([&] { kept += readOnce(memory); }));
  }
  if (kept == 0) std::abort();
  constexpr double kGiga = 1e6;  // bytes a millisecond to GB a second
  const double searching = median(searches);
  const double reading = median(reads);
  std::printf(
      "%9d embeddings  search %7.2f ms  (%5.1f GB/s, %.2f of the %5.1f GB/s that reading the "
      "same memory takes)\n",
      count, searching, static_cast<double>(bytes) / searching / kGiga, reading / searching,
      static_cast<double>(bytes) / reading / kGiga);
}

}  // namespace
}  // namespace countersign

int main(int argc, char** argv) {
  constexpr int kSize = 256;
  countersign::setComputeThreads(1);
  const int size = argc > 1 ? std::atoi(argv[1]) : kSize;
  std::printf("the best 200 of embeddings of %d numbers, one core, medians of 15\n", size);
  for (const int count : {100'000, 1'000'000}) countersign::run(count, size);
  return 0;
}
