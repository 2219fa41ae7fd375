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
  const auto rows = json::parse(run({"audit", "list", "--json"}).output);
  EXPECT_EQ(rows.back()["action"], "enrol");
  EXPECT_EQ(rows.back()["subject"], 2);
  // A restored backup lacks what came after it, and the heads tell.
  ASSERT_EQ(
      run({"store", "restore", json::parse(backup.output)["folder"].get<std::string>()}).exitCode,
      0);
  EXPECT_EQ(run({"audit", "verify"}).exitCode, 0);
  const auto cut = run({"audit", "verify", "--heads", heads});
  EXPECT_EQ(cut.exitCode, 2);
  EXPECT_THAT(cut.errors, HasSubstr("missing at the end"));
  EXPECT_EQ(run({"audit", "verify", "--head", "17:nonsense"}).exitCode, 2);
}

}  // namespace
}  // namespace countersign::test
