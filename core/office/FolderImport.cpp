// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/FolderImport.h"

#include <algorithm>
#include <set>

#include "core/base/File.h"

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

Name nameOf(const std::string& folder) {
  const auto space = folder.find(' ');
  if (space == std::string::npos) return {folder, ""};
  const auto rest = folder.find_first_not_of(' ', space);
  return {folder.substr(0, space), rest == std::string::npos ? "" : folder.substr(rest)};
}

Result<std::set<std::string>> hashesOnFile(const Desk& desk, std::optional<PersonKey> person) {
  std::set<std::string> hashes;
  if (!person) return hashes;
  const auto references = desk.references(*person);
  if (!references) return references.error();
  for (const auto& reference : *references) hashes.insert(reference.sourceHash);
  return hashes;
}

/// Adds who was enrolled, or puts their new references in the place of the old ones.
Status refresh(const Desk& desk, const Person& person, std::vector<OnFile>& people) {
  auto references = desk.embeddedReferences(person.key);
  if (!references) return references.error();
  const auto at = std::find_if(people.begin(), people.end(),
                               [&](const OnFile& one) { return one.person.key == person.key; });
  if (at == people.end())
    people.push_back({person, *std::move(references)});
  else
    at->references = *std::move(references);
  return ok();
}

/// @param people  everybody on file; who is enrolled is added.
Result<ImportedPerson> importPerson(const Desk& desk, const fs::path& folder,
                                    std::vector<OnFile>& people) {
  ImportedPerson result{folder.filename().string(), {}, {}, {}};
  const auto [identifier, name] = nameOf(result.folder);
  std::optional<PersonKey> person;
  if (const auto known = desk.repository().findPerson(identifier)) person = known->key;
  auto onFile = hashesOnFile(desk, person);
  if (!onFile) return onFile.error();
  const auto files = entriesOf(folder, false);
  if (!files) {
    result.leftOut.push_back(files.error().message);
    return result;
  }
  Images images;
  for (const auto& file : *files) {
    const auto leaveOut = [&](const std::string& why) {
      result.leftOut.push_back(result.folder + "/" + file.filename().string() + ": " + why);
    };
    auto examined = desk.examine(file);
    if (!examined) {
      result.leftOut.push_back(result.folder + "/" + examined.error().message);
    } else if (!examined->isComparable()) {
      leaveOut(examined->image.quality);
    } else if (!onFile->insert(examined->image.sourceHash).second) {
      leaveOut("It is on file already.");
    } else if (onFile->size() > static_cast<std::size_t>(Desk::kMostAdvised)) {
      leaveOut("More than " + std::to_string(Desk::kMostAdvised) +
               " references make comparing slow and gain nothing.");
    } else {
      images.push_back(std::make_shared<const ExaminedImage>(*std::move(examined)));
    }
  }
  if (images.empty()) return result;
  const auto alike = desk.lookalikesAmong(people, images, person, 1);
  if (!alike) return alike.error();
  if (!alike->empty()) result.lookalike = alike->front();
  auto enrolled = desk.enrol(identifier, name, images);
  if (enrolled) {
    result.enrolled = *std::move(enrolled);
    if (auto status = refresh(desk, result.enrolled->person, people); !status)
      return status.error();
  } else if (enrolled.error().code == ErrorCode::AlreadyEnrolled) {  // for another person
    result.leftOut.push_back(result.folder + ": " + enrolled.error().message);
  } else {
    return enrolled.error();
  }
  return result;
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
  auto people = desk.everybody();
  if (!people) return people.error();
  FolderImport result;
  for (const auto& one : *folders) {
    if (context.stop.stop_requested()) {
      result.isStopped = true;
      break;
    }
    auto imported = importPerson(desk, one, *people);
    if (!imported) {
      if (result.enrolledPeople() == 0) return imported.error();
      // What is on file already is told with what broke the import off.
      result.people.push_back({one.filename().string(), {}, {imported.error().message}, {}});
      result.isStopped = true;
      break;
    }
    result.people.push_back(*std::move(imported));
    context.emitEvent({static_cast<int>(result.people.size()), static_cast<int>(folders->size())});
  }
  return result;
}

Status undoImport(const Desk& desk, const FolderImport& imported) {
  for (const auto& one : imported.people) {
    if (!one.enrolled) continue;
    auto& repository = desk.repository();
    auto status = one.enrolled->isNewPerson
                      ? repository.retirePerson(one.enrolled->person.key, desk.author())
                      : repository.retireReferences(one.enrolled->references, desk.author());
    if (!status) return status;
  }
  return ok();
}

}  // namespace countersign
