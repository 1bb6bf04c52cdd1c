#include "core/revocation/ocsp_signature.h"

#include "core/openssl/signature.h"

namespace client_cert {

bool IsSignedWith(const OcspResponse& response, EVP_PKEY* key, int security_level) {
  const std::optional<SignatureStrength> strength =
      VerifySignature(response.signature_algorithm(), response.signature(), response.tbs_response_data(), key);
  return strength && IsStrongEnough(*strength, security_level);
}

}  // namespace client_cert
