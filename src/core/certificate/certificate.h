// Certificate: an X.509 certificate, decoded once and then immutable (RFC 5280 4.1). Any thread may read it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/certificate/algorithm.h"
#include "core/certificate/distinguished_name.h"
#include "core/certificate/extensions.h"
#include "core/certificate/public_key.h"

namespace client_cert {

// Seconds since 1970-01-01T00:00:00Z, both inclusive.
struct Validity {
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
};

class Certificate {
  // Only Parse can name it, so only Parse can make a Certificate.
  struct Token {
    explicit Token() = default;
  };

 public:
  // The certificate owns `der`; everything that it hands out are views of it. Trust, time and signature are not looked
  // at, nor is anything that only makes a certificate unacceptable (serial number zero, an empty issuer).
  static Result<std::shared_ptr<const Certificate>> Parse(Bytes der);

  Certificate(Token, Bytes der) : der_(std::move(der)) {}
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  ByteView der() const { return der_; }
  ByteView tbs_certificate() const { return tbs_certificate_; }  // what is signed, tag included
  int version() const { return version_; }                       // 1, 2 or 3
  ByteView serial() const { return serial_; }                    // two's complement; may be zero or negative
  const AlgorithmIdentifier& signature_algorithm() const { return signature_algorithm_; }
  const DistinguishedName& issuer() const { return issuer_; }
  const Validity& validity() const { return validity_; }
  const DistinguishedName& subject() const { return subject_; }
  const PublicKey& public_key() const { return public_key_; }
  const Extensions& extensions() const { return extensions_; }
  const der::BitString& signature() const { return signature_; }

 private:
  bool Read(der::Decoding& decoding);
  bool ReadTbs(der::Reader& in);

  Bytes der_;
  ByteView tbs_certificate_;
  int version_ = 1;
  ByteView serial_;
  AlgorithmIdentifier signature_algorithm_;
  DistinguishedName issuer_;
  Validity validity_;
  DistinguishedName subject_;
  PublicKey public_key_;
  Extensions extensions_;
  der::BitString signature_;
};

// Upper-case hexadecimal without leading zero octets, '-' before a negative one: '00', '7F', '80', '-05'.
std::string SerialText(ByteView twos_complement);

}  // namespace client_cert
