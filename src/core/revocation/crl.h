// Crl: a certificate revocation list (RFC 5280 section 5), decoded once and then immutable. Any thread may read it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/certificate/extensions.h"
#include "core/openssl/name.h"
#include "core/path/known_certificate.h"
#include "core/revocation/crl_entries.h"
#include "core/revocation/crl_signature.h"

namespace client_cert {

// RFC 5280 section 5.2.5.
struct IssuingDistributionPoint {
  DistributionPointName name;
  bool only_user_certificates = false;
  bool only_ca_certificates = false;
  bool only_attribute_certificates = false;
  bool indirect = false;
  std::optional<ReasonBits> only_some_reasons;
};

class Crl {
  // Only Parse fills one: CrlDecoder.
  friend class CrlDecoder;
  struct Token {
    explicit Token() = default;
  };

 public:
  // Strict: DER, and what RFC 5280 section 5 demands of the form (a version 1 CRL has no extensions, ...). Its
  // signature is not looked at.
  //
  // The octets are given up: what is kept is small. A million entries take some 25 MB.
  static Result<std::shared_ptr<const Crl>> Parse(Bytes der);

  explicit Crl(Token) {}
  Crl(const Crl&) = delete;
  Crl& operator=(const Crl&) = delete;

  const X509_NAME* issuer() const { return issuer_.get(); }
  std::uint32_t issuer_hash() const { return issuer_hash_; }
  ByteView issuer_der() const { return issuer_der_; }
  std::int64_t this_update() const { return this_update_; }                        // seconds since 1970
  const std::optional<std::int64_t>& next_update() const { return next_update_; }  // seconds since 1970
  const std::optional<ByteView>& number() const { return number_; }                // two's complement, not negative
  const std::optional<ByteView>& base_number() const { return base_number_; }      // of a delta CRL; as number
  const std::optional<IssuingDistributionPoint>& issuing_distribution_point() const { return point_; }
  const std::optional<AuthorityKeyIdentifier>& authority_key_identifier() const {
    return extensions_.authority_key_identifier;
  }
  bool has_freshest_crl() const { return has_freshest_crl_; }
  // The value of an extension as it is; nothing where it is absent.
  std::optional<ByteView> Value(const der::ObjectIdentifier& oid) const;

  // Whether it may determine the status of any certificate. Not where an extension of it or of an entry is critical and
  // unknown (sections 5.2 and 5.3): that may change what all the rest means.
  bool is_usable() const { return is_usable_; }
  // Whether it means one thing. Not where it is only for two kinds of certificates each, or has entries of other
  // issuers without being an indirect CRL. What it lists is listed; but nobody knows what it leaves out.
  bool is_consistent() const { return is_consistent_; }
  // Whether a certificate may be good by it.
  bool IsClear() const { return is_usable_ && is_consistent_; }

  // The gravest entry for the certificate that `certificate_issuer` issued.
  std::optional<CrlEntry> Find(ByteView serial, const X509_NAME* certificate_issuer) const;

  const CrlSignature& signature() const { return signature_; }

  std::size_t entry_count() const { return entries_.size(); }
  std::size_t footprint() const;  // octets of memory

 private:
  Bytes kept_;  // what the views look into
  OwnedName issuer_;
  std::uint32_t issuer_hash_ = 0;
  ByteView issuer_der_;
  std::int64_t this_update_ = 0;
  std::optional<std::int64_t> next_update_;
  Extensions extensions_;
  std::optional<ByteView> number_;
  std::optional<ByteView> base_number_;
  std::optional<IssuingDistributionPoint> point_;
  bool has_freshest_crl_ = false;
  bool is_usable_ = true;
  bool is_consistent_ = true;
  CrlSignature signature_;

  // A name that entries of an indirect CRL give as that of the certificate's issuer, and the number that such entries
  // have in entries_. Entries of the CRL's own issuer have number 0.
  struct CertificateIssuer {
    OwnedName name;
    std::uint32_t number = 0;
  };
  std::unordered_multimap<std::uint32_t, CertificateIssuer> certificate_issuers_;  // by NameHash
  CrlEntries entries_;
};

using CrlPtr = std::shared_ptr<const Crl>;

}  // namespace client_cert
