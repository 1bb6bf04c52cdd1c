// RemoteKey: a private key that is somewhere else, as OpenSSL's TLS takes keys. What it is asked to sign has been
// signed before, by whoever has the key.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/openssl/owned.h"

namespace client_cert {

using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;

struct PreparedSignature {
  Bytes data;
  Bytes signature;  // empty: not made
};

// The key that belongs to `public_key`. It signs what `prepared` holds by then, and fails for anything else. Null where
// OpenSSL has no way to make one.
OwnedKey RemoteKey(EVP_PKEY* public_key, const std::shared_ptr<const PreparedSignature>& prepared) noexcept;

}  // namespace client_cert
