// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "core/corpus/SyntheticFace.h"
#include "tests/support/FaceNetwork.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestStore.h"

namespace countersign::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

/// A clerk's day with faces, through the program that needs no display.
class FaceCommands : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (m_folder.path() / name).string(); }
  std::string photo(std::uint64_t person, std::uint64_t index) const {
    auto file = path(std::to_string(person) + "-" + std::to_string(index) + ".png");
    writeBytes(file, encoded(SyntheticFace(1, person).snapshot(index).picture, ".png"));
    return file;
  }
  std::string group() const {
    cv::Mat both(260, 520, CV_8UC3);
    SyntheticFace(1, 1).snapshot(7).picture.copyTo(both(cv::Rect(5, 5, 250, 250)));
    SyntheticFace(1, 6).snapshot(7).picture.copyTo(both(cv::Rect(265, 5, 250, 250)));
    auto file = path("group.png");
    writeBytes(file, encoded(both, ".png"));
    return file;
  }
  ProcessResult run(const std::string& command, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{command, "--store", storeIn(path("store")).string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runCli(arguments);
  }
  json runJson(const std::string& command, std::vector<std::string> more) const {
    more.emplace_back("--json");
    const auto result = run(command, more);
    EXPECT_TRUE(json::accept(result.output)) << result.output << result.errors;
    return json::parse(result.output, nullptr, false);
  }

  TemporaryFolder m_folder;
};

TEST_F(FaceCommands, EnrolVerifyIdentifyAndLookBack) {
  const auto enrol = [&](const std::string& id, std::uint64_t person) {
    return run("enrol", {"--modality", "face", "--id", id, photo(person, 0), photo(person, 1),
                         photo(person, 2)});
  };
  const auto first = enrol("1", 1);
  ASSERT_EQ(first.exitCode, 0) << first.errors;
  ASSERT_EQ(enrol("2", 6).exitCode, 0);
  const auto people = runJson("people", {});
  ASSERT_EQ(people.size(), 2U);
  EXPECT_EQ(people[0]["faces"], 3);
  EXPECT_EQ(people[0]["signatures"], 0);

  const std::vector<std::string> probe{"--modality", "face", "--probe", photo(1, 5)};
  auto own = probe;
  own.insert(own.end(), {"--id", "1"});
  auto other = probe;
  other.insert(other.end(), {"--id", "2"});
  const double mated = runJson("verify", own)["score"];
  const double nonMated = runJson("verify", other)["score"];
  EXPECT_GT(mated, nonMated);
  const auto set =
      runCli({"network", "threshold", "--store", storeIn(path("store")).string(), "--modality",
              "face", "--threshold", std::to_string((mated + nonMated) / 2), "--json"});
  const auto rule = json::parse(set.output, nullptr, false);
  EXPECT_EQ(rule["name"], "face");
  own.insert(own.end(), {"--record", "match"});
  EXPECT_EQ(run("verify", own).exitCode, 0);
  EXPECT_EQ(run("verify", other).exitCode, 1);
  const auto found = runJson("identify", probe);
  EXPECT_EQ(found["verdict"], "found");
  EXPECT_EQ(found["candidates"][0]["identifier"], "1");

  const auto history = runJson("history", {});
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0]["modality"], "face");
  const auto again = runJson("history", {"--show", history[0]["decision"].dump()});
  EXPECT_TRUE(again["isSame"]);
  EXPECT_TRUE(again["isFromImage"]);

  const auto signature = run("verify", {"--id", "1", "--probe", photo(1, 5)});
  EXPECT_EQ(signature.exitCode, 2);
  EXPECT_THAT(signature.errors, HasSubstr("no reference signature"));
}

TEST_F(FaceCommands, JudgeASignatureAndAFaceInOneGo) {
  const auto drawing = [&](std::uint64_t number, std::uint64_t index) {
    auto file = path("s" + std::to_string(number) + "-" + std::to_string(index) + ".png");
    writeBytes(file, encoded(signatureDrawing(number, index), ".png"));
    return file;
  };
  ASSERT_EQ(run("enrol", {"--id", "1", drawing(4, 0), drawing(4, 1), drawing(4, 2)}).exitCode, 0);
  ASSERT_EQ(run("enrol", {"--modality", "face", "--id", "1", photo(1, 0), photo(1, 1), photo(1, 2)})
                .exitCode,
            0);
  // The very drawing that is on file: a match by any network.
  const std::vector<std::string> both{"--id",         "1",        "--probe", drawing(4, 0),
                                      "--face-photo", photo(1, 0)};
  const auto joint = runJson("verify", both);
  ASSERT_EQ(joint["verdicts"].size(), 2U) << joint;
  EXPECT_EQ(joint["verdicts"][0]["modality"], "signature");
  EXPECT_EQ(joint["verdicts"][1]["modality"], "face");
  const auto alone = runJson("verify", {"--modality", "face", "--id", "1", "--probe", photo(1, 0)});
  EXPECT_EQ(joint["verdicts"][1]["score"], alone["score"]) << "each by its own network";
  EXPECT_EQ(joint["verdict"], "match");
  EXPECT_THAT(run("verify", both).output,
              AllOf(HasSubstr("Signature: MATCH"), HasSubstr("Face: ")));
  // Where they do not agree, somebody must look.
  ASSERT_EQ(runCli({"network", "threshold", "--store", storeIn(path("store")).string(),
                    "--modality", "face", "--threshold", "1"})
                .exitCode,
            0);
  EXPECT_EQ(run("verify", both).exitCode, 3);
  auto twice = both;
  twice.insert(twice.end(), {"--modality", "face"});
  EXPECT_EQ(run("verify", twice).exitCode, 2);
}

TEST_F(FaceCommands, LookThroughACamera) {
  ASSERT_EQ(run("enrol", {"--modality", "face", "--id", "1", photo(1, 0), photo(1, 1), photo(1, 2)})
                .exitCode,
            0);
  const auto clip = [&](const std::string& name, std::optional<std::uint64_t> person) {
    std::vector<cv::Mat> frames(30, cv::Mat(400, 400, CV_8UC3, cv::Scalar(140, 135, 130)));
    if (person) {
      const auto face = SyntheticFace(1, *person).picture({.size = 400}).picture;
      for (std::size_t i = 5; i < frames.size(); ++i) frames[i] = face;
    }
    return writeVideo(m_folder.path() / name, frames, 15).string();
  };
  const auto own =
      run("verify", {"--modality", "face", "--id", "1", "--camera", clip("own.avi", 1)});
  EXPECT_EQ(own.exitCode, 0) << own.output << own.errors;
  const auto nobody = run("identify", {"--modality", "face", "--camera", clip("nobody.avi", {})});
  EXPECT_EQ(nobody.exitCode, 4) << "cannot judge";
  EXPECT_NE(nobody.errors.find("Look into the camera"), std::string::npos) << nobody.errors;
  EXPECT_NE(
      run("verify", {"--id", "1", "--camera", clip("own.avi", 1)}).errors.find("--modality face"),
      std::string::npos);
  EXPECT_EQ(run("verify", {"--modality", "face", "--id", "1"}).exitCode, 2) << "neither of both";
  EXPECT_EQ(runCli({"cameras"}).exitCode, 0);
  EXPECT_EQ(run("verify", {"--modality", "face", "--id", "1", "--camera", clip("own.avi", 1),
                           "--crop", "0,0,9,9"})
                .exitCode,
            2)
      << "there is no picture to crop yet";
  const auto enrolled =
      run("enrol", {"--modality", "face", "--id", "2", "--camera", clip("other.avi", 6)});
  EXPECT_EQ(enrolled.exitCode, 0) << enrolled.errors;
  EXPECT_EQ(run("identify", {"--modality", "face", "--probe", photo(6, 5)}).exitCode, 0);
}

TEST_F(FaceCommands, RefuseAPhotoOfSeveralPeopleUntilToldWhoIsMeant) {
  const auto unclear = runCli({"compare", "--modality", "face", "--probe", group(), photo(1, 0)});
  EXPECT_EQ(unclear.exitCode, 4);
  EXPECT_THAT(unclear.errors, HasSubstr("more than one face"));
  const auto scoreOf = [&](const std::string& face) {
    const auto result = runCli({"compare", "--modality", "face", "--face", face, "--json",
                                "--probe", group(), photo(1, 0)});
    EXPECT_TRUE(json::accept(result.output)) << result.errors;
    const auto answer = json::parse(result.output, nullptr, false);
    EXPECT_EQ(answer["probe"]["faces"], 2);
    return answer["score"].get<double>();
  };
  EXPECT_GT(scoreOf("1"), scoreOf("2")) << "counted from the left";
  EXPECT_EQ(
      runCli({"compare", "--modality", "face", "--face", "3", "--probe", group(), photo(1, 0)})
          .exitCode,
      2);
  EXPECT_EQ(
      runCli({"compare", "--modality", "face", "--face", "0", "--probe", group(), photo(1, 0)})
          .exitCode,
      2);
  // A number fits one picture, and a face is chosen among faces only.
  EXPECT_EQ(run("enrol", {"--modality", "face", "--face", "1", "--id", "9", photo(1, 0), group()})
                .exitCode,
            2);
  EXPECT_EQ(runCli({"compare", "--face", "1", "--probe", group(), photo(1, 0)}).exitCode, 2);
  const auto nobody = path("sky.png");
  writeBytes(nobody, encoded(cv::Mat(200, 300, CV_8UC3, cv::Scalar(200, 180, 90)), ".png"));
  const auto empty = runCli({"compare", "--modality", "face", "--probe", nobody, photo(1, 0)});
  EXPECT_EQ(empty.exitCode, 4);
  EXPECT_THAT(empty.errors, HasSubstr("No face was found"));
  const auto mixed = runCli(
      {"compare", "--network", shippedFaceNetwork().string(), "--probe", photo(1, 1), photo(1, 0)});
  EXPECT_EQ(mixed.exitCode, 2);
  EXPECT_THAT(mixed.errors, HasSubstr("--modality"));
}

}  // namespace
}  // namespace countersign::test
