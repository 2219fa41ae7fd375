// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "core/base/Progress.h"
#include "core/biometrics/Desk.h"
#include "core/storage/Store.h"

namespace countersign {

/// How far references are embedded by a network that is about to serve.
struct ReembeddingProgress {
  int done;
  int total;
};

/// A store that is open for work, with the networks that serve it: one a modality.
///
/// Thread-safe.
class Office {
 public:
  struct Options {
    std::filesystem::path folder;
    Store::Access access = Store::Access::WriteIfFree;
    /// Networks that a store starts with.
    std::filesystem::path shippedNetwork;      ///< For signatures.
    std::filesystem::path shippedFaceNetwork;  ///< May be empty: then nobody compares faces.
    Author author;  ///< Of a store that opens for everybody; else the account that opens it.
    Clock clock = systemTime;
    Credential credential = {};  ///< For a store with keys.
  };

  /// Opens the store and loads its network. A new store takes the shipped network into its folder
  /// and starts with the τ of initialRule().
  static Result<std::unique_ptr<Office>> open(const Options& options);

  Store& store() const { return *m_store; }
  Repository& repository() const { return m_store->repository(); }
  /// The desk with the network in service for a modality; whoever holds one keeps it through a
  /// change of networks. There is always one for signatures; the one for faces is made when it is
  /// first asked for, which takes a moment.
  ///
  /// @return  for faces, why there is none.
  Result<std::shared_ptr<const Desk>> desk(Modality modality) const;
  std::shared_ptr<const Desk> signatureDesk() const;
  /// Takes over a network that another desk put into service, where the one for this modality is
  /// loaded.
  Status follow(Modality modality) const;

  /// Puts another network into service for its modality: references are embedded by it, then it
  /// serves from one moment to the next; until then the old one does. What is done when it is
  /// stopped is kept, and the next call goes on from there.
  ///
  /// @param confirmation  of a second account, where one is needed: ConfirmationNeeded says so,
  ///                      before anything is embedded.
  Status changeNetwork(const std::filesystem::path& file,
                       const JobContext<ReembeddingProgress>& context,
                       const std::shared_ptr<const Confirmation>& confirmation = {});
  /// File of the network that served a modality before the one that serves now; its embeddings,
  /// threshold and evidence are kept, so that going back takes a moment. NotFound: there is none.
  Result<std::filesystem::path> networkBefore(Modality modality) const;

 private:
  Office(std::unique_ptr<Store> store, const Options& options);
  /// Loads the network in service, or puts the shipped one into service where there is none.
  Status startService(Modality modality, const std::filesystem::path& shipped) const;
  Result<std::shared_ptr<const EmbeddingNetwork>> loadNetwork(
      const std::string& identity, const std::filesystem::path& shipped) const;
  Status embedReferences(const EmbeddingNetwork& network,
                         const JobContext<ReembeddingProgress>& context) const;
  void setNetwork(std::shared_ptr<const EmbeddingNetwork> network) const;
  std::shared_ptr<const Desk> deskIfThere(Modality modality) const;

  std::unique_ptr<Store> m_store;
  Author m_author;
  std::filesystem::path m_shippedFaceNetwork;
  mutable std::mutex m_starting;  ///< Held while a network is loaded for the first time.
  mutable std::mutex m_mutex;
  mutable std::map<Modality, std::shared_ptr<const Desk>> m_desks;
};

/// The rule that a network starts with: τ where its evidence for several references has its equal
/// error, since that is what people are verified with; the card's τ when there is no such evidence.
DecisionRule initialRule(const EmbeddingNetwork& network);

/// Who works here: the login name, or "unknown".
Author currentUser();

}  // namespace countersign
