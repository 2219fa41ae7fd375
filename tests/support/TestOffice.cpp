// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/TestOffice.h"

#include "tests/support/TestImages.h"
#include "tests/support/TestNetwork.h"

namespace countersign::test {

std::filesystem::path writeRandomNetwork(const std::filesystem::path& folder,
                                         const std::string& name, int seed) {
  auto network = randomNetwork(seed);
  network.card.name = name;
  // Evidence without forgeries of note: costs can be shown, and a threshold follows from it.
  ScoreEvidence evidence;
  for (int i = 0; i < 200; ++i) {
    const bool isMated = i % 2 == 0;
    evidence.scores.push_back(static_cast<float>((isMated ? 0.7 : 0.3) + 0.002 * (i % 50)));
    evidence.groups.push_back(
        static_cast<std::uint8_t>(isMated ? TrialKind::Genuine : TrialKind::Skilled));
    evidence.subjects.push_back(i % 10);
  }
  network.evidence["test-1ref"] = evidence;
  network.evidence["test-8ref"] = evidence;
  auto path = folder / (name + ".safetensors");
  [[maybe_unused]] const auto status = writeNetworkFile(path, network);
  return path;
}

std::shared_ptr<const ExaminedImage> examinedDrawing(const Desk& desk, std::uint64_t number,
                                                     std::uint64_t index) {
  auto examined =
      desk.examine(encoded(signatureDrawing(number, index), ".png"),
                   "drawing-" + std::to_string(number) + "-" + std::to_string(index) + ".png");
  return std::make_shared<const ExaminedImage>(*std::move(examined));
}

}  // namespace countersign::test
