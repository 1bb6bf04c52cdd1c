// What a connection's client is judged by, and whether two connections are judged by the same.
#pragma once

#include <openssl/ssl.h>

#include <optional>

#include "core/path/path_verifier.h"
#include "core/tls/carried_session.h"

namespace client_cert {

// What SSL itself would decide by in a handshake. A context that Node chooses by the client's server name leaves its
// mark here and not in SSL_get_SSL_CTX: Node gives the SSL that context's store.
PathTrust TrustOf(SSL* ssl);

// The store of the context that the connection was made with, before one was chosen by name.
X509_STORE* InitialStoreOf(const SSL* ssl);

// SHA-256 over the CA certificates and CRLs of a store, whatever their order, and over the flags and the depth that
// they are used with. Kept with the store until the number of its objects changes. Nothing where it could not be
// computed.
std::optional<TrustIdentity> TrustIdentityOf(X509_STORE* store);

}  // namespace client_cert
