// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/SyntheticSigner.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/Random.h"

namespace countersign {

namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kSampleSeconds = 0.01;
constexpr double kDeviceUnits = 400;  // of one small letter's height

double radians(double degrees) { return degrees * kPi / 180; }

/// Habits that shape a person's plan.
struct Hand {
  double letterWidth;
  double roundness;   ///< Mean turn of a stroke, in radians.
  double ascenders;   ///< Share of tall strokes.
  double regularity;  ///< How alike successive letters are.
};

void addStroke(std::vector<LognormalStroke>& plan, Random& random, double& onset, double length,
               double direction, double turn, bool isDown = true) {
  const double sigma = random.uniform(0.2, 0.4);
  plan.push_back({length, onset, random.normal(-1.65, 0.1), sigma, direction - turn / 2,
                  direction + turn / 2, isDown});
  onset += random.uniform(0.09, 0.15) * (isDown ? 1.0 : 1.3);
}

void addWord(std::vector<LognormalStroke>& plan, Random& random, double& onset, const Hand& hand,
             double slant, int letters) {
  // A capital: two or three large, strongly bent strokes.
  const int capitals = 2 + static_cast<int>(random.below(2));
  double direction = radians(random.uniform(60, 250));
  for (int i = 0; i < capitals; ++i) {
    addStroke(plan, random, onset, random.uniform(2.0, 4.2), direction,
              radians(random.uniform(-220, 220)));
    direction += kPi + radians(random.uniform(-70, 40));
  }
  // Letters: down and up again, drifting to the right, as cursive writing does.
  for (int i = 0; i < letters; ++i) {
    const bool isTall = random.chance(hand.ascenders);
    const double height = (isTall ? random.uniform(1.8, 2.8) : random.uniform(0.6, 1.2));
    const double width = hand.letterWidth * (1 + (1 - hand.regularity) * random.uniform(-0.6, 0.6));
    const double turn = hand.roundness * random.uniform(0.3, 1.4) * (random.chance(0.8) ? 1 : -1);
    addStroke(plan, random, onset, height, radians(random.normal(-95, 14)) + slant, turn);
    addStroke(plan, random, onset, std::hypot(height, width),
              std::atan2(height, width) + slant + radians(random.normal(0, 10)),
              turn * random.uniform(0.2, 1.0));
  }
}

std::vector<LognormalStroke> makePlan(Random& random, double slant) {
  const Hand hand{random.uniform(0.45, 1.1), radians(random.uniform(20, 110)),
                  random.uniform(0.05, 0.35), random.uniform(0.2, 0.9)};
  std::vector<LognormalStroke> plan;
  double onset = 0;
  const int words = 1 + static_cast<int>(random.below(2));
  for (int word = 0; word < words; ++word) {
    if (word > 0)
      addStroke(plan, random, onset, random.uniform(0.5, 1.3), radians(random.uniform(-30, 40)), 0,
                /*isDown=*/false);
    addWord(plan, random, onset, hand, slant, 2 + static_cast<int>(random.below(6)));
  }
  constexpr double kFlourishes = 0.55;
  if (random.chance(kFlourishes)) {
    // Back to the left, on the paper or above it: a short way when the pen is lifted.
    const bool isDown = random.chance(0.5);
    addStroke(plan, random, onset, isDown ? random.uniform(2, 5) : random.uniform(0.5, 1.5),
              radians(random.uniform(150, 230)), radians(random.uniform(-90, 90)), isDown);
    addStroke(plan, random, onset, random.uniform(3, 8), radians(random.uniform(-20, 15)),
              radians(random.uniform(-80, 80)));
  }
  return plan;
}

/// Jitter of the plan, in the ranges of Galbally et al. (2012), scaled by `size`.
void jitter(std::vector<LognormalStroke>& strokes, Random& random, double size) {
  for (auto& s : strokes) {
    const auto by = [&](double range) { return size * random.uniform(-range, range); };
    s.length *= 1 + by(0.1);
    s.onset += by(0.08);
    s.mu += by(0.26);
    s.sigma *= 1 + by(0.3);
    s.thetaStart += by(0.1);
    s.thetaEnd += by(0.1);
  }
}

void stretchTime(PenTrajectory& trajectory, double factor) {
  for (auto& p : trajectory) p.seconds *= factor;
}

/// Slow drawing shakes at 8 to 12 Hz.
void tremble(PenTrajectory& trajectory, Random& random) {
  const double amplitude = random.uniform(0.004, 0.014) * kDeviceUnits;
  const double omega = 2 * kPi * random.uniform(8, 12);
  const double phaseX = random.uniform(0, 2 * kPi);
  const double phaseY = random.uniform(0, 2 * kPi);
  for (auto& p : trajectory) {
    p.x += amplitude * std::sin(omega * p.seconds + phaseX);
    p.y += amplitude * std::sin(omega * p.seconds + phaseY);
  }
}

void liftPen(PenTrajectory& trajectory, Random& random) {
  const auto lifts = random.below(3);
  constexpr std::size_t kGap = 4;  // samples
  for (std::size_t lift = 0; lift < lifts && trajectory.size() > 4 * kGap; ++lift) {
    const auto first = random.below(trajectory.size() - kGap);
    for (std::size_t i = first; i < first + kGap; ++i) trajectory[i].isDown = false;
  }
}

/// Size, slope and proportions differ from one signing to the next, whoever signs.
void place(PenTrajectory& trajectory, Random& random) {
  const double turn = radians(random.normal(0, 3));
  const double shear = random.normal(0, 0.07);
  const double aspect = std::exp(random.normal(0, 0.07));
  for (auto& p : trajectory) {
    const double x = aspect * (p.x + shear * p.y);
    const double y = p.y;
    p.x = std::cos(turn) * x - std::sin(turn) * y;
    p.y = std::sin(turn) * x + std::cos(turn) * y;
  }
}

}  // namespace

PenTrajectory trace(const std::vector<LognormalStroke>& strokes) {
  double end = 0;
  for (const auto& s : strokes) end = std::max(end, s.onset + std::exp(s.mu + 3 * s.sigma));
  PenTrajectory trajectory;
  double x = 0;
  double y = 0;
  for (double t = 0; t <= end; t += kSampleSeconds) {
    double strongest = 0;
    bool isDown = true;
    for (const auto& s : strokes) {
      const double since = t - s.onset;
      if (since <= 0) continue;
      const double z = (std::log(since) - s.mu) / s.sigma;
      const double speed =
          s.length * std::exp(-0.5 * z * z) / (since * s.sigma * std::sqrt(2 * kPi));
      const double done = 0.5 * (1 + std::erf(z / std::numbers::sqrt2));
      const double direction = s.thetaStart + (s.thetaEnd - s.thetaStart) * done;
      x += speed * std::cos(direction) * kSampleSeconds;
      y += speed * std::sin(direction) * kSampleSeconds;
      if (speed > strongest) {
        strongest = speed;
        isDown = s.isDown;
      }
    }
    trajectory.push_back({x * kDeviceUnits, y * kDeviceUnits, t, isDown});
  }
  return trajectory;
}

SyntheticSigner::SyntheticSigner(std::uint64_t seed, std::uint64_t number)
    : m_seed(seed), m_number(number) {
  Random random{seed, number, 0x51931};
  m_slant = radians(random.normal(0, 12));
  m_plan = makePlan(random, m_slant);
}

PenTrajectory SyntheticSigner::write(SampleLabel label, std::uint64_t index, double errors) const {
  const bool isForgery = label == SampleLabel::SkilledForgery;
  Random random{m_seed, m_number, index, isForgery ? 2U : 1U};
  auto strokes = m_plan;
  jitter(strokes, random,
         errors * (isForgery ? random.uniform(0.4, 0.65) : random.uniform(0.0, 0.25)));
  auto trajectory = trace(strokes);
  if (isForgery) {
    stretchTime(trajectory, random.uniform(1.3, 2.5));
    tremble(trajectory, random);
    liftPen(trajectory, random);
  }
  place(trajectory, random);
  return trajectory;
}

PenTrajectory SyntheticSigner::genuine(std::uint64_t index) const {
  return write(SampleLabel::Genuine, index, 1);
}

PenTrajectory SyntheticSigner::forgery(std::uint64_t index, double likeness) const {
  return write(SampleLabel::SkilledForgery, index, 1 / likeness);
}

cv::Mat SyntheticSigner::scan(const PenTrajectory& trajectory, std::uint64_t sampleKey) const {
  Random random{m_seed, m_number, sampleKey, 0x9e4};
  PenDrawingOptions drawing;
  drawing.strokeWidth = random.uniform(0.006, 0.012);
  drawing.longerSide = 560 + static_cast<int>(random.below(200));
  const double paper = random.uniform(225, 252);
  const bool isBlue = random.chance(0.5);
  const double dark = random.uniform(20, 90);
  const ScanTones tones{
      .ink = isBlue ? cv::Scalar(150, dark, dark * 0.7) : cv::Scalar(dark, dark, dark),
      .paper = cv::Scalar(paper - random.uniform(0, 10), paper, paper),
      .noise = random.uniform(1, 4)};
  return scanOf(drawPen(trajectory, drawing), tones, random.next());
}

}  // namespace countersign
