// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QString>
#include <QWidget>
#include <vector>

namespace countersign::ui {

/// Pictures side by side, as many as fit, each with a line of text below it: single ones, or pairs.
class PairGallery final : public QWidget {
  Q_OBJECT

 public:
  struct Item {
    QImage first;
    QImage second;  ///< Null for a single picture.
    QString caption;
    bool isBad = false;  ///< The caption stands in the colour of a non-match.
  };

  explicit PairGallery(QWidget* parent = nullptr);

  /// The gallery in a frame that scrolls, which owns it from now on.
  QWidget* scrolling(const QString& name);

  void setItems(std::vector<Item> items);
  int itemCount() const { return static_cast<int>(m_items.size()); }
  QSize minimumSizeHint() const override;
  QSize sizeHint() const override { return minimumSizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  /// Picture and columns that fill the width.
  struct Places {
    QSize picture;
    int columns;
  };
  Places places() const;
  bool isPaired() const;

  std::vector<Item> m_items;
};

}  // namespace countersign::ui
