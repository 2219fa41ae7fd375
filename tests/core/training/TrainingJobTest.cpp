// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingJob.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "core/base/File.h"
#include "core/corpus/SyntheticCorpus.h"
#include "core/corpus/SyntheticSigner.h"
#include "core/metric/EmbeddingNetwork.h"
#include "core/training/Checkpoint.h"
#include "core/training/TrainingRun.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign {
namespace {

TrainingOptions tinyOptions() {
  TrainingOptions options;
  options.steps = 12;
  options.stepsPerEpoch = 4;
  options.batch = {.subjects = 3, .genuine = 2, .forgeries = 1};
  options.losses = {
      {.kind = "contrastive"}, {.kind = "triplet", .margin = 0.3}, {.kind = "pairwiseLogistic"}};
  options.architecture.channels = {4, 8, 8};
  options.architecture.strides = {2, 2};
  options.architecture.gridRows = 2;
  options.architecture.gridColumns = 4;
  options.architecture.embeddingSize = 32;
  return options;
}

/// One corpus of invented people for all tests: making it takes longer than training on it.
class TrainingJob : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    corpusFolder = std::make_unique<test::TemporaryFolder>();
    ASSERT_TRUE(
        writeSyntheticCorpus(corpusFolder->path(), {.signers = 10, .genuine = 4, .forgeries = 3}));
  }
  static void TearDownTestSuite() { corpusFolder.reset(); }

  TrainingFiles files(const std::string& name) const {
    return {.manifest = corpusFolder->path() / "manifest.csv",
            .root = corpusFolder->path(),
            .output = m_folder.path() / (name + ".safetensors"),
            .runFolder = m_folder.path() / (name + ".run"),
            .isResumed = false,
            .stepsPerCheckpoint = 3,
            .command = "test"};
  }

  static inline std::unique_ptr<test::TemporaryFolder> corpusFolder;
  const test::TemporaryFolder m_folder;
};

TEST_F(TrainingJob, ReportsEveryStepAndWritesANetworkThatLoads) {
  std::vector<std::int64_t> steps;
  std::vector<int> epochs;
  const auto report =
      train(tinyOptions(), files("a"),
            {{}, [&](const TrainingEvent& event) {
               if (const auto* batch = std::get_if<BatchFinished>(&event)) {
                 steps.push_back(batch->step);
                 EXPECT_TRUE(std::isfinite(batch->loss));
               } else if (const auto* epoch = std::get_if<EpochFinished>(&event)) {
                 epochs.push_back(epoch->epoch);
                 EXPECT_TRUE(epoch->developmentEer.has_value());
                 EXPECT_NEAR(epoch->easyTriplets + epoch->semiHardTriplets + epoch->hardTriplets, 1,
                             1e-9);
               }
             }});
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  EXPECT_EQ(steps.size(), 12U);
  EXPECT_EQ(epochs, (std::vector{1, 2, 3}));
  EXPECT_TRUE(report->leftOut.empty());
  const auto network = EmbeddingNetwork::load(files("a").output);
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_EQ(network->identity(), report->identity);
  EXPECT_EQ(network->card().training.command, "test");
  EXPECT_NEAR(network->card().defaultThreshold, report->threshold, 1e-9);
}

TEST_F(TrainingJob, RefusesWhatSeveralNodesCannotCompute) {
  auto files = this->files("nodes");
  files.nodes.count = 2;
  auto options = tinyOptions();
  options.architecture.isPseudoSiamese = true;
  EXPECT_EQ(train(options, files, {}).error().code, ErrorCode::OptionOutOfRange);
  options = tinyOptions();
  options.architecture.channels = {4, 1024, 8};
  EXPECT_EQ(train(options, files, {}).error().code, ErrorCode::OptionOutOfRange);
  files.nodes.count = 1000;
  EXPECT_EQ(train(tinyOptions(), files, {}).error().code, ErrorCode::OptionOutOfRange);
}

TEST_F(TrainingJob, ShowsAndKeepsWhatGoesOn) {
  std::vector<CurvePoint> points;
  std::vector<BatchSeen> looks;
  const auto report = train(tinyOptions(), files("shown"),
                            {{}, [&](const TrainingEvent& event) {
                               if (const auto* point = std::get_if<CurvePoint>(&event))
                                 points.push_back(*point);
                               else if (const auto* seen = std::get_if<BatchSeen>(&event))
                                 looks.push_back(*seen);
                             }});
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(points.size(), 12U);
  for (const auto& point : points) {
    ASSERT_EQ(point.terms.size(), 3U);
    EXPECT_NEAR(point.loss, point.terms[0] + point.terms[1] + point.terms[2], 1e-4);
    EXPECT_GT(point.imagesPerSecond, 0);
    EXPECT_EQ(point.developmentEer.has_value(), point.step % 4 == 0);
  }
  ASSERT_FALSE(looks.empty());
  const auto& look = looks.front();
  // 3 people x (2 genuine, 1 forgery).
  EXPECT_EQ(look.matedScores.size(), 3U);
  EXPECT_EQ(look.skilledScores.size(), 6U);
  ASSERT_EQ(look.hardest.size(), 6U);
  for (const auto& pair : look.hardest) {
    EXPECT_EQ(pair.first.type(), CV_8UC1);
    EXPECT_EQ(pair.first.size(), pair.second.size());
    const auto& scores = look.matedScores;
    if (pair.isMated) { EXPECT_LE(pair.score, *std::max_element(scores.begin(), scores.end())); }
  }
  EXPECT_LE(look.hardest[0].score, look.hardest[1].score) << "the worst mated first";
  EXPECT_GE(look.hardest[3].score, look.hardest[4].score) << "the worst non-mated first";
  // The same is in the run's folder.
  const auto kept = readCurves(files("shown").runFolder);
  ASSERT_EQ(kept.size(), points.size());
  EXPECT_NEAR(kept.back().loss, points.back().loss, 1e-4);
  const auto record = readRunRecord(files("shown").runFolder);
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->state, RunState::Finished);
  ASSERT_TRUE(record->result.has_value());
  EXPECT_EQ(record->result->identity, report->identity);
  EXPECT_EQ(record->corpusFingerprint.size(), 64U);
}

TEST_F(TrainingJob, ResumesToTheVerySameWeights) {
  const auto unbroken = train(tinyOptions(), files("unbroken"), {});
  ASSERT_TRUE(unbroken) << unbroken.error().message;
  std::stop_source stop;
  const auto broken = train(tinyOptions(), files("broken"),
                            {stop.get_token(), [&](const TrainingEvent& event) {
                               const auto* batch = std::get_if<BatchFinished>(&event);
                               if (batch != nullptr && batch->step == 7) stop.request_stop();
                             }});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::Cancelled);
  auto resumedFiles = files("broken");
  resumedFiles.isResumed = true;
  int steps = 0;
  const auto resumed = train(tinyOptions(), resumedFiles,
                             {{}, [&](const TrainingEvent& event) {
                                steps += std::holds_alternative<BatchFinished>(event) ? 1 : 0;
                              }});
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_EQ(steps, 5) << "only what was left";
  EXPECT_EQ(resumed->identity, unbroken->identity);
  const auto curve = readCurves(files("unbroken").runFolder);
  const auto resumedCurve = readCurves(files("broken").runFolder);
  ASSERT_EQ(curve.size(), resumedCurve.size()) << "every step once";
  for (std::size_t i = 0; i < curve.size(); ++i) EXPECT_EQ(curve[i].loss, resumedCurve[i].loss);
  // Not only the best weights: all that goes on changing, in full precision.
  const auto end = CheckpointFolder(files("unbroken").runFolder).newest();
  const auto resumedEnd = CheckpointFolder(files("broken").runFolder).newest();
  ASSERT_TRUE(end && resumedEnd);
  EXPECT_EQ(stepOf(*end), 12);
  EXPECT_EQ(end->tensors.size(), resumedEnd->tensors.size());
  for (const auto& [name, tensor] : end->tensors)
    EXPECT_EQ(tensor, resumedEnd->tensors.at(name)) << name;
  EXPECT_EQ(resumed->threshold, unbroken->threshold);
}

TEST_F(TrainingJob, KeepsItsCurvesWhenItIsStoppedWhileItIsJudged) {
  ASSERT_TRUE(train(tinyOptions(), files("whole"), {}));
  // The request comes with the last batch of an epoch: judging does not begin.
  std::stop_source stop;
  const auto stopped = train(tinyOptions(), files("judged"),
                             {stop.get_token(), [&](const TrainingEvent& event) {
                                const auto* batch = std::get_if<BatchFinished>(&event);
                                if (batch != nullptr && batch->step == 8) stop.request_stop();
                              }});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(readCurves(files("judged").runFolder).size(), 8U);
  auto resumed = files("judged");
  resumed.isResumed = true;
  ASSERT_TRUE(train(tinyOptions(), resumed, {}));
  const auto whole = readCurves(files("whole").runFolder);
  const auto judged = readCurves(files("judged").runFolder);
  ASSERT_EQ(judged.size(), whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(judged[i].step, whole[i].step);
    EXPECT_EQ(judged[i].loss, whole[i].loss);
    EXPECT_EQ(judged[i].developmentEer, whole[i].developmentEer);
  }
}

TEST_F(TrainingJob, SaysOverABreakWhatItWouldHaveSaidWithoutOne) {
  auto options = tinyOptions();
  options.steps = 12;
  options.stepsPerEpoch = 2;
  options.learningRate = 1e-9;  // nothing is learnt, and no triplet satisfies so large a margin
  options.losses = {{.kind = "triplet", .margin = 1.9}};
  const auto adviceOf = [&](const TrainingFiles& where, std::stop_source stop, int lastStep) {
    std::map<int, std::vector<std::string>> advice;
    const auto report =
        train(options, where, {stop.get_token(), [&](const TrainingEvent& event) {
                                 if (const auto* epoch = std::get_if<EpochFinished>(&event);
                                     epoch != nullptr && !epoch->advice.empty())
                                   advice[epoch->epoch] = epoch->advice;
                                 const auto* batch = std::get_if<BatchFinished>(&event);
                                 if (batch != nullptr && batch->step == lastStep)
                                   stop.request_stop();
                               }});
    EXPECT_EQ(report.has_value(), lastStep == 0);
    return advice;
  };
  const auto whole = adviceOf(files("whole"), {}, 0);
  ASSERT_EQ(whole.size(), 1U) << "said once";
  const int epoch = whole.begin()->first;
  ASSERT_GT(epoch, 2);
  for (const int brokenAfter : {epoch - 1, epoch}) {
    auto where = files("broken" + std::to_string(brokenAfter));
    auto advice = adviceOf(where, {}, 2 * brokenAfter + 1);
    where.isResumed = true;
    for (const auto& [at, sentences] : adviceOf(where, {}, 0)) advice[at] = sentences;
    EXPECT_EQ(advice, whole) << "broken after epoch " << brokenAfter;
  }
}

TEST_F(TrainingJob, IsDoneByOneProgramAtATime) {
  std::optional<Result<TrainingReport>> second;
  const auto first = train(tinyOptions(), files("shared"),
                           {{}, [&](const TrainingEvent& event) {
                              if (second || !std::holds_alternative<BatchFinished>(event)) return;
                              auto resumed = files("shared");
                              resumed.isResumed = true;
                              second = train(tinyOptions(), resumed, {});
                            }});
  EXPECT_TRUE(first);
  ASSERT_TRUE(second.has_value());
  ASSERT_FALSE(*second);
  EXPECT_EQ(second->error().code, ErrorCode::StoreBusy);
}

TEST_F(TrainingJob, LearnsToTellGeneratedSignersApart) {
  auto options = tinyOptions();
  options.steps = 60;
  options.stepsPerEpoch = 60;
  options.averageDecay = 0.9;
  double first = 0;
  double last = 0;
  const auto report = train(options, files("learns"), {{}, [&](const TrainingEvent& event) {
                                                         const auto* batch =
                                                             std::get_if<BatchFinished>(&event);
                                                         if (batch == nullptr) return;
                                                         if (batch->step <= 10)
                                                           first += batch->loss / 10;
                                                         if (batch->step > 50)
                                                           last += batch->loss / 10;
                                                       }});
  ASSERT_TRUE(report);
  EXPECT_LT(last, 0.8 * first);
}

TEST_F(TrainingJob, RefusesToResumeWithOtherOptions) {
  std::stop_source stop;
  const auto broken =
      train(tinyOptions(), files("x"), {stop.get_token(), [&](const TrainingEvent& event) {
                                          if (std::holds_alternative<BatchFinished>(event))
                                            stop.request_stop();
                                        }});
  ASSERT_FALSE(broken);
  auto options = tinyOptions();
  options.learningRate *= 2;
  auto resumedFiles = files("x");
  resumedFiles.isResumed = true;
  const auto resumed = train(options, resumedFiles, {});
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().code, ErrorCode::OptionOutOfRange);
}

TEST_F(TrainingJob, NeverOverwritesTheCheckpointOfAnEarlierRun) {
  ASSERT_TRUE(train(tinyOptions(), files("a"), {}));
  const auto again = train(tinyOptions(), files("a"), {});
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("--resume"), std::string::npos);
  EXPECT_EQ(stepOf(*CheckpointFolder(files("a").runFolder).newest()), 12);
}

TEST_F(TrainingJob, SaysWhenItDiverges) {
  auto options = tinyOptions();
  // Every step multiplies the weights by about -99.
  options.steps = 60;
  options.learningRate = 10;
  options.weightDecay = 10;
  options.warmUp = 0;
  const auto report = train(options, files("diverges"), {});
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("learning rate"), std::string::npos)
      << report.error().message;
}

TEST_F(TrainingJob, StopsWhileItReadsTheCorpus) {
  std::stop_source stop;
  const auto result = train(tinyOptions(), files("y"),
                            {stop.get_token(), [&](const TrainingEvent&) { stop.request_stop(); }});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Cancelled);
}

TEST_F(TrainingJob, SaysWhatIsMissing) {
  auto missing = files("z");
  missing.manifest = "none.csv";
  EXPECT_EQ(train(tinyOptions(), missing, {}).error().code, ErrorCode::FileNotReadable);
  auto elsewhere = files("z");
  elsewhere.root = "/nonexistent";
  EXPECT_EQ(train(tinyOptions(), elsewhere, {}).error().code, ErrorCode::FileMalformed);
  auto bad = tinyOptions();
  bad.steps = 0;
  EXPECT_EQ(train(bad, files("z"), {}).error().code, ErrorCode::OptionOutOfRange);
}

TEST_F(TrainingJob, ResumesExactlyWithEverythingSwitchedOn) {
  auto options = tinyOptions();
  options.steps = 6;
  options.stepsPerEpoch = 3;
  options.batch.pseudoWriters = 2;
  options.invented = {.signers = 4, .genuine = 3, .forgeries = 2, .share = 0.4};
  options.architecture.mapChannels = 4;
  options.losses = {{.kind = "triplet", .margin = 0.3, .miner = "distanceWeighted"},
                    {.kind = "arcFace", .weight = 0.2, .margin = 0.3},
                    {.kind = "softmaxHead"}};
  // Virtual writers are of no class, so they take turns with the loss over people.
  for (const std::string variant : {"people", "virtual"}) {
    if (variant == "virtual") {
      options.losses[1] = {.kind = "supervisedContrastive"};
      options.virtualWriters.share = 0.5;
    }
    const auto unbroken = train(options, files("whole" + variant), {});
    ASSERT_TRUE(unbroken) << unbroken.error().message << unbroken.error().detail;
    std::stop_source stop;
    const auto broken = train(options, files("parts" + variant),
                              {stop.get_token(), [&](const TrainingEvent& event) {
                                 const auto* batch = std::get_if<BatchFinished>(&event);
                                 if (batch != nullptr && batch->step == 4) stop.request_stop();
                               }});
    ASSERT_FALSE(broken);
    auto resumedFiles = files("parts" + variant);
    resumedFiles.isResumed = true;
    const auto resumed = train(options, resumedFiles, {});
    ASSERT_TRUE(resumed) << resumed.error().message;
    EXPECT_EQ(resumed->identity, unbroken->identity);
  }
  const auto network = EmbeddingNetwork::load(files("wholevirtual").output);
  ASSERT_TRUE(network) << network.error().message;
  const auto sample = network->embed(cv::Mat(112, 224, CV_8UC1, cv::Scalar(7)));
  ASSERT_TRUE(sample);
  EXPECT_EQ(sample->mapShape, (std::array{4, 14, 28}));
  EXPECT_GT(sample->localShare, 0);
  EXPECT_NEAR(network->score(*sample, *sample), 1, 1e-5);
}

TEST_F(TrainingJob, TrainsOnEveryLayoutAndScore) {
  const auto trains = [&](const std::string& name, BatchLayout layout, ScoreKind score,
                          const char* kind) {
    auto options = tinyOptions();
    options.steps = 2;
    options.stepsPerEpoch = 2;
    options.batch = {.layout = layout, .subjects = 3, .genuine = 2, .forgeries = 1};
    options.score = score;
    options.losses = {{.kind = kind}};
    const auto report = train(options, files(name), {});
    EXPECT_TRUE(report) << name << ": " << report.error().message << report.error().detail;
    const auto network = EmbeddingNetwork::load(files(name).output);
    ASSERT_TRUE(network) << network.error().message;
    EXPECT_EQ(network->card().score, score);
    EXPECT_NEAR(network->card().defaultThreshold, report->threshold, 1e-9);
  };
  trains("aligned", BatchLayout::AlignedPairs, ScoreKind::Cosine, "batchCost");
  trains("pairs", BatchLayout::Pairs, ScoreKind::LearnedHead, "crossEntropy");
  trains("triplets", BatchLayout::Triplets, ScoreKind::Euclidean, "tripletNetwork");
  trains("manhattan", BatchLayout::Subjects, ScoreKind::ExpManhattan, "contrastive");
}

TEST_F(TrainingJob, FineTunesFromANetworkAndKeepsFrozenLayers) {
  ASSERT_TRUE(train(tinyOptions(), files("origin"), {}));
  auto options = tinyOptions();
  options.steps = 4;
  options.frozenBlocks = 1;
  options.averageDecay = 0;
  auto tuning = files("tuned");
  tuning.startFrom = files("origin").output;
  const auto report = train(options, tuning, {});
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  const auto before = readNetworkFile(files("origin").output);
  const auto after = readNetworkFile(tuning.output);
  ASSERT_TRUE(before && after);
  int frozen = 0;
  int moved = 0;
  for (const auto& [name, tensor] : before->weights) {
    const bool isFrozen = name.starts_with("stem") || name.starts_with("block1");
    if (isFrozen) {
      ++frozen;
      EXPECT_EQ(tensor, after->weights.at(name)) << name;
    } else if (tensor != after->weights.at(name)) {
      ++moved;
    }
  }
  EXPECT_GT(frozen, 5);
  EXPECT_GT(moved, 5);
  tuning.startFrom = m_folder.path() / "none.safetensors";
  EXPECT_EQ(train(options, tuning, {}).error().code, ErrorCode::FileNotReadable);
}

TEST_F(TrainingJob, FindsOutTheLayoutOfAFolderByItself) {
  auto options = tinyOptions();
  options.steps = 2;
  options.stepsPerEpoch = 2;
  auto folder = files("layout");
  folder.manifest.clear();
  folder.root = corpusFolder->path() / "images";
  const auto report = train(options, folder, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->developmentEer.has_value()) << "some people are held out";
}

TEST_F(TrainingJob, TrainsOnInventedPeopleAlone) {
  auto options = tinyOptions();
  options.steps = 2;
  options.stepsPerEpoch = 2;
  options.invented = {.signers = 4, .genuine = 3, .forgeries = 2};
  auto alone = files("alone");
  alone.manifest = m_folder.path() / "empty.csv";
  ASSERT_TRUE(writeFileAtomically(alone.manifest, std::string("path,subject,label,split\n")));
  const auto report = train(options, alone, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->developmentEer);
}

TEST_F(TrainingJob, TrainsOnPenDataOfVaryingLength) {
  TrainingOptions options;
  options.steps = 60;
  options.stepsPerEpoch = 20;
  options.batch = {.subjects = 6, .genuine = 3, .forgeries = 0};
  options.losses = {{.kind = "supervisedContrastive"}};
  options.learningRate = 1e-2;
  options.averageDecay = 0.8;
  options.architecture.kind = "gru";
  options.architecture.channels = {PenFeatures::kFeatures, 24};
  options.architecture.strides = {};
  options.architecture.embeddingSize = 16;
  auto pen = files("pen");
  pen.manifest = corpusFolder->path() / "pen-manifest.csv";
  double first = 0;
  double last = 0;
  const auto report = train(options, pen, {{}, [&](const TrainingEvent& event) {
                                             const auto* batch = std::get_if<BatchFinished>(&event);
                                             if (batch == nullptr) return;
                                             if (batch->step <= 5) first += batch->loss / 5;
                                             if (batch->step > 55) last += batch->loss / 5;
                                           }});
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  EXPECT_LT(last, 0.7 * first);
  ASSERT_TRUE(report->randomEer);
  EXPECT_LT(*report->randomEer, 0.35);
  const auto network = EmbeddingNetwork::load(pen.output);
  ASSERT_TRUE(network) << network.error().message;
  const SyntheticSigner signer(3, 1);
  const auto sample = network->embed(*penFeatures(signer.genuine(0)));
  ASSERT_TRUE(sample) << sample.error().message;
  EXPECT_EQ(sample->embedding.size(), 16U);
  EXPECT_FALSE(network->embed(cv::Mat(112, 224, CV_8UC1, cv::Scalar(0))));
}

TEST_F(TrainingJob, TrainsTwoBranchesForPaperAndScreen) {
  auto manifest = readManifest(corpusFolder->path() / "manifest.csv");
  const auto pens = readManifest(corpusFolder->path() / "pen-manifest.csv");
  ASSERT_TRUE(manifest && pens);
  manifest->samples.insert(manifest->samples.end(), pens->samples.begin(), pens->samples.end());
  auto both = files("both");
  both.manifest = m_folder.path() / "both.csv";
  ASSERT_TRUE(writeFileAtomically(both.manifest, writeManifest(*manifest)));
  auto options = tinyOptions();
  options.steps = 6;
  options.stepsPerEpoch = 6;
  options.architecture.isPseudoSiamese = true;
  const auto report = train(options, both, {});
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  const auto network = EmbeddingNetwork::load(both.output);
  ASSERT_TRUE(network) << network.error().message;
  const cv::Mat canvas(112, 224, CV_8UC1, cv::Scalar(9));
  const auto paper = network->embed(canvas, TwinSide::Paper);
  const auto screen = network->embed(canvas, TwinSide::Screen);
  ASSERT_TRUE(paper && screen);
  EXPECT_LT(network->score(*paper, *screen), 0.999);
}

}  // namespace
}  // namespace countersign
