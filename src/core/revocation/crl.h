// Crl: a certificate revocation list (RFC 5280 section 5), decoded once and then immutable. Any thread may read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/certificate/algorithm.h"
#include "core/certificate/extensions.h"
#include "core/openssl/signature.h"
#include "core/path/known_certificate.h"

namespace client_cert {

// IssuingDistributionPoint (section 5.2.5): which certificates, and which reasons, a CRL speaks of.
struct CrlScope {
  ByteView der;            // the extension's value; empty where there is none: all certificates of the issuer
  DistributionPoint name;  // full_name and relative_name only
  bool only_user_certificates = false;
  bool only_ca_certificates = false;
  bool only_attribute_certificates = false;
  bool is_indirect = false;
  std::optional<std::uint32_t> reasons;  // bits of ReasonFlags by their number; nullopt: all

  bool HasName() const { return !name.full_name.empty() || !name.relative_name.empty(); }
};

// What a CRL says of a serial number that it lists.
struct CrlEntry {
  std::int64_t revoked_at = 0;
  std::optional<std::uint32_t> reason;  // CRLReason
};

class Crl {
  // Only Parse can name it, so only Parse can make a Crl.
  struct Token {
    explicit Token() = default;
  };

 public:
  // Strict: DER, and what section 5 demands of the form (a version 1 CRL has no extensions, ...). Its signature is not
  // looked at.
  static Result<std::shared_ptr<const Crl>> Parse(Bytes der);

  Crl(Token, Bytes der) : der_(std::move(der)) {}
  Crl(const Crl&) = delete;
  Crl& operator=(const Crl&) = delete;

  const DistinguishedName& issuer() const { return issuer_; }
  const X509_NAME* issuer_name() const { return issuer_name_.get(); }
  std::uint32_t issuer_hash() const { return issuer_hash_; }
  std::int64_t this_update() const { return this_update_; }
  std::optional<std::int64_t> next_update() const { return next_update_; }
  ByteView number() const { return number_; }            // two's complement; empty where there is none
  ByteView base_number() const { return base_number_; }  // of a delta CRL; empty: a complete one
  bool is_delta() const { return !base_number_.empty(); }
  const CrlScope& scope() const { return scope_; }
  ByteView authority_key_identifier() const { return authority_key_identifier_; }  // the extension's value
  std::optional<ByteView> key_identifier() const { return key_identifier_; }
  bool has_freshest_crl() const { return has_freshest_crl_; }
  // It has a critical extension, or an entry has one, that is not known: section 5.2 forbids to take a certificate for
  // good by it.
  bool is_understood() const { return is_understood_; }

  std::size_t entry_count() const { return entries_.size(); }
  // Octets of memory, about.
  std::size_t footprint() const;

  // `serial`: two's complement; `issuer`: of the certificate. Where it is listed several times, the gravest: an entry
  // that says removeFromCRL only where there is no other. The look-up does not grow with the number of entries that are
  // about others.
  std::optional<CrlEntry> Find(ByteView serial, const X509_NAME* issuer) const;

  // How strongly `signer` has signed it; nothing where it has not. Known signers are not verified again: `verify` is
  // asked before a signature is, and false says that there is no budget for it.
  template <class MayVerify>
  std::optional<SignatureStrength> SignatureBy(const KnownCertificate& signer, MayVerify may_verify) const {
    const std::optional<std::optional<SignatureStrength>> known = KnownSignatureBy(signer);
    if (known) return *known;
    if (!may_verify()) return std::nullopt;
    return VerifySignatureBy(signer);
  }

 private:
  // Sorted by `key`, a hash of the serial number. Sixteen octets for each entry; the rest of it is read again when it
  // is found.
  struct Entry {
    std::uint64_t key;
    std::uint32_t offset;  // of the entry in der_
    std::uint32_t issuer;  // in entry_issuers_
  };

  bool Read(der::Decoding& decoding);
  bool ReadTbs(der::Reader& in);
  bool ReadVersion(der::Reader& in);
  bool ReadTimes(der::Reader& in);
  bool ReadEntries(der::Reader& in);
  bool ReadEntry(der::Reader& in, std::uint32_t& issuer);
  bool ReadEntryExtensions(der::Reader& in, std::uint32_t& issuer);
  bool ReadExtensions(der::Reader& in);
  bool ReadScope(der::Reader& in);
  std::optional<CrlEntry> EntryAt(std::uint32_t offset, ByteView serial) const;
  std::optional<std::optional<SignatureStrength>> KnownSignatureBy(const KnownCertificate& signer) const;
  std::optional<SignatureStrength> VerifySignatureBy(const KnownCertificate& signer) const;

  Bytes der_;
  ByteView tbs_;
  int version_ = 1;
  AlgorithmIdentifier signature_algorithm_;
  der::BitString signature_;
  DistinguishedName issuer_;
  Owned<X509_NAME, X509_NAME_free> issuer_name_;
  std::uint32_t issuer_hash_ = 0;
  std::int64_t this_update_ = 0;
  std::optional<std::int64_t> next_update_;
  ByteView number_;
  ByteView base_number_;
  CrlScope scope_;
  ByteView authority_key_identifier_;
  std::optional<ByteView> key_identifier_;
  bool has_freshest_crl_ = false;
  bool is_understood_ = true;
  std::vector<Entry> entries_;
  // Of indirect CRLs: certificateIssuer, by first use; nothing at 0, which is the CRL's own issuer.
  std::vector<Owned<X509_NAME, X509_NAME_free>> entry_issuers_;

  mutable std::mutex mutex_;
  mutable std::map<Sha256, std::optional<SignatureStrength>> signatures_;  // by the signer's SubjectPublicKeyInfo
};

using CrlPtr = std::shared_ptr<const Crl>;

}  // namespace client_cert
