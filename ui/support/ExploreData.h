// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QString>
#include <memory>
#include <vector>

#include "core/metric/EmbeddingLayout.h"
#include "core/office/PeopleSimilarity.h"

namespace countersign::ui {

/// One stored reference, or the questioned sample, as a point of the map.
struct ExploredSample {
  std::size_t person = 0;  ///< In ExploreData::people.
  ReferenceKey reference;  ///< 0 for the questioned sample.
  int number = 0;          ///< Of the person's references, from 1.
  bool isPoor = false;     ///< Something was said about its quality.
  QString quality;
  EmbeddedSample sample;
};

/// Everything on file of one modality, with everything's place on the plane of greatest spread.
struct ExploreData {
  std::vector<Person> people;
  std::vector<ExploredSample> samples;  ///< The questioned one, if any, is the last.
  bool hasProbe = false;
  std::shared_ptr<const ExaminedImage> probe;
  std::vector<MapPoint> plane;
  std::string network;

  std::vector<std::vector<float>> embeddings() const;
  /// "Ana Lindqvist, reference 2", or "Questioned sample".
  QString nameOf(std::size_t sample) const;
};

/// Runs on a job's thread.
///
/// @param probe  shown with the others when this network embedded it; may be null.
Result<std::shared_ptr<const ExploreData>> exploreStore(const Desk& desk,
                                                        std::shared_ptr<const ExaminedImage> probe);

/// What the network looks at, small. Runs on a job's thread.
QImage thumbnailOf(const Desk& desk, const ExploreData& data, std::size_t sample);

/// A sample and how similar it is to another one.
struct Neighbour {
  std::size_t sample;
  double score;
};
/// The samples that score highest against one, the best first, without itself.
std::vector<Neighbour> nearestTo(const EmbeddingNetwork& network, const ExploreData& data,
                                 std::size_t sample, std::size_t most);

}  // namespace countersign::ui
