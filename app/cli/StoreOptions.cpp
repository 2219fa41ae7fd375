// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/StoreOptions.h"

#include <cctype>

#include "app/ModelFolder.h"
#include "app/cli/Progress.h"
#include "core/imaging/FaceCapture.h"
#include "core/imaging/ImageFile.h"
#include "core/metric/Backend.h"

namespace countersign::cli {

void addStore(CLI::App& command, StoreArguments& arguments) {
  command.add_option("--store", arguments.folder,
                     "Folder of the store (default: the one that the window opens)");
  command.add_option("--author", arguments.author,
                     "Who answers for the change (default: the login name)");
}

std::filesystem::path storeFolderOf(const StoreArguments& arguments) {
  return arguments.folder.empty() ? defaultStoreFolder() : arguments.folder;
}

Result<std::unique_ptr<Office>> openOffice(const Session& session, const StoreArguments& arguments,
                                           Store::Access access) {
  setComputeThreads(1);  // one small image at a time
  const auto models = findModelFolder(session.models);
  if (!models) return models.error();
  return Office::open(
      {.folder = storeFolderOf(arguments),
       .access = access,
       .shippedNetwork = defaultNetwork(*models, Modality::Signature),
       .shippedFaceNetwork = defaultNetwork(*models, Modality::Face),
       .author = arguments.author.empty() ? currentUser() : Author{arguments.author}});
}

SampleRegion RegionArguments::region() const {
  SampleRegion region;
  region.rotation = rotation;
  if (!crop.empty()) region.crop = cv::Rect(crop[0], crop[1], crop[2], crop[3]);
  region.face = faceChoice(face);
  return region;
}

void addRegion(CLI::App& command, RegionArguments& arguments, const std::string& whose) {
  command
      .add_option("--crop", arguments.crop,
                  "Part of " + whose + " that holds the signature or the face: x,y,width,height")
      ->delimiter(',')
      ->expected(4);
  command.add_option("--rotate", arguments.rotation, "Clockwise turn of " + whose + ", in degrees");
  addFaceChoice(command, arguments.face, whose);
}

Result<std::shared_ptr<const ExaminedImage>> examineFromCamera(const Desk& desk,
                                                               const std::string& camera) {
  if (desk.modality() != Modality::Face)
    return Error{ErrorCode::OptionOutOfRange, "A camera takes faces; say so with --modality face.",
                 ""};
  const auto reader = desk.network().reader();
  if (!reader) return reader.error();
  constexpr double kPatience = 30;
  const StopOnSignal stop;
  const auto captured = captureFace(camera, *reader, kPatience, stop.token());
  if (!captured) return captured.error();
  auto examined = desk.examine(encodePng(captured->frame.picture), "camera");
  if (!examined) return examined.error();
  return std::make_shared<const ExaminedImage>(*std::move(examined));
}

Exit exitOf(Finding finding) {
  switch (finding) {
    case Finding::Match:
      return Exit::Match;
    case Finding::NonMatch:
      return Exit::NonMatch;
    case Finding::Refer:
      return Exit::Refer;
    case Finding::CannotJudge:
      return Exit::CannotJudge;
  }
  return Exit::Error;
}

std::string shouted(Finding finding) {
  std::string word(findingName(finding));
  for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return word;
}

void addRecord(CLI::App& command, std::string& recorded, std::string& note) {
  command.add_option("--record", recorded, "Record this decision in the store's history")
      ->check(CLI::IsMember({"match", "non-match", "refer"}));
  command.add_option("--note", note, "Note for the recorded decision");
}

Finding recordedFinding(const std::string& text) {
  if (text == "match") return Finding::Match;
  return text == "refer" ? Finding::Refer : Finding::NonMatch;
}

}  // namespace countersign::cli
