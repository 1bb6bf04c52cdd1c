// KnownCertificate: one certificate as everything that decides about paths needs it: OpenSSL's object, our decoding,
// and the digests that it is found by. Immutable, but for what is remembered of its signature; any thread may read it.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/certificate/certificate.h"
#include "core/openssl/owned.h"
#include "core/path/certificate_path.h"

namespace client_cert {

// By which certificates' keys OpenSSL has found the signature of one to be good. Any thread.
class VouchedFor {
 public:
  void Add(const Sha256& issuer) const;
  bool Contains(const Sha256& issuer) const;

 private:
  mutable std::mutex mutex_;
  mutable std::vector<Sha256> issuers_;  // by fingerprint
};

struct KnownCertificate {
  OwnedX509 x509;
  Bytes der;                                   // of the certificate alone, without OpenSSL's auxiliary trust
  std::shared_ptr<const Certificate> decoded;  // null where the strict decoder refuses it
  Sha256 fingerprint{};                        // of `der`
  Sha256 spki{};                               // of its SubjectPublicKeyInfo
  std::uint32_t subject_hash = 0;              // of the names in OpenSSL's canonical form: equal names, equal hashes
  std::uint32_t issuer_hash = 0;
  // Of a certificate that is kept for longer than one verification, CheckPath need not verify the signature again.
  VouchedFor vouched_for;

  const X509_NAME* subject() const { return X509_get_subject_name(x509.get()); }
  const X509_NAME* issuer() const { return X509_get_issuer_name(x509.get()); }
};

// Whether it brings what OpenSSL keeps beside a certificate: for what it is trusted, for what rejected.
bool HasAuxiliaryTrust(const KnownCertificate& certificate);

// As Know of octets, of an object that OpenSSL has read.
CertificatePtr Know(X509* certificate);

// Of a name in OpenSSL's canonical form (case and white space fold); what X509_NAME_cmp calls equal has the same.
// Nothing where OpenSSL cannot make it: whoever looks for something by it must not take that for nothing found.
std::optional<std::uint32_t> NameHash(const X509_NAME* name);

}  // namespace client_cert
