// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ServerPrompt.h"

#include <QSettings>
#include <utility>

#include "ui/jobs/OfficeSession.h"
#include "ui/support/DesktopKeyring.h"
#include "ui/widgets/ServerDialog.h"

namespace countersign::ui {

namespace {

/// Under which a server's password is in the keyring of a desktop.
QString keyringEntry(const ServerAddress& server) {
  return QString::fromStdString("server " + urlOf(server));
}

constexpr const char* kKept = "server/passwordInKeyring";

std::unique_ptr<QSettings> settings() {
  return std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope,
                                     QStringLiteral("countersign"), QStringLiteral("countersign"));
}

}  // namespace

ServerPrompt::ServerPrompt(OfficeSession& session, QWidget* window)
    : QObject(window), m_session(session), m_window(window) {
  constexpr int kRetry = 3000;
  m_retry.setInterval(kRetry);
  m_retry.setSingleShot(true);
  connect(&m_retry, &QTimer::timeout, &m_session, &OfficeSession::openAgain);
  connect(&m_session, &OfficeSession::opening, &m_retry, &QTimer::stop);
  const auto letIn = [this] {
    if (m_dialog) m_dialog->accept();
    // Only now is it known to be the right one.
    if (m_typed && m_isToBeKept) keep(m_server, *m_typed);
    m_typed.reset();
    m_isWanted = true;
  };
  connect(&m_session, &OfficeSession::opened, this, letIn);
  connect(&m_session, &OfficeSession::openFailed, this, [this, letIn](const Error& error) {
    switch (error.code) {
      case ErrorCode::StoreRefused:
        if (std::exchange(m_typed, nullptr)) rememberServerPassword(m_server, nullptr);
        return ask(QString::fromStdString(error.message));
      case ErrorCode::StoreUnreachable:
        if (!m_isWanted) {
          // It was on its way when somebody gave up.
          Q_EMIT problem(QString::fromStdString(error.message));
          return;
        }
        m_retry.start();
        return ask(QString::fromStdString(error.message));
      default:
        letIn();  // something else is asked for by now
    }
  });
  connect(&m_session, &OfficeSession::connectionChanged, this, [this] {
    if (m_session.isConnectionLost())
      Q_EMIT problem(
          tr("The server of the store does not answer. It is tried again until it does; "
             "what you have typed stays where it is."));
    else
      Q_EMIT notice(tr("The server of the store answers again."));
  });
}

ServerPrompt::~ServerPrompt() = default;

ServerDialog* ServerPrompt::dialog() const { return m_dialog; }

void ServerPrompt::open(const std::filesystem::path& store) {
  m_isWanted = true;
  const auto server = serverOf(store);
  const bool isKept = server && *server &&
                      settings()->value(QLatin1String(kKept)).toString() == keyringEntry(**server);
  if (!isKept || !DesktopKeyring::isThere()) {
    m_session.open(store);
    return;
  }
  auto* keyring = new DesktopKeyring(store, this);
  keyring->read(keyringEntry(**server), [this, keyring, store, address = **server](
                                            const std::shared_ptr<const Secret>& password) {
    keyring->deleteLater();
    if (password) rememberServerPassword(address, password);
    m_session.open(store);
  });
}

void ServerPrompt::ask(const QString& why) {
  m_isWanted = true;
  if (!m_dialog) {
    const auto known = serverOf(m_session.folder());
    m_dialog = new ServerDialog(known ? *known : std::nullopt, DesktopKeyring::isThere(), m_window);
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_dialog, &ServerDialog::serverChosen, this, &ServerPrompt::use);
    connect(m_dialog, &ServerDialog::localWanted, this, [this] {
      const auto status = forgetServer(m_session.folder());
      m_dialog->answered(status);
      if (status) m_session.open(m_session.folder());
    });
    connect(m_dialog, &QDialog::rejected, this, [this] {
      m_retry.stop();
      m_isWanted = false;
      if (!m_session.isOpen() && m_session.hasFailed())
        Q_EMIT problem(
            tr("No store is open: its server was not reached, and is not tried again. "
               "Open your own store to try."));
    });
    m_dialog->open();
  }
  if (!why.isEmpty()) m_dialog->answered(Error{ErrorCode::StoreUnreachable, why.toStdString(), ""});
}

void ServerPrompt::use(const ServerAddress& server, const std::shared_ptr<const Secret>& password,
                       bool isToBeKept) {
  const auto before = serverOf(m_session.folder());
  const bool isSame = before && *before && **before == server;
  if (auto status = nameServer(m_session.folder(), server); !status) {
    m_dialog->answered(status);
    return;
  }
  if (password) rememberServerPassword(server, password);
  m_server = server;
  m_typed = password;
  m_isToBeKept = isToBeKept;
  m_isWanted = true;
  // By what it was about to be opened with, if it was.
  if (isSame)
    m_session.openAgain();
  else
    m_session.open(m_session.folder());
}

void ServerPrompt::keep(const ServerAddress& server, const Secret& password) {
  auto* keyring = new DesktopKeyring(m_session.folder(), this);
  const auto text = password.text();
  auto typed = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
  keyring->write(keyringEntry(server), typed, [this, keyring, server](const QString& why) {
    keyring->deleteLater();
    if (why.isEmpty())
      settings()->setValue(QLatin1String(kKept), keyringEntry(server));
    else
      Q_EMIT problem(tr("The keyring did not take the password: %1").arg(why));
  });
  typed.fill(QLatin1Char('x'));
}

}  // namespace countersign::ui
