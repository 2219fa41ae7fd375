// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/CorpusLayout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "tests/support/TemporaryFolder.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;

/// A folder of empty files: layouts are told by names alone.
class CorpusLayoutOf : public testing::Test {
 protected:
  void touch(const std::string& name, const std::string& text = "") {
    const auto path = m_folder.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  DetectedCorpus detected() {
    auto corpus = detectCorpus(m_folder.path());
    EXPECT_TRUE(corpus) << corpus.error().message;
    return corpus ? *corpus : DetectedCorpus{};
  }

  const SampleRecord& record(const DetectedCorpus& corpus, const std::string& path) {
    const auto& samples = corpus.manifest.samples;
    const auto at = std::find_if(samples.begin(), samples.end(),
                                 [&](const SampleRecord& s) { return s.path == path; });
    if (at == samples.end()) throw std::runtime_error(path + " was not found");
    return *at;
  }

  const test::TemporaryFolder m_folder;
};

TEST_F(CorpusLayoutOf, ATableIsTakenAsItIs) {
  touch("manifest.csv", "path,subject,label,split\na.png,x,genuine,validation\n");
  touch("x/a.png");
  const auto corpus = detected();
  EXPECT_EQ(corpus.layout, CorpusLayout::Manifest);
  EXPECT_EQ(corpus.manifest.samples.front().split, Split::Validation);
}

TEST_F(CorpusLayoutOf, CedarIsKnownByItsNames) {
  touch("full_org/original_1_1.png");
  touch("full_org/original_1_2.png");
  touch("full_forg/forgeries_1_1.png");
  touch("Readme.txt");
  const auto corpus = detected();
  EXPECT_EQ(corpus.layout, CorpusLayout::Cedar);
  EXPECT_EQ(corpus.manifest.samples.size(), 3U);
  EXPECT_EQ(record(corpus, "full_forg/forgeries_1_1.png").label, SampleLabel::SkilledForgery);
  EXPECT_EQ(record(corpus, "full_forg/forgeries_1_1.png").subject,
            record(corpus, "full_org/original_1_1.png").subject);
}

TEST_F(CorpusLayoutOf, Bhsig260IsKnownByItsNames) {
  touch("1/B-S-1-G-01.tif");
  touch("1/B-S-1-F-01.tif");
  touch("2/H-S-1-G-01.tif");
  const auto corpus = detected();
  EXPECT_EQ(corpus.layout, CorpusLayout::BhSig260);
  EXPECT_EQ(record(corpus, "1/B-S-1-F-01.tif").label, SampleLabel::SkilledForgery);
  EXPECT_NE(record(corpus, "1/B-S-1-G-01.tif").subject, record(corpus, "2/H-S-1-G-01.tif").subject);
}

TEST_F(CorpusLayoutOf, AFolderEachWithForgeriesInsideBesideOrByName) {
  touch("ana/1.png");
  touch("ana/forged/1.png");
  touch("ben/genuine/1.JPG");
  touch("ben/forgery-2.jpg");
  touch("001/a.png");
  touch("001_forg/b.png");
  touch("notes.pdf");
  touch(".hidden/x.png");
  const auto corpus = detected();
  EXPECT_EQ(corpus.layout, CorpusLayout::FolderPerPerson);
  EXPECT_EQ(corpus.manifest.samples.size(), 6U);
  EXPECT_EQ(record(corpus, "ana/forged/1.png").subject, "ana");
  EXPECT_EQ(record(corpus, "ana/forged/1.png").label, SampleLabel::SkilledForgery);
  EXPECT_EQ(record(corpus, "ben/genuine/1.JPG").label, SampleLabel::Genuine);
  EXPECT_EQ(record(corpus, "ben/forgery-2.jpg").label, SampleLabel::SkilledForgery);
  EXPECT_EQ(record(corpus, "001_forg/b.png").subject, "001");
  EXPECT_EQ(record(corpus, "001_forg/b.png").label, SampleLabel::SkilledForgery);
}

TEST_F(CorpusLayoutOf, PeopleOfOneNameInTwoGroupsAreTwoPeople) {
  touch("all/Greek/character01/a.png");
  touch("all/Latin/character01/a.png");
  touch("all/Latin/forged/character01/b.png");
  const auto corpus = detected();
  EXPECT_EQ(record(corpus, "all/Greek/character01/a.png").subject, "Greek/character01");
  EXPECT_EQ(record(corpus, "all/Latin/forged/character01/b.png").subject, "Latin/character01");
  EXPECT_EQ(record(corpus, "all/Latin/forged/character01/b.png").label,
            SampleLabel::SkilledForgery);
}

TEST_F(CorpusLayoutOf, PeopleAreDealtOutToSplitsByTheirNamesAlone) {
  for (int person = 0; person < 21; ++person) {
    for (const char* name : {"/a.png", "/b.png"}) touch("p" + std::to_string(person) + name);
  }
  const auto corpus = detected();
  std::map<Split, std::set<std::string>> people;
  for (const auto& sample : corpus.manifest.samples) people[sample.split].insert(sample.subject);
  EXPECT_EQ(people[Split::Development].size(), 3U);
  EXPECT_EQ(people[Split::Validation].size(), 3U);
  EXPECT_EQ(people[Split::Train].size(), 15U);
  touch("p0/c.png");
  const auto again = detected();
  EXPECT_EQ(record(again, "p0/c.png").split, record(corpus, "p0/a.png").split);
}

TEST_F(CorpusLayoutOf, AFewPeopleKeepMostForTraining) {
  touch("a/1.png");
  touch("b/1.png");
  const auto two = detected();
  EXPECT_EQ(two.manifest.of(Split::Train).size(), 2U);
  touch("c/1.png");
  EXPECT_EQ(detected().manifest.of(Split::Development).size(), 1U);
}

TEST_F(CorpusLayoutOf, NothingUsefulIsOneSentence) {
  touch("a.png");
  touch("b.png");
  const auto corpus = detectCorpus(m_folder.path());
  ASSERT_FALSE(corpus);
  EXPECT_EQ(corpus.error().code, ErrorCode::FileMalformed);
  const auto missing = detectCorpus(m_folder.path() / "missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::FileNotReadable);
}

}  // namespace
}  // namespace countersign
