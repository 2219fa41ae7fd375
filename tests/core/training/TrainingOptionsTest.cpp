// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingOptions.h"

#include <gtest/gtest.h>

#include <set>

#include "core/metric/NetworkFile.h"
#include "tests/support/FaceNetwork.h"

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
        R"({"virtualWriters": {"share": 0.5}, "losses": [{"kind": "cosFace"}]})",
        R"({"architecture": {"strides": [1]}})", R"([])", "{"}) {
    const auto read = parseTrainingOptions(json);
    ASSERT_FALSE(read) << json;
    EXPECT_FALSE(read.error().message.empty());
  }
}

TEST(TrainingOptions, AreExplainedOneByOne) {
  const TrainingOptions options;
  const auto fields = optionFields(options);
  std::set<std::string> names;
  for (const auto& field : fields) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    EXPECT_FALSE(field.sentence.empty()) << field.name;
    EXPECT_TRUE(field.sentence.ends_with('.')) << field.name;
    if (field.kind == OptionKind::Integer || field.kind == OptionKind::Number) {
      EXPECT_LT(field.lowest, field.highest) << field.name;
    }
    // What stands there is what is set.
    const auto same = withOptions(options, {{field.name, field.value}});
    ASSERT_TRUE(same) << field.name << ": " << same.error().message;
    EXPECT_EQ(writeTrainingOptions(*same), writeTrainingOptions(options)) << field.name;
  }
  EXPECT_TRUE(names.contains("batch.subjects"));
  EXPECT_TRUE(names.contains("losses.1.margin"));
}

TEST(TrainingOptions, AreRefusedJustOutsideTheirRange) {
  const TrainingOptions options;
  for (const auto& field : optionFields(options)) {
    if (field.kind != OptionKind::Integer && field.kind != OptionKind::Number) continue;
    for (const double value : {field.lowest - 1, field.highest * 1.01 + 1}) {
      std::string text = std::to_string(value);
      if (field.kind == OptionKind::Integer) text = text.substr(0, text.find('.'));
      if (field.name == "seed" && value < 0) continue;  // JSON's integers have no such seed
      EXPECT_FALSE(withOptions(options, {{field.name, text}})) << field.name << " " << text;
    }
  }
}

TEST(TrainingOptions, AreSetOneByOneOrTogether) {
  const auto changed = withOptions({}, {{"losses.1.margin", "0.25"}, {"name", "own network"}});
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->losses[1].margin, 0.25);
  EXPECT_EQ(changed->name, "own network");
  EXPECT_FALSE(withOptions({}, {{"losses.7.margin", "0.25"}}));
  EXPECT_FALSE(withOptions({}, {{"steps", "many"}}));
  EXPECT_FALSE(withOptions({}, {{"stepz", "1"}}));
  const auto low = withOptions({}, {{"steps", "0"}});
  ASSERT_FALSE(low);
  EXPECT_EQ(low.error().message, "The option steps must lie between 1 and 100000000.");
  // A pair that only goes together.
  const auto pairs =
      withOptions({}, {{"batch.layout", "triplets"}, {"losses.0.kind", "tripletNetwork"}});
  EXPECT_TRUE(pairs) << pairs.error().message;
}

TEST(TrainingOptions, AreSuggestedForTheCorpusAtHand) {
  CorpusManifest manifest;
  const auto add = [&](int person, int genuine, int forgeries, Split split) {
    const auto subject = "p" + std::to_string(person);
    for (int i = 0; i < genuine + forgeries; ++i)
      manifest.samples.push_back({subject + "/" + std::to_string(i), subject,
                                  i < genuine ? SampleLabel::Genuine : SampleLabel::SkilledForgery,
                                  split});
  };
  for (int person = 0; person < 4; ++person) add(person, 5, 0, Split::Train);
  add(4, 1, 0, Split::Train);
  add(5, 5, 5, Split::Development);
  NetworkCard signature;
  auto small = suggestedOptions(manifest, &signature);
  EXPECT_EQ(small.batch.subjects, 4) << "one signature makes no pair, and development waits";
  EXPECT_EQ(small.batch.forgeries, 0);
  EXPECT_TRUE(small.check());
  for (int person = 6; person < 106; ++person) add(person, 10, 10, Split::Train);
  const auto large = suggestedOptions(manifest, &signature);
  EXPECT_EQ(large.batch.subjects, 10);
  EXPECT_GT(large.batch.forgeries, 0);
  EXPECT_GT(large.steps, small.steps);
  const auto anew = suggestedOptions(manifest, nullptr);
  EXPECT_TRUE(anew.check());
  EXPECT_GT(anew.steps, large.steps);
  EXPECT_EQ(anew.frozenBlocks, 0);
  EXPECT_TRUE(suggestedOptions({}, nullptr).check());
}

TEST(TrainingOptions, AreSuggestedForTheKindOfNetworkThatIsFineTuned) {
  const auto face = readNetworkFile(test::shippedFaceNetwork());
  ASSERT_TRUE(face) << face.error().message;
  CorpusManifest manifest;
  for (int i = 0; i < 20; ++i)
    manifest.samples.push_back(
        {std::to_string(i) + ".png", std::to_string(i / 5), SampleLabel::Genuine, Split::Train});
  auto options = suggestedOptions(manifest, &face->card);
  EXPECT_EQ(options.architecture, face->card.architecture);
  EXPECT_EQ(options.architecture.modality(), Modality::Face);
  EXPECT_EQ(options.batch.pseudoWriters, 0) << "nobody imitates a face by bending it";
  EXPECT_GT(options.frozenBlocks, 0);
  EXPECT_TRUE(options.check()) << options.check().error().message;
  const auto again = parseTrainingOptions(writeTrainingOptions(options));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->augmentation.lightChange, options.augmentation.lightChange);
  options.batch.pseudoWriters = 2;
  EXPECT_FALSE(options.check());
}

}  // namespace
}  // namespace countersign
