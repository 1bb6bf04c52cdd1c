#include "core/verifier/known_issuers.h"

#include "core/base/budget.h"
#include "core/path/known_certificate.h"

namespace client_cert {

void KnownIssuers::Remember(const CertificatePath& issuers, const TrustStore& trust) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i + 1 < issuers.size(); ++i) {
    const CertificatePtr& certificate = issuers[i];
    if (certificate->der.size() > budget::kKnownIssuerOctets || known_.contains(certificate->fingerprint)) continue;
    if (trust.trusted.Contains(*certificate) || trust.intermediates.Contains(*certificate)) continue;
    // Configured for settings that are no longer in force: it must not outlive them.
    if (HasAuxiliaryTrust(*certificate)) continue;
    const auto place = least_recent_first_.insert(least_recent_first_.end(), certificate->fingerprint);
    known_.emplace(certificate->fingerprint, Known{certificate, place});
  }
  while (known_.size() > budget::kKnownIssuers) {
    known_.erase(least_recent_first_.front());
    least_recent_first_.pop_front();
  }
}

CertificatePtr KnownIssuers::Find(const Sha256& fingerprint) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(fingerprint);
  if (found == known_.end()) return nullptr;
  least_recent_first_.splice(least_recent_first_.end(), least_recent_first_, found->second.place);
  return found->second.certificate;
}

std::size_t KnownIssuers::size() const {
  const std::lock_guard lock(mutex_);
  return known_.size();
}

}  // namespace client_cert
