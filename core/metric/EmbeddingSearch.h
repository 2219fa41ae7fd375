// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <span>
#include <vector>

namespace countersign {

/// Embeddings in memory, one beside the other, for exact 1:N search: a query's cosine with each of
/// them takes one pass over the memory that holds them (a matrix times a vector, by LibTorch).
/// That memory is wiped when it goes.
///
/// Reading is thread-safe.
class EmbeddingSearch {
 public:
  /// @param size  numbers of one embedding.
  explicit EmbeddingSearch(int size);
  EmbeddingSearch(EmbeddingSearch&&) noexcept;
  EmbeddingSearch& operator=(EmbeddingSearch&&) = delete;
  ~EmbeddingSearch();

  /// Makes room at once for so many in all.
  void reserve(int count);
  /// Puts one at the end.
  ///
  /// @param embedding  `size` numbers, of length 1 as a vector.
  /// @param offset     what every score with it is raised by (EmbeddedSample::scoreOffset).
  void add(std::span<const float> embedding, float offset = 0);
  int count() const;

  /// Cosine with each embedding, in the order in which they were added, raised by its offset and
  /// kept within [-1, 1].
  ///
  /// @param query  `size` numbers, of length 1 as a vector.
  std::vector<float> scores(std::span<const float> query) const;

  struct Hit {
    int number = 0;  ///< Of the embedding, from 0.
    float score = 0;
  };
  /// The best, best first; of equal ones the earlier first. No other one scores higher.
  std::vector<Hit> best(std::span<const float> query, int most) const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace countersign
