// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/FolderImport.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "core/base/File.h"
#include "core/base/Sha256.h"
#include "core/base/Text.h"
#include "core/imaging/ImageFile.h"

namespace countersign {

namespace {

namespace fs = std::filesystem;
using Images = std::vector<std::shared_ptr<const ExaminedImage>>;

/// What lies in a folder, without what is hidden, in the order of the names.
Result<std::vector<fs::path>> entriesOf(const fs::path& folder, bool isFolders) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    std::error_code unknown;
    const bool isWanted = isFolders ? at->is_directory(unknown) : at->is_regular_file(unknown);
    if (isWanted && !at->path().filename().string().starts_with('.')) found.push_back(at->path());
  }
  if (failure)
    return Error{ErrorCode::FileNotReadable, quoted(folder) + " cannot be read.",
                 failure.message()};
  std::sort(found.begin(), found.end());
  return found;
}

struct Name {
  std::string identifier;
  std::string name;
};

/// Nothing when the folder's name cannot be an identifier.
std::optional<Name> nameOf(const std::string& folder) {
  const auto first = folder.find_first_not_of(' ');
  if (first == std::string::npos || !isUtf8(folder)) return {};
  const auto space = folder.find(' ', first);
  if (space == std::string::npos) return Name{folder.substr(first), ""};
  const auto rest = folder.find_first_not_of(' ', space);
  return Name{folder.substr(first, space - first),
              rest == std::string::npos ? "" : folder.substr(rest)};
}

std::string described(const Person& person) {
  return person.identifier + (person.name.empty() ? "" : " " + person.name);
}

/// One import: what is on file, kept up to date while folders are enrolled.
class Import {
 public:
  explicit Import(const Desk& desk) : m_desk(desk) {}

  Status readStore() {
    auto people = m_desk.everybody();
    if (!people) return people.error();
    m_people = *std::move(people);
    const auto all = m_desk.repository().people();
    if (!all) return all.error();
    for (const auto& summary : *all) {
      const auto references = m_desk.references(summary.person.key);
      if (!references) return references.error();
      for (const auto& reference : *references)
        m_owners.emplace(reference.sourceHash, summary.person);
    }
    return ok();
  }

  /// @return  what the store answers when it cannot save; what is wrong with the folder is told in
  ///          `result`, which says at any time what is on file.
  Status add(const fs::path& folder, const std::stop_token& stop, ImportedPerson& result);

 private:
  /// @param onFile  how many references the person has already.
  Images readImages(const std::vector<fs::path>& files, std::size_t onFile,
                    const std::stop_token& stop, ImportedPerson& result) const;
  Status save(const Name& name, std::optional<PersonKey> person, const Images& images,
              ImportedPerson& result);
  /// Adds who was enrolled, or puts their new references in the place of the old ones.
  Status refresh(const Person& person);

  const Desk& m_desk;
  std::vector<OnFile> m_people;
  std::map<std::string, Person> m_owners;  ///< Of the images on file, by their hashes.
};

Status Import::refresh(const Person& person) {
  auto references = m_desk.embeddedReferences(person.key);
  if (!references) return references.error();
  const auto at = std::find_if(m_people.begin(), m_people.end(),
                               [&](const OnFile& one) { return one.person.key == person.key; });
  if (at == m_people.end())
    m_people.push_back({person, *std::move(references)});
  else
    at->references = *std::move(references);
  return ok();
}

Images Import::readImages(const std::vector<fs::path>& files, std::size_t onFile,
                          const std::stop_token& stop, ImportedPerson& result) const {
  Images images;
  std::set<std::string> taken;
  std::size_t tooMany = 0;
  for (const auto& file : files) {
    if (stop.stop_requested()) return {};  // a person is saved with all images, or not at all
    if (onFile + images.size() >= static_cast<std::size_t>(Desk::kMostAdvised)) {
      ++tooMany;
      continue;
    }
    const auto leaveOut = [&](const std::string& why) {
      result.leftOut.push_back(result.folder + "/" + file.filename().string() + ": " + why);
    };
    auto bytes = readFile(file, ImageLimits{}.fileBytes);
    if (!bytes) {
      result.leftOut.push_back(result.folder + "/" + bytes.error().message);
      continue;
    }
    const auto hash = Sha256().add(std::as_bytes(std::span(*bytes))).finish();
    if (const auto owner = m_owners.find(hash); owner != m_owners.end()) {
      leaveOut("It is on file already, as a reference of " + described(owner->second) + ".");
      continue;
    }
    if (!taken.insert(hash).second) {
      leaveOut("It is in the folder twice.");
      continue;
    }
    auto examined = m_desk.examine(*std::move(bytes), file.filename().string());
    if (!examined)
      result.leftOut.push_back(result.folder + "/" + examined.error().message);
    else if (!examined->isComparable())
      leaveOut(examined->image.quality);
    else
      images.push_back(std::make_shared<const ExaminedImage>(*std::move(examined)));
  }
  if (tooMany > 0)
    result.leftOut.push_back(result.folder + ": " + std::to_string(tooMany) +
                             " more images; more than " + std::to_string(Desk::kMostAdvised) +
                             " references make comparing slow and gain nothing.");
  return images;
}

Status Import::save(const Name& name, std::optional<PersonKey> person, const Images& images,
                    ImportedPerson& result) {
  const auto alike = m_desk.lookalikesAmong(m_people, images, person, 1);
  if (!alike) return alike.error();
  if (!alike->empty()) result.lookalike = alike->front();
  const auto agreement = m_desk.agreement(images, person);
  if (!agreement) return agreement.error();
  auto enrolled = m_desk.enrol(name.identifier, name.name, images);
  if (!enrolled) return enrolled.error();
  result.enrolled = *std::move(enrolled);
  for (std::size_t i = 0; i < images.size(); ++i) {
    m_owners.emplace(images[i]->image.sourceHash, result.enrolled->person);
    if (!(*agreement)[i].agrees)
      result.doubtful.push_back(result.folder + "/" + images[i]->image.sourceName +
                                ": It differs from the others of this person.");
  }
  return refresh(result.enrolled->person);
}

Status Import::add(const fs::path& folder, const std::stop_token& stop, ImportedPerson& result) {
  const auto name = nameOf(result.folder);
  if (!name) {
    result.leftOut.push_back(result.folder + ": Its name cannot be an identifier.");
    return ok();
  }
  const auto known = m_desk.repository().findPerson(name->identifier);
  // "Anna Berg" and "Anna Holm" are two people, and neither is "Anna".
  if (known && !name->name.empty() && !known->name.empty() && known->name != name->name) {
    result.leftOut.push_back(result.folder + ": The identifier " + name->identifier +
                             " is that of " + described(*known) + ".");
    return ok();
  }
  std::optional<PersonKey> person;
  std::size_t onFile = 0;
  if (known) {
    person = known->key;
    const auto references = m_desk.references(*person);
    if (!references) return references.error();
    onFile = references->size();
  }
  const auto files = entriesOf(folder, false);
  if (!files) {
    result.leftOut.push_back(files.error().message);
    return ok();
  }
  const auto images = readImages(*files, onFile, stop, result);
  return images.empty() ? ok() : save(*name, person, images, result);
}

}  // namespace

int FolderImport::enrolledPeople() const {
  return static_cast<int>(std::count_if(people.begin(), people.end(),
                                        [](const auto& one) { return one.enrolled.has_value(); }));
}

int FolderImport::enrolledReferences() const {
  int count = 0;
  for (const auto& one : people)
    count += one.enrolled ? static_cast<int>(one.enrolled->references.size()) : 0;
  return count;
}

Result<FolderImport> importFolder(const Desk& desk, const fs::path& folder,
                                  const JobContext<FolderImportProgress>& context) {
  const auto folders = entriesOf(folder, true);
  if (!folders) return folders.error();
  if (folders->empty())
    return Error{ErrorCode::FileMalformed,
                 quoted(folder) +
                     " has no folders in it; one folder for each person is needed, named by the "
                     "identifier.",
                 ""};
  Import enrolment(desk);
  if (auto status = enrolment.readStore(); !status) return status.error();
  FolderImport result;
  for (const auto& one : *folders) {
    if (context.stop.stop_requested()) {
      result.isStopped = true;
      break;
    }
    auto& person = result.people.emplace_back();
    person.folder = one.filename().string();
    Status status = ok();
    try {
      status = enrolment.add(one, context.stop, person);
    } catch (const std::exception& e) {  // what is on file already must be told
      status = Error{ErrorCode::BackendFailure, person.folder + " is too much to read.", e.what()};
    }
    if (!status) {
      if (result.enrolledPeople() == 0) return status.error();
      person.leftOut.push_back(status.error().message);
      result.isStopped = true;
      break;
    }
    if (context.stop.stop_requested() && !person.enrolled) {
      result.isStopped = true;
      break;
    }
    context.emitEvent({static_cast<int>(result.people.size()), static_cast<int>(folders->size())});
  }
  return result;
}

Status undoImport(const Desk& desk, const FolderImport& imported) {
  auto& repository = desk.repository();
  // What was removed meanwhile is off the file already.
  const auto isDone = [](const Status& status) {
    return status || status.error().code == ErrorCode::NotFound;
  };
  for (const auto& one : imported.people) {
    if (!one.enrolled) continue;
    for (const auto& reference : one.enrolled->references)
      if (auto status = repository.retireReferences({reference}, desk.author()); !isDone(status))
        return status;
    if (!one.enrolled->isNewPerson) continue;
    // Somebody to whom other references were added meanwhile stays with them.
    const auto rest = repository.references(one.enrolled->person.key);
    if (rest && !rest->empty()) continue;
    if (auto status = repository.retirePerson(one.enrolled->person.key, desk.author());
        !isDone(status))
      return status;
  }
  return ok();
}

}  // namespace countersign
