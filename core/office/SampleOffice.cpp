// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/SampleOffice.h"

#include <unistd.h>

#include <array>

#include "core/base/Csv.h"
#include "core/corpus/SyntheticSigner.h"
#include "core/imaging/ImageFile.h"

namespace countersign {

namespace {

struct InventedPerson {
  const char* identifier;
  const char* name;
};
constexpr std::array kPeople = {
    InventedPerson{"10342", "Ana Lindqvist"},    InventedPerson{"10417", "Tomasz Berger"},
    InventedPerson{"10588", "Marie Okafor"},     InventedPerson{"10603", "Elif Demirtas"},
    InventedPerson{"10759", "Jorge Villanueva"}, InventedPerson{"10820", "Priya Raman"},
    InventedPerson{"10964", "Niels Aagaard"},    InventedPerson{"11038", "Chiara Fontana"},
    InventedPerson{"11147", "Samuel Adeyemi"},   InventedPerson{"11205", "Hanna Virtanen"},
    InventedPerson{"11376", "Mei Tanaka"},       InventedPerson{"11492", "Luc Desrosiers"},
};
constexpr std::uint64_t kSeed = 20;
constexpr int kReferences = 5;
constexpr int kProbesOfEachKind = 3;
/// Forgers of the sample office, from a poor one to a good one: all verdicts are to be seen.
constexpr std::array kLikeness = {0.25, 0.32, 0.5};
constexpr const char* kProbeList = "probes.csv";
constexpr const char* kAccount = "sample office";

Bytes scanOf(const SyntheticSigner& signer, const PenTrajectory& pen, int sample) {
  return encodePng(signer.scan(pen, static_cast<std::uint64_t>(sample)));
}

/// Enrols one person and writes the questioned signatures; adds their lines to `list`.
Status addPerson(const Desk& desk, const std::filesystem::path& probes, std::size_t number,
                 std::string& list) {
  const auto& person = kPeople[number];
  const SyntheticSigner signer(kSeed, number);
  std::vector<std::shared_ptr<const ExaminedImage>> references;
  int sample = 0;
  for (int i = 0; i < kReferences; ++i, ++sample) {
    auto examined =
        desk.examine(scanOf(signer, signer.genuine(static_cast<std::uint64_t>(i)), sample),
                     "reference-" + std::to_string(i + 1) + ".png");
    if (!examined) return examined.error();
    references.push_back(std::make_shared<const ExaminedImage>(*std::move(examined)));
  }
  if (auto enrolled = desk.enrol(person.identifier, person.name, references); !enrolled)
    return enrolled.error();
  for (int i = 0; i < 2 * kProbesOfEachKind; ++i, ++sample) {
    const bool isForgery = i >= kProbesOfEachKind;
    const int index = isForgery ? i - kProbesOfEachKind : kReferences + i;
    const auto pen = isForgery ? signer.forgery(static_cast<std::uint64_t>(index),
                                                kLikeness[static_cast<std::size_t>(index)])
                               : signer.genuine(static_cast<std::uint64_t>(index));
    const auto name = std::string(person.identifier) + "-" + static_cast<char>('a' + i) + ".png";
    const auto bytes = scanOf(signer, pen, sample);
    auto status = writeFileAtomically(probes / name,
                                      {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (!status) return status;
    list += std::string(person.identifier) + ',' + name + ',' +
            (isForgery ? "forgery" : "genuine") + '\n';
  }
  return ok();
}

}  // namespace

Status makeSampleOffice(const std::filesystem::path& folder,
                        const std::filesystem::path& shippedNetwork,
                        const JobContext<SampleOfficeProgress>& context) {
  std::error_code failure;
  if (std::filesystem::exists(folder / kProbeList, failure))
    return hasKeys(folder) ? ok() : protectOpenly(folder, kAccount);  // of an earlier version
  auto making = folder;
  making += ".making-" + std::to_string(::getpid());
  std::filesystem::remove_all(making, failure);
  const auto clean = [&](Error error) {
    std::filesystem::remove_all(making, failure);
    return error;
  };
  // Its people are invented: it opens for everybody.
  if (auto status = protectOpenly(making, kAccount); !status) return clean(status.error());
  {
    auto office = Office::open({.folder = making,
                                .access = Store::Access::Write,
                                .shippedNetwork = shippedNetwork,
                                .author = currentUser()});
    if (!office) return clean(office.error());
    const auto desk = (*office)->signatureDesk();
    std::filesystem::create_directories(making / "probes", failure);
    // Wide enough to be seen at work; an office chooses its own.
    constexpr double kBand = 0.03;
    if (auto status = desk->setRule({}, kBand); !status) return clean(status.error());
    std::string list = "subject,file,label\n";
    const int total = static_cast<int>(kPeople.size());
    for (int number = 0; number < total; ++number) {
      if (context.stop.stop_requested())
        return clean({ErrorCode::Cancelled, "Making the sample office was stopped.", ""});
      auto status = addPerson(*desk, making / "probes", static_cast<std::size_t>(number), list);
      if (!status) return clean(status.error());
      context.emitEvent({number + 1, total});
    }
    if (auto status = writeFileAtomically(making / kProbeList, list); !status)
      return clean(status.error());
  }
  std::filesystem::create_directories(folder.parent_path(), failure);
  std::filesystem::rename(making, folder, failure);
  if (failure)
    return clean(
        {ErrorCode::FileNotWritable, quoted(folder) + " could not be made.", failure.message()});
  return ok();
}

std::vector<SampleProbe> sampleProbes(const std::filesystem::path& folder) {
  constexpr std::uintmax_t kLargest = 1U << 20U;
  const auto text = readTextFile(folder / kProbeList, kLargest);
  if (!text) return {};
  const auto table = parseCsv(*text);
  if (!table) return {};
  std::vector<SampleProbe> all;
  const auto subject = table->columnIndex("subject");
  const auto file = table->columnIndex("file");
  const auto label = table->columnIndex("label");
  if (!subject || !file || !label) return {};
  for (const auto& row : table->rows)
    all.push_back({row[*subject], folder / "probes" / row[*file], row[*label] == "forgery"});
  return all;
}

}  // namespace countersign
