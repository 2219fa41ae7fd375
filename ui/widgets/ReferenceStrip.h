// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListWidget>
#include <memory>
#include <vector>

#include "ui/support/Exhibit.h"

namespace countersign::ui {

/// References of a person as small pictures, with a line of text under each.
class ReferenceStrip final : public QListWidget {
  Q_OBJECT

 public:
  explicit ReferenceStrip(QWidget* parent = nullptr);

  /// Shows so many empty places, until their pictures come.
  void showPlaces(const QStringList& captions);
  void setExhibits(std::vector<std::shared_ptr<const Exhibit>> exhibits);
  void setCaptions(const QStringList& captions);
  std::shared_ptr<const Exhibit> exhibit(int index) const;

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  /// Draws all pictures, for the size that there is room for.
  void renderPictures();
  std::vector<std::shared_ptr<const Exhibit>> m_exhibits;
  QSize m_picture;
};

}  // namespace countersign::ui
