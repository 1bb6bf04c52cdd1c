#include "core/token/impersonation_pool.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

#include "core/base/budget.h"
#include "core/token/file_system_view.h"
#include "core/token/thread_credentials.h"

namespace client_cert {
namespace {

constexpr std::chrono::seconds kIdleTime{10};

// Detached, without signals: those are for the process's own threads. An errno, or 0.
int StartThread(void* (*main)(void*), void* argument) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  if (const int error = pthread_sigmask(SIG_SETMASK, &all, &before); error != 0) return error;
  pthread_t thread{};
  const int error = pthread_create(&thread, nullptr, main, argument);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error == 0) pthread_detach(thread);
  return error;
}

// The signals by which C libraries change the credentials of all threads. Their own sigprocmask leaves them out.
class BlockedSetxid {
 public:
  BlockedSetxid() { Change(SIG_BLOCK); }
  BlockedSetxid(const BlockedSetxid&) = delete;
  BlockedSetxid& operator=(const BlockedSetxid&) = delete;
  ~BlockedSetxid() { Change(SIG_UNBLOCK); }

 private:
  static void Change(int how) {
    constexpr unsigned kGlibc = 33;  // SIGSETXID
    constexpr unsigned kMusl = 34;   // SIGSYNCCALL
    const std::uint64_t set = std::uint64_t{1} << (kGlibc - 1) | std::uint64_t{1} << (kMusl - 1);
    syscall(SYS_rt_sigprocmask, how, &set, nullptr, sizeof(set));
  }
};

// Keys that the server possesses are not for file systems that ask for those of a user.
void JoinEmptyKeyring() {
  constexpr int kJoinSessionKeyring = 1;
  syscall(SYS_keyctl, kJoinSessionKeyring, nullptr, 0, 0, 0);
}

}  // namespace

ImpersonationPool& ImpersonationPool::Shared() {
  static auto& pool = *new ImpersonationPool();  // NOLINT(cppcoreguidelines-owning-memory): for good
  return pool;
}

bool ImpersonationPool::Submit(IdentityPtr identity, std::unique_ptr<ImpersonatedWork> work) {
  std::unique_lock lock(mutex_);
  const std::uint32_t uid = identity->uid;
  const auto waiting = jobs_.find(uid);
  if (waiting != jobs_.end() && waiting->second.size() >= budget::kWaitingOfOneUser) return false;
  if (!has_supervisor_) {
    const int error = StartThread(
        [](void* pool) -> void* {
          static_cast<ImpersonationPool*>(pool)->Supervise();
          return nullptr;
        },
        this);
    if (error != 0) {
      lock.unlock();
      work->Done(Failure{Stage::kSwitch, error, "pthread_create"});
      return true;
    }
    has_supervisor_ = true;
  }
  if (waiting == jobs_.end()) users_.push_back(uid);
  jobs_[uid].push_back({std::move(identity), std::move(work)});
  if (NeedsThread()) for_supervisor_.notify_one();
  for_work_.notify_one();
  return true;
}

// Threads are made by one that never acts as anybody else: a thread begins with the credentials of its maker.
void ImpersonationPool::Supervise() {
  std::unique_lock lock(mutex_);
  for (;;) {
    for_supervisor_.wait(lock, [this] { return NeedsThread(); });
    ++threads_;
    ++starting_;
    lock.unlock();
    const int error = StartThread(
        [](void* pool) -> void* {
          static_cast<ImpersonationPool*>(pool)->Serve();
          return nullptr;
        },
        this);
    lock.lock();
    if (error == 0) continue;
    --threads_;
    --starting_;
    if (threads_ == 0) FailAll(lock, error);
    // Others will come back to the queue; until then there is no use in trying at once again.
    for_supervisor_.wait_for(lock, kIdleTime);
  }
}

bool ImpersonationPool::NeedsThread() const {
  return threads_ < budget::kImpersonatingThreads && idle_ + starting_ == 0 && NextUser() != users_.end();
}

void ImpersonationPool::FailAll(std::unique_lock<std::mutex>& lock, int error) {
  std::map<std::uint32_t, std::deque<Job>> failed = std::exchange(jobs_, {});
  users_.clear();
  lock.unlock();
  for (auto& [uid, jobs] : failed) {
    for (Job& job : jobs) job.work->Done(Failure{Stage::kSwitch, error, "pthread_create"});
  }
  failed.clear();
  lock.lock();
}

// The first one who has not enough threads at work already.
std::deque<std::uint32_t>::const_iterator ImpersonationPool::NextUser() const {
  return std::ranges::find_if(users_, [this](std::uint32_t uid) {
    const auto busy = at_work_.find(uid);
    return busy == at_work_.end() || busy->second < budget::kThreadsOfOneUser;
  });
}

void ImpersonationPool::Serve() {
  TakeFileSystemView();
  JoinEmptyKeyring();
  {
    const std::lock_guard lock(mutex_);
    --starting_;
  }
  while (ServeOne()) {
  }
}

std::optional<ImpersonationPool::Job> ImpersonationPool::Take(std::unique_lock<std::mutex>& lock) {
  ++idle_;
  const bool has_job = for_work_.wait_for(lock, kIdleTime, [this] { return NextUser() != users_.end(); });
  --idle_;
  if (!has_job) return std::nullopt;
  const auto next = NextUser();
  const std::uint32_t uid = *next;
  users_.erase(next);
  const auto waiting = jobs_.find(uid);
  std::optional<Job> job = std::move(waiting->second.front());
  waiting->second.pop_front();
  // Then it is the others' turn.
  if (waiting->second.empty())
    jobs_.erase(waiting);
  else
    users_.push_back(uid);
  ++at_work_[uid];
  // One more thread, where there is more to do than this one does.
  if (NeedsThread()) for_supervisor_.notify_one();
  return job;
}

// Does one job as its user. A failure: this thread has not become itself again.
std::optional<Failure> ImpersonationPool::Act(Job& job) {
  if (!job.work->IsWanted()) return std::nullopt;
  // glibc's setuid and its like change every thread, by a signal: one that acts would become root again, in the midst
  // of it. They wait until it has done.
  const BlockedSetxid blocked;
  ThreadCredentials credentials;
  std::optional<Failure> failure = credentials.Switch(*job.identity);
  if (!failure) job.work->Perform();
  const std::optional<Failure> not_restored = credentials.Restore();
  if (not_restored) failure = not_restored;
  job.work->Done(failure);
  return not_restored;
}

// False: this thread has come to its end.
bool ImpersonationPool::ServeOne() {
  std::unique_lock lock(mutex_);
  std::optional<Job> job = Take(lock);
  if (!job) {
    --threads_;
    return false;
  }
  lock.unlock();
  const std::optional<Failure> not_restored = Act(*job);
  job->work.reset();
  lock.lock();
  const auto busy = at_work_.find(job->identity->uid);
  if (--busy->second == 0) at_work_.erase(busy);
  if (not_restored) --threads_;
  // Somebody else of this user may have waited for this place.
  if (NeedsThread()) for_supervisor_.notify_one();
  for_work_.notify_one();
  return !not_restored;
}

}  // namespace client_cert
