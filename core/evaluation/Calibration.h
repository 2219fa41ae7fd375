// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/evaluation/BootstrapInterval.h"
#include "core/evaluation/ErrorRates.h"

namespace countersign {

/// How a score becomes a likelihood ratio.
enum class CalibrationMethod {
  Logistic,  ///< LLR = slope × score + offset (Platt, 1999; Brümmer & du Preez, 2006).
  Isotonic,  ///< Any rising function: pool adjacent violators (Ayer et al., 1955).
};

/// Trials of one kind against which a score is weighed: mated ones, and either other people's or
/// skilled imitators'. The two kinds of non-mated trials answer different questions and are never
/// mixed.
struct CalibrationTrials {
  std::vector<SubjectScore> mated;
  std::vector<SubjectScore> nonMated;

  /// People with a trial of either kind.
  int people() const;
  /// Whether there is a finite score of each kind.
  bool canBeFitted() const;
};

/// Natural logarithm of the likelihood ratio of a score: how many times likelier it is when both
/// samples are of the same person than when they are not. It holds for people like those it was
/// made from, and never says more than so many people can support: |LLR| <= ln(people + 1).
class ScoreCalibration {
 public:
  /// From this many trials of each kind on, usual() chooses the isotonic method.
  static constexpr std::size_t kManyTrials = 1000;
  static CalibrationMethod usual(const CalibrationTrials& trials);

  /// Both kinds weigh the same whatever their numbers are. Failures to acquire (−infinity) are left
  /// out: they say nothing of whose sample it was. The logistic curve is drawn towards "says
  /// nothing" by one trial for each person (Platt's targets), so that it stays finite where no
  /// score overlaps.
  ///
  /// @param trials  at least one finite score of each kind.
  static ScoreCalibration fit(const CalibrationTrials& trials, CalibrationMethod method);

  /// Never falls when the score rises. 0 for a score that is not finite.
  double logLikelihoodRatio(double score) const;

  CalibrationMethod method() const { return m_method; }
  int people() const { return m_people; }
  /// The largest |LLR| that is said.
  double limit() const;
  /// Of the logistic curve; 0 otherwise.
  double slope() const { return m_slope; }
  double offset() const { return m_offset; }

 private:
  struct Knot {
    double score;
    double value;
  };

  CalibrationMethod m_method = CalibrationMethod::Logistic;
  int m_people = 0;
  double m_slope = 0;
  double m_offset = 0;
  std::vector<Knot> m_knots;  ///< Isotonic: between them the LLR is a straight line.
};

/// LLRs of trials, each by a calibration that was made without the people of its fold: what a
/// calibration is worth for people whom it has not seen. Failures to acquire are left out.
///
/// @param folds  at least 2; as many as there are people where there are fewer.
/// @return  LLRs in the place of scores; empty where there are fewer than two people, or where the
///          others of some fold leave a kind without a trial.
LabelledScores personDisjointLlrs(const CalibrationTrials& trials, CalibrationMethod method,
                                  int folds = 5);

/// Cost of log likelihood ratios in bits (Brümmer & du Preez, 2006): 0 when they are certain and
/// right, 1 when they always say nothing (LLR 0), more when they mislead.
///
/// @param llrs  natural logarithms, at least one of each kind; infinite ones are allowed.
double costOfLlrs(const LabelledScores& llrs);

/// The cost that is left when scores are calibrated on themselves in the best rising way: what no
/// calibration can mend.
///
/// @param scores  at least one finite score of each kind.
double leastCostOfLlrs(const LabelledScores& scores);

/// Shares of LLRs above a value, for a Tippett plot (Evett & Buckleton, 1996).
struct TippettPoint {
  double llr = 0;
  double mated = 0;     ///< Share of mated LLRs above it, in [0, 1].
  double nonMated = 0;  ///< Share of non-mated LLRs above it: misleading where llr > 0.
};
/// @param points  at least 2: evenly from the lowest to the highest finite LLR.
std::vector<TippettPoint> tippett(const LabelledScores& llrs, int points);

/// How often what was said with a confidence was so. Both kinds weigh the same.
struct ReliabilityBin {
  double said = 0;  ///< Mean probability of "same person" at even prior odds, in [0, 1].
  double seen = 0;  ///< Share of mated trials, in [0, 1].
  int trials = 0;
};
/// @param bins  equally wide ones in the probability; those without trials are left out.
std::vector<ReliabilityBin> reliability(const LabelledScores& llrs, int bins);

/// Words for a likelihood ratio, by the scale of the ENFSI Guideline for Evaluative Reporting in
/// Forensic Science (2015): 1 to 2 no support, to 10 weak, to 100 moderate, to 1 000 moderately
/// strong, to 10 000 strong, to 1 000 000 very strong, above extremely strong.
///
/// @return  for example "moderate support"; which proposition it supports is told by the sign.
std::string_view verbalScale(double llr);

}  // namespace countersign
