// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"

namespace countersign::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

/// An office that encrypts its store, and the people who work there.
class AccountCommands : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (m_folder.path() / name).string(); }
  std::string secret(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text << "\n";
    return path(name);
  }
  std::string drawing(std::uint64_t number, std::uint64_t index) const {
    auto file = path(std::to_string(number) + "-" + std::to_string(index) + ".png");
    writeBytes(file, encoded(signatureDrawing(number, index), ".png"));
    return file;
  }
  ProcessResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--store", path("store")});
    return runCli(arguments);
  }
  bool isAnywhere(const std::string& text) const {
    for (const auto& entry : fs::recursive_directory_iterator(path("store"))) {
      if (!entry.is_regular_file()) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      const std::string content{std::istreambuf_iterator<char>(stream), {}};
      if (content.find(text) != std::string::npos) return true;
    }
    return false;
  }

  TemporaryFolder m_folder;
};

TEST_F(AccountCommands, EncryptAStoreOfAnEarlierVersion) {
  const fs::path old = COUNTERSIGN_SOURCE_DIR "/tests/data/store-v2";
  const fs::path backup = path("backups/countersign-2026-01-02T03-04-05Z");
  fs::create_directories(backup);
  fs::copy(old, path("store"), fs::copy_options::recursive);
  fs::copy(old / "store.db", backup / "store.db");
  EXPECT_TRUE(isAnywhere("Ana Lindqvist"));
  const auto refused = run({"people"});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.errors, HasSubstr("countersign-cli store protect"));
  const auto made = run({"store", "protect", "ada", "--new-passphrase-file",
                         secret("ada.txt", "tomato lantern glacier")});
  ASSERT_EQ(made.exitCode, 0) << made.errors;
  EXPECT_THAT(made.output, HasSubstr("is encrypted: 2 people"));
  EXPECT_THAT(made.output, HasSubstr("Not encrypted, from before"));
  EXPECT_FALSE(isAnywhere("Ana Lindqvist"));
}

TEST_F(AccountCommands, SetUpAStoreAndWorkWithIt) {
  const auto passphrase = secret("ada.txt", "tomato lantern glacier");
  const auto made = run({"store", "protect", "ada", "--new-passphrase-file", passphrase});
  ASSERT_EQ(made.exitCode, 0) << made.errors;
  EXPECT_THAT(made.output, HasSubstr("Recovery key: "));
  const auto enrolled =
      run({"enrol", "--id", "IDENT-771", "--name", "Ana Lindqvist", "--passphrase-file", passphrase,
           drawing(4, 0), drawing(4, 1), drawing(4, 2)});
  ASSERT_EQ(enrolled.exitCode, 0) << enrolled.errors;
  EXPECT_FALSE(isAnywhere("Ana Lindqvist"));

  const auto locked = run({"people"});
  EXPECT_EQ(locked.exitCode, 2);
  EXPECT_THAT(locked.errors, HasSubstr("locked"));
  const auto wrong = run({"people", "--passphrase-file", secret("wrong", "not this one, surely")});
  EXPECT_THAT(wrong.errors, HasSubstr("not right"));
  const auto people = run({"people", "--passphrase-file", passphrase});
  EXPECT_THAT(people.output, HasSubstr("Ana Lindqvist")) << people.errors;
  const auto own = run({"verify", "--id", "IDENT-771", "--probe", drawing(4, 7), "--record",
                        "match", "--passphrase-file", passphrase});
  EXPECT_EQ(own.exitCode, 0) << own.output << own.errors;
  const auto history = run({"history", "--json", "--passphrase-file", passphrase});
  EXPECT_EQ(json::parse(history.output)[0]["author"], "ada");
  const auto author = run({"people", "--author", "eve", "--passphrase-file", passphrase});
  EXPECT_THAT(author.errors, HasSubstr("--author"));

  // A script with a key of its own, and an auditor who changes nothing.
  const auto key = path("robot.key");
  ASSERT_EQ(run({"store", "add-account", "robot", "--role", "auditor", "--key-to", key,
                 "--passphrase-file", passphrase})
                .exitCode,
            0);
  EXPECT_EQ(fs::status(key).permissions() & fs::perms::others_read, fs::perms::none);
  EXPECT_EQ(fs::status(key).permissions() & fs::perms::group_read, fs::perms::none);
  EXPECT_THAT(run({"people", "--key-file", key}).output, HasSubstr("Ana Lindqvist"));
  EXPECT_NE(run({"remove", "--id", "IDENT-771", "--key-file", key}).exitCode, 0);
  const auto refused = run({"store", "add-account", "eve", "--role", "clerk", "--key-to",
                            path("eve.key"), "--key-file", key});
  EXPECT_THAT(refused.errors, HasSubstr("administrator"));
  const auto accounts = run({"store", "accounts", "--json"});
  EXPECT_EQ(json::parse(accounts.output).size(), 3U);

  ASSERT_EQ(run({"store", "passphrase", "--passphrase-file", passphrase, "--new-passphrase-file",
                 secret("new.txt", "gravel violin orbit")})
                .exitCode,
            0);
  EXPECT_NE(run({"people", "--passphrase-file", passphrase}).exitCode, 0);
  EXPECT_EQ(run({"people", "--passphrase-file", path("new.txt")}).exitCode, 0);
  ASSERT_EQ(
      run({"store", "remove-account", "robot", "--passphrase-file", path("new.txt")}).exitCode, 0);
  EXPECT_NE(run({"people", "--key-file", key}).exitCode, 0);

  // The printed key still opens it.
  const auto at = made.output.find("Recovery key: ") + 14;
  const auto printed = made.output.substr(at, made.output.find('\n', at) - at);
  EXPECT_EQ(run({"people", "--key-file", secret("printed", printed)}).exitCode, 0);
}

TEST_F(AccountCommands, KeepAClerkFromWhatASupervisorDoes) {
  const auto key = path("ada.key");
  ASSERT_EQ(run({"store", "protect", "ada", "--key-to", key}).exitCode, 0);
  ASSERT_EQ(run({"enrol", "--id", "1", "--key-file", key, drawing(4, 0)}).exitCode, 0);
  ASSERT_EQ(run({"store", "add-account", "bob", "--role", "clerk", "--key-to", path("bob.key"),
                 "--key-file", key})
                .exitCode,
            0);
  const auto asBob = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--key-file", path("bob.key")});
    return run(arguments);
  };
  EXPECT_EQ(asBob({"enrol", "--id", "2", drawing(9, 0)}).exitCode, 0);
  const auto refused = asBob({"network", "threshold", "--threshold", "0.7"});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.errors, HasSubstr("Only a supervisor sets thresholds"));
  EXPECT_NE(asBob({"merge", "--from", "2", "--into", "1"}).exitCode, 0);
}

TEST_F(AccountCommands, RefuseAPoorPassphraseBeforeAnythingIsMade) {
  const auto made =
      run({"store", "protect", "ada", "--new-passphrase-file", secret("poor.txt", "password1234")});
  EXPECT_EQ(made.exitCode, 2);
  EXPECT_THAT(made.errors, HasSubstr("first that somebody would try"));
  EXPECT_FALSE(fs::exists(path("store")));
}

TEST_F(AccountCommands, SetUpAStoreThatOpensForEverybody) {
  const auto made = run({"store", "protect", "trial", "--open"});
  ASSERT_EQ(made.exitCode, 0) << made.errors;
  EXPECT_EQ(made.output.find("Recovery key"), std::string::npos);
  ASSERT_EQ(run({"enrol", "--id", "1", "--name", "Ana Lindqvist", "--author", "bob", drawing(4, 0)})
                .exitCode,
            0);
  EXPECT_FALSE(isAnywhere("Ana Lindqvist"));
  const auto there = run({"store", "protect", "eve", "--open"});
  EXPECT_EQ(there.exitCode, 2);
  EXPECT_THAT(there.errors, HasSubstr("has keys already"));
}

TEST_F(AccountCommands, TellWhetherTheAuditHolds) {
  ASSERT_EQ(run({"store", "protect", "trial", "--open"}).exitCode, 0);
  ASSERT_EQ(run({"enrol", "--id", "1", drawing(4, 0)}).exitCode, 0);
  const auto heads = path("heads.txt");
  ASSERT_EQ(run({"audit", "head", "--append-to", heads}).exitCode, 0);
  const auto backup = run({"store", "backup", "--json"});
  ASSERT_EQ(backup.exitCode, 0) << backup.errors;
  ASSERT_EQ(run({"enrol", "--id", "2", drawing(9, 0)}).exitCode, 0);
  ASSERT_EQ(run({"audit", "head", "--append-to", heads}).exitCode, 0);
  const auto whole = run({"audit", "verify", "--heads", heads});
  EXPECT_EQ(whole.exitCode, 0) << whole.errors;
  EXPECT_THAT(whole.output, HasSubstr("continues all 2 heads"));
  const auto rows = json::parse(run({"audit", "list", "--action", "enrol", "--json"}).output);
  EXPECT_EQ(rows.back()["subject"], 2);
  // A restored backup lacks what came after it, and the heads tell.
  ASSERT_EQ(
      run({"store", "restore", json::parse(backup.output)["folder"].get<std::string>()}).exitCode,
      0);
  EXPECT_EQ(run({"audit", "verify"}).exitCode, 0);
  EXPECT_EQ(run({"enrol", "--id", "3", drawing(11, 0)}).exitCode, 0);
  const auto restored = run({"audit", "list", "--action", "restore backup"});
  EXPECT_THAT(restored.output, HasSubstr("backup countersign-"));
  const auto cut = run({"audit", "verify", "--heads", heads});
  EXPECT_EQ(cut.exitCode, 2);
  EXPECT_THAT(cut.errors, testing::AnyOf(HasSubstr("missing at the end"),
                                         HasSubstr("is not the one that was noted down")));
  EXPECT_EQ(run({"audit", "verify", "--head", "17:nonsense"}).exitCode, 2);
}

TEST_F(AccountCommands, TakeASecondAccountForWhatIsNotOnePersonsWord) {
  const auto ada = secret("ada.txt", "tomato lantern glacier");
  const auto bob = secret("bob.txt", "violet harbour tractor");
  ASSERT_EQ(run({"store", "protect", "ada", "--new-passphrase-file", ada}).exitCode, 0);
  ASSERT_EQ(run({"store", "add-account", "bob", "--role", "supervisor", "--account", "ada",
                 "--passphrase-file", ada, "--new-passphrase-file", bob})
                .exitCode,
            0);
  const std::vector<std::string> as{"--account", "ada", "--passphrase-file", ada};
  const auto asAda = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), as.begin(), as.end());
    return run(arguments);
  };
  ASSERT_EQ(asAda({"enrol", "--id", "1", drawing(4, 0), drawing(4, 1), drawing(4, 2)}).exitCode, 0);
  const auto alone = asAda({"network", "threshold", "--threshold", "0.6"});
  EXPECT_EQ(alone.exitCode, 2);
  EXPECT_THAT(alone.errors,
              HasSubstr("this takes two, a second account has to confirm it (bob). Name it with "
                        "--confirm-account"));
  const auto self = asAda({"network", "threshold", "--threshold", "0.6", "--confirm-account", "ada",
                           "--confirm-passphrase-file", ada});
  EXPECT_EQ(self.exitCode, 2);
  EXPECT_THAT(self.errors, HasSubstr("Somebody else has to confirm"));
  const auto together = asAda({"network", "threshold", "--threshold", "0.6", "--confirm-account",
                               "bob", "--confirm-passphrase-file", bob});
  EXPECT_EQ(together.exitCode, 0) << together.errors;
  EXPECT_THAT(together.output, HasSubstr("threshold 0.600"));
  const auto listed = asAda({"audit", "list", "--action", "set threshold"});
  EXPECT_THAT(listed.output, HasSubstr("threshold 0.6 (before "));
  EXPECT_THAT(listed.output, HasSubstr("confirmed by bob"));
  EXPECT_EQ(asAda({"erase", "--id", "1"}).exitCode, 2);
  const auto erased = asAda({"erase", "--id", "1", "--receipt", path("receipt.txt"),
                             "--confirm-account", "bob", "--confirm-passphrase-file", bob});
  ASSERT_EQ(erased.exitCode, 0) << erased.errors;
  EXPECT_THAT(erased.output, HasSubstr("Confirmed  bob"));
  EXPECT_TRUE(fs::exists(path("receipt.txt")));
  EXPECT_EQ(asAda({"audit", "verify"}).exitCode, 0);
}

TEST_F(AccountCommands, KeepPeopleOnGroundsAndUntilADay) {
  ASSERT_EQ(run({"store", "protect", "ada", "--open"}).exitCode, 0);
  ASSERT_EQ(
      run({"grounds", "--basis", "contract", "--purpose", "counter", "--months", "12"}).exitCode,
      0);
  ASSERT_EQ(run({"enrol", "--id", "1", "--name", "Ana", drawing(4, 0), drawing(4, 1)}).exitCode, 0);
  const auto people = json::parse(run({"people", "--json"}).output);
  EXPECT_EQ(people[0]["basis"], "contract");
  EXPECT_EQ(people[0]["retainUntil"].get<std::string>().size(), 10U);
  EXPECT_THAT(run({"due"}).output, HasSubstr("Nobody is due"));
  const auto wrong = run({"grounds", "--id", "1", "--until", "2020-02-31"});
  EXPECT_EQ(wrong.exitCode, 2);
  EXPECT_THAT(wrong.errors, HasSubstr("is no day"));
  ASSERT_EQ(run({"grounds", "--id", "1", "--until", "2020-02-01"}).exitCode, 0);
  EXPECT_THAT(run({"due"}).output, HasSubstr("Ana"));
  const auto erased = run({"erase", "--due", "--json"});
  ASSERT_EQ(erased.exitCode, 0) << erased.errors;
  EXPECT_EQ(json::parse(erased.output)["people"][0]["references"], 2);
  EXPECT_TRUE(json::parse(run({"people", "--json"}).output).empty());
}

TEST_F(AccountCommands, CarryPeopleToAnotherStoreInOneEncryptedFile) {
  ASSERT_EQ(run({"store", "protect", "ada", "--open"}).exitCode, 0);
  ASSERT_EQ(
      run({"enrol", "--id", "1", "--name", "Ana Lindqvist", drawing(4, 0), drawing(4, 1)}).exitCode,
      0);
  const auto passphrase = secret("file.txt", "marble kettle sunrise");
  const auto out = run(
      {"export-people", path("people.csp"), "--everybody", "--file-passphrase-file", passphrase});
  ASSERT_EQ(out.exitCode, 0) << out.errors;
  EXPECT_THAT(out.output, HasSubstr("1 people with 2 references"));
  const std::vector<std::string> other{"--store", path("other")};
  const auto there = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), other.begin(), other.end());
    return runCli(arguments);
  };
  ASSERT_EQ(there({"store", "protect", "eve", "--open"}).exitCode, 0);
  const auto refused = there({"import-people", path("people.csp"), "--file-passphrase-file",
                              secret("wrong.txt", "no such passphrase")});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.errors, HasSubstr("passphrase is not the one of"));
  const auto in =
      there({"import-people", path("people.csp"), "--file-passphrase-file", passphrase});
  ASSERT_EQ(in.exitCode, 0) << in.errors;
  EXPECT_THAT(in.output, HasSubstr("2 references of 1 people enrolled"));
  EXPECT_THAT(there({"people"}).output, HasSubstr("Ana Lindqvist"));
}

TEST_F(AccountCommands, NarrowTheAuditAndTakeItOut) {
  ASSERT_EQ(run({"store", "protect", "ada", "--open"}).exitCode, 0);
  for (const std::uint64_t number : {4U, 9U})
    ASSERT_EQ(run({"enrol", "--id", std::to_string(number), drawing(number, 0)}).exitCode, 0);
  const auto rows = json::parse(run({"audit", "list", "--id", "9", "--json"}).output);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["action"], "enrol");
  EXPECT_EQ(rows[0]["details"]["identifier"], "9");
  EXPECT_EQ(json::parse(run({"audit", "list", "--to", "2020-01-01", "--json"}).output).size(), 0U);
  EXPECT_EQ(run({"audit", "list", "--from", "yesterday"}).exitCode, 2);
  const auto table = run({"audit", "list", "--action", "enrol", "--csv", path("audit.csv")});
  ASSERT_EQ(table.exitCode, 0) << table.errors;
  EXPECT_THAT(table.output, HasSubstr("2 rows written"));
  const auto piped = run({"audit", "head", "--pipe-to", "cat > '" + path("heads.txt") + "'"});
  ASSERT_EQ(piped.exitCode, 0) << piped.errors;
  EXPECT_EQ(run({"audit", "verify", "--heads", path("heads.txt")}).exitCode, 0);
  EXPECT_EQ(run({"audit", "head", "--pipe-to", "false"}).exitCode, 2);
  const auto accepted = run({"store", "accept"});
  EXPECT_EQ(accepted.exitCode, 0) << accepted.errors;
  EXPECT_THAT(accepted.output, HasSubstr("Nothing was changed"));
}

}  // namespace
}  // namespace countersign::test
