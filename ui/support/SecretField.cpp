// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/SecretField.h"

#include "core/storage/Accounts.h"

namespace countersign::ui {

SecretField::SecretField(QWidget* parent) : QLineEdit(parent) { setEchoMode(QLineEdit::Password); }

Secret SecretField::secret() const {
  auto bytes = text().toUtf8();
  auto secret =
      Secret::of(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
  wipe({reinterpret_cast<std::uint8_t*>(bytes.data()), static_cast<std::size_t>(bytes.size())});
  return secret;
}

void SecretField::forget() {
  // The field keeps the letters in its own memory: they are overwritten there before they go.
  setText(QString(text().size(), QLatin1Char('x')));
  clear();
}

PassphraseAdvice adviceOn(const SecretField& passphrase, const SecretField& again,
                          const QString& account) {
  if (passphrase.text().isEmpty())
    return {SecretField::tr("At least %1 characters: a few words that have nothing to do with each "
                            "other are easy to keep and hard to guess.")
                .arg(kFewestCharacters),
            false};
  const auto status = checkPassphrase(passphrase.secret().text(), account.toStdString());
  if (!status) return {QString::fromStdString(status.error().message), false};
  if (again.text().isEmpty()) return {SecretField::tr("This will do. Type it once more."), false};
  if (again.text() != passphrase.text()) return {SecretField::tr("The two differ."), false};
  return {{}, true};
}

}  // namespace countersign::ui
