// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/EmbeddingSearch.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstring>

#include "core/base/Secret.h"

namespace countersign {

struct EmbeddingSearch::State {
  int size = 0;
  int count = 0;
  torch::Tensor rows;  ///< [capacity, size]; the first `count` are in use.
  std::vector<float> offsets;

  int capacity() const { return rows.defined() ? static_cast<int>(rows.size(0)) : 0; }
  void wipeRows() {
    if (rows.defined())
      wipe({static_cast<std::uint8_t*>(rows.data_ptr()), static_cast<std::size_t>(rows.nbytes())});
  }
  void makeRoom(int wanted) {
    if (wanted <= capacity()) return;
    auto larger = torch::empty({wanted, size}, torch::kFloat32);
    if (count > 0)
      std::memcpy(larger.data_ptr(), rows.data_ptr(),
                  static_cast<std::size_t>(count) * static_cast<std::size_t>(size) * sizeof(float));
    wipeRows();
    rows = std::move(larger);
  }
};

EmbeddingSearch::EmbeddingSearch(int size) : m_state(std::make_unique<State>()) {
  m_state->size = size;
}
EmbeddingSearch::EmbeddingSearch(EmbeddingSearch&&) noexcept = default;
EmbeddingSearch::~EmbeddingSearch() {
  if (m_state) m_state->wipeRows();
}

void EmbeddingSearch::reserve(int count) {
  m_state->makeRoom(count);
  m_state->offsets.reserve(static_cast<std::size_t>(count));
}

void EmbeddingSearch::add(std::span<const float> embedding, float offset) {
  auto& state = *m_state;
  TORCH_CHECK(embedding.size() == static_cast<std::size_t>(state.size), "another size");
  constexpr int kFewest = 64;
  if (state.count == state.capacity()) state.makeRoom(std::max(kFewest, 2 * state.count));
  std::memcpy(state.rows.data_ptr<float>() + static_cast<std::ptrdiff_t>(state.count) *
                                                 static_cast<std::ptrdiff_t>(state.size),
              embedding.data(), embedding.size_bytes());
  state.offsets.push_back(offset);
  ++state.count;
}

int EmbeddingSearch::count() const { return m_state->count; }

std::vector<float> EmbeddingSearch::scores(std::span<const float> query) const {
  const auto& state = *m_state;
  TORCH_CHECK(query.size() == static_cast<std::size_t>(state.size), "another size");
  std::vector<float> all(static_cast<std::size_t>(state.count));
  if (all.empty()) return all;
  const torch::NoGradGuard noGrad;
  auto result = torch::from_blob(all.data(), {state.count}, torch::kFloat32);
  const auto vector = torch::from_blob(const_cast<float*>(query.data()), {state.size},
                                       torch::kFloat32);  // only read
  torch::mv_out(result, state.rows.narrow(0, 0, state.count), vector);
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = std::clamp(all[i] + state.offsets[i], -1.0F, 1.0F);
  return all;
}

std::vector<EmbeddingSearch::Hit> EmbeddingSearch::best(std::span<const float> query,
                                                        int most) const {
  const auto all = scores(query);
  const auto wanted = static_cast<std::size_t>(std::clamp(most, 0, count()));
  // What is no better than the worst of the best so far is passed over with one comparison.
  std::vector<Hit> hits;
  if (wanted == 0) return hits;
  const auto isBetter = [](const Hit& a, const Hit& b) {
    return a.score != b.score ? a.score > b.score : a.number < b.number;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (hits.size() == wanted) {
      if (all[i] <= hits.front().score) continue;
      std::pop_heap(hits.begin(), hits.end(), isBetter);
      hits.pop_back();
    }
    hits.push_back({static_cast<int>(i), all[i]});
    std::push_heap(hits.begin(), hits.end(), isBetter);
  }
  std::sort_heap(hits.begin(), hits.end(), isBetter);
  return hits;
}

}  // namespace countersign
