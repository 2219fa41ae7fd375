// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "core/base/File.h"
#include "core/corpus/CorpusLayout.h"
#include "core/corpus/SyntheticFace.h"
#include "core/imaging/ImageFile.h"
#include "core/metric/EmbeddingNetwork.h"
#include "core/training/CorpusAudit.h"
#include "core/training/TrainingJob.h"
#include "tests/support/FaceNetwork.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"

namespace countersign {
namespace {

/// Photos of invented people, a folder each; one shows nobody, and one shows two people.
class FaceTraining : public testing::Test {
 protected:
  static constexpr std::uint64_t kPeople = 10;
  static constexpr std::uint64_t kPhotos = 3;

  static void SetUpTestSuite() {
    corpusFolder = std::make_unique<test::TemporaryFolder>();
    CorpusManifest manifest;
    for (std::uint64_t person = 0; person < kPeople; ++person) {
      const auto folder = corpusFolder->path() / ("person-" + std::to_string(person));
      std::filesystem::create_directories(folder);
      const auto split = person < 6   ? Split::Train
                         : person < 8 ? Split::Development
                                      : Split::Validation;
      for (std::uint64_t photo = 0; photo < kPhotos; ++photo) {
        const auto file = folder / (std::to_string(photo) + ".png");
        write(file, SyntheticFace(3, person).snapshot(photo).picture);
        manifest.samples.push_back({file.lexically_relative(corpusFolder->path()),
                                    folder.filename(), SampleLabel::Genuine, split});
      }
    }
    write(corpusFolder->path() / "person-0" / "nobody.png",
          cv::Mat(200, 200, CV_8UC3, cv::Scalar(90, 120, 60)));
    cv::Mat two;
    cv::hconcat(SyntheticFace(3, 0).snapshot(8).picture, SyntheticFace(3, 1).snapshot(8).picture,
                two);
    write(corpusFolder->path() / "person-0" / "two.png", two);
    for (const auto* name : {"person-0/nobody.png", "person-0/two.png"})
      manifest.samples.push_back({name, "person-0", SampleLabel::Genuine, Split::Train});
    ASSERT_TRUE(
        writeFileAtomically(corpusFolder->path() / "manifest.csv", writeManifest(manifest)));
  }
  static void TearDownTestSuite() { corpusFolder.reset(); }
  static void write(const std::filesystem::path& path, const cv::Mat& picture) {
    test::writeBytes(path, test::encoded(picture, ".png"));
  }

  TrainingFiles files(const std::string& name) const {
    return {.root = corpusFolder->path(),
            .output = m_folder.path() / (name + ".safetensors"),
            .runFolder = m_folder.path() / (name + ".run"),
            .startFrom = test::shippedFaceNetwork(),
            .command = "test"};
  }
  TrainingOptions options() const {
    const auto manifest = detectCorpus(corpusFolder->path());
    auto suggested =
        suggestedOptions(manifest->manifest, &readNetworkFile(test::shippedFaceNetwork())->card);
    suggested.steps = 4;
    suggested.stepsPerEpoch = 2;
    suggested.batch.subjects = 4;
    suggested.batch.genuine = 2;
    return suggested;
  }

  static inline std::unique_ptr<test::TemporaryFolder> corpusFolder;
  const test::TemporaryFolder m_folder;
};

TEST_F(FaceTraining, FineTunesWhatHasLearnedFacesAndKeepsWhatFindsThem) {
  bool hasColour = false;
  const auto report = train(options(), files("tuned"),
                            {{}, [&](const TrainingEvent& event) {
                               if (const auto* seen = std::get_if<BatchSeen>(&event))
                                 hasColour = seen->hardest.front().first.type() == CV_8UC3;
                             }});
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  EXPECT_TRUE(hasColour) << "the hardest pairs are shown as they are";
  EXPECT_TRUE(report->randomEer.has_value());
  EXPECT_EQ(report->leftOut.size(), 2U);
  for (const auto& sample : report->leftOut)
    EXPECT_TRUE(sample.reason.find("face") != std::string::npos) << sample.reason;

  const auto before = readNetworkFile(test::shippedFaceNetwork());
  const auto after = readNetworkFile(files("tuned").output);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->card.modality, Modality::Face);
  EXPECT_EQ(after->card.isMirrorAveraged, before->card.isMirrorAveraged);
  EXPECT_EQ(after->card.fusedReferences, before->card.fusedReferences);
  EXPECT_EQ(after->detector, before->detector);
  EXPECT_NE(after->identity(), before->identity());
  int kept = 0;
  int changed = 0;
  for (const auto& [name, raw] : after->weights)
    ++(raw.bytes == before->weights.at(name).bytes ? kept : changed);
  EXPECT_GT(kept, 0) << "early layers are frozen";
  EXPECT_GT(changed, 0);

  // It finds and compares faces by itself.
  const auto network = EmbeddingNetwork::load(files("tuned").output);
  ASSERT_TRUE(network) << network.error().message;
  const auto sample = network->read(SyntheticFace(3, 2).snapshot(9).picture);
  ASSERT_TRUE(sample && sample->isComparable) << sample->quality;
  EXPECT_TRUE(network->embed(sample->canvas));
}

TEST_F(FaceTraining, ResumesToTheVerySameWeights) {
  const auto whole = train(options(), files("whole"), {});
  ASSERT_TRUE(whole) << whole.error().message;
  std::stop_source stop;
  const auto broken =
      train(options(), files("broken"), {stop.get_token(), [&](const TrainingEvent& event) {
                                           const auto* batch = std::get_if<BatchFinished>(&event);
                                           if (batch != nullptr && batch->step == 3)
                                             stop.request_stop();
                                         }});
  ASSERT_FALSE(broken);
  auto again = files("broken");
  again.isResumed = true;
  const auto resumed = train(options(), again, {});
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_EQ(resumed->identity, whole->identity);
}

TEST_F(FaceTraining, NeedsANetworkThatFindsFaces) {
  auto anew = files("anew");
  anew.startFrom.clear();
  const auto report = train(options(), anew, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::NetworkIncompatible);
  EXPECT_NE(report.error().message.find("faces"), std::string::npos);
}

TEST_F(FaceTraining, IsAuditedByWhatFindsTheFaces) {
  const auto network = EmbeddingNetwork::load(test::shippedFaceNetwork());
  ASSERT_TRUE(network);
  const auto audit = auditCorpus(detectCorpus(corpusFolder->path())->manifest, corpusFolder->path(),
                                 *network->reader(), 2, {});
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_EQ(audit->people, static_cast<int>(kPeople));
  EXPECT_EQ(audit->genuine, static_cast<int>(kPeople * kPhotos));
  ASSERT_EQ(audit->problems.size(), 2U);
  EXPECT_NE(audit->problems[0].sentence.find("nobody.png"), std::string::npos);
  EXPECT_NE(audit->problems[1].sentence.find("two.png"), std::string::npos);
  EXPECT_TRUE(audit->leaks.empty());
}

}  // namespace
}  // namespace countersign
