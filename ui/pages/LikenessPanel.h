// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>

#include "core/biometrics/Desk.h"
#include "ui/support/Exhibit.h"

class QLabel;
class QSlider;
class QToolButton;

namespace countersign::ui {

class CompareView;
class OfficeSession;

/// Questioned sample and reference in several ways: beside each other, one over the other, and by
/// what the network found alike and different.
class LikenessPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit LikenessPanel(OfficeSession& session, QWidget* parent = nullptr);

  /// Faces have no ink that could be laid over another's. Begins side by side again.
  void setModality(Modality modality);
  /// While nobody may know what the network found: what it found alike and different is not shown.
  void setBlind(bool isBlind);
  /// @param examined  what was compared; may be null, like the exhibit.
  void setProbe(std::shared_ptr<const Exhibit> exhibit,
                std::shared_ptr<const ExaminedImage> examined);
  /// @param sample  as it was compared; empty until it was.
  void setReference(std::shared_ptr<const Exhibit> exhibit, const QString& caption,
                    const EmbeddedSample& sample = {});

  CompareView* view() const { return m_view; }
  QToolButton* overlayButton() const { return m_overlay; }
  QToolButton* heatMapButton() const { return m_heatMap; }
  QSlider* balance() const { return m_balance; }

 private:
  void findLikeness();
  void showSideBySide();
  void renderTools();

  OfficeSession& m_session;
  CompareView* m_view;
  QToolButton* m_sideBySide;
  QToolButton* m_overlay;
  QToolButton* m_heatMap;
  QSlider* m_balance;
  std::shared_ptr<const Exhibit> m_probe;
  std::shared_ptr<const ExaminedImage> m_examined;
  std::shared_ptr<const Exhibit> m_reference;
  EmbeddedSample m_sample;
  Modality m_modality = Modality::Signature;
  bool m_isBlind = false;
  int m_request = 0;  ///< Answers about other pictures are dropped.
};

}  // namespace countersign::ui
