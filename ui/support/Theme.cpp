// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/Theme.h"

#include <QApplication>
#include <QFile>
#include <QPainter>
#include <QPalette>
#include <QStyleFactory>
#include <QSvgRenderer>
#include <QToolTip>

#include "ui/support/DesktopTheme.h"

namespace countersign::ui {

namespace {

Colours lightColours() {
  return {.isDark = false,
          .window = QColor("#f4f5f6"),
          .surface = QColor("#ffffff"),
          .sunken = QColor("#e9ebed"),
          .paper = QColor("#ffffff"),
          .text = QColor("#1b1f23"),
          .muted = QColor("#5a636c"),
          .line = QColor("#d0d5da"),
          .accent = QColor("#12717a"),
          .accentText = QColor("#ffffff"),
          .match = QColor("#0b7463"),
          .refer = QColor("#8f5a00"),
          .nonMatch = QColor("#b0185b"),
          .unjudged = QColor("#4f5963")};
}

Colours darkColours() {
  return {.isDark = true,
          .window = QColor("#1c1f22"),
          .surface = QColor("#26292d"),
          .sunken = QColor("#16181b"),
          .paper = QColor("#eceeef"),
          .text = QColor("#e8eaec"),
          .muted = QColor("#a2abb4"),
          .line = QColor("#3d434a"),
          .accent = QColor("#52bcc6"),
          .accentText = QColor("#0b2225"),
          .match = QColor("#45c9ae"),
          .refer = QColor("#f0b04a"),
          .nonMatch = QColor("#ff7fb2"),
          .unjudged = QColor("#aeb7c0")};
}

Colours& current() {
  static Colours value = lightColours();
  return value;
}

QPalette paletteOf(const Colours& c) {
  QPalette p;
  p.setColor(QPalette::Window, c.window);
  p.setColor(QPalette::WindowText, c.text);
  p.setColor(QPalette::Base, c.surface);
  p.setColor(QPalette::AlternateBase, c.window);
  p.setColor(QPalette::Text, c.text);
  p.setColor(QPalette::PlaceholderText, c.muted);
  p.setColor(QPalette::Button, c.surface);
  p.setColor(QPalette::ButtonText, c.text);
  p.setColor(QPalette::BrightText, c.nonMatch);
  p.setColor(QPalette::Highlight, c.accent);
  p.setColor(QPalette::HighlightedText, c.accentText);
  p.setColor(QPalette::Link, c.accent);
  p.setColor(QPalette::ToolTipBase, c.surface);
  p.setColor(QPalette::ToolTipText, c.text);
  p.setColor(QPalette::Mid, c.line);
  p.setColor(QPalette::Dark, c.line);
  p.setColor(QPalette::Light, c.surface);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    p.setColor(QPalette::Disabled, role, c.muted);
  return p;
}

/// What a palette cannot say. Names are those of colours in braces.
QString styleSheetOf(const Colours& c) {
  QString sheet = QStringLiteral(R"(
QToolTip { color: {text}; background: {surface}; border: 1px solid {line}; padding: 6px; }
QPushButton, QToolButton[look="button"] {
  background: {surface}; border: 1px solid {line}; border-radius: 6px; padding: 6px 14px;
  min-height: 20px; }
QPushButton:hover, QToolButton[look="button"]:hover { border-color: {accent}; }
QPushButton:pressed, QToolButton[look="button"]:pressed { background: {sunken}; }
QToolButton[look="button"]:checked { border: 2px solid {accent}; color: {accent}; font-weight: 600; }
QPushButton:focus, QToolButton:focus { border: 2px solid {accent}; padding: 5px 13px; }
QPushButton:disabled { color: {muted}; background: {window}; }
QPushButton[look="primary"] {
  background: {accent}; color: {accentText}; border-color: {accent}; font-weight: 600; }
QPushButton[look="primary"]:focus { border: 2px solid {text}; }
QPushButton[look="primary"]:disabled {
  background: {sunken}; color: {muted}; border-color: {line}; font-weight: 400; }
QPushButton::menu-indicator {
  subcontrol-origin: padding; subcontrol-position: right center; right: 6px; }
QPushButton[look="compact"] { padding: 6px 8px; }
QPushButton[look="compact"]:focus { padding: 5px 7px; }
QPushButton[look="link"] { background: transparent; border: none; color: {accent}; padding: 4px; }
QPushButton[look="link"]:hover { text-decoration: underline; }
QPushButton[look="link"]:focus { border: 1px solid {accent}; padding: 3px; border-radius: 4px; }
QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 5px; }
QToolButton:hover { background: {sunken}; }
QToolButton:checked { background: {sunken}; border-color: {line}; }
QToolButton:focus { border: 2px solid {accent}; padding: 4px; }
QLineEdit, QPlainTextEdit {
  background: {surface}; border: 1px solid {line}; border-radius: 6px; padding: 5px 8px;
  min-height: 20px; selection-background-color: {accent}; selection-color: {accentText}; }
QLineEdit:focus, QPlainTextEdit:focus {
  border: 2px solid {accent}; padding: 4px 7px; }
QTableView, QListView {
  background: {surface}; border: 1px solid {line}; border-radius: 6px; outline: none;
  alternate-background-color: {surface}; gridline-color: {line}; }
QTableView:focus, QListView:focus { border: 2px solid {accent}; }
QTableView::item, QListView::item { padding: 4px 8px; border-bottom: 1px solid {line}; }
QTableView::item:selected, QListView::item:selected {
  background: {accent}; color: {accentText}; }
QHeaderView::section {
  background: {surface}; color: {muted}; border: none; border-bottom: 1px solid {line};
  padding: 6px 8px; font-weight: 600; }
QHeaderView { background: {surface}; border: none; }
QScrollArea { border: none; background: transparent; }
QSplitter::handle { background: transparent; }
QProgressBar { border: none; border-radius: 3px; background: {sunken}; max-height: 6px; }
QProgressBar::chunk { background: {accent}; border-radius: 3px; }
QLabel[look="caption"] { color: {muted}; }
QLabel[look="heading"] { font-weight: 600; }
QLabel[look="problem"] {
  background: {sunken}; border: none; border-left: 3px solid {nonMatch}; padding: 6px 8px; }
QFrame[look="card"] { background: {surface}; border: 1px solid {line}; border-radius: 8px; }
QFrame[look="navigation"] { background: {sunken}; border: none; }
QFrame[look="header"] { background: {window}; border: none; border-bottom: 1px solid {line}; }
QFrame[look="footer"] { background: {surface}; border: none; border-top: 1px solid {line}; }
QToolButton[look="navigation"] {
  text-align: left; padding: 8px 12px; border-radius: 6px; border: 2px solid transparent; }
QToolButton[look="navigation"]:hover { background: {window}; }
QToolButton[look="navigation"]:checked {
  background: {surface}; color: {accent}; font-weight: 600; }
QToolButton[look="navigation"]:focus { border: 2px solid {accent}; }
QMenu { background: {surface}; border: 1px solid {line}; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: {accent}; color: {accentText}; }
)");
  const std::pair<const char*, QColor> names[] = {
      {"{window}", c.window},     {"{surface}", c.surface},       {"{sunken}", c.sunken},
      {"{text}", c.text},         {"{muted}", c.muted},           {"{line}", c.line},
      {"{accent}", c.accent},     {"{accentText}", c.accentText}, {"{paper}", c.paper},
      {"{nonMatch}", c.nonMatch},
  };
  for (const auto& [name, colour] : names) sheet.replace(QLatin1String(name), colour.name());
  return sheet;
}

void useColours(QApplication& application, const Colours& value) {
  current() = value;
  application.setPalette(paletteOf(value));
  QToolTip::setPalette(paletteOf(value));
  application.setStyleSheet(styleSheetOf(value));
}

}  // namespace

const Colours& colours() { return current(); }

const Colours& paperColours() {
  static const Colours value = lightColours();
  return value;
}

QColor findingColour(Finding finding) {
  switch (finding) {
    case Finding::Match:
      return colours().match;
    case Finding::NonMatch:
      return colours().nonMatch;
    case Finding::Refer:
      return colours().refer;
    case Finding::CannotJudge:
      break;
  }
  return colours().unjudged;
}

void applyTheme(QApplication& application, ThemeChoice choice) {
  application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  if (choice != ThemeChoice::Desktop) {
    useColours(application, choice == ThemeChoice::Dark ? darkColours() : lightColours());
    return;
  }
  static DesktopTheme desktop;
  QObject::connect(&desktop, &DesktopTheme::changed, &application, [&application](bool isDark) {
    useColours(application, isDark ? darkColours() : lightColours());
  });
  useColours(application, desktop.isDark() ? darkColours() : lightColours());
}

QPixmap iconPixmap(const QString& name, const QColor& colour, int size, double pixelRatio) {
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  if (!file.open(QIODevice::ReadOnly)) return {};
  auto svg = file.readAll();
  svg.replace("currentColor", colour.name().toLatin1());
  QSvgRenderer renderer(svg);
  QPixmap pixmap(QSize(size, size) * pixelRatio);
  pixmap.setDevicePixelRatio(pixelRatio);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  renderer.render(&painter, QRectF(0, 0, size, size));
  return pixmap;
}

QIcon icon(const QString& name) { return icon(name, colours().text); }

QIcon icon(const QString& name, const QColor& colour) {
  QIcon result;
  for (const int size : {16, 20, 24, 32, 48}) {
    result.addPixmap(iconPixmap(name, colour, size, 1));
    result.addPixmap(iconPixmap(name, colour, size, 2));
    result.addPixmap(iconPixmap(name, colours().muted, size, 1), QIcon::Disabled);
    result.addPixmap(iconPixmap(name, colours().accentText, size, 2), QIcon::Selected);
  }
  return result;
}

QString findingIcon(Finding finding) {
  switch (finding) {
    case Finding::Match:
      return QStringLiteral("match");
    case Finding::NonMatch:
      return QStringLiteral("nonmatch");
    case Finding::Refer:
      return QStringLiteral("refer");
    case Finding::CannotJudge:
      break;
  }
  return QStringLiteral("unjudged");
}

}  // namespace countersign::ui
