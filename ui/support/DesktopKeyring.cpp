// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/DesktopKeyring.h"

#include <qt6keychain/keychain.h>

#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDBusReply>
#include <QSysInfo>
#include <algorithm>

#include "core/office/Office.h"

namespace countersign::ui {

namespace {

const QString& service() {
  static const QString name = QStringLiteral("countersign");
  return name;
}

}  // namespace

bool DesktopKeyring::isThere() {
  auto* bus = QDBusConnection::sessionBus().interface();
  if (bus == nullptr) return false;
  const QStringList names{QStringLiteral("org.freedesktop.secrets"),
                          QStringLiteral("org.kde.kwalletd5"), QStringLiteral("org.kde.kwalletd6")};
  const QStringList startable = bus->activatableServiceNames();
  return std::any_of(names.begin(), names.end(), [&](const QString& name) {
    return startable.contains(name) || bus->isServiceRegistered(name);
  });
}

QString DesktopKeyring::name() {
  return QString::fromStdString(currentUser().name) + u'@' + QSysInfo::machineHostName();
}

QString DesktopKeyring::entry(const QString& account) const {
  std::error_code ignored;
  const auto folder = std::filesystem::weakly_canonical(m_store, ignored).string();
  return QString::fromStdString(folder) + QStringLiteral(" / ") + account;
}

// Jobs belong to nobody and delete themselves: the keyring may answer, or ask its user, long after
// whoever asked is gone.
void DesktopKeyring::read(const QString& account,
                          std::function<void(std::shared_ptr<const Secret>)> done) {
  auto* job = new QKeychain::ReadPasswordJob(service());
  job->setInsecureFallback(false);
  job->setKey(entry(account));
  connect(job, &QKeychain::Job::finished, this, [job, done = std::move(done)] {
    if (job->error() != QKeychain::NoError) return done(nullptr);
    auto bytes = job->binaryData();
    if (bytes.isEmpty()) bytes = job->textData().toUtf8();
    auto secret = std::make_shared<const Secret>(
        Secret::of(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size()))));
    bytes.fill('\0');
    done(std::move(secret));
  });
  job->start();
}

void DesktopKeyring::write(const QString& account, const QString& key,
                           std::function<void(QString)> done) {
  auto* job = new QKeychain::WritePasswordJob(service());
  job->setInsecureFallback(false);
  job->setKey(entry(account));
  job->setTextData(key);
  connect(job, &QKeychain::Job::finished, this, [job, done = std::move(done)] {
    done(job->error() == QKeychain::NoError ? QString() : job->errorString());
  });
  job->start();
}

void DesktopKeyring::remove(const QString& account) {
  auto* job = new QKeychain::DeletePasswordJob(service());
  job->setInsecureFallback(false);
  job->setKey(entry(account));
  job->start();
}

}  // namespace countersign::ui
