// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QString>

#include "core/biometrics/Records.h"

class QApplication;

namespace countersign::ui {

enum class ThemeChoice { Desktop, Light, Dark };

/// Distances on the page, in device-independent pixels: everything lies on a grid of eight.
inline constexpr int kGrid = 8;

/// Colours by what they mean. Text on `window` and `surface` has a contrast of at least 4.5 : 1 in
/// both themes; the three verdicts stay apart for colour-blind eyes (teal, amber, magenta), and
/// never stand without a word and an icon.
struct Colours {
  bool isDark = false;
  QColor window;   ///< Ground of the page.
  QColor surface;  ///< Cards, tables, fields.
  QColor sunken;   ///< Navigation, empty drop areas.
  QColor paper;    ///< Ground of signatures, in both themes light enough for dark ink.
  QColor text;
  QColor muted;  ///< Captions.
  QColor line;   ///< Borders.
  QColor accent;
  QColor accentText;  ///< On `accent`.
  QColor match;
  QColor refer;
  QColor nonMatch;
  QColor unjudged;
};

/// The colours in force. Widgets that paint ask for them each time, since the theme may change.
const Colours& colours();
/// Those for paper, whatever theme is in force.
const Colours& paperColours();
QColor findingColour(Finding finding);

/// Sets palette, style sheet and colours; with Desktop, follows the desktop's light or dark setting
/// while the program runs.
void applyTheme(QApplication& application, ThemeChoice choice);

/// An icon of resources/icons in a colour.
QPixmap iconPixmap(const QString& name, const QColor& colour, int size, double pixelRatio);
QIcon icon(const QString& name);
QIcon icon(const QString& name, const QColor& colour);
/// "match", "nonmatch", "refer", "unjudged".
QString findingIcon(Finding finding);

}  // namespace countersign::ui
