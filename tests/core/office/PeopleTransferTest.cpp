// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/PeopleTransfer.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/storage/Audit.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class PeopleBetweenOffices : public testing::Test {
 protected:
  std::unique_ptr<Office> open(const char* name, const std::filesystem::path& network) {
    auto office = Office::open({.folder = test::storeIn(m_folder.path() / name),
                                .access = Store::Access::Write,
                                .shippedNetwork = network,
                                .shippedFaceNetwork = {},
                                .author = {"ada"},
                                .clock = m_clock});
    EXPECT_TRUE(office) << office.error().message;
    return *std::move(office);
  }
  void SetUp() override {
    m_first = open("first", test::writeRandomNetwork(m_folder.path(), "net", 1));
    // Another network: embeddings would mean nothing there.
    m_second = open("second", test::writeRandomNetwork(m_folder.path(), "other", 2));
    const auto desk = m_first->signatureDesk();
    for (const std::uint64_t number : {4U, 9U}) {
      const auto enrolled = desk->enrol(
          std::to_string(number), "Number " + std::to_string(number),
          {test::examinedDrawing(*desk, number, 0), test::examinedDrawing(*desk, number, 1)},
          {"contract", "counter", "2031-05-06"});
      ASSERT_TRUE(enrolled) << enrolled.error().message;
      m_people.push_back(enrolled->person.key);
    }
  }
  std::filesystem::path file() const { return m_folder.path() / "people.csp"; }
  Result<int> exportAll(const JobContext<TransferProgress>& context = {}) {
    return exportPeople(*m_first, m_people, file(), m_passphrase, {"ada"}, context, KeyCost{});
  }

  test::TemporaryFolder m_folder;
  Clock m_clock = test::steppingClock();
  Secret m_passphrase = Secret::of("tomato lantern glacier");
  std::unique_ptr<Office> m_first;
  std::unique_ptr<Office> m_second;
  std::vector<PersonKey> m_people;
};

TEST_F(PeopleBetweenOffices, GoOutAndComeInWithAllThatIsTheirs) {
  std::vector<int> told;
  const auto out = exportAll({{}, [&](const TransferProgress& p) { told.push_back(p.done); }});
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(*out, 4);
  EXPECT_THAT(told, testing::ElementsAre(1, 2));
  const auto in = importPeople(*m_second, file(), m_passphrase, {});
  ASSERT_TRUE(in) << in.error().message;
  EXPECT_THAT(in->leftOut, IsEmpty());
  EXPECT_EQ(in->people(), 2);
  EXPECT_EQ(in->references(), 4);
  EXPECT_EQ(in->from.author, "ada");
  EXPECT_EQ(in->from.store, m_first->store().identity());
  const auto there = m_second->repository().findPerson("9");
  ASSERT_TRUE(there);
  EXPECT_EQ(there->name, "Number 9");
  EXPECT_EQ(there->grounds, (ProcessingGrounds{"contract", "counter", "2031-05-06"}));
  // They can be verified there: embedded by the network that serves there.
  const auto desk = m_second->signatureDesk();
  EXPECT_TRUE(desk->verify(there->key, test::examinedDrawing(*desk, 9, 2)));
  const auto rows = AuditTrail::of(m_first->store())->rows();
  EXPECT_EQ(std::count_if(rows->begin(), rows->end(),
                          [](const AuditRow& row) {
                            return row.action == "export people" ||
                                   row.action == "export people: person";
                          }),
            3);
  // Who is on file stays as they are; and an import is taken back as a whole.
  const auto again = importPeople(*m_second, file(), m_passphrase, {});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->people(), 0);
  EXPECT_EQ(again->leftOut.size(), 2U);
  EXPECT_THAT(again->leftOut.front(), HasSubstr("on file already"));
  ASSERT_TRUE(undoPeopleImport(*desk, *in));
  EXPECT_THAT(*m_second->repository().people(), IsEmpty());
}

TEST_F(PeopleBetweenOffices, LeaveNoFileWhenStopped) {
  std::stop_source stop;
  const auto stopped =
      exportAll({stop.get_token(), [&](const TransferProgress&) { stop.request_stop(); }});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
  EXPECT_FALSE(std::filesystem::exists(file()));
  EXPECT_FALSE(std::filesystem::exists(file().string() + ".part"));
}

TEST_F(PeopleBetweenOffices, KeepWhoCameBeforeTheDamage) {
  ASSERT_TRUE(exportAll());
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) - 100);
  const auto damaged = importPeople(*m_second, file(), m_passphrase, {});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::FileMalformed);
  EXPECT_EQ(m_second->repository().people()->size(), 1U);
}

TEST_F(PeopleBetweenOffices, SayWhichImagesCannotBeRead) {
  auto writer =
      PersonFileWriter::create(file(), m_passphrase, {"elsewhere", "", "eve", 1}, KeyCost{});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->add({"5",
                           "Five",
                           {},
                           {{Modality::Signature, "noise.png", {}, {1, 2, 3}},
                            {Modality::Face, "face.png", {}, {4, 5, 6}}}}));
  ASSERT_TRUE(writer->finish());
  const auto in = importPeople(*m_second, file(), m_passphrase, {});
  ASSERT_TRUE(in) << in.error().message;
  EXPECT_EQ(in->people(), 0);
  ASSERT_EQ(in->leftOut.size(), 2U);
  EXPECT_THAT(in->leftOut[0], HasSubstr("noise.png"));
  EXPECT_THAT(in->leftOut[1], HasSubstr("No network for faces"));
}

}  // namespace
}  // namespace countersign
