// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/Formatting.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <cmath>

namespace countersign::ui {

namespace {

/// Gives lupdate a context for the strings of free functions.
struct Formatting {
  Q_DECLARE_TR_FUNCTIONS(Formatting)
};

QString number(double value, int decimals) {
  auto text = QLocale().toString(value, 'f', decimals);
  return text.replace(QLatin1Char('-'), QChar(0x2212));
}

/// Percent without the sign, with as many decimals as make sense at its size.
QString percentNumber(double rate) {
  constexpr double kPercent = 100;
  constexpr double kWhole = 9.95;
  const double percent = rate * kPercent;
  return number(percent, percent >= kWhole ? 0 : 1);
}

}  // namespace

QString amountText(double amount) {
  constexpr int kDecimals = 2;
  return QLocale().toString(amount, 'f', kDecimals);
}

QString scoreText(double score) { return number(score, 2); }

QString thresholdText(double threshold) { return number(threshold, 3); }

QString percentText(double rate) {
  constexpr double kLeast = 0.0005;
  if (rate > 0 && rate < kLeast) return Formatting::tr("under 0.1 %");
  return Formatting::tr("%1 %").arg(percentNumber(rate));
}

QString differenceText(const Estimate& difference) {
  const auto points = [](double share) {
    constexpr double kPercent = 100;
    const auto text = QLocale().toString(std::abs(share) * kPercent, 'f', 1);
    const bool isZero = text == QLocale().toString(0.0, 'f', 1);
    return isZero ? text : (share < 0 ? QStringLiteral("−") : QStringLiteral("+")) + text;
  };
  return Formatting::tr("%1 points (%2 to %3)")
      .arg(points(difference.value), points(difference.low), points(difference.high));
}

QString oneInText(double rate) {
  constexpr double kTenth = 0.1;
  if (rate <= 0 || rate > kTenth) return percentText(rate);
  return Formatting::tr("1 in %1").arg(QLocale().toString(std::lround(1 / rate)));
}

QString rateText(const RateAtThreshold& rate) {
  if (rate.trials == 0) return Formatting::tr("not measured");
  // Without an error nobody knows how rare errors are, only that they are not more frequent.
  if (rate.rate.value == 0)
    return Formatting::tr("none seen, at most %1").arg(percentText(rate.rate.high));
  return Formatting::tr("%1 (%2–%3 %)")
      .arg(percentText(rate.rate.value), percentNumber(rate.rate.low),
           percentNumber(rate.rate.high));
}

QString evidenceText(const RateAtThreshold& rate) {
  if (rate.trials == 0) return Formatting::tr("This network was not measured for this.");
  if (rate.rate.value == 0)
    return Formatting::tr("none seen in %1 trials of %2 people, so at most %3")
        .arg(QLocale().toString(rate.trials), QLocale().toString(rate.people),
             percentText(rate.rate.high));
  return Formatting::tr("%1; 95 % interval %2 to %3 %, from %4 trials of %5 people")
      .arg(percentText(rate.rate.value), percentNumber(rate.rate.low),
           percentNumber(rate.rate.high), QLocale().toString(rate.trials),
           QLocale().toString(rate.people));
}

QString durationText(double seconds) {
  constexpr double kMinute = 60;
  constexpr long kMinutesAnHour = 60;
  if (seconds < 2 * kMinute) return Formatting::tr("%1 s").arg(std::max(1L, std::lround(seconds)));
  const long minutes = std::lround(seconds / kMinute);
  if (minutes < 2 * kMinutesAnHour) return Formatting::tr("%1 min").arg(minutes);
  return Formatting::tr("%1 h %2 min").arg(minutes / kMinutesAnHour).arg(minutes % kMinutesAnHour);
}

QString timeText(Timestamp time) {
  constexpr qint64 kMicrosecondsPerMillisecond = 1000;
  const auto moment =
      QDateTime::fromMSecsSinceEpoch(time.microseconds / kMicrosecondsPerMillisecond);
  return QLocale().toString(moment, QLocale::ShortFormat);
}

QString findingText(Finding finding) {
  switch (finding) {
    case Finding::Match:
      return Formatting::tr("Match");
    case Finding::NonMatch:
      return Formatting::tr("Non-match");
    case Finding::Refer:
      return Formatting::tr("Refer");
    case Finding::CannotJudge:
      break;
  }
  return Formatting::tr("Cannot judge");
}

QString personText(const Person& person) {
  return QString::fromStdString(person.identifier) + QStringLiteral("  ") +
         QString::fromStdString(person.name);
}

QString groundsText(const ProcessingGrounds& grounds) {
  auto text =
      grounds.retainUntil.empty()
          ? Formatting::tr("Kept without an end")
          : Formatting::tr("Kept until %1").arg(QString::fromStdString(grounds.retainUntil));
  QStringList why;
  for (const auto& part : {grounds.basis, grounds.purpose})
    if (!part.empty()) why += QString::fromStdString(part);
  return text + (why.isEmpty() ? Formatting::tr("; nobody said why.")
                               : QStringLiteral(": ") + why.join(QStringLiteral(", ")) + u'.');
}

QString qualityText(const std::string& quality) {
  // Sentences of core; a translator finds them under their own text.
  return quality.empty() ? Formatting::tr("Good") : Formatting::tr(quality.c_str());
}

QFont scaled(QFont font, double factor, bool isBold) {
  font.setPointSizeF(font.pointSizeF() * factor);
  font.setBold(isBold);
  return font;
}

}  // namespace countersign::ui
