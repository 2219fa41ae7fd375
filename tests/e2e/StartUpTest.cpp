// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "core/base/File.h"
#include "core/office/Office.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

namespace countersign::test {
namespace {

/// A store of a thousand people with five references each, served by the shipped network.
void makeLargeStore(const std::filesystem::path& folder) {
  const auto office = Office::open(
      {.folder = storeIn(folder),
       .access = Store::Access::Write,
       .shippedNetwork = COUNTERSIGN_SOURCE_DIR "/models/signature/signature.safetensors",
       .author = {"ada"}});
  ASSERT_TRUE(office) << office.error().message;
  const auto network = (*office)->signatureDesk()->network().identity();
  constexpr int kPeople = 1000;
  for (int person = 0; person < kPeople; ++person) {
    Enrolment enrolment{std::to_string(person), "Name of " + std::to_string(person), {}};
    for (int i = 0; i < 5; ++i) {
      enrolment.references.push_back(
          plainReference(enrolment.identifier + "-" + std::to_string(i), network));
      constexpr std::size_t kScan = 20'000;
      enrolment.references.back().image.original.resize(kScan);
    }
    ASSERT_TRUE((*office)->repository().enrol(enrolment, {"ada"}));
  }
}

// The bound is the issue's: 1.5 s from the start of the program to a window that can be used.
TEST(StartUp, IsQuickWithAThousandPeople) {
  const TemporaryFolder folder;
  makeLargeStore(folder.path() / "store");
  ::setenv("QT_QPA_PLATFORM", "offscreen", 1);
  std::vector<double> seconds;
  for (int run = 0; run < 3; ++run) {
    const auto result = runProgram(
        {COUNTERSIGN_WINDOW, "--measure-start", "--store", (folder.path() / "store").string()});
    ASSERT_EQ(result.exitCode, 0) << result.errors;
    EXPECT_EQ(result.output, "1000 people\n");
    seconds.push_back(result.seconds);
  }
  const double best = *std::min_element(seconds.begin(), seconds.end());
  std::printf("start to a usable window with 1000 people: %.2f s (best of 3)\n", best);
#ifdef NDEBUG
  EXPECT_LT(best, 1.5);
#endif
}

TEST(StartUp, ClosesTheStoreWhenTheSystemEndsTheSession) {
  const TemporaryFolder folder;
  const auto store = storeIn(folder.path() / "store");
  ::setenv("QT_QPA_PLATFORM", "offscreen", 1);
  const auto isOpen = [&] {
    const auto mark = readTextFile(store / "writer.lock", 100);
    return mark && mark->ends_with("open");
  };
  for (const int signal : {SIGTERM, SIGHUP, SIGINT}) {
    const auto window = startProgram({COUNTERSIGN_WINDOW, "--store", store.string()});
    for (int i = 0; i < 2000 && !isOpen(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(isOpen());
    EXPECT_EQ(endProcess(window, signal), 0);
    EXPECT_FALSE(isOpen());
  }
  const auto opened = Store::open(store, Store::Access::Write);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE((*opened)->recoveries().empty());
}

}  // namespace
}  // namespace countersign::test
