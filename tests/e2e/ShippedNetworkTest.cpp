// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/File.h"
#include "tests/support/Process.h"
#include "tests/support/RealData.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign::test {
namespace {

constexpr double kSkilled = 0.14;
constexpr double kHindi = 0.12;
constexpr double kRandom = 0.04;

class ShippedNetwork : public testing::TestWithParam<std::string> {};

TEST_P(ShippedNetwork, KeepsWhatItsCardSays) {
  if (!realData()) GTEST_SKIP() << "no real data here";
  const auto root = *realData() / "signatures";
  const TemporaryFolder folder;
  const auto name = GetParam() + "-validation-1ref";
  const auto result =
      runCli({"evaluate", "--root", root.string(), "--trials", (root / (name + ".csv")).string(),
              "--report", (folder.path() / "report.json").string()});
  ASSERT_EQ(result.exitCode, 0) << result.errors;
  const auto report =
      nlohmann::json::parse(*readTextFile(folder.path() / "report.json", 1U << 20U));
  const auto eer = [&](const std::string& group) -> double {
    for (const auto& g : report["groups"]) {
      if (g["group"] == group) return g["equalErrorRate"];
    }
    return 1;
  };
  EXPECT_LE(eer("skilled"), GetParam() == "bhsig-hindi" ? kHindi : kSkilled);
  EXPECT_LE(eer("random"), kRandom);
  EXPECT_LE(report["failuresToAcquire"].get<int>(), report["images"].get<int>() / 100);

  const auto card = nlohmann::json::parse(runCli({"info", "--json"}).output);
  bool isInCard = false;
  for (const auto& figure : card["figures"]) {
    if (figure["name"] != name) continue;
    isInCard = true;
    EXPECT_NEAR(figure["skilledEer"]["value"], eer("skilled"), 0.002);
    EXPECT_NEAR(figure["randomEer"]["value"], eer("random"), 0.002);
  }
  EXPECT_TRUE(isInCard) << name;
}

INSTANTIATE_TEST_SUITE_P(All, ShippedNetwork,
                         testing::Values("cedar", "bhsig-bengali", "bhsig-hindi"),
                         [](const auto& param) {
                           return param.param.substr(param.param.rfind('-') + 1);
                         });

}  // namespace
}  // namespace countersign::test
