// PathRecord: what one run of X509_verify_cert said, all of it. Taken from the handshake's own verification (Observe)
// or made anew (VerifyAgain). Nothing is judged here; verdict/ does that.
#pragma once

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/openssl/owned.h"

namespace client_cert {

struct PathFault {
  int error;  // X509_V_ERR_*
  std::size_t depth;
};

struct PathRecord {
  bool accepted = false;                  // OpenSSL's own last word; false whenever there is a fault
  std::vector<PathFault> faults;          // in the order in which OpenSSL found them
  std::vector<OwnedX509> path;            // as far as it could be built, leaf first
  std::vector<OwnedX509> presented;       // as the peer sent it, leaf first
  std::int64_t verified_at = 0;           // seconds since 1970
  int purpose = X509_PURPOSE_SSL_CLIENT;  // that was asked for; 0: none
};

// Runs the verification that OpenSSL prepared in `context` and fills `record`. The verify callback that is installed
// there keeps deciding whether OpenSSL goes on after an error. Returns what the verify callback of an SSL_CTX has to
// return: 1 or 0, never less.
int Observe(X509_STORE_CTX* context, std::int64_t now, PathRecord& record) noexcept;

}  // namespace client_cert
