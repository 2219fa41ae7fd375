// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>
#include <filesystem>
#include <memory>

#include "core/base/Secret.h"
#include "core/storage/ServerAddress.h"

class QWidget;

namespace countersign::ui {

class OfficeSession;
class ServerDialog;

/// Sees to it that a store on a server can be opened: asks where it is and for its password, keeps
/// that in the keyring, tries again while the server does not answer, and says when it goes away in
/// the middle of work.
class ServerPrompt final : public QObject {
  Q_OBJECT

 public:
  ServerPrompt(OfficeSession& session, QWidget* window);
  ~ServerPrompt() override;

  /// Opens a store, by the password that the keyring has for its server, if it has one.
  void open(const std::filesystem::path& store);
  /// Asks for the server of the store.
  ///
  /// @param why  the store could not be opened; empty: somebody wants to say where it is.
  void ask(const QString& why = {});
  ServerDialog* dialog() const;

 Q_SIGNALS:
  void problem(const QString& sentence);
  void notice(const QString& sentence);

 private:
  void use(const ServerAddress& server, const std::shared_ptr<const Secret>& password,
           bool isToBeKept);
  void keep(const ServerAddress& server, const Secret& password);

  OfficeSession& m_session;
  QWidget* m_window;
  QPointer<ServerDialog> m_dialog;
  ServerAddress m_server;                 ///< That was chosen last.
  std::shared_ptr<const Secret> m_typed;  ///< Its password, until it is known to be right.
  bool m_isToBeKept = false;
  bool m_isWanted = true;  ///< Nobody gave up on the server.
  QTimer m_retry;          ///< Until a server answers that did not.
};

}  // namespace countersign::ui
