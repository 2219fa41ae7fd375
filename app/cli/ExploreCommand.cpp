// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <cstdio>
#include <memory>

#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "app/cli/StoreOptions.h"
#include "core/base/Csv.h"
#include "core/base/File.h"
#include "core/metric/EmbeddingLayout.h"
#include "core/office/PeopleSimilarity.h"

namespace countersign::cli {

namespace {

struct ExploreArguments {
  StoreArguments store;
  Modality modality = Modality::Signature;
  std::size_t most = 10;
  std::string method = "pca";
  std::filesystem::path layout;
  std::filesystem::path matrix;
};

Result<std::vector<MapPoint>> laidOut(const std::vector<std::vector<float>>& embeddings,
                                      const std::string& method, const std::stop_token& stop) {
  if (method == "pca") return principalPlane(embeddings);
  ProgressLine line;
  const NeighbourLayout::Options options;
  const auto total = static_cast<int>(embeddings.size());
  auto layout = NeighbourLayout::prepare(
      embeddings, options, {stop, [&](int done) { line.show("finding neighbours", done, total); }});
  if (!layout) return layout.error();
  while (layout->step()) {
    line.show("laying out", layout->stepsDone(), options.steps);
    if (stop.stop_requested()) return Error{ErrorCode::Cancelled, "The map was not laid out.", ""};
  }
  line.clear();
  return layout->layout();
}

Status writeLayout(const ExploreArguments& arguments, const Desk& desk,
                   const std::stop_token& stop) {
  const auto everybody = desk.everybody();
  if (!everybody) return everybody.error();
  std::vector<std::vector<float>> embeddings;
  for (const auto& person : *everybody)
    for (const auto& reference : person.references) embeddings.push_back(reference.embedding);
  const auto points = laidOut(embeddings, arguments.method, stop);
  if (!points) return points.error();
  std::string text = "identifier,reference,x,y\n";
  std::size_t at = 0;
  for (const auto& person : *everybody) {
    for (std::size_t i = 0; i < person.references.size(); ++i, ++at) {
      text += csvCell(person.person.identifier) + ',' + std::to_string(i + 1) + ',';
      text += std::to_string((*points)[at].x) + ',' + std::to_string((*points)[at].y) + '\n';
    }
  }
  return writeFileAtomically(arguments.layout, text);
}

Status writeMatrix(const std::filesystem::path& path, const PeopleSimilarity& similarity) {
  std::string text = "identifier";
  for (const auto& person : similarity.people) text += ',' + csvCell(person.identifier);
  text += '\n';
  for (std::size_t one = 0; one < similarity.people.size(); ++one) {
    text += csvCell(similarity.people[one].identifier);
    for (std::size_t other = 0; other < similarity.people.size(); ++other) {
      text += ',';
      const float mean = similarity.between(one, other);
      if (std::isfinite(mean)) text += std::to_string(mean);
    }
    text += '\n';
  }
  return writeFileAtomically(path, text);
}

std::string named(const Person& person) { return person.identifier + " " + person.name; }

Exit runExplore(const ExploreArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store, Store::Access::Read);
  if (!office) return fail(office.error());
  const auto desk = (*office)->desk(arguments.modality);
  if (!desk) return fail(desk.error());
  const auto service = (*desk)->service();
  if (!service) return fail(service.error());
  const StopOnSignal stop;
  ProgressLine line;
  const auto similarity =
      comparePeople(**desk, {stop.token(), [&](const ComparingProgress& p) {
                               line.show("comparing references", p.done, p.total);
                             }});
  line.clear();
  if (!similarity) return fail(similarity.error());
  if (!arguments.layout.empty())
    if (auto status = writeLayout(arguments, **desk, stop.token()); !status)
      return fail(status.error());
  if (!arguments.matrix.empty())
    if (auto status = writeMatrix(arguments.matrix, *similarity); !status)
      return fail(status.error());
  const double threshold = service->rule.threshold.value;
  const auto& people = similarity->people;
  if (session.isJson) {
    nlohmann::json json = {{"people", people.size()},
                           {"threshold", threshold},
                           {"lookalikes", nlohmann::json::array()},
                           {"inconsistent", nlohmann::json::array()}};
    for (const auto& pair : similarity->lookalikes(arguments.most))
      json["lookalikes"].push_back({{"one", people[pair.one].identifier},
                                    {"other", people[pair.other].identifier},
                                    {"similarity", pair.mean}});
    for (const auto& pair : similarity->inconsistent(arguments.most))
      json["inconsistent"].push_back(
          {{"identifier", people[pair.one].identifier}, {"similarity", pair.mean}});
    printJson(json);
    return Exit::Done;
  }
  std::printf("%zu people; τ %.3f\n", people.size(), threshold);
  std::printf("who look most alike (mean similarity of their references):\n");
  for (const auto& pair : similarity->lookalikes(arguments.most))
    std::printf("  %.3f%s  %s, %s\n", double{pair.mean}, pair.mean > threshold ? " above τ" : "",
                named(people[pair.one]).c_str(), named(people[pair.other]).c_str());
  std::printf("whose own references agree least:\n");
  for (const auto& pair : similarity->inconsistent(arguments.most))
    std::printf("  %.3f%s  %s (%d references)\n", double{pair.mean},
                pair.mean > threshold ? "" : " not above τ", named(people[pair.one]).c_str(),
                similarity->references[pair.one]);
  return Exit::Done;
}

}  // namespace

void addExploreCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<ExploreArguments>();
  auto* command = app.add_subcommand(
      "explore", "Find look-alikes and references that do not agree, and map the embeddings");
  addStore(*command, arguments->store);
  addModality(*command, arguments->modality);
  command->add_option("--most", arguments->most, "Pairs and people to name")->capture_default_str();
  command->add_option("--write-matrix", arguments->matrix,
                      "Table to write: mean similarity of everybody with everybody");
  command->add_option("--write-map", arguments->layout,
                      "Table to write: where each reference lies on a map of the embeddings");
  command
      ->add_option(
          "--method", arguments->method,
          "How the map is made: the plane of greatest spread, or near neighbours kept near")
      ->check(CLI::IsMember({"pca", "tsne"}))
      ->capture_default_str();
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runExplore(*arguments, session); };
  });
}

}  // namespace countersign::cli
