// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "core/evaluation/ScoredTrials.h"
#include "core/evaluation/ThresholdTable.h"
#include "core/office/FolderImport.h"
#include "core/office/Office.h"
#include "core/office/PeopleTransfer.h"
#include "core/office/SampleOffice.h"
#include "core/storage/Audit.h"
#include "ui/jobs/JobQueue.h"

namespace countersign::ui {

/// What the network in service is and may do, as the pages show it.
struct ServiceSnapshot {
  NetworkInService service;
  bool hasNetworkBefore = false;       ///< Whether there is one to go back to.
  bool isOwnEvidenceOutdated = false;  ///< Repository::isOwnEvidenceOutdated()
  QString networkName;
  DecisionRule initial;     ///< The rule that the network starts with.
  ScoreRange range{-1, 1};  ///< Of its scores, and so of τ.
  std::vector<CardFigure> figures;
  /// Costs of thresholds for one reference, and for several; null until they are worked out.
  std::shared_ptr<const ThresholdTable> single;
  std::shared_ptr<const ThresholdTable> several;

  /// What scores with one reference, and with several, are worth as evidence.
  std::shared_ptr<const EvidenceStrength> singleStrength;
  std::shared_ptr<const EvidenceStrength> severalStrength;

  std::shared_ptr<const EvidenceStrength> strengthFor(int references) const;
  /// The table for a person with so many references; null while it is being worked out.
  std::shared_ptr<const ThresholdTable> tableFor(int references) const;
};

/// The store that the window works on. Owns it, runs everything that touches it off the GUI thread,
/// and keeps the snapshots that pages show. All signals come on the GUI thread.
class OfficeSession final : public QObject {
  Q_OBJECT

 public:
  /// Networks that came with the program.
  struct ShippedNetworks {
    std::filesystem::path signature;
    std::filesystem::path face = {};  ///< May be empty.
  };

  explicit OfficeSession(ShippedNetworks shipped, QObject* parent = nullptr);
  ~OfficeSession() override;

  /// Opens a store; the one that was open before is closed first.
  ///
  /// @param credential  without it, openFailed() says CredentialNeeded, unless the store opens for
  ///                    everybody.
  void open(const std::filesystem::path& folder, const Credential& credential = {});
  /// Makes the sample office if it is not there, and opens it.
  void openSampleOffice(const std::filesystem::path& folder);

  /// Makes the keys of a store, and encrypts what an earlier version left there; storeSetUp() or
  /// setUpFailed() says what came of it. The store is opened by openAgain().
  void setUp(const std::filesystem::path& folder, const NewAccount& account);
  /// Opens the store by what opened it last, or set it up.
  void openAgain();

  /// Closes the store, and forgets what opened it; what runs without the store goes on.
  void lock();
  /// Whether the store, open or being opened, can be locked: one that opens for everybody cannot.
  bool canLock() const { return m_credential.kind != Credential::Kind::KeyInFolder; }

  /// Who opened the store that is open.
  const Account& account() const { return m_account; }
  /// Whether it may do what a supervisor does.
  bool isSupervisor() const {
    return m_account.role == Role::Supervisor || m_account.role == Role::Administrator;
  }
  /// Why the store can only be read, in a sentence.
  const QString& readingBecause() const { return m_readingBecause; }
  /// What a second account shows to confirm the change that waits for it: it is done, or
  /// confirmationRefused() says what was wrong with that.
  ///
  /// @param number  of confirmationWanted(): what was typed for one change confirms no other.
  void confirm(int number, const Credential& second);
  /// The change that waits for a second account is not done.
  void declineConfirmation(int number);

  /// Takes the key of a desktop away again.
  void forgetDesktopKey(const QString& account, const QString& desktop);
  /// Makes a key of whoever opened the store for the keyring of a desktop; desktopKeyMade() brings
  /// it.
  void makeDesktopKey(const QString& desktop);

  /// Copies the store into a new folder below this one, while it is in use.
  void backUp(const std::filesystem::path& folder);
  /// Closes the store, puts a backup in its place, and opens it again; when that fails, as it was.
  void restore(const std::filesystem::path& backup);

  bool isOpen() const { return m_office != nullptr; }
  /// Whether other desks work with the store, too.
  bool isShared() const { return m_feed != nullptr; }
  /// Whether the server of a shared store does not answer; it is tried again until it does.
  bool isConnectionLost() const { return m_isConnectionLost; }
  bool hasFailed() const { return m_hasFailed; }
  bool isWritable() const { return m_isWritable; }
  bool isSampleOffice() const { return !m_sampleProbes.empty(); }
  const std::filesystem::path& folder() const { return m_folder; }
  const std::vector<SampleProbe>& sampleProbes() const { return m_sampleProbes; }
  const std::vector<PersonSummary>& people() const { return m_people; }
  /// People who are not on file any more, but kept because decisions rest on them.
  const std::vector<Person>& removedPeople() const { return m_removed; }
  /// What serves modality(); nothing until a store is open.
  const std::optional<ServiceSnapshot>& service() const { return serviceOf(m_modality); }
  /// The same for a modality that may not be the chosen one; nothing until it was chosen once.
  const std::optional<ServiceSnapshot>& serviceOf(Modality modality) const {
    return m_services.at(static_cast<std::size_t>(modality));
  }

  /// The kind of sample that all pages but History are about.
  Modality modality() const { return m_modality; }
  /// Loads the network for it, then says modalityChanged(); when that fails, failed() and
  /// serviceChanged() of the old kind, which stays.
  void setModality(Modality modality);

  /// The network that serves a modality now, and its file; they live on after the store was closed.
  struct ServingNetwork {
    std::shared_ptr<const EmbeddingNetwork> network;
    std::filesystem::path file;
  };
  Result<ServingNetwork> servingNetwork(Modality modality) const {
    return findServingNetwork(modality)();
  }
  /// The same for a job's thread: a modality that was not chosen yet has its network loaded, which
  /// takes a moment.
  std::function<Result<ServingNetwork>()> findServingNetwork(Modality modality) const;

  /// Runs `work` with the desk of modality() on the quick queue: reading, verifying, saving. What
  /// comes of it is dropped once another store or modality was chosen.
  template <typename Value>
  void withDesk(QObject* context, std::function<Result<Value>(const Desk&)> work,
                std::function<void(Result<Value>)> done) {
    runOn<Value>(m_quick, m_modality, true, context, std::move(work), std::move(done));
  }

  /// The same with the desk of a modality that may not be the chosen one, whatever is chosen
  /// meanwhile.
  template <typename Value>
  void withDeskOf(Modality modality, QObject* context,
                  std::function<Result<Value>(const Desk&)> work,
                  std::function<void(Result<Value>)> done) {
    runOn<Value>(m_quick, modality, false, context, std::move(work), std::move(done));
  }

  /// The same for what changes the store: its answer comes whatever is chosen meanwhile.
  template <typename Value>
  void saveWithDesk(QObject* context, std::function<Result<Value>(const Desk&)> work,
                    std::function<void(Result<Value>)> done) {
    runOn<Value>(m_quick, m_modality, false, context, std::move(work), std::move(done));
  }

  /// The same on a queue of its own for pictures that are only looked at, so that a verification
  /// never waits for them.
  template <typename Value>
  void withImages(QObject* context, std::function<Result<Value>(const Desk&)> work,
                  std::function<void(Result<Value>)> done) {
    runOn<Value>(m_images, m_modality, true, context, std::move(work), std::move(done));
  }
  /// The same with the desk of a modality that may not be the chosen one, whatever is chosen
  /// meanwhile.
  template <typename Value>
  void withImagesOf(Modality modality, QObject* context,
                    std::function<Result<Value>(const Desk&)> work,
                    std::function<void(Result<Value>)> done) {
    runOn<Value>(m_images, modality, false, context, std::move(work), std::move(done));
  }

  /// The same with the office itself, whatever modality is chosen meanwhile.
  template <typename Value>
  void withOffice(QObject* context, std::function<Result<Value>(const Office&)> work,
                  std::function<void(Result<Value>)> done) {
    m_images.run<Value>(
        context,
        [office = m_office, work = std::move(work)](const std::stop_token&) -> Result<Value> {
          if (!office) return Error{ErrorCode::NotFound, "No store is open.", ""};
          return work(*office);
        },
        [this, opening = m_opening, done = std::move(done)](Result<Value> result) {
          if (opening == m_opening) done(std::move(result));
        });
  }

  /// Long work with the desk of modality(), which the job bar shows; what comes of it is dropped
  /// once another store or modality was chosen.
  template <typename Value>
  void withDeskLong(
      QObject* context, const QString& title,
      std::function<Result<Value>(const Desk&, const std::stop_token&, const JobQueue::Report&)>
          work,
      std::function<void(Result<Value>)> done) {
    m_long.runLong<Value>(
        context, title,
        [office = m_office, modality = m_modality, work = std::move(work)](
            const std::stop_token& stop, const JobQueue::Report& report) -> Result<Value> {
          if (!office) return Error{ErrorCode::NotFound, "No store is open.", ""};
          const auto desk = office->desk(modality);
          if (!desk) return desk.error();
          return work(**desk, stop, report);
        },
        [this, opening = m_opening, choice = m_choice,
         done = std::move(done)](Result<Value> result) {
          if (opening == m_opening && choice == m_choice) done(std::move(result));
        });
  }

  /// Told what came of a change: whoever asked keeps what was typed until it was saved.
  using Answered = std::function<void(const Status&)>;
  /// A change of the store with a way back. Afterwards the snapshots are read anew, and `done` is
  /// offered to the user with "Undo".
  ///
  /// @param answered  told what came of it, and why nothing did in the place of failed().
  void change(const QString& done, std::function<Status(const Desk&)> work,
              std::function<Status(const Desk&)> undo = {}, Answered answered = {});
  /// Takes the last change back that was not taken back yet.
  void undo();
  bool canUndo() const { return !m_undo.empty(); }
  bool isChangingNetwork() const { return m_isChangingNetwork; }

  /// Notes a change that was made through saveWithDesk(), when `modality` was chosen.
  void noteChange(Modality modality, const QString& done,
                  std::function<Status(const Desk&)> undo = {});

  /// Puts τ and band into force.
  void setRule(const DecisionRule& rule);
  /// Puts thresholds by amount and person, and the share of blind checks, into force.
  /// @param seen  what the policy was made from; nothing: the one that is shown now.
  void setPolicy(const DecisionPolicy& policy, Answered answered = {},
                 const std::optional<DecisionPolicy>& seen = {});
  /// Weighs scores by the people on file, or by the network's card again.
  void weighByOwnPeople(const ScoreEvidence& evidence, int references, const std::string& network);
  void weighByCard();
  /// @param done  told what came of it, unless another store was opened meanwhile.
  void changeNetwork(const std::filesystem::path& file,
                     std::function<void(const Status&)> done = {});
  /// The network that served before serves again; its embeddings and τ are there still.
  void goBackToNetworkBefore();
  /// Writes people into one encrypted file.
  void exportPeople(const std::vector<PersonKey>& people, const std::filesystem::path& file,
                    const std::shared_ptr<const Secret>& passphrase);
  /// Enrols the people of such a file, with a way back.
  void importPeople(const std::filesystem::path& file,
                    const std::shared_ptr<const Secret>& passphrase);
  /// Deletes people for good; erased() brings the receipt.
  void erase(const std::vector<PersonKey>& people);
  /// Enrols everybody in a folder of folders, with a way back.
  void importFolder(const std::filesystem::path& folder);
  /// How many were enrolled, in words.
  static QString importText(const FolderImport& imported);
  void reload();

  JobQueue& quickJobs() { return m_quick; }
  JobQueue& imageJobs() { return m_images; }
  JobQueue& longJobs() { return m_long; }

 Q_SIGNALS:
  void opening();
  void opened();
  void openFailed(const countersign::Error& error);
  /// @param leftovers  files of before that are not encrypted.
  void storeSetUp(const QString& recoveryKey, const QStringList& leftovers);
  void setUpFailed(const countersign::Error& error);
  /// lock() was called; opening() came before it.
  void locked();
  void peopleChanged();
  /// Another modality was chosen; peopleChanged() and serviceChanged() follow.
  void modalityChanged();
  void decisionsChanged();
  void serviceChanged();
  /// The server of a shared store went away, or is back (isConnectionLost()).
  void connectionChanged();
  /// What opening the store found to be set right, or to be told.
  void recovered(const QString& sentences);
  /// One sentence about something that was done; `canUndo` when undo() takes it back.
  void notice(const QString& sentence, bool canUndo);
  void failed(const countersign::Error& error);
  void desktopKeyMade(const QString& account, const QString& key);
  /// A change waits for a second account, in a sentence that says why.
  void confirmationWanted(int number, const QString& sentence);
  void confirmationRefused(int number, const QString& sentence);
  /// Nobody is asked about it any more.
  void confirmationOver(int number);
  void erased(const countersign::ErasureReceipt& receipt, const countersign::AuditHead& head);
  void peopleImported(const std::shared_ptr<const countersign::PeopleImport>& result);
  /// What came of importFolder(), also when it was stopped in the middle.
  void folderImported(const std::shared_ptr<const countersign::FolderImport>& result);

 private:
  /// @param isTied  drops the answer when another modality was chosen meanwhile.
  template <typename Value>
  void runOn(JobQueue& jobs, Modality modality, bool isTied, QObject* context,
             std::function<Result<Value>(const Desk&)> work,
             std::function<void(Result<Value>)> done) {
    jobs.run<Value>(
        context,
        [office = m_office, modality, work](const std::stop_token&) -> Result<Value> {
          if (!office) return Error{ErrorCode::NotFound, "No store is open.", ""};
          const auto desk = office->desk(modality);
          if (!desk) return desk.error();
          return work(**desk);
        },
        // Nothing that began in one store may end in another, and nothing that a page asked about
        // signatures may end among faces.
        [this, &jobs, modality, isTied, context = QPointer<QObject>(context), work,
         opening = m_opening, choice = m_choice, done = std::move(done)](Result<Value> result) {
          if (opening != m_opening || (isTied && choice != m_choice)) return;
          if (result || result.error().code != ErrorCode::ConfirmationNeeded) {
            done(std::move(result));
            return;
          }
          askConfirmation(
              result.error(),
              [this, &jobs, modality, isTied, context, work,
               done](const std::shared_ptr<const Confirmation>& confirmation) {
                if (!context) return;
                runOn<Value>(
                    jobs, modality, isTied, context,
                    [work, confirmation](const Desk& desk) {
                      return work(desk.confirmedBy(confirmation));
                    },
                    done);
              },
              [context, done](const Error& declined) {
                if (context) done(declined);
              });
        });
  }

  using Confirmed = std::function<void(const std::shared_ptr<const Confirmation>&)>;
  /// Has somebody asked for a second account, and goes on with it; or declines. One after the
  /// other.
  void askConfirmation(const Error& why, Confirmed confirmed,
                       std::function<void(const Error&)> declined);

  /// Signs of offices that were opened and may not be closed yet; looked at by opening jobs only.
  using Offices = std::vector<std::weak_ptr<const void>>;
  struct Opened;
  /// What was done to a store before it was opened, in a sentence.
  using Before = std::function<Result<QString>()>;
  /// @param before  runs while nobody has the store open; the store is opened whatever it says.
  void openAfter(const std::filesystem::path& folder, Before before);
  /// Forgets the store that is open.
  ///
  /// @return  its office, for a job to close off the GUI thread.
  std::shared_ptr<std::shared_ptr<Office>> leaveStore();
  void adopt(Opened opened);
  /// The newest about what serves; its tables are worked out unless they are known.
  void keep(Modality modality, ServiceSnapshot service);
  void computeTables(Modality modality);
  std::optional<ServiceSnapshot>& snapshot(Modality modality) {
    return m_services.at(static_cast<std::size_t>(modality));
  }
  /// What another desk did, or the server.
  void hear(const StoreTidings& tidings);
  void reloadSoon();
  void changeWeighing(const QString& done, std::function<Status(const Desk&)> work);
  void putIntoService(const std::function<Result<std::filesystem::path>(const Office&)>& find,
                      std::function<void(const Status&)> done,
                      const std::shared_ptr<const Confirmation>& confirmation);
  void exportConfirmed(const std::vector<PersonKey>& people, const std::filesystem::path& file,
                       const std::shared_ptr<const Secret>& passphrase,
                       const std::shared_ptr<const Confirmation>& confirmation);
  /// Says what of the earlier network's rules wants a look.
  void noteNetworkChange();
  void changeOf(Modality modality, const QString& done, std::function<Status(const Desk&)> work,
                std::function<Status(const Desk&)> undo, Answered answered);
  struct Snapshots;
  enum class Because {
    OwnChange,
    OthersChange,  ///< Nobody waits for it.
    Connection,    ///< Whatever could not be read meanwhile is read again.
  };
  void reloadAll(Because why);
  void show(Snapshots snapshots, Because why);

  ShippedNetworks m_shipped;
  std::filesystem::path m_folder;
  Credential m_credential;  ///< What opens the store, for openAgain(); forgotten by lock().
  std::shared_ptr<Office> m_office;
  std::shared_ptr<Offices> m_offices = std::make_shared<Offices>();
  int m_opening = 0;  ///< Counts openings: answers of an earlier store are dropped.
  int m_asked = 0;    ///< Counts wishes for a modality: the last one counts.
  int m_choice = 0;   ///< Counts choices of a modality.
  Modality m_modality = Modality::Signature;
  bool m_isWritable = false;
  bool m_hasFailed = false;  ///< The last store could not be opened.
  std::vector<SampleProbe> m_sampleProbes;
  std::vector<PersonSummary> m_people;
  std::vector<Person> m_removed;
  std::array<std::optional<ServiceSnapshot>, 2> m_services;  ///< One a modality.
  struct WayBack {
    int number = 0;
    QString done;
    std::function<Status(const Desk&)> undo;
    Modality modality = Modality::Signature;  ///< Whose desk takes it back.
  };
  std::vector<WayBack> m_undo;  ///< The newest last; gone when the store is closed.
  int m_changes = 0;            ///< Counts ways back.
  bool m_isUndoing = false;
  bool m_isChangingNetwork = false;
  QString m_readingBecause;  ///< Why the store can only be read; empty when it can be written.
  Account m_account;         ///< That opened the store.
  bool m_isConnectionLost = false;
  bool m_isReloadingSoon = false;
  bool m_isReloading = false;  ///< Others' changes are being read.
  bool m_isReloadDue = false;  ///< And there are more by now.
  QElapsedTimer m_reloaded;    ///< Since others' changes were last looked at.
  struct Asked {
    int number = 0;
    QString sentence;
    Confirmed confirmed;
    std::function<void(const Error&)> declined;
  };
  /// The question of this number, if it is the one that is being asked; the next one follows.
  std::optional<Asked> takeAsked(int number);
  std::deque<Asked> m_waiting;  ///< For a second account; the first one is being asked.
  int m_asking = 0;             ///< Counts questions.
  JobQueue m_quick;
  JobQueue m_images;
  JobQueue m_long;  // last members: their threads end before what they use
  std::unique_ptr<StoreFeed> m_feed;
};

}  // namespace countersign::ui
