// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "core/base/Random.h"
#include "core/storage/Store.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign::test {
namespace {

TEST(KilledEnrolment, LeavesNothingHalfEnrolledAndLosesNothingConfirmed) {
  const TemporaryFolder folder;
  const auto storePath = folder.path() / "store";
  const auto confirmedPath = folder.path() / "confirmed";
  Random random{50};
  constexpr int kKills = 50;
  for (int kill = 0; kill < kKills; ++kill) {
    const auto victim =
        startProgram({COUNTERSIGN_ENROLMENT_VICTIM, storePath.string(), confirmedPath.string()});
    const auto ready = confirmedPath.string() + ".ready";
    for (int i = 0; i < 1000 && !std::filesystem::exists(ready); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::filesystem::remove(ready);
    // From before the store is there to many enrolments later.
    std::this_thread::sleep_for(
        std::chrono::microseconds(static_cast<std::int64_t>(random.uniform(0, 150'000))));
    ASSERT_EQ(endProcess(victim, SIGKILL), -1) << "it ended by itself";

    const auto store = Store::open(storePath, Store::Access::Write);
    ASSERT_TRUE(store) << store.error().message << store.error().detail;
    const auto check = (*store)->check();
    ASSERT_TRUE(check) << check.error().detail;
  }
  const auto store = Store::open(storePath, Store::Access::Read);
  ASSERT_TRUE(store);
  const auto& repository = (*store)->repository();
  const auto people = repository.people();
  ASSERT_TRUE(people);
  EXPECT_GT(people->size(), static_cast<std::size_t>(kKills)) << "it was hardly ever at work";
  for (const auto& summary : *people) {
    ASSERT_EQ(summary.signatureReferences, 5) << summary.person.identifier;
    EXPECT_EQ(repository.templates("net", summary.person.key)->size(), 5U);
    const auto references = repository.references(summary.person.key);
    for (const auto& reference : *references)
      EXPECT_EQ(repository.images(reference.key)->original.size(), 60'000U);
  }
  std::ifstream confirmed(confirmedPath);
  std::string identifier;
  while (std::getline(confirmed, identifier))
    EXPECT_TRUE(repository.findPerson(identifier)) << identifier << " was confirmed";
}

}  // namespace
}  // namespace countersign::test
