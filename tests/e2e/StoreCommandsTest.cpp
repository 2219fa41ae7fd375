// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "tests/support/PostgresServer.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestStore.h"

namespace countersign::test {
namespace {

using nlohmann::json;

/// A variable of the environment, as long as it lives.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : m_name(name) {
    if (const char* before = std::getenv(name)) m_before = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~ScopedVariable() {
    if (m_before)
      ::setenv(m_name, m_before->c_str(), 1);
    else
      ::unsetenv(m_name);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* m_name;
  std::optional<std::string> m_before;
};

/// A clerk's day through the program that needs no display.
class StoreCommands : public testing::Test {
 protected:
  void SetUp() override { storeIn(path("store")); }
  std::string path(const std::string& name) const { return (m_folder.path() / name).string(); }
  std::string drawing(std::uint64_t number, std::uint64_t index) const {
    auto file = path(std::to_string(number) + "-" + std::to_string(index) + ".png");
    writeBytes(file, encoded(signatureDrawing(number, index), ".png"));
    return file;
  }
  ProcessResult run(const std::string& command, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{command};
    if (const auto space = command.find(' '); space != std::string::npos)  // of a group
      arguments = {command.substr(0, space), command.substr(space + 1)};
    arguments.insert(arguments.end(), {"--store", path("store"), "--author", "ada"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runCli(arguments);
  }
  json runJson(const std::string& command, std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    const auto result = run(command, more);
    EXPECT_TRUE(json::accept(result.output)) << result.output << result.errors;
    return json::parse(result.output, nullptr, false);
  }
  void enrolTwo() {
    ASSERT_EQ(run("enrol", {"--id", "1", "--name", "Ana Lindqvist", drawing(4, 0), drawing(4, 1),
                            drawing(4, 2)})
                  .exitCode,
              0);
    ASSERT_EQ(run("enrol", {"--id", "2", "--name", "Tomasz Berger", drawing(9, 0), drawing(9, 1)})
                  .exitCode,
              0);
  }

  TemporaryFolder m_folder;
};

TEST_F(StoreCommands, EnrolVerifyRecordAndLookBack) {
  enrolTwo();
  const auto people = runJson("people");
  ASSERT_EQ(people.size(), 2U);
  EXPECT_EQ(people[0]["signatures"], 3);

  const auto own = runJson("verify", {"--id", "1", "--probe", drawing(4, 7), "--record", "match",
                                      "--note", "seen in person"});
  EXPECT_EQ(own["verdict"], "match") << own;
  EXPECT_GT(own["complexity"].get<double>(), 5) << own;
  EXPECT_EQ(own["references"].size(), 3U);
  EXPECT_GT(own["skilledFalseMatch"]["trials"], 100);
  EXPECT_EQ(run("verify", {"--id", "1", "--probe", drawing(9, 5)}).exitCode, 1);
  const auto blank = path("blank.png");
  writeBytes(blank, encoded(cv::Mat(200, 400, CV_8UC1, cv::Scalar(255)), ".png"));
  EXPECT_EQ(run("verify", {"--id", "1", "--probe", blank}).exitCode, 4);

  const auto history = runJson("history");
  ASSERT_EQ(history.size(), 1U) << "looking is not recorded";
  EXPECT_EQ(history[0]["author"], "ada");
  EXPECT_EQ(history[0]["note"], "seen in person");
  EXPECT_EQ(history[0]["score"], own["score"]);
  const auto again = runJson("history", {"--show", std::to_string(own["decision"].get<int>())});
  EXPECT_EQ(again["isSame"], true);
  EXPECT_EQ(again["isFromImage"], true);
  EXPECT_NEAR(again["scoreNow"].get<double>(), own["score"].get<double>(), 1e-6);
  EXPECT_EQ(runJson("history", {"--id", "2"}).size(), 0U);

  const auto pdf = path("decision.pdf");
  ASSERT_EQ(run("history", {"--show", "1", "--pdf", pdf}).exitCode, 0);
  std::ifstream written(pdf, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(written), {}};
  EXPECT_TRUE(content.starts_with("%PDF-"));
  EXPECT_GT(content.size(), 20'000U) << "with its pictures";
}

TEST_F(StoreCommands, IdentifyFindsOrSaysUnknown) {
  enrolTwo();
  const auto found = run("identify", {"--probe", drawing(9, 5), "--json"});
  EXPECT_EQ(found.exitCode, 0) << found.output;
  EXPECT_EQ(json::parse(found.output)["candidates"][0]["identifier"], "2");
  const auto unknown = run("identify", {"--probe", drawing(77, 0), "--record", "non-match"});
  EXPECT_EQ(unknown.exitCode, 1) << unknown.output;
  EXPECT_NE(unknown.output.find("UNKNOWN"), std::string::npos);
  EXPECT_TRUE(runJson("history")[0]["identifier"].is_null());
}

TEST_F(StoreCommands, TheThresholdInForceDecides) {
  enrolTwo();
  const auto probe = drawing(4, 7);
  EXPECT_EQ(run("verify", {"--id", "1", "--probe", probe}).exitCode, 0);
  const auto set =
      runCli({"network", "threshold", "--store", path("store"), "--threshold", "0.9999"});
  EXPECT_EQ(set.exitCode, 0) << set.errors;
  EXPECT_EQ(run("verify", {"--id", "1", "--probe", probe}).exitCode, 1);
  EXPECT_EQ(runCli({"network", "threshold", "--store", path("store"), "--band", "0.9"}).exitCode,
            0);
  EXPECT_EQ(run("verify", {"--id", "1", "--probe", probe}).exitCode, 3);
  EXPECT_EQ(runCli({"network", "threshold", "--store", path("store"), "--threshold", "7"}).exitCode,
            2);
}

TEST_F(StoreCommands, EnrolAFolderAndMergeWhoIsOnFileTwice) {
  namespace fs = std::filesystem;
  const auto put = [&](const std::string& folder, std::uint64_t number, std::uint64_t index) {
    fs::create_directories(m_folder.path() / "people" / folder);
    fs::copy_file(drawing(number, index),
                  m_folder.path() / "people" / folder / (std::to_string(index) + ".png"));
  };
  for (std::uint64_t i = 0; i < 3; ++i) put("1 Ana Lindqvist", 4, i);
  for (std::uint64_t i = 3; i < 6; ++i) put("2", 4, i);
  fs::create_directories(m_folder.path() / "people" / "3");
  writeBytes(m_folder.path() / "people" / "3" / "letter.txt", {'n', 'o'});
  const auto imported = runJson("enrol-folder", {path("people")});
  EXPECT_EQ(imported["people"], 2) << imported;
  EXPECT_EQ(imported["references"], 6);
  EXPECT_EQ(imported["folders"][2]["leftOut"].size(), 1U);
  EXPECT_EQ(imported["folders"][1]["lookalike"]["identifier"], "1") << "by the same hand";
  EXPECT_EQ(runJson("people")[0]["name"], "Ana Lindqvist");
  // Again: nothing is new.
  const auto again = runJson("enrol-folder", {path("people")});
  EXPECT_EQ(again["references"], 0) << again;
  EXPECT_EQ(run("enrol-folder", {path("people/1 Ana Lindqvist")}).exitCode, 2);

  const auto merged = runJson("merge", {"--from", "2", "--into", "1"});
  EXPECT_EQ(merged["references"], 3) << merged;
  const auto people = runJson("people");
  ASSERT_EQ(people.size(), 1U);
  EXPECT_EQ(people[0]["signatures"], 6);
  EXPECT_EQ(run("merge", {"--from", "2", "--into", "1"}).exitCode, 2);
}

TEST_F(StoreCommands, RemoveTakesOffTheFile) {
  enrolTwo();
  const auto verified = runJson("verify", {"--id", "1", "--probe", drawing(4, 7)});
  const auto reference = verified["references"][0]["reference"].get<int>();
  ASSERT_EQ(run("remove", {"--id", "1", "--reference", std::to_string(reference)}).exitCode, 0);
  EXPECT_EQ(runJson("people")[0]["signatures"], 2);
  EXPECT_EQ(run("remove", {"--id", "1", "--reference", "4711"}).exitCode, 2);
  ASSERT_EQ(run("remove", {"--id", "1"}).exitCode, 0);
  EXPECT_EQ(runJson("people").size(), 1U);
}

TEST_F(StoreCommands, SayInOneSentenceWhatIsWrong) {
  const auto missing = runCli({"people", "--store", path("elsewhere")});
  EXPECT_EQ(missing.exitCode, 2);
  EXPECT_NE(missing.errors.find("countersign-cli store protect"), std::string::npos);
  enrolTwo();
  const auto letter = path("letter.png");
  writeBytes(letter, Bytes(100, 'x'));
  for (const auto& [command, arguments] :
       std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"enrol", {"--id", "3", drawing(4, 0)}},  // on file for somebody else
           {"enrol", {"--id", "3", letter}},
           {"enrol", {"--id", "3", path("none.png")}},
           {"verify", {"--id", "99", "--probe", drawing(4, 0)}},
           {"verify", {"--id", "1", "--probe", letter}},
           {"history", {"--show", "12"}}}) {
    const auto result = run(command, arguments);
    EXPECT_EQ(result.exitCode, 2) << command;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
  EXPECT_EQ(runJson("people").size(), 2U);
}

TEST_F(StoreCommands, ChooseAThresholdByWhatItCosts) {
  enrolTwo();
  const auto own =
      runJson("choose-threshold", {"--own", "--fnmr", "0", "--write-scores", path("scores.csv"),
                                   "--write-curve", path("curve.csv")});
  EXPECT_EQ(own["own"]["people"], 2);
  EXPECT_EQ(own["chosen"]["counts"]["genuine"]["match"], 5) << own.dump(2);
  EXPECT_EQ(own["chosen"]["fnmr"]["value"], 0);
  EXPECT_FALSE(own["chosen"]["canBeClaimed"].get<bool>()) << "two people show nothing";
  EXPECT_TRUE(std::filesystem::exists(path("curve.csv")));

  // The same trials as a table: the same figures, and its threshold may be put into force.
  const auto table = runJson("choose-threshold",
                             {"--scores", path("scores.csv"), "--fnmr", "0", "--put-into-force"});
  EXPECT_EQ(table["chosen"]["threshold"], own["chosen"]["threshold"]);
  const auto inForce = runJson("choose-threshold", {"--own"});
  EXPECT_EQ(inForce["at"][0]["threshold"], own["chosen"]["threshold"]);

  // Scores of another network choose no threshold for this one.
  std::ifstream in(path("scores.csv"));
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto network = own["network"].get<std::string>();
  for (auto at = text.find(network); at != std::string::npos; at = text.find(network))
    text.replace(at, network.size(), "another");
  std::ofstream(path("other.csv")) << text;
  const auto refused =
      run("choose-threshold", {"--scores", path("other.csv"), "--fnmr", "0", "--put-into-force"});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_NE(refused.errors.find("Another network"), std::string::npos) << refused.errors;

  const auto card = runJson("choose-threshold", {"--fmr", "0.05", "--at", "0.5"});
  EXPECT_LE(card["chosen"]["fmrSkilled"]["value"].get<double>(), 0.05);
  EXPECT_EQ(card["at"][0]["threshold"], 0.5);
  EXPECT_EQ(run("choose-threshold", {"--fmr", "0.05", "--fnmr", "0.05"}).exitCode, 2)
      << "one goal at a time";
  const auto aimless = run("choose-threshold", {"--own", "--put-into-force"});
  EXPECT_EQ(aimless.exitCode, 2);
  EXPECT_NE(aimless.errors.find("which threshold"), std::string::npos) << aimless.errors;
}

TEST_F(StoreCommands, BackTheStoreUpAndRestoreIt) {
  enrolTwo();
  const auto backup = runJson("store backup", {"--to", path("backups")});
  EXPECT_EQ(backup["people"], 2);
  ASSERT_EQ(run("enrol", {"--id", "3", drawing(21, 0)}).exitCode, 0);
  EXPECT_EQ(runJson("people").size(), 3U);
  const auto folder = backup["folder"].get<std::string>();
  EXPECT_EQ(runJson("store backups", {"--in", path("backups")}).size(), 1U);
  EXPECT_EQ(run("store check", {}).exitCode, 0);
  const auto restored = runJson("store restore", {folder});
  EXPECT_EQ(restored["people"], 2);
  EXPECT_EQ(runJson("people").size(), 2U);
  ASSERT_EQ(run("store restore", {restored["kept"].get<std::string>()}).exitCode, 0);
  EXPECT_EQ(runJson("people").size(), 3U) << "and back";
  std::filesystem::remove(std::filesystem::path(folder) / "store.db");
  const auto damaged = run("store restore", {folder});
  EXPECT_EQ(damaged.exitCode, 2);
  EXPECT_NE(damaged.errors.find("is damaged"), std::string::npos) << damaged.errors;
  EXPECT_EQ(runJson("people").size(), 3U) << "the store is as it was";
}

TEST_F(StoreCommands, CompareNetworksOnOwnPeople) {
  enrolTwo();
  const std::string shipped = COUNTERSIGN_SOURCE_DIR "/models/signature/signature.safetensors";
  const auto own = runJson("choose-threshold", {"--own", "--compare-with", shipped});
  ASSERT_EQ(own["compared"]["lists"].size(), 1U) << own.dump(2);
  const auto& group = own["compared"]["lists"][0]["groups"][0];
  EXPECT_EQ(group["people"], 2);
  EXPECT_EQ(group["difference"][0], 0) << "the one in service is that one";
  EXPECT_NE(run("choose-threshold", {"--own", "--compare-with", shipped})
                .output.find("on the same trials"),
            std::string::npos);
  EXPECT_EQ(run("choose-threshold", {"--own", "--compare-with", path("none")}).exitCode, 2);

  const auto weighed = runJson("calibrate", {"--own", "--score", "0.9"});
  ASSERT_EQ(weighed.size(), 1U) << weighed.dump(2);
  EXPECT_EQ(weighed[0]["list"], "people-on-file");
  EXPECT_EQ(weighed[0]["mated"], 5);
}

TEST_F(StoreCommands, DecideByAmountAndByPerson) {
  enrolTwo();
  EXPECT_EQ(runJson("policy")["amounts"].size(), 0U);
  const auto policy = runJson("policy", {"--amounts", "500:-0.5,5000:0.999", "--individual", "on",
                                         "--blind-share", "0.25"});
  EXPECT_EQ(policy["amounts"][0]["upTo"], 500);
  EXPECT_TRUE(policy["individual"].get<bool>());
  EXPECT_EQ(runJson("policy")["blindShare"], 0.25);
  ASSERT_EQ(run("policy", {"--individual", "off"}).exitCode, 0);
  EXPECT_EQ(runJson("policy")["amounts"].size(), 2U) << "the rest stays";
  EXPECT_EQ(run("policy", {"--amounts", "500:0.5,400:0.6"}).exitCode, 2);
  EXPECT_EQ(run("policy", {"--amounts", "much"}).exitCode, 2);

  const std::vector<std::string> own{"--id", "1", "--probe", drawing(4, 7)};
  const auto verify = [&](std::vector<std::string> more) {
    more.insert(more.begin(), own.begin(), own.end());
    return runJson("verify", more);
  };
  EXPECT_EQ(verify({})["thresholdSource"], "office");
  const auto small = verify({"--amount", "100"});
  EXPECT_EQ(small["threshold"], -0.5);
  EXPECT_EQ(small["thresholdSource"], "amount");
  const auto large = verify({"--amount", "100000", "--record", "match", "--blind-answer", "refer"});
  EXPECT_EQ(large["verdict"], "refer") << large;
  const auto recorded = runJson("history")[0];
  EXPECT_EQ(recorded["amount"], 100000);
  EXPECT_EQ(recorded["blind"], "refer");
  EXPECT_TRUE(recorded["isAlwaysReferred"].get<bool>());
  EXPECT_EQ(
      run("verify", {"--id", "1", "--probe", drawing(4, 8), "--blind-answer", "match"}).exitCode, 2)
      << "an answer that is not recorded is none";
  const auto blind = runJson("blind-checks");
  EXPECT_EQ(blind["checks"], 1);
  EXPECT_EQ(blind["clerk"]["missed"]["value"], 1) << blind;
  EXPECT_EQ(blind["clerk"]["referred"], 1);
  EXPECT_EQ(run("blind-checks").exitCode, 0);

  EXPECT_EQ(run("person-threshold", {"--id", "1", "--threshold", "0.9"}).exitCode, 2)
      << "no reason";
  const auto byHand =
      runJson("person-threshold", {"--id", "1", "--threshold", "0.95", "--reason", "often forged"});
  EXPECT_EQ(byHand["source"], "by hand");
  EXPECT_EQ(byHand["byHand"]["reason"], "often forged");
  EXPECT_TRUE(byHand["individual"].is_number()) << "what the spread would say";
  EXPECT_EQ(verify({})["threshold"], 0.95);
  ASSERT_EQ(run("person-threshold", {"--id", "1", "--clear"}).exitCode, 0);
  EXPECT_EQ(verify({})["thresholdSource"], "office");
  EXPECT_EQ(run("policy").exitCode, 0);
}

TEST_F(StoreCommands, WorkOnAServerWhoseAddressIsGiven) {
  // The folder that a desk has for a server is below this one.
  const ScopedVariable data("XDG_DATA_HOME", path("data"));
  auto& server = PostgresServer::shared();
  const auto url = server.newDatabase();
  const auto none = runCli({"people", "--store", url});
  EXPECT_EQ(none.exitCode, 2);
  EXPECT_NE(none.errors.find("No store was set up at postgresql://"), std::string::npos)
      << none.errors;
  const auto secret = runCli({"people", "--store", "postgresql://a:b@localhost/c"});
  EXPECT_EQ(secret.exitCode, 2);
  EXPECT_NE(secret.errors.find("A password does not belong"), std::string::npos) << secret.errors;
  ASSERT_EQ(runCli({"store", "protect", "ada", "--open", "--store", url}).exitCode, 0);
  const auto enrolled = runCli({"enrol", "--store", url, "--author", "ada", "--id", "1", "--name",
                                "Ana Lindqvist", drawing(4, 0), drawing(4, 1), drawing(4, 2)});
  ASSERT_EQ(enrolled.exitCode, 0) << enrolled.errors;
  EXPECT_EQ(runCli({"verify", "--store", url, "--author", "ada", "--id", "1", "--probe",
                    drawing(4, 5), "--record", "match"})
                .exitCode,
            0);
  // Back into a folder, from where it can be worked with as before.
  const auto folder = path("copy");
  const auto copied = runCli({"store", "copy", url, folder, "--json"});
  ASSERT_EQ(copied.exitCode, 0) << copied.errors;
  const auto told = json::parse(copied.output);
  EXPECT_GT(told["rows"].get<int>(), 15);
  EXPECT_EQ(told["networks"], 1);
  EXPECT_EQ(runCli({"store", "check", "--store", folder}).exitCode, 0);
  EXPECT_EQ(runCli({"audit", "verify", "--store", folder}).exitCode, 0);
  EXPECT_EQ(runCli({"audit", "verify", "--store", url}).exitCode, 0);
  const auto people = runCli({"people", "--store", folder, "--json"});
  EXPECT_EQ(json::parse(people.output).size(), 1U) << people.errors;
  const auto again = runCli({"store", "copy", url, folder});
  EXPECT_EQ(again.exitCode, 2);
  EXPECT_NE(again.errors.find("There is a store at"), std::string::npos) << again.errors;
}

}  // namespace
}  // namespace countersign::test
