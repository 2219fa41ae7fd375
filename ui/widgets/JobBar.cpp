// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/JobBar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>

#include "ui/jobs/JobQueue.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

JobBar::JobBar(JobQueue& jobs, QWidget* parent)
    : QFrame(parent),
      m_jobs(jobs),
      m_text(new QLabel),
      m_bar(new QProgressBar),
      m_cancel(new QPushButton(tr("Cancel"))) {
  setProperty("look", "footer");
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
  layout->setSpacing(2 * kGrid);
  layout->addWidget(m_text);
  layout->addWidget(m_bar, 1);
  layout->addWidget(m_cancel);
  m_bar->setTextVisible(false);
  m_delay.setSingleShot(true);
  connect(&m_delay, &QTimer::timeout, this, [this] {
    m_isDue = true;
    setVisible(!m_isHushed);
  });
  connect(m_cancel, &QPushButton::clicked, this, [this] {
    m_text->setText(tr("%1: stopping").arg(m_title));
    m_cancel->setEnabled(false);
    m_jobs.cancelRunning();
  });
  connect(&jobs, &JobQueue::longJobStarted, this, &JobBar::start);
  connect(&jobs, &JobQueue::longJobProgressed, this, &JobBar::progress);
  connect(&jobs, &JobQueue::longJobFinished, this, &JobBar::finish);
  hide();
}

void JobBar::start(const QString& title) {
  m_title = title;
  m_firstDone = -1;
  m_since.start();
  m_text->setText(title);
  m_bar->setRange(0, 0);
  m_cancel->setEnabled(true);
  constexpr int kPatience = 700;  // ms
  m_delay.start(kPatience);
}

void JobBar::progress(int done, int total) {
  if (!m_cancel->isEnabled()) return;  // it is stopping
  if (m_firstDone < 0) {
    m_firstDone = done;
    m_since.start();
  }
  m_bar->setRange(0, total);
  m_bar->setValue(done);
  const QLocale locale;
  auto text = tr("%1: %2 of %3").arg(m_title, locale.toString(done), locale.toString(total));
  constexpr int kEnough = 3;
  if (done - m_firstDone >= kEnough && done < total) {
    constexpr double kMillisecondsPerSecond = 1000;
    const double spent = static_cast<double>(m_since.elapsed()) / kMillisecondsPerSecond;
    const double left = spent * (total - done) / (done - m_firstDone);
    text += tr(", %1 left").arg(durationText(left));
  }
  m_text->setText(text);
}

void JobBar::finish() {
  m_delay.stop();
  m_isDue = false;
  setVisible(false);
}

void JobBar::setHushed(bool isHushed) {
  m_isHushed = isHushed;
  setVisible(m_isDue && !isHushed);
}

QString JobBar::text() const { return m_text->text(); }

}  // namespace countersign::ui
