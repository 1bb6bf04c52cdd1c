// A client that has shown a certificate is the client of its connection until that ends: whoever shows another one
// later, or none, is refused, since applications go by what they have found out once.
#pragma once

#include "core/tls/connection.h"

namespace client_cert {

// A further handshake begins: it asks the client to show its certificate again, whatever the server's settings are.
void DemandSameClient(Connection& connection) noexcept;

// Whether this leaf may be shown. Where not, the connection is refused: whoever asks ends the handshake.
bool MayShow(Connection& connection, const X509* leaf) noexcept;

// An empty Certificate message was read: OpenSSL ends the handshake of a client that has shown a certificate before.
void OnNoCertificate(Connection& connection) noexcept;

// A handshake has ended well, or a request for a certificate was answered. False where nobody may use the connection.
bool KeepClient(Connection& connection) noexcept;

}  // namespace client_cert
