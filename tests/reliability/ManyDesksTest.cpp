// SPDX-License-Identifier: GPL-3.0-or-later
//
// Many desks work with one store, whose server is killed and started again in the middle.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "core/storage/Audit.h"
#include "tests/reliability/Places.h"
#include "tests/support/PostgresServer.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"

namespace countersign::test {
namespace {

namespace fs = std::filesystem;

/// What desks wrote down: names by what was done, and how long each took, in milliseconds.
struct Notes {
  std::map<std::string, std::set<std::string>> done;
  std::vector<double> took;

  void add(const fs::path& file) {
    std::ifstream in(file);
    std::string what;
    std::string name;
    double milliseconds = 0;
    while (in >> what >> name >> milliseconds) {
      EXPECT_TRUE(done[what].insert(name).second) << what << name;
      took.push_back(milliseconds);
    }
    std::sort(took.begin(), took.end());
  }
  double percentile(double share) const {
    const auto at = static_cast<std::size_t>(std::ceil(share * static_cast<double>(took.size())));
    return took.at(std::clamp<std::size_t>(at, 1, took.size()) - 1);
  }
  std::string text() const {
    std::ostringstream text;
    text.precision(1);
    text << std::fixed << took.size() << " operations, p50 " << percentile(0.5) << " p95 "
         << percentile(0.95) << " p99 " << percentile(0.99) << " max " << took.back() << " ms";
    return text.str();
  }
};

class ManyDesks : public testing::Test {
 protected:
  static constexpr int kDesks = 16;
  static constexpr int kPeople = 200;
  /// A clerk who looks at no image for longer is a hurried one.
  static constexpr const char* kPause = "1000";

  void SetUp() override {
    m_url = m_server.newDatabase();
    const auto store = open("first");
    ASSERT_TRUE(store);
    auto& repository = store->repository();
    for (int i = 1; i <= kPeople; ++i)
      ASSERT_TRUE(repository.enrol({"p" + std::to_string(i),
                                    "Name",
                                    {plainReference(std::to_string(i), "net-a"),
                                     plainReference(std::to_string(i) + "b", "net-a")}},
                                   {"ada"}));
    ASSERT_TRUE(repository.putIntoService(Modality::Signature, "net-a", {{0.7}, 0.02}, {"ada"}));
  }
  fs::path desk(const std::string& name) {
    auto folder = m_folder.path() / name;
    if (fs::exists(folder)) return folder;
    fs::create_directories(folder);
    std::ofstream(folder / "server.url") << m_url << '\n';
    if (m_first.empty()) {
      m_first = folder;
      EXPECT_TRUE(protectOpenly(folder, "ada"));
    } else {
      fs::copy_file(m_first / kOpenKeyFile, folder / kOpenKeyFile);
    }
    return folder;
  }
  std::unique_ptr<Store> open(const std::string& name) {
    auto opened = Store::open(desk(name), Store::Access::Write);
    EXPECT_TRUE(opened) << opened.error().message << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  fs::path notes(int number) const { return m_folder.path() / ("notes-" + std::to_string(number)); }
  pid_t start(int number, int operations, const char* pause) {
    return startProgram({COUNTERSIGN_DESK_AT_WORK, desk("desk-" + std::to_string(number)),
                         std::to_string(number), std::to_string(operations), pause, notes(number)});
  }
  static void finish(pid_t process) {
    int status = 0;
    ::waitpid(process, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }

  PostgresServer m_server{{.isDurable = true}};
  TemporaryFolder m_folder;
  fs::path m_first;
  std::string m_url;
};

TEST_F(ManyDesks, LoseNothingThoughTheirServerIsKilledInTheMiddle) {
  const int operations = isFullRun() ? 500 : 40;
  // One desk alone, as hurried as it can be: what it measures is what the store takes.
  finish(start(0, operations, "20"));
  Notes alone;
  alone.add(notes(0));
  std::vector<pid_t> desks;
  for (int number = 1; number <= kDesks; ++number)
    desks.push_back(start(number, operations, kPause));
  std::this_thread::sleep_for(std::chrono::seconds(operations / 2));
  m_server.kill();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  m_server.start();
  for (const auto process : desks) finish(process);
  Notes together;
  for (int number = 1; number <= kDesks; ++number) together.add(notes(number));
  const double ratio = together.percentile(0.95) / alone.percentile(0.95);
  std::printf("one desk: %s\n", alone.text().c_str());
  std::printf("many desks: %s; p95 is %.2f times one desk's\n", together.text().c_str(), ratio);
  EXPECT_EQ(together.took.size(), std::size_t{kDesks} * static_cast<std::size_t>(operations));
  EXPECT_LE(ratio, 3);
  // What was confirmed is there, once, and nothing else is.
  auto all = together.done;
  for (const auto& [what, names] : alone.done) all[what].insert(names.begin(), names.end());
  const auto store = open("first");
  ASSERT_TRUE(store);
  std::multiset<std::string> decided;
  const auto decisions = store->repository().decisions();
  ASSERT_TRUE(decisions) << decisions.error().message;
  for (const auto& decision : *decisions) decided.insert(decision.note);
  EXPECT_EQ(decided, (std::multiset<std::string>{all["decide"].begin(), all["decide"].end()}));
  std::multiset<std::string> enrolled;
  const auto people = store->repository().people();
  ASSERT_TRUE(people) << people.error().message;
  for (const auto& one : *people)
    if (one.person.identifier.front() != 'p') enrolled.insert(one.person.identifier);
  EXPECT_EQ(enrolled, (std::multiset<std::string>{all["enrol"].begin(), all["enrol"].end()}));
  std::multiset<std::string> renamed;
  const auto rows = AuditTrail::of(*store)->rows();
  ASSERT_TRUE(rows) << rows.error().message;
  for (const auto& row : *rows)
    if (row.action == "rename person") renamed.insert(row.details.front().second);
  EXPECT_EQ(renamed, (std::multiset<std::string>{all["rename"].begin(), all["rename"].end()}));
  expectWholeStore(*store);
}

}  // namespace
}  // namespace countersign::test
