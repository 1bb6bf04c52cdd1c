// KnownCertificate: one certificate as everything that decides about paths needs it: OpenSSL's object, our decoding,
// and the digests that it is found by. Immutable; any thread may read it.
#pragma once

#include <openssl/x509.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/bytes.h"
#include "core/certificate/certificate.h"
#include "core/openssl/owned.h"

namespace client_cert {

using Sha256 = std::array<std::uint8_t, 32>;

struct KnownCertificate {
  OwnedX509 x509;
  Bytes der;                                   // of the certificate alone, without OpenSSL's auxiliary trust
  std::shared_ptr<const Certificate> decoded;  // null where the strict decoder refuses it
  Sha256 fingerprint{};                        // of `der`
  Sha256 spki{};                               // of its SubjectPublicKeyInfo
  std::uint32_t subject_hash = 0;              // of the names in OpenSSL's canonical form: equal names, equal hashes
  std::uint32_t issuer_hash = 0;

  const X509_NAME* subject() const { return X509_get_subject_name(x509.get()); }
  const X509_NAME* issuer() const { return X509_get_issuer_name(x509.get()); }
};

using CertificatePtr = std::shared_ptr<const KnownCertificate>;

// A path: the certificate in question first, the trust anchor last.
using CertificatePath = std::vector<CertificatePtr>;

// Whether what OpenSSL keeps beside a certificate (TRUSTED CERTIFICATE: for what it is trusted, for what rejected) may
// follow its DER.
enum class AuxiliaryTrust : std::uint8_t { kRefused, kAllowed };

// Null where OpenSSL cannot read the octets as one certificate, to their end.
CertificatePtr Know(ByteView der, AuxiliaryTrust auxiliary = AuxiliaryTrust::kRefused);
// The same of an object that OpenSSL has read.
CertificatePtr Know(X509* certificate);

// Of a name in OpenSSL's canonical form (case and white space fold); what X509_NAME_cmp calls equal has the same.
std::uint32_t NameHash(const X509_NAME* name);

}  // namespace client_cert
