// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/corpus/SyntheticFace.h"
#include "core/office/Office.h"
#include "tests/support/FaceNetwork.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

using testing::HasSubstr;

using Images = std::vector<std::shared_ptr<const ExaminedImage>>;

/// Signatures by a network of random weights, faces by the shipped one.
class OfficeForFaces : public testing::Test {
 protected:
  void SetUp() override { open(test::shippedFaceNetwork()); }

  void open(const std::filesystem::path& faces, Store::Access access = Store::Access::Write) {
    m_office.reset();
    auto office = Office::open({.folder = test::storeIn(m_folder.path() / "store"),
                                .access = access,
                                .shippedNetwork = test::writeRandomNetwork(m_folder.path(), "net"),
                                .shippedFaceNetwork = faces,
                                .author = {"ada"},
                                .clock = test::steppingClock()});
    ASSERT_TRUE(office) << office.error().message << office.error().detail;
    m_office = *std::move(office);
  }
  std::shared_ptr<const Desk> desk() const {
    auto desk = m_office->desk(Modality::Face);
    EXPECT_TRUE(desk) << desk.error().message;
    return *std::move(desk);
  }
  std::shared_ptr<const ExaminedImage> examined(const cv::Mat& picture, const std::string& name,
                                                const SampleRegion& region = {}) const {
    auto image = desk()->examine(test::encoded(picture, ".png"), name, region);
    EXPECT_TRUE(image) << image.error().message;
    return std::make_shared<const ExaminedImage>(*std::move(image));
  }
  std::shared_ptr<const ExaminedImage> snapshot(std::uint64_t person, std::uint64_t index) const {
    return examined(SyntheticFace(kSeed, person).snapshot(index).picture,
                    std::to_string(person) + "-" + std::to_string(index) + ".png");
  }
  Person enrol(const std::string& identifier, std::uint64_t person) const {
    const auto enrolled = desk()->enrol(
        identifier, "", {snapshot(person, 0), snapshot(person, 1), snapshot(person, 2)});
    EXPECT_TRUE(enrolled) << enrolled.error().message;
    return enrolled->person;
  }

  static constexpr std::uint64_t kSeed = 1;
  test::TemporaryFolder m_folder;
  std::unique_ptr<Office> m_office;
};

TEST_F(OfficeForFaces, FindsAPersonOfThreePosesFromAFourth) {
  const auto turned = [&](std::uint64_t person, double yaw) {
    return examined(SyntheticFace(kSeed, person).picture({.yaw = yaw}).picture, "turned.png");
  };
  const std::vector<std::uint64_t> people{1, 3, 6, 8};
  for (const auto person : people) {
    const auto enrolled = desk()->enrol(
        std::to_string(person), "", {turned(person, -25), turned(person, 0), turned(person, 25)});
    ASSERT_TRUE(enrolled) << enrolled.error().message;
  }
  for (const auto person : people) {
    for (const double yaw : {-12.0, 14.0}) {
      const auto probe = turned(person, yaw);
      const auto found = desk()->identify(probe);
      ASSERT_TRUE(found) << found.error().message;
      EXPECT_EQ(found->finding, Finding::Match);
      EXPECT_EQ(found->candidates.front().person.identifier, std::to_string(person))
          << "at " << yaw << " degrees";
    }
  }
}

TEST_F(OfficeForFaces, EnrolsVerifiesIdentifiesRecordsAndReproduces) {
  EXPECT_EQ(desk()->modality(), Modality::Face);
  const auto ada = enrol("1", 1);
  const auto ben = enrol("2", 6);
  // Drawn people look more alike than real ones: only their order counts here.
  const auto probe = snapshot(1, 5);
  const auto own = desk()->verify(ada.key, probe);
  const auto other = desk()->verify(ben.key, probe);
  ASSERT_TRUE(own && other);
  ASSERT_EQ(own->scores.size(), 3U);
  EXPECT_GT(*own->fused, *other->fused);
  ASSERT_TRUE(desk()->setRule((own->fused->value + other->fused->value) / 2, 0.0));
  EXPECT_EQ(desk()->verify(ada.key, probe)->finding, Finding::Match);
  EXPECT_EQ(desk()->verify(ben.key, probe)->finding, Finding::NonMatch);

  const auto found = desk()->identify(probe);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->finding, Finding::Match);
  EXPECT_EQ(found->candidates.front().person.key, ada.key);

  const auto key = desk()->record(*desk()->verify(ada.key, probe), {Finding::Match, "seen"});
  ASSERT_TRUE(key) << key.error().message;
  const auto decision = m_office->repository().decision(*key);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->summary.modality, Modality::Face);
  const auto again = desk()->reproduce(*decision);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->isFromImage);
  EXPECT_TRUE(again->isSame);
}

TEST_F(OfficeForFaces, KeepsSignaturesAndFacesOfAPersonApart) {
  enrol("1", 1);
  const auto signatures = m_office->signatureDesk();
  Images drawings;
  for (std::uint64_t i = 0; i < 2; ++i)
    drawings.push_back(test::examinedDrawing(*signatures, 4, i));
  ASSERT_TRUE(signatures->enrol("1", "", drawings));
  const auto people = m_office->repository().people();
  ASSERT_EQ(people->size(), 1U);
  const auto& summary = people->front();
  EXPECT_EQ(summary.references(Modality::Signature), 2);
  EXPECT_EQ(summary.references(Modality::Face), 3);
  const auto key = summary.person.key;
  EXPECT_EQ(desk()->verify(key, snapshot(1, 4))->references.size(), 3U);
  EXPECT_EQ(signatures->verify(key, drawings[0])->references.size(), 2U);
  // Neither desk takes the other's samples.
  EXPECT_EQ(desk()->verify(key, drawings[0]).error().code, ErrorCode::NetworkIncompatible);
  EXPECT_EQ(signatures->identify(snapshot(1, 4)).error().code, ErrorCode::NetworkIncompatible);
  // Another network for signatures leaves the faces alone.
  int total = 0;
  ASSERT_TRUE(m_office->changeNetwork(
      test::writeRandomNetwork(m_folder.path(), "second", 2),
      {{}, [&](const ReembeddingProgress& p) { total = std::max(total, p.total); }}));
  EXPECT_EQ(total, 2);
  EXPECT_TRUE(desk()->verify(key, snapshot(1, 4)));
}

TEST_F(OfficeForFaces, TakesTwoPeopleFromOnePhoto) {
  cv::Mat photo(260, 520, CV_8UC3);
  SyntheticFace(kSeed, 1).snapshot(0).picture.copyTo(photo(cv::Rect(5, 5, 250, 250)));
  SyntheticFace(kSeed, 2).snapshot(0).picture.copyTo(photo(cv::Rect(265, 5, 250, 250)));
  const auto unclear = examined(photo, "both.png");
  EXPECT_FALSE(unclear->isComparable());
  EXPECT_THAT(unclear->image.quality, HasSubstr("more than one face"));
  EXPECT_EQ(desk()->enrol("1", "", {unclear}).error().code, ErrorCode::QualityInsufficient);
  SampleRegion region;
  region.face = {FaceChoice::Kind::Number, 1};
  ASSERT_TRUE(desk()->enrol("1", "", {examined(photo, "both.png", region)}));
  EXPECT_EQ(desk()->enrol("2", "", {examined(photo, "both.png", region)}).error().code,
            ErrorCode::AlreadyEnrolled);
  region.face.number = 2;
  ASSERT_TRUE(desk()->enrol("2", "", {examined(photo, "both.png", region)}));
  const auto people = m_office->repository().people();
  const auto stored = m_office->repository().references(people->back().person.key);
  EXPECT_EQ(stored->front().region.face, (FaceChoice{FaceChoice::Kind::Number, 2}));
}

TEST_F(OfficeForFaces, EmbedsTheEnrolledChipsWhenTheNetworkChanges) {
  const auto ada = enrol("1", 1);
  auto other = readNetworkFile(test::shippedFaceNetwork());
  ASSERT_TRUE(other);
  other->card.name = "another";
  other->card.isMirrorAveraged = false;
  const auto path = m_folder.path() / "another.safetensors";
  ASSERT_TRUE(writeNetworkFile(path, *other));
  ASSERT_TRUE(m_office->changeNetwork(path, {}));
  EXPECT_EQ(desk()->network().card().name, "another");
  const auto chip = snapshot(1, 0)->sample.canvas;
  const auto expected = desk()->network().embedReference(chip);
  const auto templates = m_office->repository().templates(desk()->network().identity(), ada.key);
  ASSERT_TRUE(expected && templates);
  ASSERT_EQ(templates->size(), 3U);
  EXPECT_EQ(embeddingFrom(templates->front().content)->embedding, expected->embedding);
  EXPECT_EQ(m_office->signatureDesk()->network().card().name, "net") << "nobody else is concerned";
}

TEST_F(OfficeForFaces, SaysThatItCannotJudgeWhatShowsNoFace) {
  const auto ada = enrol("1", 1);
  const auto nobody = examined(cv::Mat(200, 300, CV_8UC3, cv::Scalar(200, 180, 90)), "sky.png");
  EXPECT_TRUE(nobody->image.normalised.empty());
  const auto examination = desk()->verify(ada.key, nobody);
  ASSERT_TRUE(examination);
  EXPECT_EQ(examination->finding, Finding::CannotJudge);
  const auto key = desk()->record(*examination, {Finding::Refer});
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_TRUE(desk()->reproduce(*m_office->repository().decision(*key)));
}

TEST_F(OfficeForFaces, WorksOnForSignaturesWithoutANetworkForFaces) {
  m_office.reset();
  std::filesystem::remove_all(m_folder.path() / "store");
  for (const auto& none : {std::filesystem::path(), m_folder.path() / "missing.safetensors",
                           test::writeRandomNetwork(m_folder.path(), "signatures")}) {
    open(none);
    EXPECT_TRUE(m_office->signatureDesk()->service());
    EXPECT_FALSE(m_office->desk(Modality::Face)) << none;
  }
  // A store from before there were faces takes the network when it is next written to.
  open(test::shippedFaceNetwork());
  EXPECT_TRUE(m_office->desk(Modality::Face));
  open({}, Store::Access::Read);
  EXPECT_TRUE(m_office->desk(Modality::Face)) << "the store keeps its own copy";
}

}  // namespace
}  // namespace countersign
