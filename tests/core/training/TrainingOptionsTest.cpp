// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingOptions.h"

#include <gtest/gtest.h>

namespace countersign {
namespace {

TEST(TrainingOptions, ReadBackWhatTheyWrite) {
  TrainingOptions options;
  options.steps = 7;
  options.losses = {{.kind = "triplet", .margin = 0.2, .miner = "semiHard"}};
  options.architecture.channels = {8, 16};
  options.architecture.strides = {2};
  options.data = {"a", "b"};
  const auto read = parseTrainingOptions(writeTrainingOptions(options));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(writeTrainingOptions(*read), writeTrainingOptions(options));
  EXPECT_EQ(read->losses.front().miner, "semiHard");
}

TEST(TrainingOptions, KeepDefaultsForWhatIsNotNamed) {
  const auto read = parseTrainingOptions(R"({"batch": {"subjects": 3}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->batch.subjects, 3);
  EXPECT_EQ(read->batch.genuine, TrainingOptions{}.batch.genuine);
  EXPECT_EQ(read->losses.size(), TrainingOptions{}.losses.size());
}

TEST(TrainingOptions, RefuseUnknownNamesAndValuesOutOfRange) {
  for (const char* json :
       {R"({"stepz": 3})", R"({"batch": {"people": 3}})", R"({"steps": 0})", R"({"steps": "many"})",
        R"({"batch": 3})", R"({"losses": []})", R"({"losses": [{"margin": 3}]})",
        R"({"learningRate": 0})", R"({"averageDecay": 1})", R"({"augmentation": {"rotation": -1}})",
        R"({"architecture": {"strides": [1]}})", R"([])", "{"}) {
    const auto read = parseTrainingOptions(json);
    ASSERT_FALSE(read) << json;
    EXPECT_FALSE(read.error().message.empty());
  }
}

}  // namespace
}  // namespace countersign
