// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <limits>
#include <memory>
#include <sstream>
#include <thread>

#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "core/base/File.h"
#include "core/base/NpyFile.h"
#include "core/biometrics/Verifier.h"
#include "core/metric/Backend.h"

namespace countersign::cli {

namespace {

struct EmbedArguments {
  Modality modality = Modality::Signature;
  std::filesystem::path network;
  std::filesystem::path root = ".";
  std::filesystem::path images;
  std::filesystem::path output;
  std::string face;
};

Result<std::vector<std::filesystem::path>> readList(const std::filesystem::path& path) {
  constexpr std::uintmax_t kLargest = std::uintmax_t{256} << 20U;
  const auto text = readTextFile(path, kLargest);
  if (!text) return text.error();
  std::vector<std::filesystem::path> paths;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) paths.emplace_back(line);
  }
  if (paths.empty()) return Error{ErrorCode::FileMalformed, quoted(path) + " names no image.", ""};
  return paths;
}

Exit runEmbed(const EmbedArguments& arguments, const Session& session) {
  setComputeThreads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  const auto network = openNetwork(session, arguments.network, arguments.modality);
  if (!network) return fail(network.error());
  const auto paths = readList(arguments.images);
  if (!paths) return fail(paths.error());
  const auto size = static_cast<std::size_t>(network->card().architecture.embeddingSize);
  const std::vector<float> missing(size, std::numeric_limits<float>::quiet_NaN());
  const Verifier verifier(*network);
  SampleRegion region;
  region.face = faceChoice(arguments.face);
  const StopOnSignal stop;
  ProgressLine line;
  std::vector<std::vector<float>> rows;
  auto exit = Exit::Done;
  for (const auto& path : *paths) {
    if (stop.token().stop_requested())
      return fail({ErrorCode::Cancelled, "Embedding was stopped; nothing was written.", ""});
    const auto sample = verifier.acquire(arguments.root / path, region);
    rows.push_back(sample ? sample->embedded.embedding : missing);
    if (!sample) {
      line.clear();
      const auto failed = fail(sample.error());
      if (exit != Exit::Error) exit = failed;
    }
    line.show("embedding", static_cast<std::int64_t>(rows.size()),
              static_cast<std::int64_t>(paths->size()));
  }
  line.clear();
  if (auto status = writeNpy(arguments.output, rows, size); !status) return fail(status.error());
  if (session.isJson) {
    const nlohmann::json json = {{"output", arguments.output.string()},
                                 {"images", rows.size()},
                                 {"embeddingSize", size},
                                 {"networkIdentity", network->identity()}};
    printJson(json);
  } else {
    std::printf("%s written: %zu embeddings of %zu numbers\n", quoted(arguments.output).c_str(),
                rows.size(), size);
  }
  return exit;
}

}  // namespace

void addEmbedCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<EmbedArguments>();
  auto* command =
      app.add_subcommand("embed", "Write the embeddings of many images as a NumPy array");
  command->footer("An image that cannot be embedded is named on stderr, and its row is NaN.");
  addModality(*command, arguments->modality);
  addNetwork(*command, arguments->network);
  addFaceChoice(*command, arguments->face, "every image");
  command->add_option("--root", arguments->root, "Folder that the list's paths are relative to")
      ->capture_default_str();
  command->add_option("--images", arguments->images, "Text file with one path a line")->required();
  command->add_option("--output", arguments->output, "NumPy file (.npy) to write")->required();
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runEmbed(*arguments, session); };
  });
}

}  // namespace countersign::cli
