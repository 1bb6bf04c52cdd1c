// OcspResponse: a successful OCSPResponse (RFC 6960 section 4.2.1), decoded strictly, once, and then immutable. Any
// thread may read it. Nothing of it is believed yet: neither who signed it nor when is looked at here.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/certificate/algorithm.h"
#include "core/certificate/extensions.h"
#include "core/openssl/owned.h"
#include "core/path/known_certificate.h"
#include "core/revocation/ocsp.h"

namespace client_cert {

// CertID. `hash` says what the two hashes were made with: null for a digest that we do not take (MD5, an unknown one),
// and then nobody is meant.
struct OcspCertId {
  const EVP_MD* hash = nullptr;
  ByteView issuer_name_hash;
  ByteView issuer_key_hash;
  ByteView serial;  // two's complement
};

struct OcspSingleResponse {
  enum class CertStatus : std::uint8_t { kGood, kRevoked, kUnknown };
  OcspCertId cert_id;
  CertStatus status = CertStatus::kUnknown;
  std::int64_t this_update = 0;  // seconds since 1970, as are the others
  std::optional<std::int64_t> next_update;
  std::int64_t revoked_at = 0;          // of kRevoked
  std::optional<std::uint32_t> reason;  // CRLReason, of kRevoked
};

class OcspResponse {
  // Only ParseOcspResponse makes one: OcspDecoder fills it.
  friend class OcspDecoder;
  struct Token {
    explicit Token() = default;
  };

 public:
  OcspResponse(Token, ByteView der) : der_(der.begin(), der.end()) {}
  OcspResponse(const OcspResponse&) = delete;
  OcspResponse& operator=(const OcspResponse&) = delete;

  // Whether ResponderID names the subject of this certificate, or its key.
  bool IsBy(const KnownCertificate& certificate) const;
  // The name of the responder; null where it is named by its key.
  const X509_NAME* responder_name() const { return responder_name_.get(); }

  std::int64_t produced_at() const { return produced_at_; }
  const std::vector<OcspSingleResponse>& single_responses() const { return single_responses_; }
  ByteView nonce() const { return nonce_; }  // empty: none

  ByteView tbs_response_data() const { return tbs_response_data_; }              // what is signed, tag included
  ByteView signature_algorithm() const { return signature_algorithm_.der; }      // the AlgorithmIdentifier
  ByteView signature() const { return signature_; }                              // without unused bits
  const std::vector<CertificatePtr>& responders() const { return responders_; }  // of those carried: those that IsBy

 private:
  Bytes der_;
  Owned<X509_NAME, X509_NAME_free> responder_name_;
  ByteView responder_key_hash_;
  std::int64_t produced_at_ = 0;
  std::vector<OcspSingleResponse> single_responses_;
  ByteView nonce_;
  ByteView tbs_response_data_;
  AlgorithmIdentifier signature_algorithm_;
  ByteView signature_;
  std::vector<CertificatePtr> responders_;
};

}  // namespace client_cert
