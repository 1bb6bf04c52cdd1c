// OCSP (RFC 6960, RFC 9654): requests, responses, and what a response says of one certificate.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.h"
#include "core/path/known_certificate.h"
#include "core/revocation/crl_check.h"
#include "core/revocation/finding.h"
#include "core/revocation/policy.h"
#include "core/revocation/signers.h"

namespace client_cert {

// DER of an OCSPRequest for one certificate (CertID with SHA-1, which every responder understands), with a nonce where
// `nonce` is not empty. Empty where OpenSSL refuses.
Bytes OcspRequest(const KnownCertificate& subject, const KnownCertificate& issuer, ByteView nonce);

// An OCSPResponse, read and immutable; nothing of it is believed yet (ocsp_response.h).
class OcspResponse;
using OcspResponsePtr = std::shared_ptr<const OcspResponse>;

enum class OcspResponseState : std::uint8_t {
  kSuccessful,
  kTryLater,   // tryLater, internalError: ask again
  kRefused,    // unauthorized, sigRequired, malformedRequest
  kMalformed,  // no OCSPResponse with a BasicOCSPResponse in DER, over a budget, or with unknown critical extensions
};

struct ParsedOcspResponse {
  OcspResponseState state = OcspResponseState::kMalformed;
  OcspResponsePtr response;  // of kSuccessful only
};
ParsedOcspResponse ParseOcspResponse(ByteView der);

// The nonce that the response carries; empty where there is none.
Bytes NonceOf(const OcspResponse& response);

// Responses by the serial numbers that they speak of. Immutable: a change makes a new one.
class OcspSet {
 public:
  OcspSet() = default;
  explicit OcspSet(std::vector<OcspResponsePtr> responses);

  // Look-up does not grow with the number of responses. `serial`: two's complement.
  std::vector<OcspResponsePtr> WithSerial(ByteView serial) const;

 private:
  std::vector<OcspResponsePtr> responses_;
  std::unordered_map<std::string_view, std::vector<OcspResponsePtr>> by_serial_;  // keys: views of the responses
};

// What the responses of all `sets` say of one certificate. `crls`: what may speak of a delegated responder that is
// without id-pkix-ocsp-nocheck. The nonce of a response is the business of who asked for it.
RevocationFinding CheckOcsp(const RevocationQuestion& question, std::span<const OcspSet* const> sets,
                            const OcspSettings& settings, std::span<const CrlSet* const> crls, SignerSource& signers);

}  // namespace client_cert
