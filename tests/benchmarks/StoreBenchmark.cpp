// SPDX-License-Identifier: GPL-3.0-or-later
//
// How long a store takes: opening one with many people once its key is there, reading who is on
// file, enrolling, a verification from the image to the recorded decision, and an identification.
//
// Usage: store_benchmark [people]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "core/metric/Backend.h"
#include "core/office/Office.h"
#include "tests/benchmarks/Timing.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

/// A store, and how long things took in it.
struct TimedOffice {
  std::filesystem::path folder;
  std::unique_ptr<Office> office;
  PersonKey person;
  std::vector<double> opening, people, enrolling, verifying, reading, recording, identifying;

  bool open() {
    office.reset();
    auto opened = Office::open(
        {.folder = folder,
         .access = Store::Access::Write,
         .shippedNetwork = COUNTERSIGN_SOURCE_DIR "/models/signature/signature.safetensors",
         .author = {"ada"}});
    if (!opened) {
      std::fprintf(stderr, "%s %s\n", opened.error().message.c_str(),
                   opened.error().detail.c_str());
      return false;
    }
    office = *std::move(opened);
    return true;
  }

  void fill(int count) {
    const auto network = office->signatureDesk()->network().identity();
    // Embedded as real ones are, but at random.
    auto embedded = *office->signatureDesk()->network().embedReference(
        office->signatureDesk()->examine(image(0), "reference")->sample.canvas);
    std::mt19937 random(7);
    std::normal_distribution<float> value(0, 1.0F / 16);
    constexpr std::size_t kScanBytes = 20'000;
    for (int i = 0; i < count; ++i) {
      Enrolment enrolment{"id-" + std::to_string(i), "Name of " + std::to_string(i), {}};
      for (int r = 0; r < 5; ++r) {
        auto reference = test::plainReference(enrolment.identifier + std::to_string(r), network);
        reference.image.original.resize(kScanBytes);
        for (auto& number : embedded.embedding) number = value(random);
        reference.templates.front().content = embeddingBytes(embedded);
        enrolment.references.push_back(std::move(reference));
      }
      enrolling.push_back(milliseconds([&] {
        if (!office->repository().enrol(enrolment, {"ada"})) std::abort();
      }));
    }
    std::vector<std::shared_ptr<const ExaminedImage>> images;
    for (std::uint64_t i = 0; i < 5; ++i)
      images.push_back(std::make_shared<const ExaminedImage>(
          *office->signatureDesk()->examine(image(i), "reference")));
    person = office->signatureDesk()->enrol("real", "Real", images)->person.key;
  }

  void identify(std::uint64_t index) {
    const auto desk = office->signatureDesk();
    const auto probe =
        std::make_shared<const ExaminedImage>(*desk->examine(image(index), "probe.png"));
    identifying.push_back(milliseconds([&] {
      const auto found = desk->identify(probe);
      if (!found || found->candidates.front().person.key != person) std::abort();
    }));
  }

  static Bytes image(std::uint64_t index) {
    return test::encoded(test::signatureDrawing(3, index), ".png");
  }

  void verify(std::uint64_t index) {
    const auto desk = office->signatureDesk();
    const auto bytes = image(index);
    verifying.push_back(milliseconds([&] {
      auto probe = desk->examine(bytes, "probe.png");
      const auto examined =
          desk->verify(person, std::make_shared<const ExaminedImage>(*std::move(probe)));
      if (!examined) std::abort();
      recording.push_back(milliseconds([&] {
        if (!desk->record(*examined, {Finding::Match, "", {}})) std::abort();
      }));
    }));
    reading.push_back(milliseconds([&] {
      if (!desk->references(person) || !desk->embeddedReferences(person)) std::abort();
    }));
  }
};

int run(int count) {
  setComputeThreads(1);
  const test::TemporaryFolder folder;
  TimedOffice timed{test::storeIn(folder.path() / "store"), {}, {}, {}, {}, {}, {}, {}, {}, {}};
  if (!timed.open()) return 1;
  timed.fill(count);
  constexpr int kOpenings = 5;
  for (int i = 0; i < kOpenings; ++i) {
    timed.office.reset();
    timed.opening.push_back(milliseconds([&] {
      if (!Store::open(timed.folder, Store::Access::Write)) std::abort();
    }));
    if (!timed.open()) return 1;
    timed.people.push_back(milliseconds([&] {
      if (timed.office->repository().people()->size() != static_cast<std::size_t>(count) + 1)
        std::abort();
    }));
  }
  constexpr std::uint64_t kVerifications = 60;
  for (std::uint64_t i = 0; i < kVerifications; ++i) timed.verify(5 + i);
  constexpr std::uint64_t kIdentifications = 15;
  for (std::uint64_t i = 0; i < kIdentifications; ++i) timed.identify(5 + i);
  std::printf("%d people with 5 references each; medians in milliseconds\n", count);
  std::printf("open the store, its key at hand      %8.2f\n", median(timed.opening));
  std::printf("read who is on file                  %8.2f\n", median(timed.people));
  std::printf("enrol a person                       %8.2f\n", median(timed.enrolling));
  std::printf("verify and record, from the image    %8.2f\n", median(timed.verifying));
  std::printf("  of which reading the references    %8.2f\n", median(timed.reading));
  std::printf("  of which recording the decision    %8.2f\n", median(timed.recording));
  std::printf("identify, the first time             %8.2f\n", timed.identifying.front());
  std::printf("identify, from then on               %8.2f\n", median(timed.identifying));
  return 0;
}

}  // namespace
}  // namespace countersign

int main(int argc, char** argv) {
  constexpr int kPeople = 2000;
  return countersign::run(argc > 1 ? std::atoi(argv[1]) : kPeople);
}
