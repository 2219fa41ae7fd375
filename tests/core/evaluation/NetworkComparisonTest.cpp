// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/NetworkComparison.h"

#include <gtest/gtest.h>

#include "tests/support/FaceNetwork.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestNetwork.h"

namespace countersign {
namespace {

GroupComparison group(double before, double after, double low, double high) {
  return {.group = "skilled",
          .people = 9,
          .matedTrials = 90,
          .nonMatedTrials = 80,
          .equalError = {{before, before - 0.01, before + 0.01},
                         {after, after - 0.01, after + 0.01},
                         {after - before, low, high},
                         9}};
}

TEST(NetworkComparison, SaysInWordsWhatItComesTo) {
  NetworkComparison comparison{"a", "b", {}};
  EXPECT_EQ(comparison.verdict(), "There are no trials to compare the networks on.");
  comparison.lists = {{"invented people", {group(0.10, 0.09, -0.03, 0.02)}}};
  EXPECT_TRUE(comparison.verdict().starts_with("No difference can be told from chance"));
  comparison.lists = {{"invented people", {group(0.10, 0.06, -0.06, -0.02)}}};
  EXPECT_EQ(comparison.verdict(),
            "The new network makes fewer errors: 4.0 points on invented people against forgeries.");
  comparison.lists.push_back({"the others", {group(0.10, 0.15, 0.01, 0.09)}});
  EXPECT_TRUE(comparison.verdict().ends_with(
      "The new network makes more errors: 5.0 points on the others against forgeries."));
}

TEST(NetworkComparison, SaysNothingForCertainOfVeryFewPeople) {
  auto few = group(0.20, 0.05, -0.2, -0.1);
  few.people = 2;
  few.equalError.people = 2;
  const NetworkComparison comparison{"a", "b", {{"held-out people", {few}}}};
  EXPECT_TRUE(comparison.verdict().starts_with("No difference can be told from chance"));
}

TEST(NetworkComparison, RefusesImagesThatAreGone) {
  const auto network = *EmbeddingNetwork::of(test::randomNetwork());
  std::vector<SampleRecord> samples;
  for (const auto* subject : {"a", "b"}) {
    for (const auto* name : {"1", "2"})
      samples.push_back(
          {std::string(subject) + name, subject, SampleLabel::Genuine, Split::Validation});
  }
  const auto compared =
      compareNetworks(network, network, {{"held-out people", trialsOf(samples), "/gone"}}, {});
  ASSERT_FALSE(compared);
  EXPECT_EQ(compared.error().message,
            "Most images of the held-out people cannot be read any more in \"/gone\".");
}

TEST(NetworkComparison, IsReadBackAsItWasWritten) {
  const NetworkComparison comparison{
      "a", "b", {{"invented people", {group(0.10, 0.06, -0.06, -0.02)}}}};
  const auto text = writeComparison(comparison);
  const auto read = parseComparison(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(writeComparison(*read), text);
  EXPECT_FALSE(parseComparison("{}"));
  EXPECT_FALSE(parseComparison("what?"));
}

TEST(NetworkComparison, ComparesNetworksForFacesOnDrawnOnes) {
  const auto faces = EmbeddingNetwork::load(test::shippedFaceNetwork());
  ASSERT_TRUE(faces) << faces.error().message;
  const auto trials = inventedTrials(Modality::Face, {});
  ASSERT_TRUE(trials) << trials.error().message;
  const auto same = compareNetworks(*faces, *faces, {*trials}, {});
  ASSERT_TRUE(same) << same.error().message;
  ASSERT_EQ(same->lists[0].groups.size(), 1U) << "nobody forges a face";
  EXPECT_EQ(same->lists[0].groups[0].people, 20);
  EXPECT_LT(same->lists[0].groups[0].equalError.before.value, 0.1);
  const auto signatures = *EmbeddingNetwork::of(test::randomNetwork());
  EXPECT_EQ(compareNetworks(*faces, signatures, {*trials}, {}).error().code,
            ErrorCode::NetworkIncompatible);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(inventedTrials(Modality::Face, stop.get_token()).error().code, ErrorCode::Cancelled);
}

TEST(NetworkComparison, FindsNoDifferenceBetweenANetworkAndItself) {
  const auto network = *EmbeddingNetwork::of(test::randomNetwork());
  const auto other = *EmbeddingNetwork::of(test::randomNetwork(2));
  std::filesystem::path folder;
  {
    const auto trials = inventedTrials(Modality::Signature, {});
    ASSERT_TRUE(trials) << trials.error().message;
    folder = trials->root;
    EXPECT_TRUE(std::filesystem::exists(folder));
    int last = 0;
    int total = 0;
    const auto same =
        compareNetworks(network, network, {*trials}, {{}, [&](const EvaluationProgress& progress) {
                                                        EXPECT_EQ(progress.done, last + 1);
                                                        last = progress.done;
                                                        total = progress.total;
                                                      }});
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_EQ(last, total);
    EXPECT_EQ(total, 2 * 20 * 7);
    ASSERT_EQ(same->lists.size(), 1U);
    ASSERT_EQ(same->lists[0].groups.size(), 2U) << "forgeries, and other people";
    for (const auto& one : same->lists[0].groups) {
      EXPECT_EQ(one.people, 20);
      EXPECT_EQ(one.equalError.difference.value, 0);
      EXPECT_EQ(one.equalError.difference.low, 0);
      EXPECT_EQ(one.equalError.difference.high, 0);
      EXPECT_GT(one.equalError.before.value, 0) << "random weights err";
    }
    const auto different = compareNetworks(network, other, {*trials}, {});
    ASSERT_TRUE(different);
    EXPECT_NE(different->lists[0].groups[0].equalError.difference.value, 0);
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = compareNetworks(network, other, {*trials}, {stop.get_token(), {}});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
  }
  EXPECT_FALSE(std::filesystem::exists(folder)) << "temporary files are gone";
}

TEST(NetworkComparison, DoesNotTakeNoErrorForNever) {
  // Everybody signs with one and the same picture, except that others are not alike at all.
  const auto network = *EmbeddingNetwork::of(test::randomNetwork());
  const test::TemporaryFolder folder;
  std::vector<SampleRecord> samples;
  for (std::uint64_t person = 1; person <= 4; ++person) {
    for (const auto* name : {"a", "b"}) {
      const auto file = std::to_string(person) + name + ".png";
      test::writeBytes(folder.path() / file, test::encoded(test::signatureDrawing(person), ".png"));
      samples.push_back({file, std::to_string(person), SampleLabel::Genuine, Split::Validation});
    }
  }
  const auto compared =
      compareNetworks(network, network, {{"copies", trialsOf(samples), folder.path()}}, {});
  ASSERT_TRUE(compared) << compared.error().message;
  const auto& error = compared->lists[0].groups[0].equalError.before;
  EXPECT_EQ(error.value, 0);
  EXPECT_DOUBLE_EQ(error.high, 0.75) << "3 / 4 people";
}

TEST(NetworkComparison, HoldsOutValidationPeopleAndSaysWhenThereAreNone) {
  CorpusManifest manifest;
  const auto add = [&](const std::string& subject, Split split) {
    for (const auto* name : {"1", "2", "3"})
      manifest.samples.push_back({subject + "/" + name, subject, SampleLabel::Genuine, split});
  };
  add("a", Split::Train);
  EXPECT_FALSE(heldOutTrials(manifest, "."));
  add("b", Split::Development);
  EXPECT_FALSE(heldOutTrials(manifest, ".")) << "nobody to be told from";
  add("c", Split::Development);
  const auto development = heldOutTrials(manifest, ".");
  ASSERT_TRUE(development);
  EXPECT_TRUE(development->name.starts_with("development people"));
  EXPECT_EQ(development->list.trials.size(), 2U * 3 + 2);
  add("d", Split::Validation);
  add("e", Split::Validation);
  EXPECT_EQ(heldOutTrials(manifest, ".")->name, "held-out people");
}

}  // namespace
}  // namespace countersign
