// Observing handshakes: sees every SSL_CTX and SSL that this process creates from now on, and the verification of each
// full handshake, without changing what comes of it.
#pragma once

#include <cstdint>

struct ssl_st;      // SSL, and
struct ssl_ctx_st;  // SSL_CTX: no header of OpenSSL here, since the binding installs the observer

namespace client_cert {

enum class ObserverState : std::uint8_t {
  kInstalled,
  kAnotherCopy,  // a second copy of this package's binary is in this process and observes already
  kRefused,      // by OpenSSL
};

// Registers the observer with OpenSSL, once for the process and for good: the binary must never be unloaded.
ObserverState InstallObserver() noexcept;

// Observes the further handshakes of a connection whose context was created before the observer was installed, and the
// later connections of that context.
void Adopt(ssl_st* ssl) noexcept;

// Observes a connection whose handshake has not begun, of a context that may have been created before the observer was
// installed.
void ObserveFromNow(ssl_st* ssl) noexcept;

// Has the messages of this connection pass by the observer, whoever has been listening (tracing) in its place.
void WatchMessages(ssl_st* ssl) noexcept;

}  // namespace client_cert
