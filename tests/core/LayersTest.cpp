// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign::test {
namespace {

/// Exit code of the layer check on a tree with one file more.
int checkWith(const std::string& file, const std::string& line) {
  const TemporaryFolder folder;
  for (const char* name : {"app", "tests", "ui", "core/base", "core/metric", "core/storage"})
    std::filesystem::create_directories(folder.path() / name);
  const auto path = folder.path() / file;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << "// SPDX-License-Identifier: GPL-3.0-or-later\n" << line << "\n";
  return runProgram({COUNTERSIGN_SOURCE_DIR "/tests/check_layers.sh", folder.path().string()})
      .exitCode;
}

TEST(Layers, AllowWhatPointsDownwards) {
  EXPECT_EQ(checkWith("core/metric/A.cpp", "#include \"core/base/B.h\""), 0);
  EXPECT_EQ(checkWith("core/metric/A.cpp", "#include <torch/torch.h>"), 0);
  EXPECT_EQ(checkWith("core/metric/internal/A.h", "#include <torch/types.h>"), 0);
  EXPECT_EQ(checkWith("core/storage/A.cpp", "#include <QSqlQuery>"), 0);
  EXPECT_EQ(checkWith("core/storage/A.cpp", "#include <sqlite3.h>"), 0);
}

TEST(Layers, RefuseWhatPointsUpwardsOrSideways) {
  EXPECT_EQ(checkWith("core/base/A.cpp", "#include \"core/metric/B.h\""), 1);
  EXPECT_EQ(checkWith("core/metric/A.cpp", "#include \"app/B.h\""), 1);
  EXPECT_EQ(checkWith("core/metric/A.cpp", "#include \"ui/B.h\""), 1);
  EXPECT_EQ(checkWith("core/metric/A.cpp", "#include <QString>"), 1);
  EXPECT_EQ(checkWith("core/metric/A.cpp", "#include <sqlite3.h>"), 1);
  EXPECT_EQ(checkWith("core/storage/A.h", "#include <QString>"), 1);
  EXPECT_EQ(checkWith("core/storage/A.cpp", "#include <QImage>"), 1);
  EXPECT_EQ(checkWith("core/metric/A.h", "#include <torch/torch.h>"), 1);
  EXPECT_EQ(checkWith("ui/A.cpp", "#include <torch/torch.h>"), 1);
  EXPECT_EQ(checkWith("ui/A.cpp", "#include \"core/metric/internal/Branch.h\""), 1);
  EXPECT_EQ(checkWith("core/metric/A.cpp", "#include \"tests/support/B.h\""), 1);
}

}  // namespace
}  // namespace countersign::test
