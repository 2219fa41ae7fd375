// SPDX-License-Identifier: GPL-3.0-or-later
//
// A long day at the desk: verifying, enrolling, removing, training, backing up, over and over, with
// the memory of the process held flat. Twenty minutes in the long form.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "core/base/Sha256.h"
#include "core/corpus/SyntheticCorpus.h"
#include "core/metric/Backend.h"
#include "core/training/TrainingJob.h"
#include "tests/reliability/Places.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestOffice.h"

namespace countersign::test {
namespace {

using SteadyClock = std::chrono::steady_clock;

double residentMegabytes() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

std::size_t entriesIn(const char* folder) {
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Processes whose parent is this one, helpers that decode images.
std::size_t childProcesses() {
  std::ifstream file("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  return static_cast<std::size_t>(
      std::distance(std::istream_iterator<int>(file), std::istream_iterator<int>()));
}

double medianOf(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

class Soak : public testing::Test {
 protected:
  void SetUp() override {
    setComputeThreads(1);
    makeOfficeIn(m_folder.path(), 5);
    ASSERT_TRUE(writeSyntheticCorpus(corpus(), {.signers = 6, .genuine = 4, .forgeries = 2}));
    m_office = *openOfficeOf(m_folder.path());
  }

  std::filesystem::path corpus() const { return m_folder.path() / "corpus"; }

  void verify(std::uint64_t number) {
    const auto desk = m_office->signatureDesk();
    const auto people = m_office->repository().people();
    ASSERT_TRUE(people);
    const auto person = (*people)[number % people->size()].person.key;
    const auto examination = desk->verify(person, examinedDrawing(*desk, 10 + number % 5, number));
    ASSERT_TRUE(examination) << examination.error().message;
    const auto key = desk->record(*examination, {examination->finding, "soak"});
    ASSERT_TRUE(key) << key.error().message;
    const auto found = desk->identify(examination->probe);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_TRUE(m_office->repository().decision(*key));
    // What is no image costs a sentence, and nothing else.
    ASSERT_FALSE(desk->examine({'n', 'o', 'n', 'e'}, "none"));
  }

  void enrolAndRemove(std::uint64_t number) {
    const auto desk = m_office->signatureDesk();
    std::vector<std::shared_ptr<const ExaminedImage>> images;
    for (std::uint64_t i = 0; i < kReferences; ++i)
      images.push_back(examinedDrawing(*desk, 1000 + number, i));
    const auto enrolled = desk->enrol("soak-" + std::to_string(number), "For a while", images);
    ASSERT_TRUE(enrolled) << enrolled.error().message;
    auto& repository = m_office->repository();
    if (number % 2 == 0) {
      const auto receipt = repository.erasePeople({enrolled->person.key}, desk->author());
      ASSERT_TRUE(receipt) << receipt.error().message;
    } else {
      ASSERT_TRUE(repository.retirePerson(enrolled->person.key, desk->author()));
    }
  }

  void train(std::uint64_t number) {
    TrainingOptions options;
    options.steps = 6;
    options.stepsPerEpoch = 3;
    options.batch = {.subjects = 3, .genuine = 2, .forgeries = 1};
    options.losses = {{.kind = "triplet", .margin = 0.3}};
    options.architecture.channels = {4, 8, 8};
    options.architecture.strides = {2, 2};
    options.architecture.gridRows = 2;
    options.architecture.gridColumns = 4;
    options.architecture.embeddingSize = 32;
    const auto run = m_folder.path() / ("run-" + std::to_string(number));
    const auto report = countersign::train(options,
                                           {.manifest = corpus() / "manifest.csv",
                                            .root = corpus(),
                                            .output = run / "network.safetensors",
                                            .runFolder = run,
                                            .command = "soak"},
                                           {});
    ASSERT_TRUE(report) << report.error().message << report.error().detail;
    std::filesystem::remove_all(run);
  }

  void backUpAndReopen() {
    const auto made = backUp(m_office->store(), m_folder.path() / kBackups, {.keep = 2}, {});
    ASSERT_TRUE(made) << made.error().message;
    m_office.reset();
    m_office = expectWholeOffice(m_folder.path());
    ASSERT_TRUE(m_office);
  }

  TemporaryFolder m_folder;
  std::unique_ptr<Office> m_office;
};

TEST_F(Soak, TakesNoMoreMemoryFromHourToHour) {
  // By the clock in the long form, by rounds in the short one, however slow the machine is.
  const auto length = isFullRun() ? std::chrono::minutes(20) : std::chrono::minutes(0);
  constexpr std::uint64_t kFewest = 100;
  constexpr std::uint64_t kWarm = 20;
  std::size_t files = 0;
  std::size_t processes = 0;
  const auto begin = SteadyClock::now();
  std::vector<double> resident;
  std::uint64_t rounds = 0;
  while (rounds < kFewest || SteadyClock::now() - begin < length) {
    ++rounds;
    for (std::uint64_t i = 0; i < 5 && !HasFailure(); ++i) verify(rounds * 5 + i);
    if (!HasFailure()) enrolAndRemove(rounds);
    if (rounds % 4 == 0 && !HasFailure()) train(rounds);
    if (rounds % 8 == 0 && !HasFailure()) backUpAndReopen();
    ASSERT_FALSE(HasFailure());
    resident.push_back(residentMegabytes());
    if (rounds == kWarm) {
      files = entriesIn("/proc/self/fd");
      processes = childProcesses();
    }
  }
  EXPECT_LE(entriesIn("/proc/self/fd"), files + 2) << "files are left open";
  EXPECT_LE(childProcesses(), processes + 1) << "processes are left";
  // The first fifth is for what is loaded once.
  const auto fifth = static_cast<std::ptrdiff_t>(resident.size() / 5);
  const double early = medianOf({resident.begin() + fifth, resident.begin() + 2 * fifth});
  const double late = medianOf({resident.end() - fifth, resident.end()});
  std::printf("%zu rounds (5 verifications, 1 enrolment each), %.0f MB early, %.0f MB late\n",
              static_cast<std::size_t>(rounds), early, late);
  constexpr double kMostGrowth = 16;  // MB
  EXPECT_LT(late, early + kMostGrowth);
}

}  // namespace
}  // namespace countersign::test
