// WatchHandshakes: being told when a connection's handshakes begin and end.
#pragma once

#include "core/tls/connection.h"

namespace client_cert {

// Puts a callback in front of the one that Node has set on the SSL, once. To be called in the midst of the first
// handshake, when Node has. The end of a handshake, and only that, establishes the connection in its registry: the
// state of the SSL says "in a handshake" also while a client keeps a message for later half-sent, and has a Finished
// message before the client has shown its certificate.
//
// From then on the client's certificates are not compressed (RFC 8879): what a Certificate message says is looked at
// while it passes, and signed for others before it does.
void WatchHandshakes(Connection& connection) noexcept;

}  // namespace client_cert
