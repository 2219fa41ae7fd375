// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/JobQueue.h"

#include <QElapsedTimer>

namespace countersign::ui {

JobQueue::JobQueue(QObject* parent)
    : QObject(parent), m_thread([this](const std::stop_token& ended) { loop(ended); }) {}

JobQueue::~JobQueue() {
  {
    const std::scoped_lock lock(m_mutex);
    m_jobs.clear();
    m_running.request_stop();
  }
  m_thread.request_stop();
  m_thread.join();
}

void JobQueue::cancelRunning() {
  const std::scoped_lock lock(m_mutex);
  m_running.request_stop();
}

bool JobQueue::isBusy() const {
  const std::scoped_lock lock(m_mutex);
  return m_isRunning || !m_jobs.empty();
}

void JobQueue::enqueue(QString title, Work work) {
  {
    const std::scoped_lock lock(m_mutex);
    m_jobs.push_back({std::move(title), std::move(work)});
  }
  m_changed.notify_one();
}

void JobQueue::post(std::function<void()> call) {
  {
    const std::scoped_lock lock(m_mutex);
    m_posted.push_back(std::move(call));
  }
  QMetaObject::invokeMethod(this, "doPosted", Qt::QueuedConnection);
}

void JobQueue::doPosted() {
  std::function<void()> call;
  {
    const std::scoped_lock lock(m_mutex);
    call = std::move(m_posted.front());
    m_posted.pop_front();
  }
  call();
}

void JobQueue::loop(const std::stop_token& ended) {
  while (true) {
    Job job;
    std::stop_token stop;
    {
      std::unique_lock lock(m_mutex);
      m_isRunning = false;
      if (!m_changed.wait(lock, ended, [this] { return !m_jobs.empty(); })) return;
      job = std::move(m_jobs.front());
      m_jobs.pop_front();
      m_running = std::stop_source();
      stop = m_running.get_token();
      m_isRunning = true;
    }
    runJob(job, stop);
  }
}

void JobQueue::runJob(const Job& job, const std::stop_token& stop) {
  if (job.title.isEmpty()) {
    job.work(stop, {});
    return;
  }
  post([this, title = job.title] { Q_EMIT longJobStarted(title); });
  QElapsedTimer sinceReport;
  job.work(stop, [&](int done, int total) {
    constexpr qint64 kInterval = 100;  // ms
    if (sinceReport.isValid() && sinceReport.elapsed() < kInterval && done < total) return;
    sinceReport.start();
    post([this, done, total] { Q_EMIT longJobProgressed(done, total); });
  });
  post([this] { Q_EMIT longJobFinished(); });
}

}  // namespace countersign::ui
