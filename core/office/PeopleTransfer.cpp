// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/PeopleTransfer.h"

#include <algorithm>
#include <set>

namespace countersign {

namespace {

Result<TransferredPerson> readPerson(const Repository& repository, PersonKey key) {
  const auto person = repository.person(key);
  if (!person) return person.error();
  TransferredPerson out{person->identifier, person->name, person->grounds, {}};
  const auto references = repository.references(key);
  if (!references) return references.error();
  for (const auto& reference : *references) {
    auto images = repository.images(reference.key);
    if (!images) return images.error();
    out.references.push_back(
        {reference.modality, reference.sourceName, reference.region, std::move(images->original)});
  }
  return out;
}

/// Enrols one person's images of one modality.
void enrolPerson(const Office& office, const TransferredPerson& person, Modality modality,
                 PeopleImport& import) {
  if (std::none_of(
          person.references.begin(), person.references.end(),
          [&](const TransferredReference& reference) { return reference.modality == modality; }))
    return;
  const auto who = person.identifier + (person.name.empty() ? "" : " " + person.name);
  const auto leaveOut = [&](const std::string& why) { import.leftOut.push_back(who + ": " + why); };
  std::vector<std::shared_ptr<const ExaminedImage>> images;
  const auto desk = office.desk(modality);
  if (!desk) return leaveOut(desk.error().message);
  for (const auto& reference : person.references) {
    if (reference.modality != modality) continue;
    auto examined = (*desk)->examine(reference.original, reference.sourceName, reference.region);
    if (!examined)
      leaveOut(examined.error().message);
    else if (!examined->isComparable())
      leaveOut(reference.sourceName + " cannot be compared. " + examined->image.quality);
    else
      images.push_back(std::make_shared<const ExaminedImage>(*std::move(examined)));
  }
  if (images.empty()) return;
  auto enrolled = (*desk)->enrol(person.identifier, person.name, images, person.grounds);
  if (!enrolled) return leaveOut(enrolled.error().message);
  import.enrolled.push_back(*std::move(enrolled));
}

}  // namespace

Result<int> exportPeople(const Office& office, const std::vector<PersonKey>& people,
                         const std::filesystem::path& file, const Secret& passphrase,
                         const Author& author, const JobContext<TransferProgress>& context,
                         const std::optional<KeyCost>& cost) {
  auto& repository = office.repository();
  if (auto status = checkPassphrase(passphrase.text(), ""); !status) return status.error();
  if (auto status = repository.noteExport("export people", people, author); !status)
    return status.error();
  const PersonFileInfo info{office.store().identity(), toIso8601(office.store().now()), author.name,
                            static_cast<int>(people.size())};
  auto writer = PersonFileWriter::create(file, passphrase, info, cost);
  if (!writer) return writer.error();
  int references = 0;
  TransferProgress progress{0, info.people};
  for (const auto& key : people) {
    if (context.stop.stop_requested())
      return Error{ErrorCode::Cancelled, "The export was stopped; no file was written.", ""};
    const auto person = readPerson(repository, key);
    if (!person) return person.error();
    if (auto status = writer->add(*person); !status) return status.error();
    references += static_cast<int>(person->references.size());
    ++progress.done;
    context.emitEvent(progress);
  }
  if (auto status = writer->finish(); !status) return status.error();
  return references;
}

int PeopleImport::people() const {
  std::set<PersonKey> all;
  for (const auto& one : enrolled) all.insert(one.person.key);
  return static_cast<int>(all.size());
}

int PeopleImport::references() const {
  std::size_t count = 0;
  for (const auto& one : enrolled) count += one.references.size();
  return static_cast<int>(count);
}

Result<PeopleImport> importPeople(const Office& office, const std::filesystem::path& file,
                                  const Secret& passphrase,
                                  const JobContext<TransferProgress>& context) {
  auto reader = PersonFileReader::open(file, passphrase);
  if (!reader) return reader.error();
  auto& repository = office.repository();
  PeopleImport import{reader->info(), {}, {}, false};
  if (auto status = repository.noteEvent(
          office.signatureDesk()->author(), "import people",
          {{"people", std::to_string(import.from.people)}, {"from store", import.from.store}});
      !status)
    return status.error();
  TransferProgress progress{0, import.from.people};
  while (true) {
    if (context.stop.stop_requested()) {
      import.isStopped = true;
      return import;
    }
    const auto person = reader->next();
    if (!person) return person.error();
    if (!*person) return import;
    if (repository.findPerson((*person)->identifier)) {
      import.leftOut.push_back((*person)->identifier +
                               " is on file already, and was left as they are.");
    } else {
      for (const auto modality : {Modality::Signature, Modality::Face})
        enrolPerson(office, **person, modality, import);
    }
    ++progress.done;
    context.emitEvent(progress);
  }
}

Status undoPeopleImport(const Desk& desk, const PeopleImport& import) {
  std::set<PersonKey> people;
  for (const auto& one : import.enrolled) people.insert(one.person.key);
  for (const auto& person : people)
    if (auto status = desk.repository().retirePerson(person, desk.author()); !status) return status;
  return ok();
}

}  // namespace countersign
