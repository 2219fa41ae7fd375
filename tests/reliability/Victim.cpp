// SPDX-License-Identifier: GPL-3.0-or-later
//
// Works until it is killed, and writes a line to FOLDER/confirmed once the program would have told
// its user that something is saved; FOLDER/ready says that it has begun:
//
//     reliability_victim JOB FOLDER
//
// JOB is begin (a store that is not there yet), enrol, decide, reembed, checkpoint or backup.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <string>

#include "core/base/Sha256.h"
#include "core/metric/Backend.h"
#include "core/office/Office.h"
#include "core/training/Checkpoint.h"
#include "tests/reliability/Places.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"

namespace countersign::test {

namespace {

constexpr int kMode = 0600;

class Victim {
 public:
  explicit Victim(std::filesystem::path folder)
      : m_folder(std::move(folder)),
        m_confirmed(::open((m_folder / kConfirmed).c_str(),
                           O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode)),
        m_number(std::random_device()()) {}

  void begin();
  void enrol();
  void decide();
  void reembed();
  void checkpoint();
  void backup();

 private:
  std::unique_ptr<Office> office() const {
    auto opened = openOfficeOf(m_folder);
    if (!opened) fail(opened.error());
    return *std::move(opened);
  }
  void ready() const { ::close(::open((m_folder / kReady).c_str(), O_WRONLY | O_CREAT, kMode)); }
  void confirm(const std::string& what) const {
    const auto line = what + "\n";
    if (::write(m_confirmed, line.data(), line.size()) < 0) std::_Exit(3);
  }
  [[noreturn]] static void fail(const Error& error) {
    std::fprintf(stderr, "%s (%s)\n", error.message.c_str(), error.detail.c_str());
    std::_Exit(2);
  }

  std::filesystem::path m_folder;
  int m_confirmed;
  std::uint64_t m_number;  ///< Another one in every life.
};

void Victim::begin() {
  ready();
  auto store = Store::open(storeIn(m_folder / kStore), Store::Access::Write);
  if (!store) fail(store.error());
  for (;; ++m_number) {
    const auto identifier = std::to_string(m_number);
    Enrolment enrolment{identifier, "", {}};
    for (int i = 0; i < kReferences; ++i) {
      auto reference = plainReference(identifier + "-" + std::to_string(i), "net");
      constexpr std::size_t kScan = 60'000;
      reference.image.original.resize(kScan, static_cast<std::uint8_t>(m_number));
      enrolment.references.push_back(std::move(reference));
    }
    const auto enrolled = (*store)->repository().enrol(enrolment, {"victim"});
    if (!enrolled) fail(enrolled.error());
    confirm(identifier);
  }
}

void Victim::enrol() {
  const auto opened = office();
  const auto desk = opened->signatureDesk();
  const auto drawing = examinedDrawing(*desk, 1, 1);
  ready();
  for (;; ++m_number) {
    std::vector<std::shared_ptr<const ExaminedImage>> images;
    for (int i = 0; i < kReferences; ++i) {
      auto image = *drawing;
      image.image.sourceHash =
          Sha256().add(std::to_string(m_number) + "-" + std::to_string(i)).finish();
      images.push_back(std::make_shared<const ExaminedImage>(std::move(image)));
    }
    const auto enrolled = desk->enrol(std::to_string(m_number), "Somebody", images);
    if (!enrolled) fail(enrolled.error());
    confirm(std::to_string(m_number));
  }
}

void Victim::decide() {
  const auto opened = office();
  const auto desk = opened->signatureDesk();
  const auto probe = examinedDrawing(*desk, 2, 7);
  const auto person = opened->repository().people()->front().person.key;
  ready();
  for (;; ++m_number) {
    const auto examination = desk->verify(person, probe);
    if (!examination) fail(examination.error());
    const auto key = desk->record(*examination, {examination->finding, std::to_string(m_number)});
    if (!key) fail(key.error());
    confirm(std::to_string(key->value) + " " + std::to_string(m_number));
  }
}

void Victim::reembed() {
  const auto opened = office();
  ready();
  for (;; ++m_number) {
    const auto name = "network-" + std::to_string(m_number);
    const auto file = writeRandomNetwork(m_folder, name, static_cast<int>(m_number % 1'000'000));
    const auto changed = opened->changeNetwork(file, {});
    if (!changed) fail(changed.error());
    confirm(opened->signatureDesk()->network().identity());
    std::filesystem::remove(file);
  }
}

void Victim::checkpoint() {
  const CheckpointFolder folder(m_folder / kRun);
  std::filesystem::create_directories(m_folder / kRun);
  const auto before = folder.newest();
  ready();
  for (auto step = before ? stepOf(*before) + 1 : 1;; ++step) {
    const auto written = folder.write(checkpointOf(step));
    if (!written) fail(written.error());
    confirm(std::to_string(step));
  }
}

void Victim::backup() {
  const auto opened = office();
  ready();
  for (;;) {
    const auto made = backUp(opened->store(), m_folder / kBackups, {.keep = 3}, {});
    if (!made) fail(made.error());
    confirm(made->folder.filename().string());
  }
}

int work(const std::string& job, const char* folder) {
  setComputeThreads(1);
  Victim victim(folder);
  const std::map<std::string, std::function<void()>> jobs{
      {"begin", [&] { victim.begin(); }},   {"enrol", [&] { victim.enrol(); }},
      {"decide", [&] { victim.decide(); }}, {"reembed", [&] { victim.reembed(); }},
      {"backup", [&] { victim.backup(); }}, {"checkpoint", [&] { victim.checkpoint(); }}};
  jobs.at(job)();
  return 1;
}

}  // namespace

}  // namespace countersign::test

int main(int, char** argv) { return countersign::test::work(argv[1], argv[2]); }
