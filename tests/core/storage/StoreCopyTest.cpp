// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/StoreCopy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/base/File.h"
#include "core/storage/Audit.h"
#include "core/storage/ServerAddress.h"
#include "core/storage/Store.h"
#include "core/storage/internal/StagedCopy.h"
#include "tests/support/PostgresServer.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// A store in a folder, and places that it can be copied to.
class CopyOfAStore : public testing::Test {
 protected:
  void SetUp() override {
    m_store = m_folder.path() / "store";
    ASSERT_TRUE(protectOpenly(m_store, "ada"));
    const auto store = Store::open(m_store, Store::Access::Write, m_clock);
    ASSERT_TRUE(store) << store.error().message;
    auto& repository = (*store)->repository();
    constexpr int kPeople = 60;
    for (int i = 1; i <= kPeople; ++i)
      ASSERT_TRUE(repository.enrol({std::to_string(i),
                                    "Ünal " + std::to_string(i),
                                    {test::plainReference(std::to_string(i), "net-a")}},
                                   {"ada"}));
    ASSERT_TRUE(repository.erasePeople({{3}}, {"ada"}));
    ASSERT_TRUE(repository.retirePerson({4}, {"ada"}));
    ASSERT_TRUE(repository.putIntoService(Modality::Signature, "net-a", {{0.7}, 0.02}, {"ada"}));
    ASSERT_TRUE(
        repository.setPersonThreshold({5}, "net-a", PersonThreshold{{0.9}, "why", {}}, {"ada"}));
    ASSERT_TRUE(
        repository.setOwnEvidence("net-a", OwnEvidence{{{0.5F}, {0}, {1}}, 1, {}}, {"ada"}));
    NewDecision decision;
    decision.network = "net-a";
    decision.probe = test::plainReference("probe", "net-a").image;
    decision.embedding = {0, 0, 128, 63};
    decision.note = "nobody in particular";
    ASSERT_TRUE(repository.record(decision, {"ada"}));
    decision.person = PersonKey{5};
    decision.references = {{{5}, {0, 0, 0, 64}, 0.75}};
    decision.score = 0.75;
    ASSERT_TRUE(repository.record(decision, {"ada"}));
    const auto file = m_folder.path() / "net.safetensors";
    std::ofstream(file) << "a network";
    ASSERT_TRUE((*store)->keepNetwork(file, "net-a"));
  }
  /// A place on a server that holds nothing yet.
  fs::path onServer(const std::string& name) {
    auto folder = m_folder.path() / name;
    fs::create_directories(folder);
    std::ofstream(folder / "server.url") << test::PostgresServer::shared().newDatabase() << '\n';
    return folder;
  }
  fs::path inFolder(const std::string& name) const { return m_folder.path() / name; }
  Result<CopiedStore> copy(const fs::path& from, const fs::path& to,
                           const JobContext<StoreCopyProgress>& context = {}) {
    return copyStore(from, to, {}, context, m_clock);
  }
  /// What is in a store, as far as it can be seen.
  std::string contentOf(const fs::path& place) {
    const auto store = Store::open(place, Store::Access::Read, m_clock);
    EXPECT_TRUE(store) << store.error().message << store.error().detail;
    if (!store) return {};
    auto& repository = (*store)->repository();
    std::string text = (*store)->identity();
    const auto people = repository.people();
    for (const auto& one : *people) {
      text += one.person.identifier + one.person.name + toIso8601(one.enrolled) + "\n";
      const auto references = repository.references(one.person.key);
      for (const auto& reference : *references) {
        const auto images = repository.images(reference.key);
        text.append(images->original.begin(), images->original.end());
      }
      const auto threshold = repository.personThreshold(one.person.key, "net-a");
      if (*threshold) text += (*threshold)->reason;
    }
    const auto templates = repository.templates("net-a", {});
    for (const auto& one : *templates) text.append(one.content.begin(), one.content.end());
    const auto decisions = repository.decisions();
    for (const auto& one : *decisions) text += one.note + one.event.author;
    const auto own = repository.ownEvidence("net-a");
    text += std::to_string((*own)->evidence.scores.size());
    const auto rows = AuditTrail::of(**store)->rows();
    for (const auto& row : *rows)
      if (row.action != "open store" && row.action != "copy store")
        text += row.action + detailsText(row) + "\n";
    EXPECT_TRUE((*store)->networkFile("net-a"));
    EXPECT_TRUE((*store)->checkNetwork("net-a"));
    EXPECT_TRUE((*store)->check());
    EXPECT_TRUE(AuditTrail::of(**store)->verify());
    return text;
  }

  test::TemporaryFolder m_folder;
  fs::path m_store;
  Clock m_clock = test::steppingClock();
};

TEST_F(CopyOfAStore, HoldsAllOfItOnAServerAndBack) {
  const auto before = contentOf(m_store);
  const auto server = onServer("desk");
  std::int64_t last = -1;
  const auto up = copy(m_store, server, {{}, [&](const StoreCopyProgress& progress) {
                                           EXPECT_LE(progress.done, progress.total);
                                           last = progress.done;
                                         }});
  ASSERT_TRUE(up) << up.error().message << up.error().detail;
  EXPECT_EQ(last, up->rows);
  EXPECT_GT(up->rows, 60 * 4);
  EXPECT_EQ(up->networks, 1);
  EXPECT_FALSE(up->wasResumed);
  EXPECT_EQ(contentOf(server), before);
  EXPECT_EQ(contentOf(m_store), before) << "the source is as it was";
  const auto down = copy(server, inFolder("again"));
  ASSERT_TRUE(down) << down.error().message << down.error().detail;
  EXPECT_EQ(contentOf(inFolder("again")), before);
  EXPECT_FALSE(fs::exists(inFolder("again") / "store.db.copying"));
  // What was erased is erased there, too, and everything goes on.
  const auto store = Store::open(inFolder("again"), Store::Access::Write, m_clock);
  ASSERT_TRUE(store);
  EXPECT_FALSE((*store)->repository().person({3}));
  const auto next =
      (*store)->repository().enrol({"new", "", {test::plainReference("new", "net-a")}}, {"ada"});
  ASSERT_TRUE(next) << next.error().message << next.error().detail;
  EXPECT_EQ(next->person.key.value, 61);
  const auto rows = *AuditTrail::of(**store)->rows();
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(),
                          [](const AuditRow& row) { return row.action == "copy store"; }),
            2)
      << "from the folder, and from the server";
}

TEST_F(CopyOfAStore, GoesOnWhereItWasStopped) {
  const auto before = contentOf(m_store);
  for (const auto& target : {onServer("desk"), inFolder("copy")}) {
    int stops = 0;
    std::optional<CopiedStore> done;
    std::int64_t furthest = 0;
    // Stopped at every portion once.
    for (std::int64_t until = 1; !done && stops < 200; ++stops) {
      std::stop_source stop;
      std::int64_t reached = 0;
      const auto copied =
          copy(m_store, target, {stop.get_token(), [&](const StoreCopyProgress& progress) {
                                   reached = progress.done;
                                   if (progress.done >= until) stop.request_stop();
                                 }});
      if (copied) {
        done = *copied;
        break;
      }
      ASSERT_EQ(copied.error().code, ErrorCode::Cancelled) << copied.error().message;
      EXPECT_FALSE(hasKeys(target)) << "nobody can open a half of it";
      EXPECT_GE(reached, furthest);
      furthest = reached;
      until = reached + 1;
      if (reached > 0 && stops > 30) until = std::numeric_limits<std::int64_t>::max();
    }
    ASSERT_TRUE(done);
    EXPECT_TRUE(done->wasResumed);
    EXPECT_GT(stops, 5);
    EXPECT_EQ(contentOf(target), before);
  }
}

TEST_F(CopyOfAStore, StartsAnewWhenTheSourceWasChangedMeanwhile) {
  const auto target = onServer("desk");
  std::stop_source stop;
  const auto stopped =
      copy(m_store, target, {stop.get_token(), [&](const StoreCopyProgress& progress) {
                               if (progress.done > 100) stop.request_stop();
                             }});
  ASSERT_FALSE(stopped);
  {
    const auto store = Store::open(m_store, Store::Access::Write, m_clock);
    ASSERT_TRUE((*store)->repository().renamePerson({1}, "Another", {"ada"}));
  }
  const auto copied = copy(m_store, target);
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_FALSE(copied->wasResumed);
  EXPECT_EQ(contentOf(target), contentOf(m_store));
}

TEST_F(CopyOfAStore, IsNotMadeOfWhatIsInUseNorOverAnotherOne) {
  const auto target = onServer("desk");
  {
    const auto open = Store::open(m_store, Store::Access::Write, m_clock);
    EXPECT_EQ(copy(m_store, target).error().code, ErrorCode::StoreBusy);
  }
  ASSERT_TRUE(copy(m_store, target));
  EXPECT_EQ(copy(m_store, target).error().code, ErrorCode::AlreadyEnrolled);
  EXPECT_EQ(copy(inFolder("none"), inFolder("x")).error().code, ErrorCode::StoreMissing);
  {
    const auto open = Store::open(target, Store::Access::Read, m_clock);
    ASSERT_TRUE(open);
    const auto busy = copy(target, inFolder("y"));
    EXPECT_EQ(busy.error().code, ErrorCode::StoreBusy);
    EXPECT_THAT(busy.error().message, HasSubstr("other desks"));
  }
  EXPECT_TRUE(copy(target, inFolder("y")));
}

TEST_F(CopyOfAStore, IsNotKeptWhenItIsNotTheSame) {
  const auto target = onServer("desk");
  std::stop_source stop;
  // Everything is there when the comparison begins.
  const auto stopped =
      copy(m_store, target, {stop.get_token(), [&](const StoreCopyProgress& progress) {
                               if (progress.step == StoreCopyProgress::Step::Comparing)
                                 stop.request_stop();
                             }});
  ASSERT_FALSE(stopped);
  StagedCopy(target).rows().run("UPDATE template SET kind = 'another' WHERE reference_key = 7");
  const auto copied = copy(m_store, target);
  ASSERT_FALSE(copied);
  EXPECT_THAT(copied.error().message, HasSubstr("not what the store is"));
  EXPECT_EQ(copied.error().detail, "template");
  EXPECT_TRUE(copy(m_store, target)) << "the next one starts anew";
}

TEST_F(CopyOfAStore, IsRefusedOfAStoreThatWasChangedByOthers) {
  test::changeRows(m_store, "UPDATE person SET retired = 1 WHERE person_key = 2");
  const auto copied = copy(m_store, onServer("desk"));
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, ErrorCode::StoreFailure);
}

}  // namespace
}  // namespace countersign
