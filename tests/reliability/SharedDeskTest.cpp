// SPDX-License-Identifier: GPL-3.0-or-later
//
// Two programs at one store, and a clock that somebody set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "core/storage/Audit.h"
#include "tests/reliability/Places.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

namespace countersign::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class SharedDesk : public testing::Test {
 protected:
  std::filesystem::path store() const { return m_folder.path() / kStore; }
  Result<std::unique_ptr<Store>> open(Store::Access access, std::int64_t shift = 0) const {
    return Store::open(store(), access,
                       [shift] { return Timestamp{systemTime().microseconds + shift}; });
  }

  TemporaryFolder m_folder;
};

TEST_F(SharedDesk, LetsOneWriteAndTheOtherLook) {
  makeOfficeIn(m_folder.path(), 2);
  const auto writer =
      startProgram({COUNTERSIGN_RELIABILITY_VICTIM, "enrol", m_folder.path().string()});
  for (int i = 0; i < 3000 && !std::filesystem::exists(m_folder.path() / kReady); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto refused = open(Store::Access::Write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::StoreBusy);
  std::size_t before = 0;
  for (int round = 0; round < 10; ++round) {
    const auto reader = open(Store::Access::WriteIfFree);
    ASSERT_TRUE(reader) << reader.error().message << reader.error().detail;
    EXPECT_FALSE((*reader)->repository().isWritable());
    EXPECT_THAT((*reader)->writerElsewhere(), HasSubstr(std::to_string(writer)));
    const auto people = (*reader)->repository().people();
    ASSERT_TRUE(people);
    EXPECT_GE(people->size(), before);
    before = people->size();
    // Whoever looks sees nobody by half.
    for (const auto& summary : *people) EXPECT_EQ(summary.signatureReferences, kReferences);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(endProcess(writer, SIGKILL), -1);
  const auto next = open(Store::Access::Write);
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_THAT((*next)->recoveries().front(), HasSubstr("ended the last time"));
  expectWholeStore(**next);
}

TEST_F(SharedDesk, SaysNothingAfterAStoreThatWasClosed) {
  storeIn(store());
  { ASSERT_TRUE(open(Store::Access::Write)); }
  EXPECT_THAT((*open(Store::Access::Write))->recoveries(), IsEmpty());
}

TEST_F(SharedDesk, KeepsItsOrderWhenTheClockIsSetBack) {
  constexpr std::int64_t kDay = 86'400'000'000;
  storeIn(store());
  const Author author{"ada"};
  ASSERT_TRUE((*open(Store::Access::Write))
                  ->repository()
                  .enrol({"1", "", {plainReference("a", "net")}}, author));
  {
    const auto later = open(Store::Access::Write, -30 * kDay);
    ASSERT_TRUE(later) << later.error().message;
    ASSERT_EQ((*later)->recoveries().size(), 1U);
    EXPECT_THAT((*later)->recoveries().front(), HasSubstr("clock"));
    ASSERT_TRUE((*later)->repository().enrol({"2", "", {plainReference("b", "net")}}, author));
    expectWholeStore(**later);
    const auto rows = AuditTrail::of(**later)->rows();
    ASSERT_TRUE(rows);
    EXPECT_EQ((*open(Store::Access::Read, -30 * kDay))->recoveries().size(), 1U) << "told again";
    // In the order in which it happened, whatever the clock said.
    EXPECT_EQ(rows->back().action, "enrol");
    EXPECT_LT(rows->back().event.time, rows->front().event.time);
    EXPECT_EQ((*later)->repository().people()->back().person.identifier, "2");
  }
  const auto right = open(Store::Access::Write);
  ASSERT_TRUE(right) << right.error().message;
  EXPECT_THAT((*right)->recoveries(), IsEmpty()) << "the clock is right again";
  EXPECT_EQ((*right)->repository().people()->size(), 2U);
}

}  // namespace
}  // namespace countersign::test
