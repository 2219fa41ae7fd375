// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>

#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "app/cli/StoreOptions.h"
#include "core/office/SampleOffice.h"

#include "app/ModelFolder.h"

namespace countersign::cli {

namespace {

struct EnrolArguments {
  StoreArguments store;
  Modality modality = Modality::Signature;
  RegionArguments region;
  std::string identifier;
  std::string name;
  std::vector<std::filesystem::path> images;
  std::string camera;
};

using Images = std::vector<std::shared_ptr<const ExaminedImage>>;

Result<Images> examineAll(const Desk& desk, const EnrolArguments& arguments) {
  Images images;
  if (!arguments.camera.empty()) {
    auto examined = examineFromCamera(desk, arguments.camera);
    if (!examined) return examined.error();
    images.push_back(*std::move(examined));
  }
  for (const auto& path : arguments.images) {
    auto examined = desk.examine(path, arguments.region.region());
    if (!examined) return examined.error();
    images.push_back(std::make_shared<const ExaminedImage>(*std::move(examined)));
  }
  return images;
}

Exit runEnrol(const EnrolArguments& arguments, const Session& session) {
  if (arguments.images.size() > 1 && !arguments.region.crop.empty())
    return fail({ErrorCode::OptionOutOfRange,
                 "A crop fits one image only; enrol the images one by one.", ""});
  if (arguments.images.size() > 1 &&
      arguments.region.region().face.kind == FaceChoice::Kind::Number)
    return fail({ErrorCode::OptionOutOfRange,
                 "The number of a face fits one image only; enrol the images one by one.", ""});
  const auto office = openOffice(session, arguments.store, Store::Access::Write);
  if (!office) return fail(office.error());
  const auto opened = (*office)->desk(arguments.modality);
  if (!opened) return fail(opened.error());
  const auto& desk = *opened;
  const auto images = examineAll(*desk, arguments);
  if (!images) return fail(images.error());
  std::optional<PersonKey> person;
  if (const auto known = (*office)->repository().findPerson(arguments.identifier))
    person = known->key;
  const auto agreement = desk->agreement(*images, person);
  if (!agreement) return fail(agreement.error());
  const auto alike = desk->lookalikes(*images, person);
  if (!alike) return fail(alike.error());
  const auto enrolled = desk->enrol(arguments.identifier, arguments.name, *images);
  if (!enrolled) return fail(enrolled.error());

  const auto references = (*office)->repository().references(enrolled->person.key);
  const auto isOfThisKind = [&](const Reference& r) { return r.modality == arguments.modality; };
  const auto onFile =
      references
          ? static_cast<int>(std::count_if(references->begin(), references->end(), isOfThisKind))
          : 0;
  nlohmann::json doubtful = nlohmann::json::array();
  for (std::size_t i = 0; i < images->size(); ++i) {
    if (!(*agreement)[i].agrees)
      doubtful.push_back(
          {{"image", arguments.camera.empty() ? arguments.images[i].string() : "camera"},
           {"score", (*agreement)[i].score.value}});
  }
  nlohmann::json lookalikes = nlohmann::json::array();
  for (const auto& candidate : *alike)
    lookalikes.push_back({{"identifier", candidate.person.identifier},
                          {"name", candidate.person.name},
                          {"score", candidate.score.value}});
  if (session.isJson) {
    printJson({{"identifier", enrolled->person.identifier},
               {"name", enrolled->person.name},
               {"isNew", enrolled->isNewPerson},
               {"enrolled", enrolled->references.size()},
               {"references", onFile},
               {"doubtful", doubtful},
               {"lookalikes", lookalikes}});
    return Exit::Done;
  }
  std::printf("%s %s: %zu references enrolled, %d on file\n", enrolled->person.identifier.c_str(),
              enrolled->person.name.c_str(), enrolled->references.size(), onFile);
  for (const auto& one : doubtful)
    std::printf("  %s differs from the others: similarity %.2f is not above the threshold\n",
                one["image"].get<std::string>().c_str(), one["score"].get<double>());
  for (const auto& candidate : *alike)
    std::printf(
        "  looks like %s %s (%.2f): if they are one person, countersign-cli merge joins them\n",
        candidate.person.identifier.c_str(), candidate.person.name.c_str(), candidate.score.value);
  if (onFile < Desk::kFewestAdvised)
    std::printf("  %d to %d references of a kind are advised\n", Desk::kFewestAdvised,
                Desk::kMostAdvised);
  return Exit::Done;
}

Exit runSampleOffice(const StoreArguments& store, const Session& session) {
  const auto models = findModelFolder(session.models);
  if (!models) return fail(models.error());
  const auto folder =
      store.folder.empty() ? defaultStoreFolder().parent_path() / "sample-office" : store.folder;
  const StopOnSignal stop;
  ProgressLine line;
  const auto status = makeSampleOffice(folder, defaultNetwork(*models, Modality::Signature),
                                       {stop.token(), [&](const SampleOfficeProgress& p) {
                                          line.show("enrolling invented people", p.done, p.total);
                                        }});
  line.clear();
  if (!status) return fail(status.error());
  if (session.isJson)
    printJson({{"store", folder.string()}, {"probes", (folder / "probes").string()}});
  else
    std::printf("%s is a store of invented people; questioned signatures are in %s\n",
                quoted(folder).c_str(), quoted(folder / "probes").c_str());
  return Exit::Done;
}

}  // namespace

void addEnrolCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<EnrolArguments>();
  auto* command =
      app.add_subcommand("enrol", "Put reference signatures or faces of a person on file");
  addStore(*command, arguments->store);
  addModality(*command, arguments->modality);
  addRegion(*command, arguments->region, "the image");
  command
      ->add_option("--id", arguments->identifier,
                   "Identifier of the person, e.g. a customer number")
      ->required();
  command->add_option("--name", arguments->name, "Name of a person who is new");
  auto* sources = command->add_option_group("samples", "Where the references come from");
  sources->add_option("IMAGE", arguments->images, "Images of the person's own signatures or faces");
  sources->add_option("--camera", arguments->camera,
                      "Camera (or video file) that takes the best picture of a good second");
  sources->require_option(1);
  for (const auto* option : {"--crop", "--rotate", "--face"})
    command->get_option(option)->excludes("--camera");
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runEnrol(*arguments, session); };
  });

  auto store = std::make_shared<StoreArguments>();
  auto* sample = app.add_subcommand(
      "sample-office", "Make a store of invented people with questioned signatures to try");
  addStore(*sample, *store);
  sample->callback([store, &session] {
    session.run = [store, &session] { return runSampleOffice(*store, session); };
  });
}

}  // namespace countersign::cli
