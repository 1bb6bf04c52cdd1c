// Whether a key signed an OCSP response, strongly enough.
#pragma once

#include <openssl/evp.h>

#include "core/revocation/ocsp_response.h"

namespace client_cert {

// `security_level`: one of OpenSSL's (SSL_CTX_set_security_level), for the key and for the digest.
//
// OCSP_basic_verify looks at neither. It matters for responses: where a responder signs a nonce, whoever asks chooses
// octets of what is signed, as a collision attack needs it.
bool IsSignedWith(const OcspResponse& response, EVP_PKEY* key, int security_level);

}  // namespace client_cert
