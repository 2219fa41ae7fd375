// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <filesystem>
#include <memory>
#include <optional>

#include "core/storage/ServerAddress.h"
#include "ui/support/SavingDialog.h"

class QCheckBox;
class QLineEdit;
class QPushButton;

namespace countersign::ui {

class SecretField;

/// Asks for the server that many desks share a store on, and for the password that it wants. Stays
/// until the server let this desk in.
class ServerDialog final : public SavingDialog {
  Q_OBJECT

 public:
  /// @param known       the server that the store is on now; nothing: it is on this computer.
  /// @param hasKeyring  whether the password can be kept.
  ServerDialog(const std::optional<ServerAddress>& known, bool hasKeyring,
               QWidget* parent = nullptr);

  QLineEdit* address() const { return m_address; }
  SecretField* password() const { return m_password; }
  QCheckBox* keep() const { return m_keep; }
  QPushButton* connectButton() const { return m_connect; }
  QPushButton* localButton() const { return m_local; }

 Q_SIGNALS:
  /// @param password  null when none was typed: the server wants none, or it is in a file.
  void serverChosen(const countersign::ServerAddress& server,
                    const std::shared_ptr<const countersign::Secret>& password, bool isToBeKept);
  /// The store is to be on this computer after all.
  void localWanted();

 private:
  void choose();

  QLineEdit* m_address;
  SecretField* m_password;
  QCheckBox* m_keep;
  QPushButton* m_connect;
  QPushButton* m_local;
};

}  // namespace countersign::ui
