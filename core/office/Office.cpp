// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/Office.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>

#include "core/evaluation/ThresholdTable.h"

namespace countersign {

Office::Office(std::unique_ptr<Store> store, Author author)
    : m_store(std::move(store)), m_author(std::move(author)) {}

Result<std::unique_ptr<Office>> Office::open(const Options& options) {
  auto store = Store::open(options.folder, options.access, options.clock);
  if (!store) return store.error();
  std::unique_ptr<Office> office(new Office(*std::move(store), options.author));
  auto& repository = office->repository();
  const auto service = repository.networkInService();
  if (service) {
    auto network = office->loadNetwork(service->identity, options);
    if (!network) return network.error();
    office->setNetwork(*std::move(network));
    return office;
  }
  if (service.error().code != ErrorCode::NotFound || !repository.isWritable())
    return service.error();
  auto loaded = EmbeddingNetwork::load(options.shippedNetwork);
  if (!loaded) return loaded.error();
  auto network = std::make_shared<const EmbeddingNetwork>(*std::move(loaded));
  auto status = office->m_store->keepNetwork(options.shippedNetwork, network->identity());
  if (status)
    status = repository.putIntoService(network->identity(), initialRule(*network), options.author);
  if (!status) return status.error();
  office->setNetwork(std::move(network));
  return office;
}

Result<std::shared_ptr<const EmbeddingNetwork>> Office::loadNetwork(const std::string& identity,
                                                                    const Options& options) const {
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
  const auto kept = m_store->networkFile(identity);
  auto network = kept ? load(*kept) : Result<std::shared_ptr<const EmbeddingNetwork>>(kept.error());
  if (network) return network;
  // The store's copy is gone or damaged; it may be the one that comes with the program.
  auto shipped = load(options.shippedNetwork);
  if (!shipped) return network.error();
  [[maybe_unused]] const auto status = m_store->keepNetwork(options.shippedNetwork, identity);
  return shipped;
}

std::shared_ptr<const Desk> Office::desk() const {
  const std::scoped_lock lock(m_mutex);
  return m_desk;
}

void Office::setNetwork(std::shared_ptr<const EmbeddingNetwork> network) {
  auto desk = std::make_shared<const Desk>(repository(), std::move(network), m_author);
  const std::scoped_lock lock(m_mutex);
  m_desk = std::move(desk);
}

Status Office::embedReferences(const EmbeddingNetwork& network,
                               const JobContext<ReembeddingProgress>& context) const {
  const auto missing = repository().countReferencesWithout(network.identity());
  if (!missing) return missing.error();
  const Desk desk(repository(),
                  std::shared_ptr<const EmbeddingNetwork>(std::shared_ptr<void>(), &network),
                  m_author);
  ReembeddingProgress progress{0, *missing};
  context.emitEvent(progress);
  constexpr int kBatch = 16;  // written in one transaction, lost when it is broken off
  while (true) {
    const auto batch = repository().referencesWithout(network.identity(), kBatch);
    if (!batch) return batch.error();
    if (batch->empty()) return ok();
    std::vector<std::pair<ReferenceKey, Template>> made;
    for (const auto reference : *batch) {
      if (context.stop.stop_requested()) break;
      auto sample = repository().sample(reference);
      if (!sample) return sample.error();
      const auto examined =
          desk.examine(std::move(sample->original), sample->sourceName, sample->region);
      if (!examined) return examined.error();
      // What was good enough once is embedded, whatever this network's normaliser thinks of it.
      const auto embedded = network.embedReference(examined->signature.canvas);
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

Status Office::changeNetwork(const std::filesystem::path& file,
                             const JobContext<ReembeddingProgress>& context) {
  auto loaded = EmbeddingNetwork::load(file);
  if (!loaded) return loaded.error();
  if (loaded->card().modality != Modality::Signature)
    return Error{ErrorCode::NetworkIncompatible,
                 "That network compares faces, not signatures; the one in service stays.", ""};
  auto network = std::make_shared<const EmbeddingNetwork>(*std::move(loaded));
  if (auto status = m_store->keepNetwork(file, network->identity()); !status) return status;
  while (true) {
    if (auto status = embedReferences(*network, context); !status) return status;
    auto status = repository().putIntoService(network->identity(), initialRule(*network), m_author);
    if (status) break;
    // Somebody was enrolled between the two steps: once more.
    if (status.error().code != ErrorCode::NetworkIncompatible) return status;
  }
  setNetwork(std::move(network));
  return ok();
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
