// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/reliability/Places.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "core/storage/Audit.h"
#include "core/training/Checkpoint.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"

namespace countersign::test {

Result<std::unique_ptr<Office>> openOfficeOf(const std::filesystem::path& folder) {
  return Office::open({.folder = folder / kStore,
                       .access = Store::Access::Write,
                       .shippedNetwork = folder / "first.safetensors",
                       .shippedFaceNetwork = {},
                       .author = {"ada"}});
}

void makeOfficeIn(const std::filesystem::path& folder, int people) {
  storeIn(folder / kStore);
  writeRandomNetwork(folder, "first");
  const auto office = openOfficeOf(folder);
  ASSERT_TRUE(office) << office.error().message << office.error().detail;
  const auto desk = (*office)->signatureDesk();
  for (int person = 0; person < people; ++person) {
    std::vector<std::shared_ptr<const ExaminedImage>> images;
    images.reserve(kReferences);
    const auto number = 10 + static_cast<std::uint64_t>(person);
    for (std::uint64_t i = 0; i < kReferences; ++i)
      images.push_back(examinedDrawing(*desk, number, i));
    const auto enrolled = desk->enrol("drawn-" + std::to_string(person), "Drawn", images);
    ASSERT_TRUE(enrolled) << enrolled.error().message;
  }
}

SafetensorsFile checkpointOf(std::int64_t step) {
  constexpr std::size_t kNumbers = 500'000;
  SafetensorsFile file;
  file.metadata["step"] = std::to_string(step);
  const std::vector<float> weights(kNumbers, static_cast<float>(step));
  file.tensors["weights"] =
      RawTensor::of<float>(ElementType::F32, {static_cast<std::int64_t>(kNumbers)}, weights);
  return file;
}

bool isWholeCheckpoint(const SafetensorsFile& checkpoint) {
  const auto weights = checkpoint.tensors.find("weights");
  if (weights == checkpoint.tensors.end()) return false;
  const auto expected = checkpointOf(stepOf(checkpoint));
  return weights->second.bytes == expected.tensors.at("weights").bytes;
}

bool isFullRun() {
  const char* asked = std::getenv("COUNTERSIGN_RELIABILITY");
  return asked != nullptr && std::string_view(asked) == "full";
}

void expectWholeStore(const Store& store) {
  const auto check = store.check();
  EXPECT_TRUE(check) << check.error().message << check.error().detail;
  const auto audit = AuditTrail::of(store);
  ASSERT_TRUE(audit) << audit.error().message;
  const auto head = audit->verify();
  EXPECT_TRUE(head) << head.error().message << head.error().detail;
}

std::unique_ptr<Office> expectWholeOffice(const std::filesystem::path& folder) {
  auto office = openOfficeOf(folder);
  EXPECT_TRUE(office) << office.error().message << office.error().detail;
  if (!office) return nullptr;
  expectWholeStore((*office)->store());
  const auto& repository = (*office)->repository();
  const auto service = repository.networkInService(Modality::Signature);
  EXPECT_TRUE(service) << service.error().message;
  const auto people = repository.people();
  EXPECT_TRUE(people) << people.error().message;
  if (!service || !people) return nullptr;
  for (const auto& summary : *people) {
    EXPECT_EQ(summary.signatureReferences, kReferences) << summary.person.identifier;
    const auto templates = repository.templates(service->identity, summary.person.key);
    EXPECT_TRUE(templates && templates->size() == kReferences) << summary.person.identifier;
  }
  return *std::move(office);
}

}  // namespace countersign::test
