// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QString>

#include "core/biometrics/Records.h"
#include "core/evaluation/ThresholdTable.h"

namespace countersign::ui {

/// An amount of money in the office's currency, which the program does not know.
QString amountText(double amount);
/// Two decimals and a true minus sign: "0.84". For display only.
QString scoreText(double score);
/// Three decimals, for τ, which is set to a thousandth.
QString thresholdText(double threshold);
/// "0.4 %", "12 %", "under 0.1 %".
QString percentText(double rate);
/// "−2.1 points (−4.0 to −0.3)", of a difference of two rates.
QString differenceText(const Estimate& difference);
/// "1 in 240", from a tenth downwards; percent above.
QString oneInText(double rate);
/// "0.4 % (0.1-1.2 %)"; "none seen, at most 9.7 %".
QString rateText(const RateAtThreshold& rate);
/// What a rate rests on: "95 % interval 0.1 to 1.2 %, from 3 132 trials of 31 people".
QString evidenceText(const RateAtThreshold& rate);
/// "40 s", "12 min", "2 h 5 min".
QString durationText(double seconds);
/// In the desktop's zone and form.
QString timeText(Timestamp time);
QString findingText(Finding finding);
/// "10342  Ana Lindqvist".
QString personText(const Person& person);
/// "Kept until 2030-12-31: contract, signatures at the counter."
QString groundsText(const ProcessingGrounds& grounds);
/// A quality sentence, or "Good".
QString qualityText(const std::string& quality);

/// The same font, larger or smaller.
QFont scaled(QFont font, double factor, bool isBold);

}  // namespace countersign::ui
