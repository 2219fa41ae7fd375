// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRectF>
#include <QString>

class QPainter;

namespace countersign::ui {

/// The ground and border of a place where things are dropped; `isTarget` while something hovers.
void paintDropFrame(QPainter& painter, const QRectF& frame, bool isTarget, bool isEmpty);

/// An icon and what may be dropped, in the middle of the frame.
void paintInvitation(QPainter& painter, const QRectF& frame, const QString& text, bool isTarget);

}  // namespace countersign::ui
