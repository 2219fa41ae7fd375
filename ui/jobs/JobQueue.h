// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QString>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "core/base/Progress.h"
#include "core/base/Result.h"

namespace countersign::ui {

/// Runs jobs one after another on one thread of its own, off the GUI thread. Results come back on
/// the GUI thread; they are dropped when whoever asked is gone by then. What a job throws becomes
/// an Error.
class JobQueue final : public QObject {
  Q_OBJECT

 public:
  /// How a job says how far it is: done and total in its own unit.
  using Report = std::function<void(int done, int total)>;

  explicit JobQueue(QObject* parent = nullptr);
  /// Asks the running job to stop, drops the waiting ones, and waits.
  ~JobQueue() override;

  /// @param context  where `done` belongs to; it is called only while this lives.
  /// @param work     called on the queue's thread, with a token to poll.
  /// @param done     called on the GUI thread.
  template <typename Value>
  void run(QObject* context, std::function<Result<Value>(const std::stop_token&)> work,
           std::function<void(Result<Value>)> done) {
    enqueue({}, [this, context = guardOf(context), work = std::move(work), done = std::move(done)](
                    const std::stop_token& stop, const Report&) {
      deliver(context, guarded<Value>([&] { return work(stop); }), done);
    });
  }

  /// The same for a long job, which the job bar shows under its title.
  template <typename Value>
  void runLong(QObject* context, const QString& title,
               std::function<Result<Value>(const std::stop_token&, const Report&)> work,
               std::function<void(Result<Value>)> done) {
    enqueue(title, [this, context = guardOf(context), work = std::move(work),
                    done = std::move(done)](const std::stop_token& stop, const Report& report) {
      deliver(context, guarded<Value>([&] { return work(stop, report); }), done);
    });
  }

  /// Asks the running job to stop; it answers with ErrorCode::Cancelled.
  void cancelRunning();
  /// True while a job runs or waits.
  bool isBusy() const;

  /// A long job that also tells what goes on: what it emits arrives on the GUI thread, in order,
  /// and before its result.
  template <typename Event, typename Value>
  void runWatched(QObject* context, const QString& title,
                  std::function<Result<Value>(const std::stop_token&, const Report&,
                                              const std::function<void(const Event&)>&)>
                      work,
                  std::function<void(const Event&)> seen, std::function<void(Result<Value>)> done) {
    enqueue(title,
            [this, context = guardOf(context), work = std::move(work), seen = std::move(seen),
             done = std::move(done)](const std::stop_token& stop, const Report& report) {
              const std::function<void(const Event&)> emitEvent = [&](const Event& event) {
                post([context, event, seen] {
                  if (*context) seen(event);
                });
              };
              deliver(context, guarded<Value>([&] { return work(stop, report, emitEvent); }), done);
            });
  }

 Q_SIGNALS:
  void longJobStarted(const QString& title);
  /// At most ten times a second.
  void longJobProgressed(int done, int total);
  void longJobFinished();

 private:
  using Work = std::function<void(const std::stop_token&, const Report&)>;
  struct Job {
    QString title;
    Work work;
  };

  template <typename Value, typename Call>
  static Result<Value> guarded(Call&& call) {
    try {
      return call();
    } catch (const std::exception& failure) {  // c10::Error, cv::Exception, std::bad_alloc
      return Error{ErrorCode::BackendFailure,
                   "Something went wrong that Countersign did not expect.", failure.what()};
    }
  }

  /// Looked at on the GUI thread only; the queue's thread passes it through.
  using Guard = std::shared_ptr<const QPointer<QObject>>;
  static Guard guardOf(QObject* context) {
    return std::make_shared<const QPointer<QObject>>(context);
  }

  template <typename Value>
  void deliver(const Guard& context, Result<Value> result,
               const std::function<void(Result<Value>)>& done) {
    post([context, result = std::make_shared<Result<Value>>(std::move(result)), done] {
      if (*context) done(std::move(*result));
    });
  }

  void enqueue(QString title, Work work);
  /// Leaves something for the GUI thread to do. Our own mailbox under our own lock, so that what
  /// crosses threads is there to see (for the thread sanitizer, too, to which Qt's is opaque).
  void post(std::function<void()> call);
  Q_INVOKABLE void doPosted();
  void loop(const std::stop_token& ended);
  void runJob(const Job& job, const std::stop_token& stop);

  mutable std::mutex m_mutex;
  std::condition_variable_any m_changed;
  std::deque<Job> m_jobs;
  std::deque<std::function<void()>> m_posted;
  std::stop_source m_running{std::nostopstate};
  bool m_isRunning = false;
  std::jthread m_thread;  // last member: joined before anything it uses is destroyed
};

}  // namespace countersign::ui
