// TLS SignatureScheme (RFC 8446 section 4.2.3) of what OpenSSL says of a signature.
#pragma once

#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include <cstdint>
#include <optional>

namespace client_cert {

struct HandshakeSignature {
  int version = 0;         // of TLS
  int type = NID_undef;    // as SSL_get_signature_type_nid has it
  int digest = NID_undef;  // as SSL_get_signature_nid; undefined: EdDSA
};

// `key`: the signer's, which says what a signature leaves open; null: it is not known. Nothing where it stays open, or
// where the registry has none: before TLS 1.2, for one.
std::optional<std::uint16_t> SignatureSchemeOf(const HandshakeSignature& signature, const EVP_PKEY* key);

}  // namespace client_cert
