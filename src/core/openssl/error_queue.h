// ErrorQueueGuard keeps our calls invisible to Node, which reports whatever it finds in this thread's OpenSSL error
// queue as its own TLS error. The first line of every function that calls OpenSSL.
#pragma once

#include <openssl/err.h>

namespace client_cert {

class ErrorQueueGuard {
 public:
  ErrorQueueGuard() noexcept { ERR_set_mark(); }
  ~ErrorQueueGuard() { ERR_pop_to_mark(); }
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
};

}  // namespace client_cert
