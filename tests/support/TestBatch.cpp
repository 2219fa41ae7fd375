// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/TestBatch.h"

#include <torch/torch.h>

#include <cmath>
#include <numbers>

namespace countersign::test {

LabelledBatch planeBatch(const std::vector<double>& degrees,
                         const std::vector<std::int64_t>& subjects,
                         std::vector<std::int64_t> victims) {
  const auto angle = torch::tensor(degrees, at::kDouble) * (std::numbers::pi / 180);
  victims.resize(subjects.size(), -1);
  LabelledBatch batch;
  batch.embeddings = torch::stack({angle.cos(), angle.sin()}, 1).to(at::kFloat);
  batch.scores = at::mm(batch.embeddings, batch.embeddings.t());
  batch.subjects = torch::tensor(subjects);
  batch.victims = torch::tensor(victims);
  return batch;
}

double cosine(double degrees) { return std::cos(degrees * std::numbers::pi / 180); }

}  // namespace countersign::test
