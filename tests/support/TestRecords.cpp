// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/TestRecords.h"

#include "core/base/Sha256.h"
#include "core/metric/Embedding.h"

namespace countersign::test {

Clock steppingClock() {
  constexpr std::int64_t kStart = 1'767'323'045'000'000;
  constexpr std::int64_t kSecond = 1'000'000;
  return [now = std::make_shared<std::int64_t>(kStart - kSecond)] {
    return Timestamp{*now += kSecond};
  };
}

NewReference plainReference(const std::string& name, const std::string& network) {
  NewReference reference;
  auto& image = reference.image;
  const auto content = "image of " + name;
  image.original.assign(content.begin(), content.end());
  image.sourceName = name + ".png";
  image.sourceHash = Sha256().add(content).finish();
  image.region.crop = cv::Rect(1, 2, 30, 40);
  image.region.rotation = -2.5;
  image.dotsPerInch = 300;
  image.quality = "A remark.";
  image.normalised = {1, 2, 3};
  EmbeddedSample sample;
  sample.embedding = {0.6F, 0.8F};
  reference.templates = {{network, std::string(kEmbeddingKind), embeddingBytes(sample)}};
  return reference;
}

}  // namespace countersign::test
