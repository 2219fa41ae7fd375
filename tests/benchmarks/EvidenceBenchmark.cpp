// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the evidence of a million trials costs: the figures, their intervals, and how long a frame
// takes while τ is dragged on the threshold page (the real widget, without a display).
//
// Usage: evidence_benchmark [trials] [people]
#include <QApplication>
#include <QElapsedTimer>
#include <QTest>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "core/base/Random.h"
#include "core/evaluation/ThresholdChoice.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/pages/ThresholdPage.h"
#include "ui/support/Theme.h"
#include "ui/widgets/EmbeddingMapView.h"
#include "ui/widgets/Plot.h"

namespace countersign::ui {
namespace {

template <typename Work>
double seconds(Work&& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

ScoreEvidence manyScores(int trials, int people) {
  ScoreEvidence evidence;
  Random random{7};
  for (int i = 0; i < trials; ++i) {
    const auto kind = static_cast<TrialKind>(i % 3);
    const int person = static_cast<int>(random.below(static_cast<std::size_t>(people)));
    const double mean = kind == TrialKind::Genuine ? 0.6 : kind == TrialKind::Skilled ? 0.3 : 0.05;
    const double score = random.normal(mean + 0.0001 * (person % 500), 0.12);
    evidence.scores.push_back(static_cast<float>(std::clamp(score, -1.0, 1.0)));
    evidence.groups.push_back(static_cast<std::uint8_t>(kind));
    evidence.subjects.push_back(person);
  }
  return evidence;
}

/// Middle, 95th percentile and worst, in milliseconds.
void printPercentiles(const char* what, std::vector<double> frames) {
  std::sort(frames.begin(), frames.end());
  const auto at = [&](double share) {
    return frames[static_cast<std::size_t>(share * static_cast<double>(frames.size() - 1))];
  };
  std::printf("%-34s median %5.1f ms   p95 %5.1f ms   worst %5.1f ms\n", what, at(0.5), at(0.95),
              at(1));
}

void figures(const ScoreEvidence& evidence) {
  ScoreCalibration calibrations[2];
  const double plain = seconds([&] {
    const ThresholdTable table(evidence, 1, "benchmark", {.replicates = 0});
    const auto curve = errorCurve(table);
    for (const auto kind :
         {ThresholdGoal::Kind::FalseMatchRate, ThresholdGoal::Kind::FalseNonMatchRate,
          ThresholdGoal::Kind::EqualError, ThresholdGoal::Kind::LeastCost})
      if (!chooseThreshold(table, {.kind = kind}) || curve.empty()) std::abort();
  });
  std::printf("%-34s %6.2f s\n", "figures, curve and four goals", plain);
  const double calibrated = seconds([&] {
    int place = 0;
    for (const auto kind : {TrialKind::Skilled, TrialKind::Random}) {
      const auto trials = trialsAgainst(evidence, kind);
      calibrations[place++] = ScoreCalibration::fit(trials, ScoreCalibration::usual(trials));
    }
  });
  std::printf("%-34s %6.2f s\n", "both calibrations", calibrated);
  const BootstrapOptions bootstrap;
  const double resampled =
      seconds([&] { const ThresholdTable table(evidence, 1, "benchmark", bootstrap); });
  std::printf("%-34s %6.2f s (%d replicates over people)\n", "figures with their intervals",
              resampled, bootstrap.replicates);
}

void frames(const ScoreEvidence& evidence) {
  auto shown = std::make_shared<ThresholdEvidence>();
  shown->known.evidence = evidence;
  shown->costs = std::make_shared<const ThresholdTable>(evidence, 1, "benchmark",
                                                        BootstrapOptions{.replicates = 100});
  shown->curve = errorCurve(*shown->costs);
  OfficeSession session({});
  ThresholdPage page(session);
  page.resize(1400, 900);
  page.show();
  page.showEvidence(shown);
  if (!QTest::qWaitForWindowExposed(&page)) std::abort();
  QTest::qWait(200);
  for (auto* plot : {page.distributions(), page.curves(0), page.curves(1)}) {
    std::vector<double> times;
    constexpr int kFrames = 300;
    times.reserve(kFrames);
    auto* surface = plot->plot();
    const auto from = plot->markerPosition();
    QTest::mousePress(surface, Qt::LeftButton, {}, from.toPoint());
    for (int i = 0; i < kFrames; ++i) {
      const QPointF to(surface->width() * (0.3 + 0.5 * i / kFrames), from.y());
      times.push_back(1000 * seconds([&] {
                        QMouseEvent move(QEvent::MouseMove, to, surface->mapToGlobal(to),
                                         Qt::NoButton, Qt::LeftButton, {});
                        QApplication::sendEvent(surface, &move);
                        QCoreApplication::processEvents();
                      }));
    }
    QTest::mouseRelease(surface, Qt::LeftButton, {}, from.toPoint());
    printPercentiles(plot == page.distributions() ? "a frame, dragging in the histogram"
                     : plot == page.curves(0)     ? "a frame, dragging in the error rates"
                                                  : "a frame, dragging on the DET curve",
                     times);
  }
}

void mapFrames() {
  constexpr int kPoints = 10'000;
  Random random{3};
  std::vector<MapPoint> points;
  std::vector<int> groups;
  for (int i = 0; i < kPoints; ++i) {
    points.push_back(
        {static_cast<float>(random.uniform(-1, 1)), static_cast<float>(random.uniform(-1, 1))});
    groups.push_back(i / 5);
  }
  EmbeddingMapView map;
  map.resize(1100, 800);
  map.show();
  map.setPoints(points, groups);
  if (!QTest::qWaitForWindowExposed(&map)) std::abort();
  std::vector<double> times;
  constexpr int kFrames = 200;
  times.reserve(kFrames);
  for (int i = 0; i < kFrames; ++i) {
    times.push_back(1000 * seconds([&] {
                      map.zoomBy(i % 2 == 0 ? 1.1 : 1 / 1.09, QPointF(300, 300));
                      map.repaint();
                    }));
  }
  printPercentiles("a frame, zooming 10 000 points", times);
}

}  // namespace
}  // namespace countersign::ui

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication application(argc, argv);
  countersign::ui::applyTheme(application, countersign::ui::ThemeChoice::Light);
  const int trials = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  const int people = argc > 2 ? std::atoi(argv[2]) : 1000;
  std::printf("%d trials of %d people\n", trials, people);
  const auto evidence = countersign::ui::manyScores(trials, people);
  countersign::ui::figures(evidence);
  countersign::ui::frames(evidence);
  countersign::ui::mapFrames();
  return 0;
}
