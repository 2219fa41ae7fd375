// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/OfficeSession.h"

#include <QTimer>
#include <algorithm>

namespace countersign::ui {

std::shared_ptr<const ThresholdTable> ServiceSnapshot::tableFor(int references) const {
  return references < Desk::kFewestAdvised ? single : several;
}

std::shared_ptr<const EvidenceStrength> ServiceSnapshot::strengthFor(int references) const {
  return references < Desk::kFewestAdvised ? singleStrength : severalStrength;
}

struct OfficeSession::Opened {
  std::shared_ptr<Office> office;
  std::vector<PersonSummary> people;
  std::vector<Person> removed;
  std::vector<SampleProbe> sampleProbes;
  ServiceSnapshot service;
};

namespace {

/// The same network by the same evidence.
bool isWeighedAlike(const NetworkInService& a, const NetworkInService& b) {
  return a.identity == b.identity && a.ownEvidence == b.ownEvidence;
}

bool isSame(const ServiceSnapshot& a, const ServiceSnapshot& b) {
  return isWeighedAlike(a.service, b.service) && a.service.rule == b.service.rule &&
         a.service.policy == b.service.policy && a.hasNetworkBefore == b.hasNetworkBefore &&
         a.isOwnEvidenceOutdated == b.isOwnEvidenceOutdated;
}

/// An office, and a sign that is gone when the office is closed. (A weak pointer to the office
/// itself expires when closing begins; the store is still locked then.)
struct HeldOffice {
  std::shared_ptr<const void> sign = std::make_shared<char>();
  std::unique_ptr<Office> office;  // destroyed first
};

Result<EvidenceByList> evidenceOf(const Office& office, Modality modality) {
  const auto desk = office.desk(modality);
  if (!desk) return desk.error();
  return (*desk)->evidence();
}

Result<ServiceSnapshot> snapshotOf(const Office& office, Modality modality) {
  const auto desk = office.desk(modality);
  if (!desk) return desk.error();
  const auto service = (*desk)->service();
  if (!service) return service.error();
  const auto isOutdated = (*desk)->repository().isOwnEvidenceOutdated(modality);
  if (!isOutdated) return isOutdated.error();
  const auto& card = (*desk)->network().card();
  const bool hasBefore = office.networkBefore(modality).has_value();
  return ServiceSnapshot{.service = *service,
                         .hasNetworkBefore = hasBefore,
                         .isOwnEvidenceOutdated = *isOutdated,
                         .networkName = QString::fromStdString(card.name),
                         .initial = initialRule((*desk)->network()),
                         .range = scoreRange(card.score, card.architecture.embeddingSize),
                         .figures = card.figures,
                         .single = nullptr,
                         .several = nullptr,
                         .singleStrength = nullptr,
                         .severalStrength = nullptr};
}

}  // namespace

OfficeSession::OfficeSession(ShippedNetworks shipped, QObject* parent)
    : QObject(parent), m_shipped(std::move(shipped)) {}

OfficeSession::~OfficeSession() = default;

void OfficeSession::open(const std::filesystem::path& folder, const Credential& credential) {
  m_credential = credential;
  openAfter(folder, {});
}

void OfficeSession::openAgain() { openAfter(m_folder, {}); }

std::shared_ptr<std::shared_ptr<Office>> OfficeSession::leaveStore() {
  ++m_opening;
  ++m_asked;
  ++m_choice;
  m_modality = Modality::Signature;
  m_hasFailed = false;
  if (m_feed)
    // It may be looking a name up, which cannot be hurried.
    m_images.run<std::monostate>(
        this,
        [feed = std::make_shared<std::unique_ptr<StoreFeed>>(std::move(m_feed))](
            const std::stop_token&) -> Status {
          feed->reset();
          return ok();
        },
        [](const Status&) {});
  m_isConnectionLost = false;
  m_isReloading = false;
  m_isReloadDue = false;
  auto old = std::make_shared<std::shared_ptr<Office>>(std::exchange(m_office, nullptr));
  m_undo.clear();
  m_account = {};
  m_isUndoing = false;
  m_isChangingNetwork = false;
  m_readingBecause.clear();
  const auto waiting = std::exchange(m_waiting, {});
  if (!waiting.empty()) Q_EMIT confirmationOver(waiting.front().number);
  m_services = {};
  m_people.clear();
  m_removed.clear();
  m_sampleProbes.clear();
  m_long.cancelRunning();  // what it does is kept, and goes on when it is asked for again
  Q_EMIT opening();
  return old;
}

void OfficeSession::lock() {
  if (!canLock()) return;
  m_credential = {};
  m_quick.run<std::monostate>(
      this,
      [old = leaveStore()](const std::stop_token&) -> Status {
        old->reset();
        return ok();
      },
      [](const Status&) {});
  m_hasFailed = true;
  Q_EMIT locked();
}

void OfficeSession::setUp(const std::filesystem::path& folder, const NewAccount& account) {
  struct Done {
    NewKeys keys;
    QStringList leftovers;
  };
  m_long.runLong<Done>(
      this, tr("Encrypting the store"),
      [folder, account](const std::stop_token& stop,
                        const JobQueue::Report& report) -> Result<Done> {
        const auto keys =
            setUpStore(folder, account, {stop, [&](const EncryptionProgress& progress) {
                                           report(progress.done, progress.total);
                                         }});
        if (!keys) return keys.error();
        Done done{*keys, {}};
        for (const auto& copy : unencryptedCopies(folder))
          done.leftovers += QString::fromStdString(copy.string());
        return done;
      },
      [this, folder, account](const Result<Done>& done) {
        if (!done) {
          Q_EMIT setUpFailed(done.error());
          return;
        }
        m_folder = folder;
        m_credential = {Credential::Kind::Passphrase, account.name, account.passphrase};
        Q_EMIT storeSetUp(QString::fromStdString(done->keys.recovery), done->leftovers);
      });
}

void OfficeSession::openAfter(const std::filesystem::path& folder, Before before) {
  const bool isSameStore = m_folder == folder;
  m_folder = folder;
  auto old = leaveStore();  // closed by the job, off the GUI thread
  const int opening = m_opening;
  const auto done = std::make_shared<std::optional<Result<QString>>>();  // what `before` said
  m_quick.run<Opened>(
      this,
      [folder, isSameStore, credential = m_credential, shipped = m_shipped, offices = m_offices,
       old, done, before = std::move(before)](const std::stop_token&) -> Result<Opened> {
        old->reset();
        // Jobs that look at pictures or embed may hold an earlier store for a moment more. When it
        // is the same one, it could only be read until they are done, and not restored.
        constexpr int kPatience = 300;
        constexpr int kPatienceForTheSame = 3000;
        for (int i = 0; i < (isSameStore ? kPatienceForTheSame : kPatience); ++i) {
          std::erase_if(*offices, [](const auto& office) { return office.expired(); });
          if (offices->empty()) break;
          std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        if (before) *done = before();
        auto office = Office::open({.folder = folder,
                                    .access = Store::Access::WriteIfFree,
                                    .shippedNetwork = shipped.signature,
                                    .shippedFaceNetwork = shipped.face,
                                    .author = currentUser(),
                                    .credential = credential});
        if (!office) return office.error();
        const auto held = std::make_shared<HeldOffice>();
        held->office = *std::move(office);
        offices->push_back(held->sign);
        Opened opened{{held, held->office.get()}, {}, {}, countersign::sampleProbes(folder), {}};
        auto people = opened.office->repository().people();
        if (!people) return people.error();
        opened.people = *std::move(people);
        auto removed = opened.office->repository().removedPeople();
        if (!removed) return removed.error();
        opened.removed = *std::move(removed);
        auto service = snapshotOf(*opened.office, Modality::Signature);
        if (!service) return service.error();
        opened.service = *std::move(service);
        return opened;
      },
      [this, opening, done](Result<Opened> result) {
        if (opening != m_opening) return;  // another one was asked for meanwhile
        if (result) {
          adopt(*std::move(result));
        } else {
          m_hasFailed = true;
          // A server that is only away for a moment is tried again.
          if (result.error().code != ErrorCode::StoreUnreachable) m_credential = {};
          Q_EMIT openFailed(result.error());
        }
        if (!*done) return;
        if (**done)
          Q_EMIT notice(***done, false);
        else
          Q_EMIT failed((*done)->error());
      });
}

void OfficeSession::adopt(Opened opened) {
  m_office = std::move(opened.office);
  m_people = std::move(opened.people);
  m_removed = std::move(opened.removed);
  m_sampleProbes = std::move(opened.sampleProbes);
  m_isWritable = m_office->repository().isWritable();
  m_account = m_office->store().account();
  m_readingBecause =
      m_isWritable ? QString() : QString::fromStdString(m_office->store().writerElsewhere());
  snapshot(m_modality) = std::move(opened.service);
  m_reloaded.invalidate();
  m_feed = m_office->store().listen([this, opening = m_opening](const StoreTidings& tidings) {
    QMetaObject::invokeMethod(
        this,
        [this, opening, tidings] {
          if (opening == m_opening) hear(tidings);
        },
        Qt::QueuedConnection);
  });
  computeTables(m_modality);
  Q_EMIT this->opened();
  if (const auto& found = m_office->store().recoveries(); !found.empty()) {
    QStringList sentences;
    for (const auto& sentence : found) sentences.push_back(QString::fromStdString(sentence));
    Q_EMIT recovered(sentences.join(QLatin1Char(' ')));
  }
  Q_EMIT modalityChanged();
  Q_EMIT peopleChanged();
  Q_EMIT serviceChanged();
  Q_EMIT decisionsChanged();
}

void OfficeSession::backUp(const std::filesystem::path& folder) {
  m_long.runLong<BackupSummary>(
      this, tr("Backing up"),
      [office = m_office, folder](const std::stop_token& stop,
                                  const JobQueue::Report& report) -> Result<BackupSummary> {
        if (!office) return Error{ErrorCode::NotFound, "No store is open.", ""};
        auto backup = countersign::backUp(
            office->store(), folder, {},
            {stop, [&](const BackupProgress& progress) { report(progress.done, progress.total); }});
        if (!backup) return backup;
        auto noted = office->store().note("back up", {{"folder", backup->folder.string()}});
        if (!noted) return noted.error();
        return backup;
      },
      [this](const Result<BackupSummary>& backup) {
        if (backup)
          Q_EMIT notice(tr("Backed up and verified: %n person(s)", nullptr, backup->people) +
                            tr(" in %1.").arg(QString::fromStdString(backup->folder.string())),
                        false);
        else if (backup.error().code == ErrorCode::Cancelled)
          Q_EMIT notice(QString::fromStdString(backup.error().message), false);
        else
          Q_EMIT failed(backup.error());
      });
}

void OfficeSession::restore(const std::filesystem::path& backup) {
  openAfter(m_folder, [backup, folder = m_folder]() -> Result<QString> {
    const auto restored = restoreStore(backup, folder);
    if (!restored) return restored.error();
    return tr("Restored, %n person(s).", nullptr, restored->backup.people) +
           (restored->kept.empty() ? QString()
                                   : tr(" The store as it was is kept in %1.")
                                         .arg(QString::fromStdString(restored->kept.string())));
  });
}

void OfficeSession::openSampleOffice(const std::filesystem::path& folder) {
  m_long.runLong<std::monostate>(
      this, tr("Enrolling invented people"),
      [folder, network = m_shipped.signature](const std::stop_token& stop,
                                              const JobQueue::Report& report) {
        return makeSampleOffice(folder, network, {stop, [&](const SampleOfficeProgress& progress) {
                                                    report(progress.done, progress.total);
                                                  }});
      },
      [this, folder](const Status& status) {
        if (status)
          open(folder);
        else if (status.error().code == ErrorCode::Cancelled)
          Q_EMIT notice(QString::fromStdString(status.error().message), false);
        else
          Q_EMIT failed(status.error());
      });
}

void OfficeSession::computeTables(Modality modality) {
  struct Tables {
    std::shared_ptr<const ThresholdTable> single;
    std::shared_ptr<const ThresholdTable> several;
    std::shared_ptr<const EvidenceStrength> singleStrength;
    std::shared_ptr<const EvidenceStrength> severalStrength;
  };
  m_long.run<Tables>(
      this,
      // The store is not held while the tables are computed: it may be wanted elsewhere.
      [office = m_office, modality](const std::stop_token&) mutable -> Result<Tables> {
        auto known = evidenceOf(*std::exchange(office, nullptr), modality);
        if (!known) return known.error();
        const auto& evidence = *known;
        return Tables{std::make_shared<const ThresholdTable>(evidence, 1),
                      std::make_shared<const ThresholdTable>(evidence, Desk::kFewestAdvised),
                      std::make_shared<const EvidenceStrength>(evidence, 1),
                      std::make_shared<const EvidenceStrength>(evidence, Desk::kFewestAdvised)};
      },
      [this, opening = m_opening, modality,
       weighed = snapshot(modality)->service](const Result<Tables>& tables) {
        auto& service = snapshot(modality);
        if (!tables || opening != m_opening || !service ||
            !isWeighedAlike(service->service, weighed))
          return;
        service->single = tables->single;
        service->several = tables->several;
        service->singleStrength = tables->singleStrength;
        service->severalStrength = tables->severalStrength;
        Q_EMIT serviceChanged();
      });
}

void OfficeSession::setModality(Modality modality) {
  const int asked = ++m_asked;
  if (!m_office || modality == m_modality) return;
  m_quick.run<ServiceSnapshot>(
      this,
      [office = m_office, modality](const std::stop_token&) {
        return snapshotOf(*office, modality);
      },
      [this, modality, asked](Result<ServiceSnapshot> service) {
        if (asked != m_asked) return;
        if (!service) {
          Q_EMIT failed(service.error());
          Q_EMIT serviceChanged();  // whoever asked shows the old kind again
          return;
        }
        ++m_choice;
        m_modality = modality;
        keep(modality, *std::move(service));
        Q_EMIT modalityChanged();
        Q_EMIT peopleChanged();
        Q_EMIT serviceChanged();
      });
}

void OfficeSession::keep(Modality modality, ServiceSnapshot service) {
  auto& kept = snapshot(modality);
  const bool isKnown = kept && isWeighedAlike(kept->service, service.service);
  if (isKnown) {
    service.single = kept->single;
    service.several = kept->several;
    service.singleStrength = kept->singleStrength;
    service.severalStrength = kept->severalStrength;
  }
  kept = std::move(service);
  if (!isKnown) computeTables(modality);
}

struct OfficeSession::Snapshots {
  std::vector<PersonSummary> people;
  std::vector<Person> removed;
  std::vector<std::pair<Modality, ServiceSnapshot>> services;
};

void OfficeSession::reload() { reloadAll(Because::OwnChange); }

void OfficeSession::reloadAll(Because why) {
  m_reloaded.start();
  std::vector<Modality> modalities;
  for (const auto modality : {Modality::Signature, Modality::Face})
    if (serviceOf(modality)) modalities.push_back(modality);
  m_quick.run<Snapshots>(
      this,
      [office = m_office, modalities](const std::stop_token&) -> Result<Snapshots> {
        if (!office) return Error{ErrorCode::NotFound, "No store is open.", ""};
        auto people = office->repository().people();
        if (!people) return people.error();
        auto removed = office->repository().removedPeople();
        if (!removed) return removed.error();
        Snapshots snapshots{*std::move(people), *std::move(removed), {}};
        for (const auto modality : modalities) {
          // Another desk may have put another one into service.
          if (auto status = office->follow(modality); !status) return status.error();
          auto service = snapshotOf(*office, modality);
          if (!service) return service.error();
          snapshots.services.emplace_back(modality, *std::move(service));
        }
        return snapshots;
      },
      [this, opening = m_opening, why](Result<Snapshots> snapshots) {
        if (opening != m_opening) return;
        if (why == Because::OthersChange) m_isReloading = false;
        if (snapshots)
          show(*std::move(snapshots), why);
        else if (why == Because::OwnChange || snapshots.error().code != ErrorCode::StoreUnreachable)
          Q_EMIT failed(snapshots.error());
        if (!m_isReloading && std::exchange(m_isReloadDue, false)) reloadSoon();
      });
}

void OfficeSession::show(Snapshots snapshots, Because why) {
  // What others do disturbs nobody who looks at something else.
  const bool isAll = why != Because::OthersChange;
  const bool areOthers =
      isAll || m_people != snapshots.people || m_removed.size() != snapshots.removed.size();
  bool isOtherService = isAll;
  for (const auto& [modality, service] : snapshots.services) {
    const auto& before = serviceOf(modality);
    isOtherService = isOtherService || !before || !isSame(*before, service);
    if (!before || before->service.identity == service.service.identity) continue;
    // Rules of the network before mean nothing for this one.
    std::erase_if(m_undo, [which = modality](const WayBack& one) { return one.modality == which; });
    if (why == Because::OwnChange) continue;
    Q_EMIT notice(tr("Another desk put another network into service: %1.").arg(service.networkName),
                  false);
  }
  m_people = std::move(snapshots.people);
  m_removed = std::move(snapshots.removed);
  for (auto& [modality, service] : snapshots.services) keep(modality, std::move(service));
  if (areOthers) Q_EMIT peopleChanged();
  if (isOtherService) Q_EMIT serviceChanged();
  Q_EMIT decisionsChanged();
}

void OfficeSession::hear(const StoreTidings& tidings) {
  if (!m_office) return;
  const bool isLost = tidings.kind == StoreTidings::Kind::Lost;
  if (tidings.kind != StoreTidings::Kind::Changed && isLost != m_isConnectionLost) {
    m_isConnectionLost = isLost;
    Q_EMIT connectionChanged();
  }
  // Whatever could not be read meanwhile is read again.
  if (tidings.kind == StoreTidings::Kind::Back) reloadAll(Because::Connection);
  if (tidings.kind == StoreTidings::Kind::Changed) reloadSoon();
}

/// At most so often, however much others do; and soon after they did it.
void OfficeSession::reloadSoon() {
  if (m_isReloading) m_isReloadDue = true;
  if (m_isReloadingSoon || m_isReloading) return;
  constexpr qint64 kSoon = 50;
  constexpr qint64 kBetween = 600;
  const auto since = m_reloaded.isValid() ? m_reloaded.elapsed() : kBetween;
  m_isReloadingSoon = true;
  QTimer::singleShot(static_cast<int>(std::max(kSoon, kBetween - since)), this, [this] {
    m_isReloadingSoon = false;
    if (!m_office) return;
    m_isReloading = true;
    reloadAll(Because::OthersChange);
  });
}

void OfficeSession::noteChange(Modality modality, const QString& done,
                               std::function<Status(const Desk&)> undo) {
  const bool isUndoable = undo != nullptr;
  if (isUndoable) m_undo.push_back({++m_changes, done, std::move(undo), modality});
  Q_EMIT notice(done, isUndoable);
  reload();
}

void OfficeSession::askConfirmation(const Error& why, Confirmed confirmed,
                                    std::function<void(const Error&)> declined) {
  m_waiting.push_back(
      {++m_asking, QString::fromStdString(why.message), std::move(confirmed), std::move(declined)});
  if (m_waiting.size() == 1)
    Q_EMIT confirmationWanted(m_waiting.front().number, m_waiting.front().sentence);
}

std::optional<OfficeSession::Asked> OfficeSession::takeAsked(int number) {
  if (m_waiting.empty() || m_waiting.front().number != number) return std::nullopt;
  auto asked = std::move(m_waiting.front());
  m_waiting.pop_front();
  Q_EMIT confirmationOver(number);
  if (!m_waiting.empty())
    Q_EMIT confirmationWanted(m_waiting.front().number, m_waiting.front().sentence);
  return asked;
}

void OfficeSession::confirm(int number, const Credential& second) {
  using Shown = std::shared_ptr<const Confirmation>;
  m_quick.run<Shown>(
      this,
      [office = m_office, second](const std::stop_token&) -> Result<Shown> {
        if (!office) return Error{ErrorCode::NotFound, "No store is open.", ""};
        return office->store().confirm(second);
      },
      [this, number, opening = m_opening](const Result<Shown>& confirmation) {
        if (opening != m_opening) return;
        if (!confirmation) {
          Q_EMIT confirmationRefused(number, QString::fromStdString(confirmation.error().message));
          return;
        }
        if (const auto asked = takeAsked(number)) asked->confirmed(*confirmation);
      });
}

void OfficeSession::declineConfirmation(int number) {
  const auto asked = takeAsked(number);
  if (!asked) return;
  asked->declined({ErrorCode::Cancelled,
                   tr("Nothing was changed: no second account confirmed it.").toStdString(), ""});
}

void OfficeSession::forgetDesktopKey(const QString& account, const QString& desktop) {
  withOffice<std::monostate>(
      this,
      [account = account.toStdString(), desktop = desktop.toStdString()](const Office& office) {
        return office.store().removeDesktopKey(account, desktop);
      },
      [](const Status&) {});
}

void OfficeSession::makeDesktopKey(const QString& desktop) {
  withOffice<std::string>(
      this,
      [name = desktop.toStdString()](const Office& office) {
        return office.store().addDesktopKey(name);
      },
      [this](Result<std::string> key) {
        if (!key) {
          Q_EMIT failed(key.error());
          return;
        }
        Q_EMIT desktopKeyMade(QString::fromStdString(m_account.name), QString::fromStdString(*key));
        wipe(*key);
      });
}

void OfficeSession::change(const QString& done, std::function<Status(const Desk&)> work,
                           std::function<Status(const Desk&)> undo, Answered answered) {
  changeOf(m_modality, done, std::move(work), std::move(undo), std::move(answered));
}

void OfficeSession::changeOf(Modality modality, const QString& done,
                             std::function<Status(const Desk&)> work,
                             std::function<Status(const Desk&)> undo, Answered answered) {
  runOn<std::monostate>(m_quick, modality, false, this, std::move(work),
                        [this, modality, done, undo = std::move(undo),
                         answered = std::move(answered)](const Status& status) {
                          if (answered) answered(status);
                          if (status)
                            noteChange(modality, done, undo);
                          else if (!answered)
                            Q_EMIT failed(status.error());
                          // Whoever is told that another desk was first sees what it did.
                          if (!status && status.error().code == ErrorCode::StoreConflict)
                            reloadSoon();
                        });
}

void OfficeSession::undo() {
  if (m_undo.empty() || m_isUndoing) return;
  // It stays until it has worked.
  m_isUndoing = true;
  const auto last = m_undo.back();
  runOn<std::monostate>(
      m_quick, last.modality, false, this, last.undo, [this, last](const Status& status) {
        m_isUndoing = false;
        const auto forget = [this, &last] {
          std::erase_if(m_undo, [&last](const WayBack& one) { return one.number == last.number; });
        };
        if (!status) {
          // What somebody else changed meanwhile is not to be had back later.
          const auto code = status.error().code;
          if (code == ErrorCode::StoreConflict || code == ErrorCode::NotFound ||
              code == ErrorCode::NetworkIncompatible)
            forget();
          Q_EMIT failed(status.error());
          reloadSoon();
          return;
        }
        forget();
        noteChange(last.modality, tr("Taken back: %1").arg(last.done), {});
      });
}

void OfficeSession::setRule(const DecisionRule& rule) {
  if (!service()) return;
  const auto before = service()->service.rule;
  const auto to = [network = service()->service.identity](const DecisionRule& target,
                                                          const DecisionRule& seen) {
    return [network, target, seen](const Desk& desk) {
      return desk.setRule(target.threshold.value, target.band, network, seen);
    };
  };
  change(tr("The new threshold is in force."), to(rule, before), to(before, rule),
         [this, rule, modality = m_modality](const Status& status) {
           // The next one may come before everything was read anew.
           if (!status) {
             Q_EMIT failed(status.error());
           } else if (auto& known = snapshot(modality)) {
             known->service.rule = rule;
             Q_EMIT serviceChanged();
           }
         });
}

void OfficeSession::setPolicy(const DecisionPolicy& policy, Answered answered,
                              const std::optional<DecisionPolicy>& seen) {
  if (!service()) return;
  const auto to = [network = service()->service.identity](const DecisionPolicy& target,
                                                          const DecisionPolicy& from) {
    return [network, target, from](const Desk& desk) {
      if (auto status = desk.checkRulesOf(network); !status) return status;
      return desk.setPolicy(target, from);
    };
  };
  const auto before = seen ? *seen : service()->service.policy;
  change(
      tr("The new rules are in force."), to(policy, before), to(before, policy),
      [this, policy, modality = m_modality, answered = std::move(answered)](const Status& status) {
        if (auto& known = snapshot(modality); status && known) {
          known->service.policy = policy;
          Q_EMIT serviceChanged();
        }
        if (answered)
          answered(status);
        else if (!status)
          Q_EMIT failed(status.error());
      });
}

void OfficeSession::weighByOwnPeople(const ScoreEvidence& evidence, int references,
                                     const std::string& network) {
  changeWeighing(tr("Verdicts are weighed by the people on file."),
                 [evidence, references, network](const Desk& desk) {
                   return desk.weighByOwnPeople(evidence, references, network);
                 });
}

void OfficeSession::changeWeighing(const QString& done, std::function<Status(const Desk&)> work) {
  // What was in use comes back, whatever it was.
  const auto before = std::make_shared<std::optional<OwnEvidence>>();
  change(
      done,
      [before, work = std::move(work)](const Desk& desk) -> Status {
        auto own = desk.repository().ownEvidence(desk.network().identity());
        if (!own) return own.error();
        *before = *std::move(own);
        return work(desk);
      },
      [before](const Desk& desk) {
        return desk.repository().setOwnEvidence(desk.network().identity(), *before, desk.author());
      });
}

void OfficeSession::weighByCard() {
  changeWeighing(tr("Verdicts are weighed by the network's card."),
                 [](const Desk& desk) { return desk.weighByCard(); });
}

std::function<Result<OfficeSession::ServingNetwork>()> OfficeSession::findServingNetwork(
    Modality modality) const {
  return [office = m_office, modality]() -> Result<ServingNetwork> {
    if (!office) return Error{ErrorCode::NotFound, "No store is open.", ""};
    const auto desk = office->desk(modality);
    if (!desk) return desk.error();
    auto file = office->store().networkFile((*desk)->network().identity());
    if (!file) return file.error();
    return ServingNetwork{{*desk, &(*desk)->network()}, *std::move(file)};
  };
}

void OfficeSession::changeNetwork(const std::filesystem::path& file,
                                  std::function<void(const Status&)> done) {
  putIntoService([file](const Office&) -> Result<std::filesystem::path> { return file; },
                 std::move(done), {});
}

void OfficeSession::goBackToNetworkBefore() {
  if (m_isChangingNetwork) return;  // a second click would lead back again
  putIntoService(
      [modality = m_modality](const Office& office) { return office.networkBefore(modality); }, {},
      {});
}

void OfficeSession::putIntoService(
    const std::function<Result<std::filesystem::path>(const Office&)>& find,
    std::function<void(const Status&)> done,
    const std::shared_ptr<const Confirmation>& confirmation) {
  m_isChangingNetwork = true;
  m_long.runLong<std::monostate>(
      this, tr("Embedding references"),
      [office = m_office, find, confirmation](const std::stop_token& stop,
                                              const JobQueue::Report& report) -> Status {
        if (!office) return Error{ErrorCode::NotFound, "No store is open.", ""};
        const auto file = find(*office);
        if (!file) return file.error();
        return office->changeNetwork(
            *file,
            {stop,
             [&](const ReembeddingProgress& progress) { report(progress.done, progress.total); }},
            confirmation);
      },
      [this, opening = m_opening, find, done = std::move(done)](const Status& status) {
        if (opening != m_opening) return;
        m_isChangingNetwork = false;
        if (!status && status.error().code == ErrorCode::ConfirmationNeeded) {
          askConfirmation(
              status.error(),
              [this, find, done](const std::shared_ptr<const Confirmation>& confirmed) {
                putIntoService(find, done, confirmed);
              },
              [this, done](const Error& declined) {
                if (done) done(declined);
                Q_EMIT notice(QString::fromStdString(declined.message), false);
              });
          return;
        }
        if (done) done(status);
        if (status) {
          noteNetworkChange();
        } else if (status.error().code == ErrorCode::Cancelled) {
          Q_EMIT notice(QString::fromStdString(status.error().message), false);
        } else {
          Q_EMIT failed(status.error());
        }
      });
}

void OfficeSession::erase(const std::vector<PersonKey>& people) {
  struct Done {
    ErasureReceipt receipt;
    AuditHead head;
  };
  saveWithDesk<Done>(
      this,
      [people, office = std::weak_ptr<Office>(m_office)](const Desk& desk) -> Result<Done> {
        auto receipt = desk.repository().erasePeople(people, desk.author());
        if (!receipt) return receipt.error();
        const auto open = office.lock();
        if (!open) return Error{ErrorCode::NotFound, "No store is open.", ""};
        const auto trail = AuditTrail::of(open->store());
        if (!trail) return trail.error();
        const auto head = trail->head();
        if (!head) return head.error();
        return Done{*std::move(receipt), *head};
      },
      [this](const Result<Done>& done) {
        if (!done) {
          Q_EMIT failed(done.error());
          return;
        }
        // What rested on them cannot come back.
        m_undo.clear();
        noteChange(m_modality, tr("%n person(s) erased.", nullptr,
                                  static_cast<int>(done->receipt.people.size())));
        Q_EMIT erased(done->receipt, done->head);
      });
}

void OfficeSession::exportPeople(const std::vector<PersonKey>& people,
                                 const std::filesystem::path& file,
                                 const std::shared_ptr<const Secret>& passphrase) {
  exportConfirmed(people, file, passphrase, {});
}

void OfficeSession::exportConfirmed(const std::vector<PersonKey>& people,
                                    const std::filesystem::path& file,
                                    const std::shared_ptr<const Secret>& passphrase,
                                    const std::shared_ptr<const Confirmation>& confirmation) {
  m_long.runLong<int>(
      this, tr("Writing people"),
      [office = m_office, people, file, passphrase, confirmation](
          const std::stop_token& stop, const JobQueue::Report& report) -> Result<int> {
        if (!office) return Error{ErrorCode::NotFound, "No store is open.", ""};
        const auto desk = office->desk(Modality::Signature);
        if (!desk) return desk.error();
        return countersign::exportPeople(
            *office, people, file, *passphrase, (*desk)->confirmedBy(confirmation).author(),
            {stop, [&](const TransferProgress& p) { report(p.done, p.total); }});
      },
      [this, opening = m_opening, people, file, passphrase](const Result<int>& references) {
        if (opening != m_opening) return;
        if (references) {
          Q_EMIT notice(
              tr("%n person(s)", nullptr, static_cast<int>(people.size())) +
                  tr(" written to %1, encrypted.").arg(QString::fromStdString(file.string())),
              false);
          return;
        }
        const auto& error = references.error();
        if (error.code == ErrorCode::ConfirmationNeeded) {
          askConfirmation(
              error,
              [this, people, file,
               passphrase](const std::shared_ptr<const Confirmation>& confirmed) {
                exportConfirmed(people, file, passphrase, confirmed);
              },
              [this](const Error& declined) {
                Q_EMIT notice(QString::fromStdString(declined.message), false);
              });
        } else if (error.code == ErrorCode::Cancelled) {
          Q_EMIT notice(QString::fromStdString(error.message), false);
        } else {
          Q_EMIT failed(error);
        }
      });
}

void OfficeSession::importPeople(const std::filesystem::path& file,
                                 const std::shared_ptr<const Secret>& passphrase) {
  using Imported = std::shared_ptr<const PeopleImport>;
  m_long.runLong<Imported>(
      this, tr("Enrolling people"),
      [office = m_office, file, passphrase](const std::stop_token& stop,
                                            const JobQueue::Report& report) -> Result<Imported> {
        if (!office) return Error{ErrorCode::NotFound, "No store is open.", ""};
        auto imported = countersign::importPeople(
            *office, file, *passphrase,
            {stop, [&](const TransferProgress& p) { report(p.done, p.total); }});
        if (!imported) return imported.error();
        return std::make_shared<const PeopleImport>(*std::move(imported));
      },
      [this, opening = m_opening, modality = m_modality](const Result<Imported>& imported) {
        if (opening != m_opening) return;
        if (!imported) {
          Q_EMIT failed(imported.error());
          reload();  // what came before the damage is on file
          return;
        }
        const auto& result = *imported;
        if (!result->enrolled.empty())
          noteChange(modality,
                     tr("%n image(s) enrolled", nullptr, result->references()) +
                         tr(" of %n person(s).", nullptr, result->people()),
                     [result](const Desk& desk) { return undoPeopleImport(desk, *result); });
        Q_EMIT peopleImported(result);
      });
}

void OfficeSession::noteNetworkChange() {
  // Rules of the network before mean nothing for this one.
  std::erase_if(m_undo, [this](const WayBack& one) { return one.modality == m_modality; });
  withDesk<std::pair<int, bool>>(
      this,
      [](const Desk& desk) -> Result<std::pair<int, bool>> {
        const auto people = desk.repository().personThresholdsElsewhere(desk.modality());
        if (!people) return people.error();
        const auto service = desk.service();
        if (!service) return service.error();
        return std::pair{*people, !service->policy.amounts.empty()};
      },
      [this](const Result<std::pair<int, bool>>& left) {
        auto text = tr("The other network is in service, with a threshold of its own.");
        if (left && left->second)
          text += tr(" Look at the thresholds by amount: they were the other network's.");
        if (left && left->first > 0)
          text +=
              tr(" %n person(s) had a threshold set by hand; set it anew.", nullptr, left->first);
        noteChange(m_modality, text);
      });
}

QString OfficeSession::importText(const FolderImport& imported) {
  return tr("%n image(s) enrolled", nullptr, imported.enrolledReferences()) +
         tr(" of %n person(s).", nullptr, imported.enrolledPeople());
}

void OfficeSession::importFolder(const std::filesystem::path& folder) {
  using Imported = std::shared_ptr<const FolderImport>;
  m_long.runLong<Imported>(
      this, tr("Enrolling people"),
      [office = m_office, modality = m_modality, folder](
          const std::stop_token& stop, const JobQueue::Report& report) -> Result<Imported> {
        if (!office) return Error{ErrorCode::NotFound, "No store is open.", ""};
        const auto desk = office->desk(modality);
        if (!desk) return desk.error();
        auto imported = countersign::importFolder(
            **desk, folder,
            {stop, [&](const FolderImportProgress& p) { report(p.done, p.total); }});
        if (!imported) return imported.error();
        return std::make_shared<const FolderImport>(*std::move(imported));
      },
      [this, opening = m_opening, modality = m_modality](const Result<Imported>& imported) {
        if (opening != m_opening) return;
        if (!imported) {
          Q_EMIT failed(imported.error());
          return;
        }
        const auto& result = *imported;
        if (result->enrolledReferences() > 0)
          noteChange(modality, importText(*result),
                     [result](const Desk& desk) { return undoImport(desk, *result); });
        Q_EMIT folderImported(result);
      });
}

}  // namespace countersign::ui
