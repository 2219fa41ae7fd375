// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/EmbeddingLayout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <opencv2/core.hpp>

namespace countersign {

namespace {

struct Place {
  double x = 0;
  double y = 0;
};

/// Around the mean, the farthest coordinate at 1.
std::vector<MapPoint> fitted(const std::vector<Place>& places) {
  Place mean;
  for (const auto& place : places) {
    mean.x += place.x / static_cast<double>(places.size());
    mean.y += place.y / static_cast<double>(places.size());
  }
  double farthest = 0;
  for (const auto& place : places)
    farthest = std::max({farthest, std::abs(place.x - mean.x), std::abs(place.y - mean.y)});
  const double scale = farthest > 0 ? 1 / farthest : 0;
  std::vector<MapPoint> points;
  points.reserve(places.size());
  for (const auto& place : places)
    points.push_back({static_cast<float>(scale * (place.x - mean.x)),
                      static_cast<float>(scale * (place.y - mean.y))});
  return points;
}

cv::Mat matrixOf(const std::vector<std::vector<float>>& embeddings) {
  cv::Mat rows(static_cast<int>(embeddings.size()), static_cast<int>(embeddings.front().size()),
               CV_32F);
  for (int row = 0; row < rows.rows; ++row) {
    const auto& embedding = embeddings[static_cast<std::size_t>(row)];
    std::copy(embedding.begin(), embedding.end(), rows.ptr<float>(row));
  }
  return rows;
}

std::vector<Place> principalPlaces(const cv::Mat& rows) {
  std::vector<Place> places(static_cast<std::size_t>(rows.rows));
  if (rows.rows < 2) return places;
  constexpr int kAxes = 2;
  const cv::PCA axes(rows, cv::Mat(), cv::PCA::DATA_AS_ROW, kAxes);
  const cv::Mat projected = axes.project(rows);
  std::array<double, kAxes> sign{1, 1};
  for (int axis = 0; axis < axes.eigenvectors.rows; ++axis) {
    double low = 0;
    double high = 0;
    cv::minMaxLoc(axes.eigenvectors.row(axis), &low, &high);
    if (-low > high) sign.at(static_cast<std::size_t>(axis)) = -1;
  }
  for (int row = 0; row < rows.rows; ++row) {
    auto& place = places[static_cast<std::size_t>(row)];
    place.x = sign[0] * double{projected.at<float>(row, 0)};
    if (projected.cols > 1) place.y = sign[1] * double{projected.at<float>(row, 1)};
  }
  return places;
}

/// Points in quarters of quarters, each with how many points it has and where their middle is.
class QuarterTree {
 public:
  explicit QuarterTree(const std::vector<Place>& places) : m_places(places) {
    Place low{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
    Place high{-low.x, -low.y};
    for (const auto& place : places) {
      low = {std::min(low.x, place.x), std::min(low.y, place.y)};
      high = {std::max(high.x, place.x), std::max(high.y, place.y)};
    }
    constexpr double kAir = 1e-6;
    const double width = std::max(high.x - low.x, high.y - low.y) + kAir;
    m_nodes.reserve(2 * places.size() + 1);
    m_nodes.push_back({{0.5 * (low.x + high.x), 0.5 * (low.y + high.y)}, width, {}, 0, -1, 0});
    for (std::size_t i = 0; i < places.size(); ++i) insert(i);
  }

  /// What pushes a place away from all others: Σ q² (place − other) and Σ q with q = 1 / (1 + d²).
  struct Push {
    Place force;
    double sum = 0;
  };
  Push push(const Place& place, double openness, std::vector<int>& stack) const {
    Push push;
    stack.assign(1, 0);
    while (!stack.empty()) {
      const auto& node = m_nodes[static_cast<std::size_t>(stack.back())];
      stack.pop_back();
      if (node.count == 0) continue;
      const double dx = place.x - node.middle.x;
      const double dy = place.y - node.middle.y;
      const double distance = dx * dx + dy * dy;
      if (node.children == 0 || node.width * node.width < openness * openness * distance) {
        const double q = 1 / (1 + distance);
        push.sum += node.count * q;
        push.force.x += node.count * q * q * dx;
        push.force.y += node.count * q * q * dy;
        continue;
      }
      for (int quarter = 0; quarter < 4; ++quarter) stack.push_back(node.children + quarter);
    }
    return push;
  }

 private:
  struct Node {
    Place centre;
    double width;
    Place middle;  ///< Of its points.
    double count;
    int point;     ///< The one that a leaf holds, or −1.
    int children;  ///< The first of four, or 0.
  };

  /// Points this close are one: dividing further would never part them.
  static constexpr int kDeepest = 40;

  void insert(std::size_t point) {
    const auto& place = m_places[point];
    std::size_t at = 0;
    for (int depth = 0;; ++depth) {
      auto& node = m_nodes[at];
      node.middle.x += (place.x - node.middle.x) / (node.count + 1);
      node.middle.y += (place.y - node.middle.y) / (node.count + 1);
      node.count += 1;
      if (node.children == 0) {
        if (node.point < 0) {
          if (node.count == 1) node.point = static_cast<int>(point);
          return;
        }
        if (depth >= kDeepest) return;
        divide(at);
      }
      at = quarterOf(at, place);
    }
  }

  std::size_t quarterOf(std::size_t at, const Place& place) const {
    const auto& node = m_nodes[at];
    return static_cast<std::size_t>(node.children) + (place.x > node.centre.x ? 1U : 0U) +
           (place.y > node.centre.y ? 2U : 0U);
  }

  /// Gives a leaf four quarters, one of which takes its point.
  void divide(std::size_t at) {
    const auto first = static_cast<int>(m_nodes.size());
    const auto parent = m_nodes[at];
    for (int quarter = 0; quarter < 4; ++quarter) {
      const double dx = (quarter % 2 == 0 ? -0.25 : 0.25) * parent.width;
      const double dy = (quarter < 2 ? -0.25 : 0.25) * parent.width;
      m_nodes.push_back(
          {{parent.centre.x + dx, parent.centre.y + dy}, parent.width / 2, {}, 0, -1, 0});
    }
    m_nodes[at].children = first;
    m_nodes[at].point = -1;
    const auto& place = m_places[static_cast<std::size_t>(parent.point)];
    auto& child = m_nodes[quarterOf(at, place)];
    // All points of the leaf are the one that it holds, or lie where it does.
    child.middle = place;
    child.count = parent.count - 1;
    child.point = parent.point;
  }

  const std::vector<Place>& m_places;
  std::vector<Node> m_nodes;
};

}  // namespace

std::vector<MapPoint> principalPlane(const std::vector<std::vector<float>>& embeddings) {
  if (embeddings.empty()) return {};
  return fitted(principalPlaces(matrixOf(embeddings)));
}

struct NeighbourLayout::State {
  struct Neighbour {
    std::size_t point;
    double probability;  ///< Of the pair, both ways; all pairs add up to 1.
  };

  Options options;
  std::vector<std::vector<Neighbour>> neighbours;
  std::vector<Place> places;
  std::vector<Place> speeds;
  std::vector<Place> gains;
  int done = 0;
  std::vector<int> stack;

  /// Widths of the Gaussians by bisection, so that each has the perplexity that was asked for.
  static void weigh(std::vector<Neighbour>& near, const std::vector<double>& distances,
                    double perplexity) {
    const double wanted = std::log(std::min(perplexity, static_cast<double>(near.size())));
    double low = 0;
    double high = std::numeric_limits<double>::infinity();
    double precision = 1;
    constexpr int kHalvings = 60;
    for (int i = 0; i < kHalvings; ++i) {
      double sum = 0;
      double weighted = 0;
      for (std::size_t n = 0; n < near.size(); ++n) {
        // Relative to the nearest one, so that not all vanish.
        const double above = distances[n] - distances.front();
        near[n].probability = std::exp(-precision * above);
        sum += near[n].probability;
        weighted += near[n].probability * above;
      }
      const double entropy = std::log(sum) + precision * weighted / sum;
      for (auto& neighbour : near) neighbour.probability /= sum;
      constexpr double kClose = 1e-5;
      if (std::abs(entropy - wanted) < kClose) return;
      if (entropy > wanted) {
        low = precision;
        precision = std::isfinite(high) ? 0.5 * (low + high) : 2 * precision;
      } else {
        high = precision;
        precision = 0.5 * (low + high);
      }
    }
  }

  /// p(j | i) and p(i | j) become one probability of the pair.
  void makeSymmetric() {
    const double share = 1 / (2 * static_cast<double>(neighbours.size()));
    std::vector<std::vector<Neighbour>> both(neighbours.size());
    for (std::size_t i = 0; i < neighbours.size(); ++i) {
      for (const auto& n : neighbours[i]) {
        both[i].push_back({n.point, share * n.probability});
        both[n.point].push_back({i, share * n.probability});
      }
    }
    for (auto& near : both) {
      std::sort(near.begin(), near.end(),
                [](const Neighbour& a, const Neighbour& b) { return a.point < b.point; });
      std::size_t kept = 0;
      for (const auto& n : near) {
        if (kept > 0 && near[kept - 1].point == n.point)
          near[kept - 1].probability += n.probability;
        else
          near[kept++] = n;
      }
      near.resize(kept);
    }
    neighbours = std::move(both);
  }
};

NeighbourLayout::NeighbourLayout(std::unique_ptr<State> state) : m_state(std::move(state)) {}
NeighbourLayout::NeighbourLayout(NeighbourLayout&&) noexcept = default;
NeighbourLayout& NeighbourLayout::operator=(NeighbourLayout&&) noexcept = default;
NeighbourLayout::~NeighbourLayout() = default;

Result<NeighbourLayout> NeighbourLayout::prepare(const std::vector<std::vector<float>>& embeddings,
                                                 const Options& options,
                                                 const JobContext<int>& context) {
  auto state = std::make_unique<State>();
  state->options = options;
  const auto count = embeddings.size();
  state->neighbours.resize(count);
  state->speeds.resize(count);
  state->gains.assign(count, {1, 1});
  if (count == 0) return NeighbourLayout(std::move(state));
  const auto rows = matrixOf(embeddings);
  state->places = principalPlaces(rows);
  // A small start: what is near may still pass what is not.
  double spread = 0;
  for (const auto& place : state->places) spread += place.x * place.x / static_cast<double>(count);
  constexpr double kStart = 1e-2;
  const double scale = spread > 0 ? kStart / std::sqrt(spread) : 0;
  for (auto& place : state->places) place = {scale * place.x, scale * place.y};

  // A third of the neighbours decides the width; beyond, probabilities are next to nothing.
  const double perplexity =
      std::max(1.0, std::min(options.perplexity, static_cast<double>(count - 1) / 3));
  const auto kept = std::min(count - 1, static_cast<std::size_t>(3 * perplexity));
  std::vector<double> squares;
  squares.reserve(count);
  for (int row = 0; row < rows.rows; ++row) squares.push_back(rows.row(row).dot(rows.row(row)));
  constexpr int kBlock = 128;
  cv::Mat products;
  std::vector<std::pair<double, std::size_t>> order;
  std::vector<double> distances;
  for (int first = 0; first < rows.rows; first += kBlock) {
    if (context.stop.stop_requested())
      return Error{ErrorCode::Cancelled, "The map was not laid out.", ""};
    const int last = std::min(rows.rows, first + kBlock);
    cv::gemm(rows.rowRange(first, last), rows, 1, cv::noArray(), 0, products, cv::GEMM_2_T);
    for (int row = first; row < last; ++row) {
      const auto point = static_cast<std::size_t>(row);
      order.clear();
      const auto* product = products.ptr<float>(row - first);
      for (std::size_t other = 0; other < count; ++other)
        if (other != point)
          order.emplace_back(
              std::max(0.0, squares[point] + squares[other] - 2.0 * double{product[other]}), other);
      std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept),
                        order.end());
      distances.clear();
      for (std::size_t n = 0; n < kept; ++n) {
        state->neighbours[point].push_back({order[n].second, 0});
        distances.push_back(order[n].first);
      }
      if (kept > 0) State::weigh(state->neighbours[point], distances, perplexity);
    }
    context.emitEvent(last);
  }
  state->makeSymmetric();
  return NeighbourLayout(std::move(state));
}

bool NeighbourLayout::step() {
  auto& s = *m_state;
  if (s.done >= s.options.steps || s.places.size() < 2) return false;
  // As in the paper: attraction exaggerated at first, momentum raised afterwards.
  constexpr double kExaggeration = 12;
  const int exaggerated = std::min(250, s.options.steps / 3);
  const double attraction = s.done < exaggerated ? kExaggeration : 1;
  const double momentum = s.done < exaggerated ? 0.5 : 0.8;
  const double rate = std::max(50.0, static_cast<double>(s.places.size()) / kExaggeration);

  const QuarterTree tree(s.places);
  std::vector<Place> pushes;
  pushes.reserve(s.places.size());
  double sum = 0;
  for (const auto& place : s.places) {
    const auto push = tree.push(place, s.options.openness, s.stack);
    pushes.push_back(push.force);
    sum += push.sum;
  }
  // Every point met itself once.
  sum -= static_cast<double>(s.places.size());
  for (std::size_t i = 0; i < s.places.size(); ++i) {
    Place pull;
    for (const auto& n : s.neighbours[i]) {
      const double dx = s.places[i].x - s.places[n.point].x;
      const double dy = s.places[i].y - s.places[n.point].y;
      const double strength = n.probability / (1 + dx * dx + dy * dy);
      pull.x += strength * dx;
      pull.y += strength * dy;
    }
    const auto move = [&](double pulled, double pushed, double& speed, double& gain) {
      const double gradient = 4 * (attraction * pulled - pushed / sum);
      constexpr double kMore = 0.2;
      constexpr double kLess = 0.8;
      constexpr double kLeast = 0.01;
      gain = std::max(kLeast, (gradient > 0) == (speed > 0) ? gain * kLess : gain + kMore);
      speed = momentum * speed - rate * gain * gradient;
    };
    move(pull.x, pushes[i].x, s.speeds[i].x, s.gains[i].x);
    move(pull.y, pushes[i].y, s.speeds[i].y, s.gains[i].y);
  }
  for (std::size_t i = 0; i < s.places.size(); ++i) {
    s.places[i].x += s.speeds[i].x;
    s.places[i].y += s.speeds[i].y;
  }
  return ++s.done < s.options.steps;
}

int NeighbourLayout::stepsDone() const { return m_state->done; }

std::vector<MapPoint> NeighbourLayout::layout() const { return fitted(m_state->places); }

double NeighbourLayout::divergence() const {
  const auto& s = *m_state;
  double sum = 0;
  for (std::size_t i = 0; i < s.places.size(); ++i) {
    for (std::size_t j = 0; j < s.places.size(); ++j) {
      if (i == j) continue;
      const double dx = s.places[i].x - s.places[j].x;
      const double dy = s.places[i].y - s.places[j].y;
      sum += 1 / (1 + dx * dx + dy * dy);
    }
  }
  double divergence = 0;
  for (std::size_t i = 0; i < s.places.size(); ++i) {
    for (const auto& n : s.neighbours[i]) {
      if (n.probability <= 0) continue;
      const double dx = s.places[i].x - s.places[n.point].x;
      const double dy = s.places[i].y - s.places[n.point].y;
      const double q = 1 / ((1 + dx * dx + dy * dy) * sum);
      divergence += n.probability * std::log(n.probability / q);
    }
  }
  return divergence;
}

}  // namespace countersign
