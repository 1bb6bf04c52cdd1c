// TrustIdentity: whether two TLS contexts trust the same, across processes.
#pragma once

#include <openssl/ssl.h>

#include <optional>

#include "core/tls/carried_session.h"

namespace client_cert {

// SHA-256 over the CA certificates and CRLs of the store, whatever their order, and over the flags and depth they are used with. Kept for the
// context until the number of its objects changes. Nothing where it could not be computed: equal to no other, this one included.
std::optional<TrustIdentity> TrustIdentityOf(SSL_CTX* context);

}  // namespace client_cert
