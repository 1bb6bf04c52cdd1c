// Digests over parts of a certificate, made by OpenSSL.
#pragma once

#include <optional>

#include "core/base/bytes.h"
#include "core/openssl/digest.h"

namespace client_cert {

// nullopt where OpenSSL's configuration does not provide the digest.
std::optional<Bytes> Fingerprint(Digest digest, ByteView octets);

}  // namespace client_cert
