// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <filesystem>
#include <functional>
#include <memory>

#include "core/base/Secret.h"

namespace countersign::ui {

/// The keyring of the desktop that the program runs in (QtKeychain: the Secret Service or KWallet),
/// with the keys of accounts that wished for it. Answers come on the thread that asked.
class DesktopKeyring final : public QObject {
  Q_OBJECT

 public:
  explicit DesktopKeyring(std::filesystem::path store, QObject* parent = nullptr)
      : QObject(parent), m_store(std::move(store)) {}

  /// Whether there is one at all.
  static bool isThere();
  /// Names this desktop among others: computer and user.
  static QString name();

  /// @param done  told the key, or nothing when there is none or the keyring stays shut.
  void read(const QString& account, std::function<void(std::shared_ptr<const Secret>)> done);
  /// @param done  told what went wrong, or nothing.
  void write(const QString& account, const QString& key, std::function<void(QString)> done);
  void remove(const QString& account);

 private:
  QString entry(const QString& account) const;
  std::filesystem::path m_store;
};

}  // namespace countersign::ui
