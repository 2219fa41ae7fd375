// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/JobQueue.h"

#include <gtest/gtest.h>

#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <stdexcept>
#include <thread>

#include "ui/widgets/JobBar.h"

namespace countersign::ui {
namespace {

bool until(const std::function<bool()>& condition) { return QTest::qWaitFor(condition, 10'000); }

TEST(JobQueue, RunsJobsInOrderOffTheGuiThread) {
  JobQueue jobs;
  std::vector<int> done;
  const auto here = std::this_thread::get_id();
  for (int i = 0; i < 5; ++i)
    jobs.run<int>(
        &jobs,
        [i, here](const std::stop_token&) -> Result<int> {
          EXPECT_NE(std::this_thread::get_id(), here);
          return i;
        },
        [&done, here](const Result<int>& value) {
          EXPECT_EQ(std::this_thread::get_id(), here);
          done.push_back(*value);
        });
  ASSERT_TRUE(until([&] { return done.size() == 5; }));
  EXPECT_EQ(done, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(JobQueue, TurnsWhatAJobThrowsIntoAnError) {
  JobQueue jobs;
  std::optional<Error> error;
  jobs.run<int>(
      &jobs, [](const std::stop_token&) -> Result<int> { throw std::runtime_error("deep inside"); },
      [&](const Result<int>& value) { error = value.error(); });
  ASSERT_TRUE(until([&] { return error.has_value(); }));
  EXPECT_EQ(error->code, ErrorCode::BackendFailure);
  EXPECT_EQ(error->detail, "deep inside");
}

TEST(JobQueue, DropsTheAnswerWhenWhoAskedIsGone) {
  JobQueue jobs;
  auto asker = std::make_unique<QObject>();
  bool isCalled = false;
  bool isLaterCalled = false;
  jobs.run<int>(
      asker.get(), [](const std::stop_token&) -> Result<int> { return 1; },
      [&](const Result<int>&) { isCalled = true; });
  asker.reset();
  jobs.run<int>(
      &jobs, [](const std::stop_token&) -> Result<int> { return 2; },
      [&](const Result<int>&) { isLaterCalled = true; });
  ASSERT_TRUE(until([&] { return isLaterCalled; }));
  EXPECT_FALSE(isCalled);
}

TEST(JobQueue, MayBeDestroyedWhileItWorks) {
  auto jobs = std::make_unique<JobQueue>();
  for (int i = 0; i < 3; ++i)
    jobs->run<int>(
        jobs.get(),
        [](const std::stop_token& stop) -> Result<int> {
          while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          return Error{ErrorCode::Cancelled, "", ""};
        },
        [](const Result<int>&) { FAIL() << "nobody is there to hear it"; });
}

TEST(JobBar, ShowsProgressAndCancelsAtOnce) {
  JobQueue jobs;
  JobBar bar(jobs);
  std::optional<ErrorCode> end;
  jobs.runLong<int>(
      &jobs, "Counting",
      [](const std::stop_token& stop, const JobQueue::Report& report) -> Result<int> {
        for (int i = 0; i < 100'000; ++i) {
          if (stop.stop_requested()) return Error{ErrorCode::Cancelled, "Stopped.", ""};
          report(i, 100'000);
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return 0;
      },
      [&](const Result<int>& value) { end = value.error().code; });
  ASSERT_TRUE(until([&] { return bar.isVisible() && bar.text().contains("of 100,000"); }));
  EXPECT_TRUE(bar.text().contains("left")) << bar.text().toStdString();
  bar.cancelButton()->click();
  ASSERT_TRUE(until([&] { return end.has_value(); }));
  EXPECT_EQ(*end, ErrorCode::Cancelled);
  EXPECT_TRUE(until([&] { return !bar.isVisible(); }));
}

TEST(JobBar, DoesNotShowWhatTakesUnderASecond) {
  JobQueue jobs;
  JobBar bar(jobs);
  QSignalSpy finished(&jobs, &JobQueue::longJobFinished);
  bool wasShown = false;
  jobs.runLong<int>(
      &jobs, "Quick",
      [](const std::stop_token&, const JobQueue::Report& report) -> Result<int> {
        report(1, 1);
        return 0;
      },
      [&](const Result<int>&) { wasShown = bar.isVisible(); });
  ASSERT_TRUE(finished.wait(5'000));
  EXPECT_FALSE(wasShown);
}

}  // namespace
}  // namespace countersign::ui
