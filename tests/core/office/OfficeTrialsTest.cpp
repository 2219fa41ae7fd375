// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/OfficeTrials.h"

#include <gtest/gtest.h>

#include "core/base/File.h"
#include "core/office/Office.h"
#include "tests/support/FaceNetwork.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestNetwork.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

class TrialsOfAnOffice : public testing::Test {
 protected:
  void SetUp() override {
    auto office = Office::open({.folder = test::storeIn(m_folder.path() / "store"),
                                .access = Store::Access::Write,
                                .shippedNetwork = m_network,
                                .author = {"ada"},
                                .clock = test::steppingClock()});
    ASSERT_TRUE(office) << office.error().message;
    m_office = *std::move(office);
    m_desk = m_office->signatureDesk();
  }
  void enrol(std::uint64_t number, int count) {
    std::vector<std::shared_ptr<const ExaminedImage>> images;
    images.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
      images.push_back(test::examinedDrawing(*m_desk, number, static_cast<std::uint64_t>(i)));
    ASSERT_TRUE(m_desk->enrol(std::to_string(number), "", images));
  }
  /// Drawings of two people in one folder, and a list of trials in another one below it.
  std::filesystem::path writeList(const std::string& header, const std::string& end) {
    std::string text = "references,probe,label,group,subject" + header + "\n";
    for (const std::uint64_t person : {1, 2})
      for (const std::uint64_t sample : {0, 1, 2})
        test::writeBytes(
            m_folder.path() / (std::to_string(person) + "-" + std::to_string(sample) + ".png"),
            test::encoded(test::signatureDrawing(person, sample), ".png"));
    for (const char name : {'1', '2'}) {
      const char other = name == '1' ? '2' : '1';
      const auto row = [&](char of, char sample, const char* labels) {
        text.append({name}).append("-0.png,").append({of}).append("-").append({sample});
        text.append(".png,").append(labels).append({',', name}).append(end).append("\n");
      };
      row(name, '1', "mated,genuine");
      row(name, '2', "mated,genuine");
      row(other, '1', "nonMated,random");
    }
    std::filesystem::create_directories(m_folder.path() / "lists");
    auto path = m_folder.path() / "lists" / "trials.csv";
    EXPECT_TRUE(writeFileAtomically(path, text));
    return path;
  }

  test::TemporaryFolder m_folder;
  std::filesystem::path m_network = test::writeRandomNetwork(m_folder.path(), "first", 1);
  std::filesystem::path m_other = test::writeRandomNetwork(m_folder.path(), "second", 2);
  std::unique_ptr<Office> m_office;
  std::shared_ptr<const Desk> m_desk;
};

TEST_F(TrialsOfAnOffice, AreTheSameByAnotherNetwork) {
  for (const std::uint64_t person : {1, 2, 3}) enrol(person, 3);
  // One image that was recorded as a forgery of the first.
  const auto first = m_office->repository().findPerson("1");
  const auto examination = m_desk->verify(first->key, test::examinedDrawing(*m_desk, 7, 0));
  ASSERT_TRUE(examination);
  ASSERT_TRUE(m_desk->record(*examination, {Finding::NonMatch}));
  const TrialSource source{TrialSource::Kind::Store};
  const auto mine = officeTrials(*m_desk, source, {});
  ASSERT_TRUE(mine) << mine.error().message;
  const auto compared = compareOfficeTrials(*m_desk, source, mine->known, m_other, {});
  ASSERT_TRUE(compared) << compared.error().message;
  EXPECT_EQ(compared->known.evidence.groups, mine->known.evidence.groups);
  EXPECT_EQ(compared->known.network, EmbeddingNetwork::load(m_other)->identity());
  ASSERT_EQ(compared->groups.size(), 2U);
  EXPECT_EQ(compared->groups[0].group, "skilled");

  // As if the other one had served all along.
  const auto there = Office::open({.folder = test::storeIn(m_folder.path() / "other store"),
                                   .access = Store::Access::Write,
                                   .shippedNetwork = m_other,
                                   .author = {"ada"},
                                   .clock = test::steppingClock()});
  ASSERT_TRUE(there);
  const auto desk = (*there)->signatureDesk();
  for (const std::uint64_t person : {1, 2, 3}) {
    std::vector<std::shared_ptr<const ExaminedImage>> images;
    for (const std::uint64_t i : {0, 1, 2})
      images.push_back(test::examinedDrawing(*desk, person, i));
    ASSERT_TRUE(desk->enrol(std::to_string(person), "", images));
  }
  const auto expected = officeTrials(*desk, source, {});
  ASSERT_TRUE(expected);
  const auto& scores = expected->known.evidence.scores;
  ASSERT_EQ(compared->known.evidence.scores.size(), scores.size() + 1) << "and the forgery";
  for (std::size_t i = 0; i < scores.size(); ++i)
    EXPECT_NEAR(compared->known.evidence.scores[i], scores[i], 1e-5);
}

TEST_F(TrialsOfAnOffice, DoNotDifferFromThemselves) {
  for (const std::uint64_t person : {1, 2}) enrol(person, 3);
  const TrialSource source{TrialSource::Kind::Store};
  const auto mine = officeTrials(*m_desk, source, {});
  ASSERT_TRUE(mine);
  const auto compared = compareOfficeTrials(*m_desk, source, mine->known, m_network, {});
  ASSERT_TRUE(compared) << compared.error().message;
  ASSERT_EQ(compared->groups.size(), 1U);
  EXPECT_EQ(compared->groups[0].equalError.difference.value, 0);
  EXPECT_FALSE(compared->groups[0].equalError.isCertain());
}

TEST_F(TrialsOfAnOffice, AreComparedFirstWhereAListHasNoScores) {
  const auto list = writeList("", "");
  const TrialSource source{.kind = TrialSource::Kind::Table, .table = list};
  const auto trials = officeTrials(*m_desk, source, {});
  ASSERT_TRUE(trials) << trials.error().message;
  EXPECT_EQ(trials->known.network, m_desk->network().identity());
  ASSERT_EQ(trials->known.evidence.scores.size(), 6U);
  const auto reference = m_desk->examine(m_folder.path() / "1-0.png");
  const auto probe = m_desk->examine(m_folder.path() / "1-1.png");
  ASSERT_TRUE(reference && probe);
  EXPECT_NEAR(trials->known.evidence.scores[0],
              m_desk->network().score(*probe->embedded, *reference->embedded), 1e-5);
  EXPECT_EQ(besideTable(list, "1-0.png"), m_folder.path() / "1-0.png") << "one folder above";
  const auto compared = compareOfficeTrials(*m_desk, source, trials->known, m_other, {});
  ASSERT_TRUE(compared) << compared.error().message;
  EXPECT_NE(compared->known.evidence.scores, trials->known.evidence.scores);

  for (const char* person : {"1", "2"})
    for (const char* sample : {"0", "1", "2"})
      std::filesystem::remove(m_folder.path() / (std::string(person) + "-" + sample + ".png"));
  EXPECT_EQ(officeTrials(*m_desk, source, {}).error().code, ErrorCode::FileNotReadable);
}

TEST_F(TrialsOfAnOffice, AreNotComparedWithOthers) {
  for (const std::uint64_t person : {1, 2}) enrol(person, 2);
  const TrialSource source{TrialSource::Kind::Store};
  const auto mine = officeTrials(*m_desk, source, {});
  ASSERT_TRUE(mine);
  const auto table = writeList(",score", ",0.5");
  EXPECT_EQ(compareOfficeTrials(*m_desk, source, mine->known, table, {}).error().code,
            ErrorCode::OptionOutOfRange);
  EXPECT_EQ(compareOfficeTrials(*m_desk, source, mine->known, test::shippedFaceNetwork(), {})
                .error()
                .code,
            ErrorCode::NetworkIncompatible);
  EXPECT_EQ(
      compareOfficeTrials(*m_desk, source, mine->known, m_folder.path() / "none", {}).error().code,
      ErrorCode::FileNotReadable);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(compareOfficeTrials(*m_desk, source, mine->known, m_other, {stop.get_token(), {}})
                .error()
                .code,
            ErrorCode::Cancelled);
}

// A card's scores need no images: two cards that were measured on the same lists are compared as
// they are.
TEST_F(TrialsOfAnOffice, OfCardsNeedTheSameLists) {
  const auto withLists = [&](const std::string& name, int seed, const std::string& list,
                             const std::vector<float>& scores) {
    auto file = test::randomNetwork(seed);
    file.evidence[list] = {scores, {0, 0, 1, 1, 2, 2}, {0, 1, 0, 1, 0, 1}};
    auto path = m_folder.path() / name;
    EXPECT_TRUE(writeNetworkFile(path, file));
    return path;
  };
  const auto one = withLists("one", 3, "list-5ref", {0.9F, 0.8F, 0.85F, 0.1F, 0.2F, 0.1F});
  const auto better = withLists("better", 4, "list-5ref", {0.9F, 0.8F, 0.3F, 0.1F, 0.2F, 0.1F});
  const auto elsewhere =
      withLists("elsewhere", 5, "list-1ref", {0.9F, 0.8F, 0.3F, 0.1F, 0.2F, 0.1F});
  const Desk desk(m_office->repository(),
                  std::make_shared<const EmbeddingNetwork>(*EmbeddingNetwork::load(one)), {"ada"});
  const TrialSource source{TrialSource::Kind::Card, 5};
  const auto mine = officeTrials(desk, source, {});
  ASSERT_TRUE(mine);
  EXPECT_EQ(mine->lists, std::vector<std::string>{"list-5ref"});
  const auto compared = compareOfficeTrials(desk, source, mine->known, better, {});
  ASSERT_TRUE(compared) << compared.error().message;
  EXPECT_EQ(compared->groups.at(0).equalError.before.value, 0.5);
  EXPECT_EQ(compared->groups.at(0).equalError.after.value, 0);
  EXPECT_EQ(compareOfficeTrials(desk, source, mine->known, elsewhere, {}).error().code,
            ErrorCode::OptionOutOfRange);
}

}  // namespace
}  // namespace countersign
