// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/PersonFile.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/storage/internal/PersonMessage.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class PersonFile : public testing::Test {
 protected:
  static TransferredPerson person(const std::string& identifier, std::size_t bytes) {
    TransferredPerson made{
        identifier, "Wilhelmina " + identifier, {"contract", "counter", "2030-01-31"}, {}};
    TransferredReference reference{Modality::Signature, "scan.png", {}, {}};
    reference.region.rotation = 1.5;
    reference.region.crop = cv::Rect(1, 2, 3, 4);
    for (std::size_t i = 0; i < bytes; ++i)
      reference.original.push_back(static_cast<std::uint8_t>(i * 7 + bytes));
    made.references = {reference, reference};
    made.references.back().modality = Modality::Face;
    return made;
  }
  fs::path file() const { return m_folder.path() / "people.csp"; }
  void write() {
    auto writer = PersonFileWriter::create(
        file(), m_passphrase, {"store-1", "2026-01-02T03:04:05Z", "ada", 2}, KeyCost{});
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE(writer->add(person("1", 3000)));
    ASSERT_TRUE(writer->add(person("2", 0)));
    ASSERT_TRUE(writer->finish());
  }
  std::string content() const {
    std::ifstream stream(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  /// Reads all people, and says what went wrong, if anything did.
  Status readAll(const fs::path& from, int& people) const {
    people = 0;
    auto reader = PersonFileReader::open(from, m_passphrase);
    if (!reader) return reader.error();
    while (true) {
      const auto next = reader->next();
      if (!next) return next.error();
      if (!*next) return ok();
      ++people;
    }
  }

  test::TemporaryFolder m_folder;
  Secret m_passphrase = Secret::of("tomato lantern glacier");
};

TEST_F(PersonFile, BringsBackWhoWentIn) {
  write();
  auto reader = PersonFileReader::open(file(), m_passphrase);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->info().store, "store-1");
  EXPECT_EQ(reader->info().author, "ada");
  EXPECT_EQ(reader->info().people, 2);
  const auto first = reader->next();
  ASSERT_TRUE(first && *first);
  const auto wanted = person("1", 3000);
  EXPECT_EQ((*first)->identifier, wanted.identifier);
  EXPECT_EQ((*first)->name, wanted.name);
  EXPECT_EQ((*first)->grounds, wanted.grounds);
  ASSERT_EQ((*first)->references.size(), 2U);
  EXPECT_EQ((*first)->references[0].original, wanted.references[0].original);
  EXPECT_EQ((*first)->references[0].region.crop, wanted.references[0].region.crop);
  EXPECT_EQ((*first)->references[0].region.rotation, 1.5);
  EXPECT_EQ((*first)->references[1].modality, Modality::Face);
  ASSERT_TRUE(*reader->next());
  for (int i = 0; i < 2; ++i) {
    const auto end = reader->next();
    ASSERT_TRUE(end);
    EXPECT_FALSE(*end);
  }
}

TEST_F(PersonFile, TellsNothingWithoutItsPassphrase) {
  write();
  EXPECT_EQ(content().find("Wilhelmina"), std::string::npos);
  EXPECT_EQ(content().find("scan.png"), std::string::npos);
  const auto wrong = PersonFileReader::open(file(), Secret::of("violet harbour tractor"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::CredentialWrong);
  EXPECT_EQ(fs::status(file()).permissions() & fs::perms::others_read, fs::perms::none);
  const auto weak = PersonFileWriter::create(file(), Secret::of("password"), {}, KeyCost{});
  ASSERT_FALSE(weak);
  EXPECT_THAT(weak.error().message, HasSubstr("characters"));
}

TEST_F(PersonFile, NoticesEveryChangeAndEveryCut) {
  write();
  const auto whole = content();
  const auto changed = m_folder.path() / "changed.csp";
  int people = 0;
  // Each try costs a passphrase: a few places in each part.
  for (std::size_t at = 0; at < whole.size(); at += whole.size() / 14) {
    auto flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    std::ofstream(changed, std::ios::binary) << flipped;
    EXPECT_FALSE(readAll(changed, people)) << at;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{61}, whole.size() / 2,
                                 whole.size() - 1, whole.size() - 21}) {
    std::ofstream(changed, std::ios::binary) << whole.substr(0, size);
    EXPECT_FALSE(readAll(changed, people)) << size;
  }
  std::ofstream(changed, std::ios::binary) << whole << "more";
  EXPECT_FALSE(readAll(changed, people));
  EXPECT_EQ(people, 2) << "who came before the damage is right";
  ASSERT_TRUE(readAll(file(), people));
}

TEST_F(PersonFile, RefusesWhatIsCheapToGuessOrTooDear) {
  write();
  const auto whole = content();
  const auto at = std::string("countersign people 1\n").size() + 16;
  for (const auto& [offset, value] : std::vector<std::pair<std::size_t, char>>{
           {at, 1}, {at + 7, 1}, {at + 8 + 3, 1}, {at + 15, 1}}) {
    auto changed = whole;
    changed[offset] = value;
    if (offset == at + 8 + 3) changed[offset] = 0;  // no memory at all
    std::ofstream(file(), std::ios::binary) << changed;
    const auto refused = PersonFileReader::open(file(), m_passphrase);
    ASSERT_FALSE(refused) << offset;
    EXPECT_EQ(refused.error().code, ErrorCode::FileMalformed) << offset;
  }
}

// Found by tests/fuzz: one array in the other, until the stack was full.
TEST_F(PersonFile, IsNotLedIntoTheDeep) {
  constexpr std::size_t kDeep = 1'000'000;
  constexpr std::uint8_t kArrayOfOne = 0x81;
  EXPECT_FALSE(personFromMessage(Bytes(kDeep, kArrayOfOne)));
  constexpr std::uint8_t kEndlessArray = 0x9F;
  EXPECT_FALSE(personFromMessage(Bytes(kDeep, kEndlessArray)));
}

TEST_F(PersonFile, LeavesNothingWhenItIsNotFinished) {
  {
    auto writer = PersonFileWriter::create(file(), m_passphrase, {}, KeyCost{});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->add(person("1", 100)));
  }
  EXPECT_TRUE(fs::is_empty(m_folder.path()));
  const auto nowhere =
      PersonFileWriter::create(m_folder.path() / "no" / "where.csp", m_passphrase, {}, KeyCost{});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::FileNotWritable);
}

}  // namespace
}  // namespace countersign
