// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/Office.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>

#include "core/evaluation/ThresholdTable.h"

namespace countersign {

namespace {

Status checkModality(const EmbeddingNetwork& network, Modality modality) {
  if (network.card().modality == modality) return ok();
  return Error{ErrorCode::NetworkIncompatible,
               "The network \"" + network.card().name + "\" does not compare " +
                   std::string(modalityName(modality)) + "s.",
               ""};
}

/// What a reference is embedded from anew.
Result<cv::Mat> canvasOf(const Desk& desk, SampleImage sample) {
  if (desk.modality() == Modality::Face) {
    // The chip that was enrolled: another detector might find somebody else in the photo.
    auto chip = decodeImage(sample.normalised);
    if (!chip) return chip.error();
    return std::move(chip->pixels);
  }
  auto examined = desk.examine(std::move(sample.original), sample.sourceName, sample.region);
  if (!examined) return examined.error();
  // What was good enough once is embedded, whatever this network's normaliser thinks of it.
  return std::move(examined->sample.canvas);
}

}  // namespace

Office::Office(std::unique_ptr<Store> store, const Options& options)
    : m_store(std::move(store)),
      // A key that lies open in the folder tells nothing of who took it.
      m_author(options.credential.kind == Credential::Kind::KeyInFolder
                   ? options.author
                   : Author{m_store->account().name}),
      m_shippedFaceNetwork(options.shippedFaceNetwork) {}

Result<std::unique_ptr<Office>> Office::open(const Options& options) {
  auto store = Store::open(options.folder, options.access, options.clock, options.credential);
  if (!store) return store.error();
  std::unique_ptr<Office> office(new Office(*std::move(store), options));
  if (auto status = office->startService(Modality::Signature, options.shippedNetwork); !status)
    return status.error();
  return office;
}

Status Office::startService(Modality modality, const std::filesystem::path& shipped) const {
  const auto service = repository().networkInService(modality);
  if (service) {
    auto network = loadNetwork(service->identity, shipped);
    if (!network) return network.error();
    if (auto status = checkModality(**network, modality); !status) return status;
    setNetwork(*std::move(network));
    return ok();
  }
  if (service.error().code != ErrorCode::NotFound || !repository().isWritable())
    return service.error();
  if (shipped.empty())
    return Error{ErrorCode::NotFound, "No network for faces came with this program.", ""};
  auto loaded = EmbeddingNetwork::load(shipped);
  if (!loaded) return loaded.error();
  if (auto status = checkModality(*loaded, modality); !status) return status;
  auto network = std::make_shared<const EmbeddingNetwork>(*std::move(loaded));
  auto status = m_store->keepNetwork(shipped, network->identity());
  if (status)
    status =
        repository().putIntoService(modality, network->identity(), initialRule(*network), m_author);
  if (!status) return status;
  setNetwork(std::move(network));
  return ok();
}

Result<std::shared_ptr<const EmbeddingNetwork>> Office::loadNetwork(
    const std::string& identity, const std::filesystem::path& shippedFile) const {
  const auto load =
      [&](const std::filesystem::path& file) -> Result<std::shared_ptr<const EmbeddingNetwork>> {
    auto network = EmbeddingNetwork::load(file);
    if (!network) return network.error();
    if (network->identity() != identity)
      return Error{ErrorCode::NetworkIncompatible,
                   "The store's network file is not the network that serves the store.",
                   quoted(file)};
    return std::make_shared<const EmbeddingNetwork>(*std::move(network));
  };
  using Loaded = Result<std::shared_ptr<const EmbeddingNetwork>>;
  const auto kept = m_store->networkFile(identity);
  const auto whole = kept ? m_store->checkNetwork(identity) : Status(kept.error());
  auto network = whole ? load(*kept) : Loaded(whole.error());
  if (network) return network;
  // The store's copy is gone or damaged; it may be the one that comes with the program.
  auto shipped = load(shippedFile);
  if (!shipped) return network.error();
  if (auto mended = m_store->mendNetwork(shippedFile, identity); !mended) return mended.error();
  return shipped;
}

std::shared_ptr<const Desk> Office::deskIfThere(Modality modality) const {
  const std::scoped_lock lock(m_mutex);
  const auto at = m_desks.find(modality);
  return at == m_desks.end() ? nullptr : at->second;
}

Result<std::shared_ptr<const Desk>> Office::desk(Modality modality) const {
  if (auto desk = deskIfThere(modality)) return desk;
  const std::scoped_lock starting(m_starting);
  if (auto desk = deskIfThere(modality)) return desk;  // another thread was first
  if (auto status = startService(modality, m_shippedFaceNetwork); !status) return status.error();
  return deskIfThere(modality);
}

std::shared_ptr<const Desk> Office::signatureDesk() const { return *desk(Modality::Signature); }

Status Office::follow(Modality modality) const {
  const auto desk = deskIfThere(modality);
  if (!desk) return ok();
  const auto service = repository().networkInService(modality);
  if (!service) return service.error();
  if (service->identity == desk->network().identity()) return ok();
  const std::scoped_lock starting(m_starting);
  return startService(modality, {});
}

void Office::setNetwork(std::shared_ptr<const EmbeddingNetwork> network) const {
  auto desk = std::make_shared<const Desk>(repository(), std::move(network), m_author);
  const std::scoped_lock lock(m_mutex);
  m_desks[desk->modality()] = std::move(desk);
}

Status Office::embedReferences(const EmbeddingNetwork& network,
                               const JobContext<ReembeddingProgress>& context) const {
  const auto missing =
      repository().countReferencesWithout(network.card().modality, network.identity());
  if (!missing) return missing.error();
  const Desk desk(repository(),
                  std::shared_ptr<const EmbeddingNetwork>(std::shared_ptr<void>(), &network),
                  m_author);
  ReembeddingProgress progress{0, *missing};
  context.emitEvent(progress);
  constexpr int kBatch = 16;  // written in one transaction, lost when it is broken off
  while (true) {
    const auto batch =
        repository().referencesWithout(network.card().modality, network.identity(), kBatch);
    if (!batch) return batch.error();
    if (batch->empty()) return ok();
    std::vector<std::pair<ReferenceKey, Template>> made;
    for (const auto reference : *batch) {
      if (context.stop.stop_requested()) break;
      auto sample = repository().sample(reference);
      if (!sample) return sample.error();
      const auto canvas = canvasOf(desk, *std::move(sample));
      if (!canvas) return canvas.error();
      const auto embedded = network.embedReference(*canvas);
      if (!embedded) return embedded.error();
      made.push_back(
          {reference,
           {network.identity(), std::string(kEmbeddingKind), embeddingBytes(*embedded)}});
      progress.done += 1;
      progress.total = std::max(progress.total, progress.done);
      context.emitEvent(progress);
    }
    if (!made.empty()) {
      if (auto status = repository().addTemplates(made, m_author); !status) return status;
    }
    if (context.stop.stop_requested())
      return Error{ErrorCode::Cancelled,
                   "The change of networks was stopped; the old network serves on.", ""};
  }
}

Result<std::filesystem::path> Office::networkBefore(Modality modality) const {
  const auto identity = repository().networkBefore(modality);
  if (!identity) return identity.error();
  return m_store->networkFile(*identity);
}

Status Office::changeNetwork(const std::filesystem::path& file,
                             const JobContext<ReembeddingProgress>& context,
                             const std::shared_ptr<const Confirmation>& confirmation) {
  const Author author{m_author.name, confirmation};
  auto loaded = EmbeddingNetwork::load(file);
  if (!loaded) return loaded.error();
  const auto modality = loaded->card().modality;
  // Better said now than after everything was embedded.
  auto allowed = repository().mayChangeRules("Network " + loaded->card().name, author);
  if (!allowed) return allowed;
  // One that served here before is still what it was then.
  if (const auto kept = m_store->networkFile(loaded->identity()); kept && *kept == file)
    if (auto status = m_store->checkNetwork(loaded->identity()); !status) return status;
  auto network = std::make_shared<const EmbeddingNetwork>(*std::move(loaded));
  if (auto status = m_store->keepNetwork(file, network->identity()); !status) return status;
  while (true) {
    if (auto status = embedReferences(*network, context); !status) return status;
    // desk() may be loading the one before: what it loads must not come after this one.
    const std::scoped_lock starting(m_starting);
    auto status =
        repository().putIntoService(modality, network->identity(), initialRule(*network), author);
    if (status) {
      setNetwork(std::move(network));
      return ok();
    }
    // Somebody was enrolled between the two steps: once more.
    if (status.error().code != ErrorCode::NetworkIncompatible) return status;
  }
}

DecisionRule initialRule(const EmbeddingNetwork& network) {
  DecisionRule rule{{network.card().defaultThreshold}, network.card().defaultBand};
  const ThresholdTable table(network.evidence(), Desk::kFewestAdvised,
                             {.replicates = 1, .seed = 1});
  if (table.references() < Desk::kFewestAdvised) return rule;
  if (const auto threshold = table.equalErrorThreshold()) rule.threshold.value = *threshold;
  return rule;
}

Author currentUser() {
  if (const auto* user = ::getpwuid(::getuid()); user != nullptr && user->pw_name != nullptr)
    return {user->pw_name};
  return {"unknown"};
}

}  // namespace countersign
