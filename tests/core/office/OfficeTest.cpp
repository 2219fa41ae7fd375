// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/Office.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/office/SampleOffice.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestNetwork.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

class OfficeInAFolder : public testing::Test {
 protected:
  Office::Options options() const {
    return {.folder = test::storeIn(m_folder.path() / "store"),
            .access = Store::Access::Write,
            .shippedNetwork = m_network,
            .author = {"ada"},
            .clock = test::steppingClock()};
  }
  void SetUp() override { open(); }
  void open() {
    m_office.reset();
    auto office = Office::open(options());
    ASSERT_TRUE(office) << office.error().message;
    m_office = *std::move(office);
  }
  Person enrol(std::uint64_t number, int count) {
    std::vector<std::shared_ptr<const ExaminedImage>> images;
    images.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
      images.push_back(
          test::examinedDrawing(*m_office->signatureDesk(), number, static_cast<std::uint64_t>(i)));
    return m_office->signatureDesk()->enrol(std::to_string(number), "", images)->person;
  }

  test::TemporaryFolder m_folder;
  std::filesystem::path m_network = test::writeRandomNetwork(m_folder.path(), "first", 1);
  std::filesystem::path m_next = test::writeRandomNetwork(m_folder.path(), "second", 2);
  std::unique_ptr<Office> m_office;
};

TEST_F(OfficeInAFolder, StartsWithTheShippedNetworkAndKeepsIt) {
  EXPECT_EQ(m_office->signatureDesk()->network().card().name, "first");
  m_network = m_next;  // the program was upgraded
  open();
  EXPECT_EQ(m_office->signatureDesk()->network().card().name, "first")
      << "serves until somebody changes it";
}

TEST_F(OfficeInAFolder, StartsWithTheEqualErrorThresholdOfSeveralReferences) {
  const auto& network = m_office->signatureDesk()->network();
  const auto rule = m_office->repository().networkInService(Modality::Signature)->rule;
  EXPECT_EQ(rule.threshold, initialRule(network).threshold);
  EXPECT_NE(rule.threshold.value, network.card().defaultThreshold);
  auto bare = test::randomNetwork();
  bare.evidence.clear();
  const auto unmeasured = EmbeddingNetwork::of(bare);
  EXPECT_EQ(initialRule(*unmeasured).threshold.value, bare.card.defaultThreshold);
}

TEST_F(OfficeInAFolder, PutsAnotherNetworkIntoServiceWithAllReferences) {
  const auto ada = enrol(4, 5);
  const auto before = m_office->signatureDesk()->network().identity();
  std::vector<int> done;
  ASSERT_TRUE(m_office->changeNetwork(
      m_next, {{}, [&](const ReembeddingProgress& p) { done.push_back(p.done); }}));
  EXPECT_EQ(done, (std::vector<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(m_office->signatureDesk()->network().card().name, "second");
  const auto probe = test::examinedDrawing(*m_office->signatureDesk(), 4, 0);
  const auto examination = m_office->signatureDesk()->verify(ada.key, probe);
  ASSERT_TRUE(examination) << examination.error().message;
  EXPECT_NEAR(examination->scores[0].value, 1, 1e-6);
  EXPECT_EQ(m_office->repository().templates(before, ada.key)->size(), 5U)
      << "the way back is short";
  open();
  EXPECT_EQ(m_office->signatureDesk()->network().card().name, "second");
}

TEST_F(OfficeInAFolder, GoesOnWhereAStoppedChangeOfNetworksEnded) {
  enrol(4, 12);
  enrol(9, 12);
  std::stop_source stop;
  const auto stopped = m_office->changeNetwork(m_next, {stop.get_token(), [&](const auto& p) {
                                                          if (p.done == 20) stop.request_stop();
                                                        }});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
  EXPECT_EQ(m_office->signatureDesk()->network().card().name, "first") << "serves on";
  open();
  EXPECT_EQ(m_office->signatureDesk()->network().card().name, "first");
  int total = 0;
  ASSERT_TRUE(m_office->changeNetwork(
      m_next, {{}, [&](const ReembeddingProgress& p) { total = std::max(total, p.total); }}));
  EXPECT_EQ(total, 4) << "of 24";
  EXPECT_EQ(m_office->signatureDesk()->network().card().name, "second");
}

TEST_F(OfficeInAFolder, MendsItsCopyOfTheNetworkFromTheShippedOne) {
  const auto identity = m_office->signatureDesk()->network().identity();
  const auto copy = *m_office->store().networkFile(identity);
  m_office.reset();
  std::filesystem::remove(copy);
  open();
  EXPECT_TRUE(std::filesystem::exists(copy));
  m_office.reset();
  std::filesystem::remove(copy);
  m_network = m_next;
  const auto lost = Office::open(options());
  ASSERT_FALSE(lost);
  EXPECT_THAT(lost.error().message, testing::HasSubstr("missing"));
}

// Its identity tells what scores it gives; what its card says of them could be changed beside that.
TEST_F(OfficeInAFolder, NoticesEveryFlippedByteOfItsNetwork) {
  const auto identity = m_office->signatureDesk()->network().identity();
  const auto copy = *m_office->store().networkFile(identity);
  const auto whole = *readFile(copy, std::uintmax_t{1} << 28U);
  unsigned state = 7;
  int loaded = 0;
  constexpr int kFlips = 1000;
  for (int i = 0; i < kFlips; ++i) {
    auto changed = whole;
    state = state * 1103515245U + 12345U;
    // Half of them where the card stands, at the start.
    constexpr std::size_t kCard = 4000;
    const auto among = i % 2 == 0 ? changed.size() : std::min(kCard, changed.size());
    const auto at = (state >> 2U) % among;
    changed[at] = static_cast<std::uint8_t>(changed[at] ^ (1U << (i % 8)));
    test::writeBytes(copy, changed);
    const auto status = m_office->store().checkNetwork(identity);
    ASSERT_FALSE(status) << "byte " << at;
    EXPECT_THAT(status.error().message, testing::HasSubstr("changed by another program"));
    if (EmbeddingNetwork::load(copy)) ++loaded;
  }
  std::printf("%d flipped bytes: %d files could be loaded, none is used\n", kFlips, loaded);
  m_office.reset();
  open();  // mends it from the one that came with the program
  EXPECT_TRUE(m_office->store().checkNetwork(identity));
  EXPECT_EQ(*readFile(copy, std::uintmax_t{1} << 28U), whole);
  m_office.reset();
  test::writeBytes(copy, Bytes(whole.begin(), whole.end() - 1));
  m_network = m_next;
  const auto lost = Office::open(options());
  ASSERT_FALSE(lost);
  EXPECT_THAT(lost.error().message, testing::HasSubstr("changed by another program"));
}

TEST(SampleOffice, IsMadeOnceAndAllAtOnce) {
  const test::TemporaryFolder folder;
  const auto office = folder.path() / "office";
  const auto network = test::writeRandomNetwork(folder.path(), "net");
  std::stop_source stop;
  const auto stopped = makeSampleOffice(
      office, network, {stop.get_token(), [&](const SampleOfficeProgress& progress) {
                          if (progress.done == 2) stop.request_stop();
                        }});
  EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
  EXPECT_FALSE(std::filesystem::exists(office));
  EXPECT_TRUE(sampleProbes(office).empty());

  ASSERT_TRUE(makeSampleOffice(office, network));
  const auto probes = sampleProbes(office);
  ASSERT_EQ(probes.size(), 72U);
  auto opened = Office::open({.folder = office,
                              .access = Store::Access::Read,
                              .shippedNetwork = network,
                              .author = {"ada"}});
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ((*opened)->repository().people()->size(), 12U);
  const auto desk = (*opened)->signatureDesk();
  for (const auto& probe : probes) {
    EXPECT_TRUE((*opened)->repository().findPerson(probe.identifier));
    EXPECT_TRUE(std::filesystem::exists(probe.file)) << probe.file;
  }
  EXPECT_TRUE(desk->examine(probes.front().file)->isComparable());
  int called = 0;
  ASSERT_TRUE(makeSampleOffice(office, network, {{}, [&](const auto&) { ++called; }}));
  EXPECT_EQ(called, 0) << "it is there already";
}

}  // namespace
}  // namespace countersign
