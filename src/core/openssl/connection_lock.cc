// By SSL_MODE_ASYNC each call would be made by a job (a fibre), of which this thread has one; and that one is taken.
#include "core/openssl/connection_lock.h"

#include <openssl/async.h>

namespace client_cert {
namespace {

int Occupy(void*) noexcept {
  ASYNC_pause_job();
  return 1;
}

// Neither Node.js nor OpenSSL itself have jobs.
class OnlyJob {
 public:
  OnlyJob() noexcept {
    constexpr std::size_t kJobs = 1;
    if (ASYNC_is_capable() != 1 || ASYNC_init_thread(kJobs, 0) != 1) return;
    waiting_ = ASYNC_WAIT_CTX_new();
    is_taken_ = waiting_ != nullptr && Start() == ASYNC_PAUSE;
  }
  OnlyJob(const OnlyJob&) = delete;
  OnlyJob& operator=(const OnlyJob&) = delete;
  ~OnlyJob() {
    if (is_taken_) Start();
    ASYNC_WAIT_CTX_free(waiting_);
  }

  bool is_taken() const noexcept { return is_taken_; }

 private:
  int Start() noexcept {
    int result = 0;
    return ASYNC_start_job(&job_, waiting_, &result, Occupy, nullptr, 0);
  }

  ASYNC_WAIT_CTX* waiting_ = nullptr;
  ASYNC_JOB* job_ = nullptr;
  bool is_taken_ = false;
};

}  // namespace

bool CanLockConnections() noexcept {
  thread_local const OnlyJob job;
  return job.is_taken();
}

void LockConnection(SSL* ssl) noexcept { SSL_set_mode(ssl, SSL_MODE_ASYNC); }

void UnlockConnection(SSL* ssl) noexcept { SSL_clear_mode(ssl, SSL_MODE_ASYNC); }

}  // namespace client_cert
