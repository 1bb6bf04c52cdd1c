#include "core/path/known_certificate.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "core/base/budget.h"
#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"

namespace client_cert {
namespace {

OwnedX509 Read(ByteView der, AuxiliaryTrust auxiliary) {
  const unsigned char* at = der.data();
  const auto length = static_cast<long>(der.size());
  const bool with_trust = auxiliary == AuxiliaryTrust::kAllowed;
  OwnedX509 x509(with_trust ? d2i_X509_AUX(nullptr, &at, length) : d2i_X509(nullptr, &at, length));
  return x509 && at == der.data() + der.size() ? std::move(x509) : nullptr;
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
  known->subject_hash = NameHash(X509_get_subject_name(x509.get()));
  known->issuer_hash = NameHash(X509_get_issuer_name(x509.get()));
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

std::uint32_t NameHash(const X509_NAME* name) {
  int ok = 0;
  const unsigned long hash = X509_NAME_hash_ex(name, nullptr, nullptr, &ok);
  // Without SHA-1 every name has the same hash: slower, not wrong.
  return ok == 1 ? static_cast<std::uint32_t>(hash) : 0;
}

}  // namespace client_cert
