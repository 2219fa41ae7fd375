// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/Formatting.h"

#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QFile>

#include "ui/support/ImageConversion.h"
#include "ui/widgets/ThresholdPanel.h"

namespace countersign::ui {
namespace {

TEST(Formatting, GivesScoresTwoDecimalsAndATrueMinus) {
  EXPECT_EQ(scoreText(0.8449), "0.84");
  EXPECT_EQ(scoreText(-0.051), QString::fromUtf8("−0.05"));
  EXPECT_EQ(thresholdText(0.7789), "0.779");
}

TEST(Formatting, GivesRatesAsPeopleSayThem) {
  EXPECT_EQ(percentText(0.004), "0.4 %");
  EXPECT_EQ(percentText(0.12), "12 %");
  EXPECT_EQ(percentText(0.0001), "under 0.1 %");
  EXPECT_EQ(percentText(0), "0.0 %");
  EXPECT_EQ(oneInText(1.0 / 240), "1 in 240");
  EXPECT_EQ(oneInText(0.3), "30 %");
  EXPECT_EQ(rateText({{0.004, 0.001, 0.012}, 3132, 31}), QString::fromUtf8("0.4 % (0.1–1.2 %)"));
  EXPECT_EQ(rateText({{0, 0, 0.1}, 3132, 30}), "none seen, at most 10 %");
  EXPECT_EQ(evidenceText({{0, 0, 0.1}, 3132, 30}),
            "none seen in 3,132 trials of 30 people, so at most 10 %");
  EXPECT_EQ(rateText({}), "not measured");
  EXPECT_TRUE(
      evidenceText({{0.004, 0.001, 0.012}, 3132, 31}).contains("3,132 trials of 31 people"));
}

TEST(Formatting, KnowsOneFromMany) {
  EXPECT_EQ(QCoreApplication::translate("countersign::ui::PeoplePage", "%n person(s)", nullptr, 1),
            "1 person");
  EXPECT_EQ(QCoreApplication::translate("countersign::ui::PeoplePage", "%n person(s)", nullptr, 12),
            "12 people");
}

// A plural that was forgotten would show as "(s)" on the screen.
TEST(Formatting, HasEnglishPluralsForEverySourceThatCounts) {
  QFile file(COUNTERSIGN_SOURCE_DIR "/resources/translations/countersign_en.ts");
  ASSERT_TRUE(file.open(QIODevice::ReadOnly));
  const auto translations = QString::fromUtf8(file.readAll());
  EXPECT_FALSE(translations.contains("unfinished"));
  int counted = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(COUNTERSIGN_SOURCE_DIR "/ui")) {
    if (entry.path().extension() != ".cpp") continue;
    QFile source(QString::fromStdString(entry.path().string()));
    ASSERT_TRUE(source.open(QIODevice::ReadOnly));
    const auto text = QString::fromUtf8(source.readAll());
    for (qsizetype at = text.indexOf("(s)"); at >= 0; at = text.indexOf("(s)", at + 1)) {
      // The words before it are in the file of translations.
      const auto start = text.lastIndexOf('"', at) + 1;
      const auto words = text.mid(start, at - start + 3).toHtmlEscaped();
      EXPECT_TRUE(translations.contains(words)) << words.toStdString();
      ++counted;
    }
  }
  EXPECT_GT(counted, 5);
}

TEST(ImageConversion, SurvivesItsSourceAndOddRowLengths) {
  QImage image;
  {
    cv::Mat bgr(3, 5, CV_8UC3, cv::Scalar(255, 0, 0));
    image = toQImage(bgr.colRange(1, 4));
    bgr.setTo(0);
  }
  EXPECT_EQ(image.size(), QSize(3, 3));
  EXPECT_EQ(image.pixelColor(2, 2), QColor(Qt::blue));
}

}  // namespace
}  // namespace countersign::ui
