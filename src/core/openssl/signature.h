// Signatures over octets that we have decoded ourselves: CRLs and OCSP responses.
#pragma once

#include <openssl/evp.h>

#include <optional>

#include "core/base/bytes.h"

namespace client_cert {

// Bits of security, as OpenSSL's levels count them.
struct SignatureStrength {
  int key = 0;
  int digest = 0;  // that of the key where the algorithm has no digest of its own (EdDSA)
};

// Nothing where the signature does not verify. `algorithm`: DER of the AlgorithmIdentifier; `content`: the whole
// SEQUENCE that was signed, as it was read.
std::optional<SignatureStrength> VerifySignature(ByteView algorithm, ByteView signature, ByteView content,
                                                 EVP_PKEY* key);

// Whether that is enough for one of OpenSSL's levels (SSL_CTX_set_security_level). Digests weaker than SHA-1 never are.
//
// The level means what it means for the signature of a certificate: SHA-1 (63 bits) and RSA keys under 1024 bits need
// level 0.
bool IsStrongEnough(const SignatureStrength& strength, int security_level);

}  // namespace client_cert
