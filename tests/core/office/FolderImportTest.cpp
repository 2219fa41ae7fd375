// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/FolderImport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/office/Office.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

using testing::HasSubstr;

class ImportOfAFolder : public testing::Test {
 protected:
  void SetUp() override {
    auto office = Office::open({.folder = test::storeIn(m_folder.path() / "store"),
                                .access = Store::Access::Write,
                                .shippedNetwork = test::writeRandomNetwork(m_folder.path(), "net"),
                                .author = {"ada"},
                                .clock = test::steppingClock()});
    ASSERT_TRUE(office) << office.error().message;
    m_office = *std::move(office);
  }
  const Desk& desk() const { return *m_desk; }
  void put(const std::string& folder, std::uint64_t number, std::uint64_t index) const {
    std::filesystem::create_directories(people() / folder);
    test::writeBytes(
        people() / folder / (std::to_string(number) + "-" + std::to_string(index) + ".png"),
        test::encoded(test::signatureDrawing(number, index), ".png"));
  }
  std::filesystem::path people() const { return m_folder.path() / "people"; }
  FolderImport imported(const std::stop_token& stop = {}) {
    m_desk = m_office->signatureDesk();
    auto result = importFolder(desk(), people(), {stop, {}});
    EXPECT_TRUE(result) << result.error().message;
    return result ? *std::move(result) : FolderImport{};
  }
  int referencesOf(const std::string& identifier) const {
    const auto person = m_office->repository().findPerson(identifier);
    if (!person) return -1;
    return static_cast<int>(m_office->repository().references(person->key)->size());
  }

  test::TemporaryFolder m_folder;
  std::unique_ptr<Office> m_office;
  std::shared_ptr<const Desk> m_desk;
};

TEST_F(ImportOfAFolder, KeepsTwoPeopleOfOneFirstNameApart) {
  put("Anna Berg", 1, 0);
  put("Anna Holm", 2, 0);
  const auto result = imported();
  EXPECT_EQ(result.enrolledPeople(), 1);
  ASSERT_EQ(result.people[1].leftOut.size(), 1U);
  EXPECT_THAT(result.people[1].leftOut[0], HasSubstr("is that of Anna Berg"));
  EXPECT_EQ(referencesOf("Anna"), 1);
}

TEST_F(ImportOfAFolder, LeavesOutTheOneImageThatSomebodyElseHas) {
  put("1", 1, 0);
  put("2", 1, 0);  // misfiled
  put("2", 2, 1);
  const auto result = imported();
  EXPECT_EQ(referencesOf("1"), 1);
  EXPECT_EQ(referencesOf("2"), 1) << "the other image is theirs";
  ASSERT_EQ(result.people[1].leftOut.size(), 1U);
  EXPECT_THAT(result.people[1].leftOut[0], HasSubstr("as a reference of 1"));
}

TEST_F(ImportOfAFolder, GoesOnAfterAFolderThatNamesNobody) {
  put(" ", 1, 0);
  put("M\xFCller", 2, 0);
  put(" 3", 3, 0);
  const auto result = imported();
  EXPECT_EQ(result.enrolledPeople(), 1);
  EXPECT_EQ(referencesOf("3"), 1);
  for (const auto& one : result.people)
    EXPECT_EQ(one.leftOut.size(), one.enrolled ? 0U : 1U) << one.folder;
  EXPECT_FALSE(desk().enrol("M\xFCller", "", {test::examinedDrawing(desk(), 5, 0)}));
}

TEST_F(ImportOfAFolder, TakesNoMoreThanIsOfUse) {
  for (std::uint64_t i = 0; i < 14; ++i) put("1", 1, i);
  const auto result = imported();
  EXPECT_EQ(referencesOf("1"), Desk::kMostAdvised);
  ASSERT_EQ(result.people[0].leftOut.size(), 1U);
  EXPECT_THAT(result.people[0].leftOut[0], HasSubstr("2 more images"));
}

TEST_F(ImportOfAFolder, IsUndoneWithoutWhatWasAddedOrRemovedMeanwhile) {
  put("1", 1, 0);
  put("2", 2, 0);
  put("3", 3, 0);
  const auto result = imported();
  auto& repository = m_office->repository();
  ASSERT_TRUE(desk().enrol("1", "", {test::examinedDrawing(desk(), 1, 7)}));
  ASSERT_TRUE(repository.retirePerson(repository.findPerson("2")->key, desk().author()));
  ASSERT_TRUE(undoImport(desk(), result));
  EXPECT_EQ(referencesOf("1"), 1) << "with the one that was added";
  EXPECT_EQ(referencesOf("2"), -1);
  EXPECT_EQ(referencesOf("3"), -1);
}

TEST_F(ImportOfAFolder, StopsInTheMiddleOfAPersonWithoutSavingHalfOfThem) {
  put("1", 1, 0);
  put("1", 1, 1);
  std::stop_source stop;
  stop.request_stop();
  const auto result = imported(stop.get_token());
  EXPECT_TRUE(result.isStopped);
  EXPECT_EQ(result.enrolledPeople(), 0);
  EXPECT_EQ(referencesOf("1"), -1);
}

}  // namespace
}  // namespace countersign
