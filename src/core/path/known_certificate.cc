#include "core/path/known_certificate.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "core/base/budget.h"
#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"

namespace client_cert {
namespace {

OwnedX509 ReadOnce(ByteView der, AuxiliaryTrust auxiliary) {
  const unsigned char* at = der.data();
  const auto length = static_cast<long>(der.size());
  const bool with_trust = auxiliary == AuxiliaryTrust::kAllowed;
  OwnedX509 x509(with_trust ? d2i_X509_AUX(nullptr, &at, length) : d2i_X509(nullptr, &at, length));
  return x509 && at == der.data() + der.size() ? std::move(x509) : nullptr;
}

// The kind of key that its algorithm says, and not another that OpenSSL has tried next; and what it keeps of a key.
bool HasKey(const X509* x509) {
  const EVP_PKEY* key = X509_get0_pubkey(x509);
  ASN1_OBJECT* algorithm = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, X509_get_X509_PUBKEY(x509));
  return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_type(OBJ_obj2nid(algorithm)) &&
         EVP_PKEY_get_security_bits(key) > 0;
}

// Whether nothing shows that something is missing. It may be wrong, too, or of a kind that OpenSSL does not know.
bool IsWhole(X509* x509) {
  if (!HasKey(x509) || X509_check_purpose(x509, -1, 0) != 1) return false;
  const std::uint32_t flags = X509_get_extension_flags(x509);
  return (flags & EXFLAG_SI) == 0 || (flags & EXFLAG_SS) != 0;
}

// OpenSSL takes a certificate for parts of which it has no memory, and says of it for good what it says of one where
// they are wrong. With memory for the rest there may be some for them, too.
OwnedX509 Read(ByteView der, AuxiliaryTrust auxiliary) {
  OwnedX509 x509 = ReadOnce(der, auxiliary);
  return !x509 || IsWhole(x509.get()) ? std::move(x509) : ReadOnce(der, auxiliary);
}

CertificatePtr Make(OwnedX509 x509) {
  auto known = std::make_shared<KnownCertificate>();
  known->der = Encode<i2d_X509>(x509.get());
  const Bytes spki = Encode<i2d_X509_PUBKEY>(X509_get_X509_PUBKEY(x509.get()));
  if (known->der.empty() || spki.empty()) return nullptr;
  if (!DigestSha256(known->der, known->fingerprint) || !DigestSha256(spki, known->spki)) return nullptr;
  // Has OpenSSL read the extensions now, on this thread: later, several threads may ask for them at once.
  X509_check_purpose(x509.get(), -1, 0);
  auto decoded = Certificate::Parse(known->der);
  if (decoded) known->decoded = std::move(decoded).value();
  const std::optional<std::uint32_t> subject_hash = NameHash(X509_get_subject_name(x509.get()));
  const std::optional<std::uint32_t> issuer_hash = NameHash(X509_get_issuer_name(x509.get()));
  if (!subject_hash || !issuer_hash) return nullptr;
  known->subject_hash = *subject_hash;
  known->issuer_hash = *issuer_hash;
  known->x509 = std::move(x509);
  return known;
}

}  // namespace

CertificatePtr Know(ByteView der, AuxiliaryTrust auxiliary) {
  const ErrorQueueGuard guard;
  OwnedX509 x509 = Read(der, auxiliary);
  return x509 ? Make(std::move(x509)) : nullptr;
}

CertificatePtr Know(X509* certificate) {
  const ErrorQueueGuard guard;
  return certificate == nullptr ? nullptr : Make(Share(certificate));
}

void VouchedFor::Add(const Sha256& issuer) const {
  const std::lock_guard lock(mutex_);
  if (issuers_.size() < budget::kRememberedIssuers && std::ranges::find(issuers_, issuer) == issuers_.end()) {
    issuers_.push_back(issuer);
  }
}

bool VouchedFor::Contains(const Sha256& issuer) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(issuers_, issuer) != issuers_.end();
}

bool HasAuxiliaryTrust(const KnownCertificate& certificate) { return X509_trusted(certificate.x509.get()) == 1; }

std::optional<std::uint32_t> NameHash(const X509_NAME* name) {
  int ok = 0;
  const unsigned long hash = X509_NAME_hash_ex(name, nullptr, nullptr, &ok);
  return ok == 1 ? std::optional(static_cast<std::uint32_t>(hash)) : std::nullopt;
}

}  // namespace client_cert
