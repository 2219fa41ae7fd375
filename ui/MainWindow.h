// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/biometrics/Records.h"

class QHBoxLayout;
class QLabel;
class QStackedWidget;
class QToolButton;

namespace countersign::ui {

class AuditPage;
class ConfirmDialog;
class ExplorePage;
class HelpPage;
class HistoryPage;
class IdentifyPage;
class JobBar;
class LockWatch;
class MessageBar;
class NetworkPage;
class OfficeSession;
class PeoplePage;
class ServerPrompt;
class SetUpPage;
class TrainingSession;
class ThresholdPage;
class TrainPage;
class UnlockPage;
class VerifyPage;
class WelcomePage;

/// Navigation, header, messages and job bar; the pages do the work.
class MainWindow final : public QMainWindow {
  Q_OBJECT

 public:
  enum class Page {
    Welcome,
    Verify,
    Identify,
    People,
    Threshold,
    Explore,
    Network,
    Train,
    History,
    Audit,
    Help,
    SetUp,   ///< No store is there yet, or none that is encrypted.
    Unlock,  ///< The store is locked.
  };

  MainWindow(OfficeSession& session, std::filesystem::path ownStore,
             std::filesystem::path sampleOffice, QWidget* parent = nullptr);

  void showPage(Page page);
  Page page() const { return m_page; }
  VerifyPage* verifyPage() const { return m_verify; }
  IdentifyPage* identifyPage() const { return m_identify; }
  PeoplePage* peoplePage() const { return m_people; }
  AuditPage* auditPage() const { return m_audit; }
  HelpPage* helpPage() const { return m_help; }
  HistoryPage* historyPage() const { return m_history; }
  ThresholdPage* thresholdPage() const { return m_threshold; }
  ExplorePage* explorePage() const { return m_explore; }
  NetworkPage* networkPage() const { return m_network; }
  TrainPage* trainPage() const { return m_train; }
  TrainingSession& training() const { return *m_training; }
  SetUpPage* setUpPage() const { return m_setUp; }
  UnlockPage* unlockPage() const { return m_unlock; }
  WelcomePage* welcomePage() const { return m_welcome; }
  MessageBar* messageBar() const { return m_messages; }
  JobBar* jobBar() const { return m_jobs; }
  LockWatch& lockWatch() const { return *m_watch; }
  ServerPrompt& serverPrompt() const { return *m_server; }

  void openFinder();
  /// Blanks the window and closes the store until somebody unlocks it.
  void lock();

 protected:
  void changeEvent(QEvent* event) override;
  void closeEvent(QCloseEvent* event) override;

 private:
  void build();
  void addModality(QHBoxLayout& layout, QToolButton* button, Modality modality, const QString& text,
                   Qt::Key key);
  QWidget* buildNavigation();
  void connectPages();
  void connectSession();
  void renderHeader();
  void renderIcons();
  void problem(const QString& sentence);
  bool isAtSampleOffice() const;
  void connectShutPages();
  /// Has a second account confirm a change that waits for it.
  void connectConfirmation();
  /// Whether whoever opened the store may look at the audit.
  bool mayAudit() const;
  /// Locks the store when nobody sits here any more.
  void watchForLock();
  /// Shows what is needed to open the store, instead of every page that is about it.
  void shut(Page page);

  OfficeSession& m_session;
  std::filesystem::path m_ownStore;
  std::optional<Page> m_shut;  ///< Shown instead of all that is about the store.
  std::filesystem::path m_sampleOffice;
  Page m_page = Page::Welcome;
  bool m_isFirstLook = true;  ///< Nothing was shown yet for the store that was opened.

  QStackedWidget* m_stack;
  WelcomePage* m_welcome;
  SetUpPage* m_setUp;
  UnlockPage* m_unlock;
  VerifyPage* m_verify;
  IdentifyPage* m_identify;
  PeoplePage* m_people;
  ThresholdPage* m_threshold;
  ExplorePage* m_explore;
  NetworkPage* m_network;
  TrainingSession* m_training;
  TrainPage* m_train;
  HistoryPage* m_history;
  AuditPage* m_audit;
  HelpPage* m_help;
  QLabel* m_logo;
  QLabel* m_title;
  QLabel* m_context;
  QToolButton* m_signatures;
  QToolButton* m_faces;
  QToolButton* m_lock = nullptr;
  LockWatch* m_watch;
  ServerPrompt* m_server;
  MessageBar* m_messages;
  JobBar* m_jobs;
  JobBar* m_trainingJobs;
  struct Entry {
    Page page;
    QToolButton* button;
    QString icon;
  };
  std::vector<Entry> m_navigation;
};

}  // namespace countersign::ui
