// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CropDialog.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QSlider>
#include <QVBoxLayout>

#include "ui/jobs/OfficeSession.h"
#include "ui/support/Exhibit.h"
#include "ui/support/Formatting.h"
#include "ui/support/ImageConversion.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

CropFrame::CropFrame(QImage picture, QWidget* parent)
    : QWidget(parent), m_picture(std::move(picture)) {
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(320, 200);
  setCursor(Qt::CrossCursor);
  setAccessibleName(tr("Crop"));
  setAccessibleDescription(tr("Arrows move the frame, with Shift they size it."));
}

QRectF CropFrame::target() const {
  const auto size = m_picture.size().scaled(this->size() - QSize(4, 4), Qt::KeepAspectRatio);
  QRectF frame({}, QSizeF(size));
  frame.moveCenter(QRectF(rect()).center());
  return frame;
}

QPoint CropFrame::toPicture(QPointF position) const {
  const auto frame = target();
  const double scale = m_picture.width() / frame.width();
  const auto p = (position - frame.topLeft()) * scale;
  return {std::clamp(qRound(p.x()), 0, m_picture.width()),
          std::clamp(qRound(p.y()), 0, m_picture.height())};
}

QRectF CropFrame::fromPicture(const QRectF& rectangle) const {
  const auto frame = target();
  const double scale = frame.width() / m_picture.width();
  return {frame.topLeft() + rectangle.topLeft() * scale, rectangle.size() * scale};
}

void CropFrame::setFaces(std::vector<QRect> faces) {
  m_faces = std::move(faces);
  m_chosen.reset();
  if (!m_faces.empty())
    setAccessibleDescription(
        tr("Arrows move the frame, with Shift they size it. Numbers choose a face from the left."));
  update();
}

void CropFrame::setChosenFace(std::optional<int> index) {
  m_chosen = index;
  update();
}

QPoint CropFrame::placeOf(int face) const {
  return fromPicture(m_faces.at(static_cast<std::size_t>(face))).center().toPoint();
}

void CropFrame::setCrop(const QRect& crop) {
  const auto inside = crop.intersected(m_picture.rect());
  constexpr int kLeast = 8;  // pixels
  const auto value = inside.width() < kLeast || inside.height() < kLeast ? QRect() : inside;
  if (value == m_crop) return;
  m_crop = value;
  update();
  Q_EMIT cropChanged();
}

void CropFrame::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  const auto frame = target();
  painter.drawImage(frame, m_picture);
  const QColor mark = colours().isDark ? colours().accent : QColor("#0f8a95");
  for (std::size_t i = 0; i < m_faces.size() && m_crop.isNull(); ++i) {
    const bool isMeant = m_chosen == static_cast<int>(i);
    const auto box = fromPicture(m_faces[i]);
    painter.setPen(QPen(mark, isMeant ? 3 : 1.5, isMeant ? Qt::SolidLine : Qt::DashLine));
    painter.drawRect(box);
    const QRectF tag(box.topLeft(),
                     QSizeF(1.6 * fontMetrics().height(), 1.3 * fontMetrics().height()));
    painter.fillRect(tag, mark);
    painter.setPen(colours().isDark ? Qt::black : Qt::white);
    painter.drawText(tag, Qt::AlignCenter, QString::number(i + 1));
  }
  if (!m_crop.isNull()) {
    const auto chosen = fromPicture(m_crop);
    QRegion outside = QRegion(frame.toAlignedRect()).subtracted(chosen.toAlignedRect());
    painter.save();
    painter.setClipRegion(outside);
    painter.fillRect(frame, QColor(0, 0, 0, 120));
    painter.restore();
    painter.setPen(QPen(mark, 2));
    painter.drawRect(chosen);
  }
  painter.setPen(hasFocus() ? QPen(colours().accent, 2) : QPen(colours().line, 1));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void CropFrame::mousePressEvent(QMouseEvent* event) {
  m_pressed = event->position();
  m_anchor = toPicture(m_pressed);
  setCrop({});
}

void CropFrame::mouseMoveEvent(QMouseEvent* event) {
  if (!(event->buttons() & Qt::LeftButton)) return;
  const auto to = toPicture(event->position());
  setCrop(QRect(QPoint(std::min(m_anchor.x(), to.x()), std::min(m_anchor.y(), to.y())),
                QSize(std::abs(to.x() - m_anchor.x()), std::abs(to.y() - m_anchor.y()))));
}

void CropFrame::mouseReleaseEvent(QMouseEvent* event) {
  constexpr int kStill = 6;  // pixels within which a click is no frame
  const auto at = toPicture(event->position());
  if (!m_crop.isNull() && (event->position() - m_pressed).manhattanLength() > kStill) return;
  for (std::size_t i = 0; i < m_faces.size(); ++i) {
    if (!m_faces[i].contains(at)) continue;
    Q_EMIT faceClicked(static_cast<int>(i));
    return;
  }
}

void CropFrame::keyPressEvent(QKeyEvent* event) {
  if (const int number = event->key() - Qt::Key_1;
      number >= 0 && number < std::min<int>(9, static_cast<int>(m_faces.size())))
    return Q_EMIT faceClicked(number);
  const int step = std::max(2, m_picture.width() / 100);
  QPoint move;
  switch (event->key()) {
    case Qt::Key_Left:
      move = {-step, 0};
      break;
    case Qt::Key_Right:
      move = {step, 0};
      break;
    case Qt::Key_Up:
      move = {0, -step};
      break;
    case Qt::Key_Down:
      move = {0, step};
      break;
    default:
      QWidget::keyPressEvent(event);
      return;
  }
  auto crop = m_crop.isNull() ? m_picture.rect() : m_crop;
  if (event->modifiers() & Qt::ShiftModifier)
    crop.setSize(crop.size() + QSize(move.x(), move.y()));
  else
    crop.translate(move);
  setCrop(crop);
}

CropDialog::CropDialog(OfficeSession& session, std::shared_ptr<const ExaminedImage> image,
                       QWidget* parent)
    : QDialog(parent),
      m_session(session),
      m_original(std::move(image)),
      m_result(m_original),
      m_frame(new CropFrame(toQImage(m_original->picture))),
      m_rotation(new QSlider(Qt::Horizontal)),
      m_rotationText(new QLabel),
      m_preview(new QLabel),
      m_quality(new QLabel),
      m_accept(new QPushButton(tr("Use this part"))) {
  setWindowTitle(tr("Crop and turn %1").arg(QString::fromStdString(m_original->image.sourceName)));
  const bool isFace = m_original->sample.face.has_value();
  const bool isAmongSeveral = isFace && m_original->sample.face->faces.size() > 1 &&
                              !m_original->image.region.crop &&
                              m_original->image.region.rotation == 0;
  auto* help =
      new QLabel(isAmongSeveral ? tr("Click the face that is meant, or draw a frame around it.")
                 : isFace       ? tr("Draw a frame around the face that is meant.")
                                : tr("Draw a frame around the signature with the mouse."));
  help->setProperty("look", "caption");
  constexpr int kMostDegrees = 180;
  m_rotation->setRange(-kMostDegrees, kMostDegrees);
  m_rotation->setPageStep(15);
  m_rotation->setAccessibleName(tr("Clockwise turn in degrees"));
  m_rotation->setToolTip(tr("Clockwise turn in degrees"));
  m_preview->setFixedSize(
      isFace ? QSize(kFaceChipSize + 2, kFaceChipSize + 2)
             : QSize(m_original->sample.canvas.cols + 2, m_original->sample.canvas.rows + 2));
  m_quality->setWordWrap(true);
  constexpr int kNarrowest = 224;
  m_quality->setMinimumWidth(std::max(kNarrowest, m_preview->width()));
  m_quality->setAlignment(Qt::AlignTop);

  auto* turn = new QHBoxLayout;
  turn->setSpacing(kGrid);
  turn->addWidget(new QLabel(tr("Turn")));
  turn->addWidget(m_rotation, 1);
  turn->addWidget(m_rotationText);
  m_rotationText->setMinimumWidth(fontMetrics().horizontalAdvance(QStringLiteral("−180°")));
  auto* left = new QVBoxLayout;
  left->setSpacing(kGrid);
  left->addWidget(help);
  left->addWidget(m_frame, 1);
  left->addLayout(turn);

  auto* seen = new QLabel(tr("What the network sees"));
  seen->setProperty("look", "heading");
  auto* cancel = new QPushButton(tr("Cancel"));
  auto* whole = new QPushButton(tr("Whole image"));
  m_accept->setProperty("look", "primary");
  m_accept->setDefault(true);
  auto* right = new QVBoxLayout;
  right->setSpacing(kGrid);
  right->addWidget(seen);
  right->addWidget(m_preview);
  right->addWidget(m_quality);
  right->addStretch();
  right->addWidget(whole);
  right->addWidget(m_accept);
  right->addWidget(cancel);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(2 * kGrid);
  layout->addLayout(left, 1);
  layout->addLayout(right);

  const auto& before = m_original->image.region;
  if (before.crop)
    m_frame->setCrop({before.crop->x, before.crop->y, before.crop->width, before.crop->height});
  m_rotation->setValue(qRound(before.rotation));
  if (isAmongSeveral) {
    std::vector<QRect> boxes;
    for (const auto& face : m_original->sample.face->faces)
      boxes.push_back(
          QRectF(face.box.x, face.box.y, face.box.width, face.box.height).toAlignedRect());
    m_frame->setFaces(std::move(boxes));
    if (before.face.kind == FaceChoice::Kind::Number) m_face = before.face.number - 1;
    m_frame->setChosenFace(m_face);
  }
  m_delay.setSingleShot(true);
  connect(&m_delay, &QTimer::timeout, this, &CropDialog::examine);
  connect(m_frame, &CropFrame::faceClicked, this, &CropDialog::chooseFace);
  connect(m_frame, &CropFrame::cropChanged, this, [this] {
    // A frame says which face is meant, too.
    if (!m_frame->crop().isNull()) m_face.reset();
    m_frame->setChosenFace(m_face);
    examineSoon();
  });
  connect(m_rotation, &QSlider::valueChanged, this, [this](int degrees) {
    // Faces are numbered in the turned picture, but were clicked in this one.
    if (m_face && degrees != 0) frameFace(*m_face);
    examineSoon();
  });
  connect(whole, &QPushButton::clicked, this, [this] {
    m_rotation->setValue(0);
    chooseFace({});
  });
  connect(m_accept, &QPushButton::clicked, this, &QDialog::accept);
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  // The image is one of the store and of the kind of sample that it was opened for.
  connect(&m_session, &OfficeSession::modalityChanged, this, &QDialog::reject);
  connect(&m_session, &OfficeSession::opening, this, &QDialog::reject);
  m_frame->setFocus();
  render();
}

void CropDialog::chooseFace(std::optional<int> index) {
  m_face = index;
  m_frame->setCrop({});
  m_frame->setChosenFace(m_face);
  examineSoon();
}

void CropDialog::frameFace(int index) {
  const auto& box = m_original->sample.face->faces[static_cast<std::size_t>(index)].box;
  const double margin = box.width / 2;
  const QRect picture(0, 0, m_original->picture.cols, m_original->picture.rows);
  m_face.reset();
  m_frame->setChosenFace({});
  m_frame->setCrop(QRectF(box.x, box.y, box.width, box.height)
                       .adjusted(-margin, -margin, margin, margin)
                       .toAlignedRect()
                       .intersected(picture));
}

SampleRegion CropDialog::region() const {
  SampleRegion region;
  if (m_face) region.face = {FaceChoice::Kind::Number, *m_face + 1};
  region.rotation = m_rotation->value();
  if (const auto crop = m_frame->crop(); !crop.isNull())
    region.crop = cv::Rect(crop.x(), crop.y(), crop.width(), crop.height());
  return region;
}

void CropDialog::examineSoon() {
  ++m_request;                  // an answer to an earlier frame is no answer any more
  m_accept->setEnabled(false);  // until what is shown is what was asked for
  constexpr int kPause = 60;    // ms: while a frame is drawn
  m_delay.start(kPause);
  m_rotationText->setText(tr("%1°").arg(m_rotation->value()));
}

void CropDialog::examine() {
  const int request = m_request;
  m_session.withDesk<ExaminedImage>(
      this,
      [image = m_original, region = region()](const Desk& desk) {
        return desk.examineAgain(*image, region);
      },
      [this, request](Result<ExaminedImage> examined) {
        if (request != m_request) return;
        if (!examined) {
          m_quality->setText(QString::fromStdString(examined.error().message));
          return;
        }
        m_result = std::make_shared<const ExaminedImage>(*std::move(examined));
        render();
      });
}

void CropDialog::render() {
  m_preview->setPixmap(QPixmap::fromImage(canvasImage(m_result->sample.canvas)));
  m_preview->setFrameShape(QFrame::Box);
  m_quality->setText(tr("Quality: %1").arg(qualityText(m_result->image.quality)));
  m_rotationText->setText(tr("%1°").arg(m_rotation->value()));
  m_accept->setEnabled(m_result->isComparable());
}

}  // namespace countersign::ui
