// ImpersonationPool: threads of our own that act as users, one operation at a time.
//
// Operations of JavaScript's own fs run on libuv's threads, with the credentials of the process; those must never be
// changed. A thread whose credentials could not be restored is never used again.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "core/token/failure.h"
#include "core/token/identity.h"

namespace client_cert {

class ImpersonatedWork {
 public:
  ImpersonatedWork() = default;
  ImpersonatedWork(const ImpersonatedWork&) = delete;
  ImpersonatedWork& operator=(const ImpersonatedWork&) = delete;
  virtual ~ImpersonatedWork() = default;

  // False: whoever asked for it is gone, and it need not be done.
  virtual bool IsWanted() const = 0;
  // As the user.
  virtual void Perform() = 0;
  // As the process, on the same thread; once. `failure`: of the switch, and nothing was performed, or of the way back.
  virtual void Done(std::optional<Failure> failure) = 0;
};

class ImpersonationPool {
 public:
  // That of the process. Never destroyed: its threads outlive everything.
  static ImpersonationPool& Shared();

  // The calling thread must act as the process: the pool's threads begin as copies of it. False: too many wait already.
  bool Submit(IdentityPtr identity, std::unique_ptr<ImpersonatedWork> work);

 private:
  struct Job {
    IdentityPtr identity;
    std::unique_ptr<ImpersonatedWork> work;
  };

  void Supervise();
  void Serve();
  bool ServeOne();
  static std::optional<Failure> Act(Job& job);
  std::optional<Job> Take(std::unique_lock<std::mutex>& lock);
  std::deque<std::uint32_t>::const_iterator NextUser() const;
  bool NeedsThread() const;
  void FailAll(std::unique_lock<std::mutex>& lock, int error);

  std::mutex mutex_;
  std::condition_variable for_work_;
  std::condition_variable for_supervisor_;
  std::map<std::uint32_t, std::deque<Job>> jobs_;  // by uid; none of them empty
  std::deque<std::uint32_t> users_;                // the keys of jobs_: whose turn it is
  std::map<std::uint32_t, std::size_t> at_work_;   // threads by uid
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  std::size_t starting_ = 0;  // made, and not yet idle for the first time
  bool has_supervisor_ = false;
};

}  // namespace client_cert
