// Observing handshakes: sees every SSL_CTX and SSL that this process creates from now on, and the verification of each
// full handshake, without changing what comes of it.
#pragma once

#include <cstdint>

struct ssl_ctx_st;  // SSL_CTX: no header of OpenSSL here, since the binding installs the observer

namespace client_cert {

enum class ObserverState : std::uint8_t {
  kInstalled,
  kAnotherCopy,  // a second copy of this package's binary is in this process and observes already
  kRefused,      // by OpenSSL
};

// Registers the observer with OpenSSL, once for the process and for good: the binary must never be unloaded.
ObserverState InstallObserver() noexcept;

// Observes the handshakes of a context that was created before the observer was installed.
void Adopt(ssl_ctx_st* context) noexcept;

}  // namespace client_cert
