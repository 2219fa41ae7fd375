// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>

#include "core/biometrics/Records.h"

namespace countersign::ui {

/// The largest thing on the page: the verdict in a word, an icon, a shape and a colour, with the
/// sentence behind it. Each finding looks different even without colour.
class VerdictBanner final : public QWidget {
  Q_OBJECT

 public:
  explicit VerdictBanner(QWidget* parent = nullptr);

  /// Smaller, for a verdict that stands beside another.
  void setCompact(bool isCompact);
  /// Nothing was asked yet: says what to do.
  void showInvitation(const QString& text);
  /// @param word      for example "Match".
  /// @param numbers   "similarity 0.84, τ 0.71"; may be empty.
  /// @param sentence  what it means, in one sentence.
  void showFinding(Finding finding, const QString& word, const QString& numbers,
                   const QString& sentence);

  QSize sizeHint() const override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Size {
    int icon;
    int inset;
    double wordFactor;
  };
  Size size() const;

  bool m_isCompact = false;
  std::optional<Finding> m_finding;
  QString m_word;
  QString m_numbers;
  QString m_sentence;
};

}  // namespace countersign::ui
