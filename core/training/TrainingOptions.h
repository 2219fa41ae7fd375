// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"
#include "core/corpus/BatchSampler.h"
#include "core/imaging/Augmentation.h"
#include "core/metric/LossSpec.h"
#include "core/metric/NetworkCard.h"
#include "core/training/TrainingCorpus.h"

namespace countersign {

/// Everything that decides what a training run computes.
struct TrainingOptions {
  /// Mini-batches until the end.
  int steps = 2000;
  /// Mini-batches between two looks at the development split.
  int stepsPerEpoch = 200;
  /// Epochs without a better development error after which training stops; 0: never early.
  int patience = 0;
  BatchOptions batch;
  /// How the images of BatchOptions::pseudoWriters are made.
  PseudoWriterOptions pseudoWriters;
  /// People who are made of the real ones, and trained on in their stead.
  VirtualWriterOptions virtualWriters;
  InventedOptions invented;
  std::vector<LossSpec> losses{{.kind = "contrastive"}, {.kind = "triplet", .margin = 0.3}};
  AugmentationOptions augmentation;
  /// AdamW (Loshchilov & Hutter, 2019): highest step size, after the warm-up.
  double learningRate = 2e-3;
  /// Decoupled weight decay of convolutions and linear layers.
  double weightDecay = 1e-2;
  /// Share of the steps in which the step size rises; afterwards it falls along a cosine to zero.
  double warmUp = 0.1;
  /// Largest L2 norm of the gradient; longer ones are shortened.
  double gradientNorm = 5;
  /// Weights that are kept are an exponential mean over steps with this decay; 0: the last ones.
  double averageDecay = 0.998;
  /// Seeds the first weights, batches and augmentation.
  std::uint64_t seed = 1;
  /// Threads of LibTorch. Exact repetition and exact resume are promised for one thread.
  int threads = 1;
  /// Store weights as 16-bit floats: half the file, the same scores to about 1e-3.
  bool isHalfPrecision = true;
  /// The network's name on its card.
  std::string name = "signature";
  /// Where the data comes from and on what terms, one sentence a corpus, for the card.
  std::vector<std::string> data;
  Architecture architecture;
  /// How embeddings are compared.
  ScoreKind score = ScoreKind::Cosine;
  /// NetworkCard::referenceCopies of the network that is trained.
  int referenceCopies = 0;
  /// NetworkCard::usualCopyScore of it.
  double usualCopyScore = 0;
  /// Fine-tuning: blocks after the stem, and the stem with them, that keep their weights.
  int frozenBlocks = 0;

  /// The first option that is out of range, or nothing.
  Status check() const;
};

/// Reads options from JSON; what is not named keeps its default, and an unknown name is refused.
Result<TrainingOptions> parseTrainingOptions(std::string_view json);

/// All options as JSON, with the same names as above.
std::string writeTrainingOptions(const TrainingOptions& options);

enum class OptionKind { Integer, Number, Switch, Choice, Text, List };

/// One option as help and forms show it.
struct OptionField {
  std::string name;      ///< As in JSON, with dots: "batch.subjects", "losses.0.margin".
  std::string sentence;  ///< What it does.
  OptionKind kind = OptionKind::Text;
  double lowest = 0;  ///< Range of a number, and of the numbers in a list; both 0: no range.
  double highest = 0;
  std::vector<std::string> choices;
  std::string value;  ///< JSON text of what it is set to.
};

/// All options, in the order in which they are explained. check() refuses what is out of range.
std::vector<OptionField> optionFields(const TrainingOptions& options);

/// An option and what it is to be set to, as JSON text; words may come without their quotes.
struct OptionChange {
  std::string name;
  std::string value;
};

/// The options with some of them set; they are checked together.
///
/// @return  OptionOutOfRange or FileMalformed, with a sentence, when they cannot be.
Result<TrainingOptions> withOptions(const TrainingOptions& options,
                                    const std::vector<OptionChange>& changes);

/// What training should start with on a corpus: the recipe of the shipped network, with batches and
/// a length that suit the number of people and images in its training split.
///
/// @param startFrom  the trained network that is fine-tuned: shorter, with smaller steps, and the
///                   first layers kept; null: a new network for signatures.
TrainingOptions suggestedOptions(const CorpusManifest& manifest, const NetworkCard* startFrom);

}  // namespace countersign
