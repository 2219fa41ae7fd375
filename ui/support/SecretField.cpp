// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/SecretField.h"

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

}  // namespace countersign::ui
