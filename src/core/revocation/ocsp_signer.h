// Who signed an OCSP response, and whether they may (RFC 6960 section 4.2.2.2).
#pragma once

#include <span>

#include "core/base/moment.h"
#include "core/revocation/ocsp_response.h"

namespace client_cert {

struct OcspSigner {
  CertificatePtr certificate;     // null: nobody who may sign for the certificate in question has
  bool budget_exhausted = false;  // and so it remains unknown whether somebody has
};

// Three may sign: the issuer of the certificate in question, with the very key that signed it; a responder to whom that
// key has delegated it; and what `settings.responder` configures. OpenSSL's fourth, any root that is marked as trusted
// for OCSP signing, may not. `next` learns when a certificate that was looked at begins or ends to be valid.
OcspSigner FindOcspSigner(const OcspResponse& response, const RevocationQuestion& question,
                          const OcspSettings& settings, std::span<const CrlSet* const> crls, SignerSource& signers,
                          EarliestAfter& next);

}  // namespace client_cert
