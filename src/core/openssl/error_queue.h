// ErrorQueueGuard keeps our calls invisible to Node, which reports whatever it finds in this thread's OpenSSL error
// queue as its own TLS error. The first line of every function that calls OpenSSL.
#pragma once

#include <openssl/err.h>

namespace client_cert {

class ErrorQueueGuard {
 public:
  ErrorQueueGuard() noexcept { ERR_set_mark(); }
  ~ErrorQueueGuard() {
    if (!kept_) ERR_pop_to_mark();
  }
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;

  // What was added stays: it is what OpenSSL itself would have left for its caller.
  void Keep() noexcept {
    if (!kept_) ERR_clear_last_mark();
    kept_ = true;
  }

 private:
  bool kept_ = false;
};

}  // namespace client_cert
