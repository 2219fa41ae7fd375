// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "core/base/Csv.h"
#include "core/base/File.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"

namespace countersign::test {
namespace {

constexpr const char* kOptions = R"({"name": "e2e", "steps": 20, "stepsPerEpoch": 10,
  "batch": {"subjects": 3, "genuine": 3, "forgeries": 2},
  "architecture": {"channels": [8, 16, 16], "strides": [2, 2], "gridRows": 2, "gridColumns": 4,
                   "embeddingSize": 64}})";

/// Generates a corpus and trains two epochs on it once; the tests use what comes out.
class CommandLine : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    sharedFolder = std::make_unique<TemporaryFolder>();
    const auto generated = runCli({"generate", "--signers", "10", "--genuine", "5", "--forgeries",
                                   "3", "--seed", "5", "--output", path("corpus")});
    ASSERT_EQ(generated.exitCode, 0) << generated.errors;
    std::ofstream(path("options.json")) << kOptions;
    const auto trained =
        runCli({"train", "--corpus", path("corpus/manifest.csv"), "--root", path("corpus"),
                "--options", path("options.json"), "--output", path("net.safetensors")});
    ASSERT_EQ(trained.exitCode, 0) << trained.errors;
    EXPECT_NE(trained.errors.find("epoch 2/2"), std::string::npos) << trained.errors;
  }
  static void TearDownTestSuite() { sharedFolder.reset(); }

  static std::string path(const std::string& name) {
    return (sharedFolder->path() / name).string();
  }
  static std::string image(int signer, const std::string& what) {
    return path("corpus/images/signer-000" + std::to_string(signer) + "/" + what + ".png");
  }
  static ProcessResult compare(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"compare", "--modality", "signature", "--network",
                                       path("net.safetensors")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runCli(arguments);
  }

  static inline std::unique_ptr<TemporaryFolder> sharedFolder;
};

TEST_F(CommandLine, GivesEachVerdictItsExitCode) {
  const auto probe = image(9, "genuine-01");
  const auto reference = image(9, "genuine-02");
  EXPECT_EQ(compare({"--threshold", "-1", "--probe", probe, reference}).exitCode, 0);
  EXPECT_EQ(compare({"--threshold", "1", "--probe", probe, reference}).exitCode, 1);
  EXPECT_EQ(compare({"--threshold", "0", "--band", "1.5", "--probe", probe, reference}).exitCode,
            3);
  const auto same = compare({"--probe", probe, probe});
  EXPECT_EQ(same.exitCode, 0) << "an image matches itself";
  EXPECT_NE(same.output.find("MATCH"), std::string::npos);
}

TEST_F(CommandLine, CannotJudgeABlankSheet) {
  const auto blank = path("blank.png");
  writeBytes(blank, encoded(cv::Mat(200, 400, CV_8UC1, cv::Scalar(255)), ".png"));
  const auto result = compare({"--probe", blank, image(9, "genuine-01")});
  EXPECT_EQ(result.exitCode, 4);
  EXPECT_NE(result.errors.find("No signature was found"), std::string::npos) << result.errors;
  EXPECT_TRUE(result.output.empty());
}

TEST_F(CommandLine, PrintsJsonWithEverythingTheVerdictRestsOn) {
  const auto result = compare({"--json", "--threshold", "0.25", "--probe", image(9, "genuine-01"),
                               image(9, "genuine-02"), image(9, "genuine-03")});
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_EQ(json["threshold"], 0.25);
  EXPECT_EQ(json["references"].size(), 2U);
  EXPECT_EQ(json["networkIdentity"].get<std::string>().size(), 64U);
  const double fused = json["score"];
  EXPECT_NEAR(fused,
              (json["references"][0]["score"].get<double>() +
               json["references"][1]["score"].get<double>()) /
                  2,
              1e-9);
  EXPECT_EQ(json["verdict"], fused > 0.25 ? "match" : "non-match");
}

TEST_F(CommandLine, CropsWhereItIsTold) {
  const auto whole = compare({"--json", "--probe", image(9, "genuine-01"), image(9, "genuine-02")});
  const auto cropped = compare({"--json", "--crop", "0,0,300,150", "--probe",
                                image(9, "genuine-01"), image(9, "genuine-02")});
  EXPECT_NE(nlohmann::json::parse(whole.output)["score"],
            nlohmann::json::parse(cropped.output)["score"]);
  EXPECT_EQ(
      compare({"--crop", "0,0,99999,10", "--probe", image(9, "genuine-01"), image(9, "genuine-02")})
          .exitCode,
      2);
}

TEST_F(CommandLine, EvaluatesATrialList) {
  const auto result = runCli({"evaluate", "--network", path("net.safetensors"), "--root",
                              path("corpus"), "--trials", path("corpus/trials.csv"), "--scores",
                              path("scores.csv"), "--report", path("report.json")});
  ASSERT_EQ(result.exitCode, 0) << result.errors;
  const auto scores = readCsv(path("scores.csv"));
  const auto trials = readCsv(path("corpus/trials.csv"));
  ASSERT_TRUE(scores && trials);
  EXPECT_EQ(scores->rows.size(), trials->rows.size());
  EXPECT_EQ(scores->columns.back(), "network");
  const auto report = nlohmann::json::parse(*readTextFile(path("report.json"), 1U << 20U));
  EXPECT_EQ(report["trials"], trials->rows.size());
  EXPECT_EQ(report["groups"].size(), 3U);
  for (const auto& group : report["groups"]) {
    EXPECT_LE(group["equalErrorRateLow"], group["equalErrorRate"]);
    EXPECT_GE(group["equalErrorRateHigh"], group["equalErrorRate"]);
  }
  EXPECT_GT(report["millisecondsPerImage"], 0);
}

// One of a signer's probes is missing: that is a failure to acquire, and no missed signature.
TEST_F(CommandLine, TellsFailuresFromMisses) {
  auto trials = *readTextFile(path("corpus/trials.csv"), 1U << 20U);
  const auto row = trials.find(",mated,");
  ASSERT_NE(row, std::string::npos);
  const auto name = trials.rfind(',', row - 1) + 1;
  trials.replace(name, row - name, "images/none.png");
  std::ofstream(path("failing.csv")) << trials;
  const std::vector<std::string> evaluate{
      "evaluate",     "--network", path("net.safetensors"), "--root",
      path("corpus"), "--trials",  path("failing.csv")};
  auto asJson = evaluate;
  asJson.emplace_back("--json");
  const auto result = runCli(asJson);
  ASSERT_EQ(result.exitCode, 0) << result.errors;
  const auto json = nlohmann::json::parse(result.output);
  const auto& group = json["groups"][0];
  const auto& apart = group["failuresApart"];
  const double failed = apart["ftaMated"];
  EXPECT_NEAR(failed, 1.0 / group["matedTrials"].get<double>(), 1e-9);
  EXPECT_NEAR(apart["frr"], failed + apart["fnmr"].get<double>() * (1 - failed), 1e-9);
  EXPECT_EQ(apart["ftaNonMated"], 0);
  EXPECT_EQ(apart["far"], apart["fmr"]);
  EXPECT_NE(runCli(evaluate).output.find("failures apart: FNMR"), std::string::npos);
}

// A threshold among normalised scores means nothing for the network's own.
TEST_F(CommandLine, NamesNoNetworkForScoresOnAnotherScale) {
  const auto result = runCli({"evaluate", "--network", path("net.safetensors"), "--root",
                              path("corpus"), "--trials", path("corpus/trials.csv"), "--scores",
                              path("other-scale.csv"), "--normalise", "t"});
  ASSERT_EQ(result.exitCode, 0) << result.errors;
  const auto table = readCsv(path("other-scale.csv"));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columns.back(), "network");
  EXPECT_EQ(table->rows.front().back(), "");
}

TEST_F(CommandLine, CalibratesScoresToLikelihoodRatios) {
  const auto evaluated =
      runCli({"evaluate", "--network", path("net.safetensors"), "--root", path("corpus"),
              "--trials", path("corpus/trials.csv"), "--scores", path("calibration.csv")});
  ASSERT_EQ(evaluated.exitCode, 0) << evaluated.errors;
  const auto result = runCli({"calibrate", "--scores", path("calibration.csv"), "--score", "0.99",
                              "--tippett", path("tippett.csv"), "--json"});
  const auto json = nlohmann::json::parse(result.output);
  ASSERT_EQ(json.size(), 2U) << json;
  EXPECT_EQ(json[0]["against"], "skilled") << "the two kinds are never pooled";
  EXPECT_EQ(json[1]["against"], "random");
  for (const auto& one : json) {
    EXPECT_EQ(one["method"], "logistic") << "few trials";
    EXPECT_LE(std::abs(one["logLikelihoodRatio"].get<double>()), one["limit"].get<double>());
    EXPECT_GE(one["cost"].get<double>(), 0);
    EXPECT_FALSE(one["reliability"].empty());
  }
  EXPECT_EQ(readCsv(path("tippett.csv"))->rows.size(), 400U);
  const auto shipped = runCli({"calibrate", "--score", "0.9"});
  EXPECT_EQ(shipped.exitCode, 0) << shipped.errors;
  EXPECT_NE(shipped.output.find("against a skilled imitator"), std::string::npos);
  EXPECT_NE(shipped.output.find("evidence, not proof"), std::string::npos);
  const auto pooled =
      runCli({"calibrate", "--list", "cedar-validation-8ref", "--list",
              "bhsig-hindi-validation-8ref", "--list", "bhsig-bengali-validation-8ref", "--json"});
  EXPECT_EQ(nlohmann::json::parse(pooled.output)[0]["people"], 31) << "of three corpora";
  EXPECT_EQ(runCli({"calibrate", "--list", "nobody"}).exitCode, 2);
}

TEST_F(CommandLine, RecordsFiguresInTheCardWithoutChangingTheIdentity) {
  std::filesystem::copy_file(path("net.safetensors"), path("card.safetensors"));
  const auto before = nlohmann::json::parse(
      runCli({"info", "--json", "--network", path("card.safetensors")}).output);
  ASSERT_EQ(runCli({"evaluate", "--network", path("card.safetensors"), "--root", path("corpus"),
                    "--trials", path("corpus/trials.csv"), "--record-as", "generated-1ref"})
                .exitCode,
            0);
  const auto after = nlohmann::json::parse(
      runCli({"info", "--json", "--network", path("card.safetensors")}).output);
  EXPECT_EQ(before["identity"], after["identity"]);
  EXPECT_EQ(before["figures"].size(), 0U);
  EXPECT_EQ(after["figures"][0]["name"], "generated-1ref");
  const auto text = runCli({"info", "--network", path("card.safetensors")});
  EXPECT_NE(text.output.find("generated-1ref"), std::string::npos);
}

TEST_F(CommandLine, EmbedsAListAsANumPyArray) {
  std::ofstream(path("list.txt")) << "images/signer-0001/genuine-01.png\nimages/none.png\n";
  const auto result =
      runCli({"embed", "--network", path("net.safetensors"), "--root", path("corpus"), "--images",
              path("list.txt"), "--output", path("out.npy")});
  EXPECT_EQ(result.exitCode, 2) << "one image is missing";
  EXPECT_NE(result.errors.find("none.png"), std::string::npos);
  const auto bytes = *readFile(path("out.npy"), 1U << 20U);
  std::array<float, 128> rows{};
  std::memcpy(rows.data(), bytes.data() + bytes.size() - sizeof(rows), sizeof(rows));
  double squares = 0;
  for (std::size_t i = 0; i < 64; ++i) squares += double{rows[i]} * rows[i];
  EXPECT_NEAR(squares, 1, 1e-4);
  EXPECT_TRUE(std::isnan(rows[64]));
}

TEST_F(CommandLine, AuditsACorpusAndWritesTheTableOfWhatCanBeUsed) {
  const auto audit = runCli(
      {"audit-corpus", "--root", path("corpus/images"), "--write-manifest", path("found.csv")});
  ASSERT_EQ(audit.exitCode, 0) << audit.errors;
  EXPECT_NE(audit.output.find("folder per person"), std::string::npos) << audit.output;
  EXPECT_NE(audit.output.find("10 people"), std::string::npos) << audit.output;
  EXPECT_NE(audit.output.find("no leak"), std::string::npos) << audit.output;
  const auto table = readTextFile(path("found.csv"), 1 << 20);
  ASSERT_TRUE(table);
  EXPECT_EQ(std::count(table->begin(), table->end(), '\n'), 1 + 10 * 8);
  const auto json = runCli({"--json", "audit-corpus", "--root", path("corpus")});
  ASSERT_EQ(json.exitCode, 0) << json.errors;
  const auto parsed = nlohmann::json::parse(json.output);
  EXPECT_EQ(parsed["layout"], "manifest");
  EXPECT_EQ(parsed["leaks"].size(), 5U);
  EXPECT_EQ(runCli({"audit-corpus", "--root", path("none")}).exitCode, 2);
}

TEST_F(CommandLine, AnswersOneShotRuns) {
  std::filesystem::create_directories(path("runs/run01"));
  std::ofstream labels(path("runs/run01/class_labels.txt"));
  for (int signer = 1; signer <= 3; ++signer) {
    const auto name = std::to_string(signer) + ".png";
    for (const auto& [folder, sample] :
         {std::pair{"test", "genuine-01"}, {"training", "genuine-02"}}) {
      const auto target = path("runs/run01/") + folder + name;
      std::filesystem::copy_file(image(signer, sample), target);
    }
    labels << "run01/test" << name << " run01/training" << name << "\n";
  }
  labels.close();
  const auto result =
      runCli({"--json", "one-shot", "--network", path("net.safetensors"), "--runs", path("runs")});
  ASSERT_EQ(result.exitCode, 0) << result.errors;
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_EQ(json["answers"], 3);
  EXPECT_GE(json["accuracyHigh"], json["accuracy"]);
  EXPECT_EQ(runCli({"one-shot", "--runs", path("corpus")}).exitCode, 2);
}

TEST_F(CommandLine, FineTunesANetwork) {
  std::ofstream(path("tune.json"))
      << R"({"name": "tuned", "steps": 4, "stepsPerEpoch": 4, "frozenBlocks": 1,
             "batch": {"subjects": 3, "genuine": 3, "forgeries": 2}})";
  const auto tuned =
      runCli({"train", "--root", path("corpus"), "--start-from", path("net.safetensors"),
              "--options", path("tune.json"), "--output", path("tuned.safetensors")});
  ASSERT_EQ(tuned.exitCode, 0) << tuned.errors;
  const auto info = runCli({"info", "--network", path("tuned.safetensors")});
  EXPECT_EQ(info.exitCode, 0) << info.errors;
}

TEST_F(CommandLine, ExplainsItself) {
  const auto help = runCli({"--help"});
  EXPECT_EQ(help.exitCode, 0);
  for (const char* command : {"compare", "embed", "evaluate", "train", "generate", "info"}) {
    EXPECT_NE(help.output.find(command), std::string::npos);
    const auto own = runCli({command, "--help"});
    EXPECT_EQ(own.exitCode, 0);
    EXPECT_GT(own.output.size(), 100U);
  }
  EXPECT_EQ(runCli({}).exitCode, 2);
  EXPECT_EQ(runCli({"compare", "--probe"}).exitCode, 2);
  EXPECT_EQ(runCli({"compare", "--modality", "gait", "--probe", "a", "b"}).exitCode, 2);
}

TEST_F(CommandLine, ChoosesTheKernelOfTheProcessorUnlessTheUserDid) {
  const auto kernel = [] {
    const auto result = runCli({"info", "--json", "--network", path("net.safetensors")});
    return nlohmann::json::parse(result.output)["program"]["blasKernel"].get<std::string>();
  };
  ::unsetenv("OPENBLAS_CORETYPE");
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0 && kernel() != "unknown") {
    EXPECT_NE(kernel(), "Prescott");
    ::setenv("OPENBLAS_CORETYPE", "Nehalem", 1);
    EXPECT_EQ(kernel(), "Nehalem") << "a value that is set already is never overridden";
    ::unsetenv("OPENBLAS_CORETYPE");
  }
#endif
}

TEST_F(CommandLine, SaysInOneSentenceWhatIsMissing) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"compare", "--network", "none", "--probe", "a", "b"},
           {"compare", "--models", "none", "--probe", "a", "b"},
           {"compare", "--network", path("options.json"), "--probe", "a", "b"},
           {"compare", "--network", path("net.safetensors"), "--probe", "none.png", "b"},
           {"evaluate", "--network", path("net.safetensors"), "--trials", path("options.json")},
           {"train", "--corpus", "none", "--root", ".", "--output", path("x")},
           {"generate", "--signers", "0", "--output", path("y")},
           {"generate", "--output", "/proc/none"}}) {
    const auto result = runCli(arguments);
    EXPECT_EQ(result.exitCode, 2) << arguments[0];
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    EXPECT_TRUE(result.errors.ends_with(".\n")) << result.errors;
  }
}

}  // namespace
}  // namespace countersign::test
