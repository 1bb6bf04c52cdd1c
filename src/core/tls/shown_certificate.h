// Which certificate each end of a connection has shown to the other.
#pragma once

#include <openssl/ssl.h>

#include "core/tls/connection.h"

namespace client_cert {

// Borrowed; null where it is not known: a server with several certificates does not remember which of them began the
// session that it resumes.
const X509* ShownServerCertificate(SSL* ssl);

// At the client's end, of the latest handshake; null where it has shown none, or a session was resumed.
const X509* ShownClientCertificate(const Connection& connection);

}  // namespace client_cert
