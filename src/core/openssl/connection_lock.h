// Has nobody read from or write to a connection while its handshake waits in the midst of writing: OpenSSL takes a
// shorter write than the one that it could not finish for a fatal error, whoever makes it.
#pragma once

#include <openssl/ssl.h>

namespace client_cert {

// Whether this thread can lock connections.
bool CanLockConnections() noexcept;

// From now on SSL_read, SSL_write and SSL_do_handshake do nothing: SSL_ERROR_WANT_ASYNC_JOB. The application tries
// again later, as with any other reason to wait.
void LockConnection(SSL* ssl) noexcept;
void UnlockConnection(SSL* ssl) noexcept;

}  // namespace client_cert
