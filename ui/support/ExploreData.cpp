// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/ExploreData.h"

#include <QCoreApplication>
#include <algorithm>
#include <map>

#include "core/imaging/ImageFile.h"
#include "ui/support/ImageConversion.h"

namespace countersign::ui {

namespace {

struct Words {
  Q_DECLARE_TR_FUNCTIONS(countersign::ui::ExploreData)
};

}  // namespace

std::vector<std::vector<float>> ExploreData::embeddings() const {
  std::vector<std::vector<float>> all;
  all.reserve(samples.size());
  for (const auto& sample : samples) all.push_back(sample.sample.embedding);
  return all;
}

QString ExploreData::nameOf(std::size_t sample) const {
  const auto& it = samples[sample];
  if (it.reference.value == 0) return Words::tr("Questioned sample");
  const auto& person = people[it.person];
  return Words::tr("%1, reference %2")
      .arg(QString::fromStdString(person.name.empty() ? person.identifier : person.name))
      .arg(it.number);
}

Result<std::shared_ptr<const ExploreData>> exploreStore(
    const Desk& desk, std::shared_ptr<const ExaminedImage> probe) {
  auto data = std::make_shared<ExploreData>();
  data->network = desk.network().identity();
  const auto everybody = desk.repository().people();
  if (!everybody) return everybody.error();
  const auto templates = desk.repository().templates(data->network, {});
  if (!templates) return templates.error();
  std::map<PersonKey, std::size_t> places;
  std::map<ReferenceKey, std::string> quality;
  for (const auto& summary : *everybody) {
    if (summary.references(desk.modality()) == 0) continue;
    places[summary.person.key] = data->people.size();
    data->people.push_back(summary.person);
    const auto references = desk.references(summary.person.key);
    if (!references) return references.error();
    for (const auto& reference : *references) quality[reference.key] = reference.quality;
  }
  std::vector<int> numbers(data->people.size());
  for (const auto& stored : *templates) {
    const auto person = places.find(stored.person);
    if (person == places.end()) continue;
    auto sample = embeddingFrom(stored.content);
    if (!sample) return sample.error();
    const auto& sentence = quality[stored.reference];
    data->samples.push_back({person->second, stored.reference, ++numbers[person->second],
                             !sentence.empty(), QString::fromStdString(sentence),
                             *std::move(sample)});
  }
  if (probe && probe->embedded && probe->network == data->network && !data->samples.empty()) {
    data->samples.push_back({0,
                             {},
                             0,
                             !probe->image.quality.empty(),
                             QString::fromStdString(probe->image.quality),
                             *probe->embedded});
    data->hasProbe = true;
    data->probe = std::move(probe);
  }
  data->plane = principalPlane(data->embeddings());
  return std::shared_ptr<const ExploreData>(std::move(data));
}

QImage thumbnailOf(const Desk& desk, const ExploreData& data, std::size_t sample) {
  const auto& it = data.samples[sample];
  cv::Mat canvas;
  if (it.reference.value == 0) {
    canvas = data.probe->sample.canvas;
  } else {
    const auto images = desk.repository().images(it.reference);
    if (!images) return {};
    const auto decoded = decodeImage(images->normalised);
    if (!decoded) return {};
    canvas = decoded->pixels;
  }
  return desk.modality() == Modality::Face ? toQImage(canvas) : canvasImage(canvas);
}

std::vector<Neighbour> nearestTo(const EmbeddingNetwork& network, const ExploreData& data,
                                 std::size_t sample, std::size_t most) {
  std::vector<Neighbour> all;
  all.reserve(data.samples.size());
  for (std::size_t other = 0; other < data.samples.size(); ++other)
    if (other != sample)
      all.push_back(
          {other, network.score(data.samples[sample].sample, data.samples[other].sample) -
                      excessOffset(data.samples[sample].sample, data.samples[other].sample)});
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size()));
  std::partial_sort(all.begin(), end, all.end(), [](const Neighbour& a, const Neighbour& b) {
    return a.score != b.score ? a.score > b.score : a.sample < b.sample;
  });
  all.erase(end, all.end());
  return all;
}

}  // namespace countersign::ui
