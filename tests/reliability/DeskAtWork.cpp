// SPDX-License-Identifier: GPL-3.0-or-later
//
// One of many desks: opens a store that others work with, and does what a clerk does, one thing
// after the other, with a pause in between. What the store confirmed is written down, with how long
// it took; run by ManyDesksTest.cpp.
//
// Usage: desk_at_work STORE NUMBER OPERATIONS PAUSE(ms) NOTES
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <thread>

#include "core/storage/Store.h"
#include "tests/support/TestRecords.h"

namespace countersign::test {
namespace {

using std::chrono::steady_clock;

Bytes picture(std::mt19937& random, std::size_t size) {
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

SampleImage imageOf(const std::string& name, std::mt19937& random) {
  auto image = plainReference(name, "net-a").image;
  constexpr std::size_t kScan = 30'000;  // of a signature; its canvas is smaller
  constexpr std::size_t kCanvas = 6'000;
  image.original = picture(random, kScan);
  image.normalised = picture(random, kCanvas);
  return image;
}

class DeskAtWork {
 public:
  DeskAtWork(std::unique_ptr<Store> store, std::string number, const char* notes)
      : m_store(std::move(store)),
        m_number(std::move(number)),
        m_random(static_cast<unsigned>(std::stoi(m_number)) + 1),
        m_notes(notes) {}

  bool doOne(int operation) {
    const auto name = m_number + "-" + std::to_string(operation);
    constexpr int kKinds = 10;
    const auto kind = static_cast<int>(m_random() % kKinds);
    constexpr int kVerifying = 6;
    constexpr int kEnrolling = 8;
    const auto begun = steady_clock::now();
    Status done = ok();
    if (kind < kVerifying)
      done = verify(name);
    else if (kind < kEnrolling)
      done = enrol(name);
    else
      done = rename(name);
    const auto took = std::chrono::duration<double, std::milli>(steady_clock::now() - begun);
    if (!done) {
      std::fprintf(stderr, "desk %s: %s %s\n", m_number.c_str(), done.error().message.c_str(),
                   done.error().detail.c_str());
      return false;
    }
    const char* what = kind < kVerifying ? "decide" : kind < kEnrolling ? "enrol" : "rename";
    m_notes << what << ' ' << name << ' ' << took.count() << std::endl;
    return true;
  }

  void pause(double milliseconds) {
    std::exponential_distribution<double> pauses(1.0 / milliseconds);
    std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(pauses(m_random)));
  }

 private:
  /// What a verification takes of the store: the references, and the decision.
  Status verify(const std::string& name) {
    auto& repository = m_store->repository();
    const PersonKey person{1 + static_cast<std::int64_t>(m_random() % 20)};
    const auto references = repository.references(person);
    if (!references) return references.error();
    const auto templates = repository.templates("net-a", person);
    if (!templates) return templates.error();
    const auto service = repository.networkInService(Modality::Signature);
    if (!service) return service.error();
    NewDecision decision;
    decision.person = person;
    decision.network = "net-a";
    decision.probe = imageOf(name, m_random);
    decision.embedding = templates->front().content;
    for (const auto& one : *templates)
      decision.references.push_back({one.reference, one.content, 0.75});
    decision.applied = {service->rule, ThresholdSource::Office, {}, false};
    decision.score = 0.75;
    decision.finding = Finding::Match;
    decision.recorded = Finding::Match;
    decision.note = name;
    const auto recorded = repository.record(decision, {"ada"});
    return recorded ? ok() : Status(recorded.error());
  }

  Status enrol(const std::string& name) {
    Enrolment enrolment{name, "Name of " + name, {}};
    for (const char* which : {"a", "b", "c"}) {
      auto reference = plainReference(name + which, "net-a");
      reference.image = imageOf(name + which, m_random);
      enrolment.references.push_back(std::move(reference));
    }
    const auto enrolled = m_store->repository().enrol(enrolment, {"ada"});
    return enrolled ? ok() : Status(enrolled.error());
  }

  /// People whom other desks rename at the same time.
  Status rename(const std::string& name) {
    auto& repository = m_store->repository();
    const PersonKey person{1 + static_cast<std::int64_t>(m_random() % 20)};
    while (true) {
      const auto known = repository.person(person);
      if (!known) return known.error();
      auto done = repository.renamePerson(person, name, {"ada"}, known->name);
      // A clerk would look at what the other one wrote, and write theirs.
      if (done || done.error().code != ErrorCode::StoreConflict) return done;
    }
  }

  std::unique_ptr<Store> m_store;
  std::string m_number;
  std::mt19937 m_random;
  std::ofstream m_notes;
};

int work(int argc, char** argv) {
  constexpr int kArguments = 6;
  if (argc != kArguments) return 2;
  auto store = Store::open(argv[1], Store::Access::Write);
  if (!store) {
    std::fprintf(stderr, "%s %s\n", store.error().message.c_str(), store.error().detail.c_str());
    return 2;
  }
  DeskAtWork desk(*std::move(store), argv[2], argv[5]);
  const int operations = std::stoi(argv[3]);
  const double milliseconds = std::stod(argv[4]);
  for (int i = 0; i < operations; ++i) {
    desk.pause(milliseconds);
    if (!desk.doOne(i)) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace countersign::test

int main(int argc, char** argv) { return countersign::test::work(argc, argv); }
