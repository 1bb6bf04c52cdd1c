// The scope of a CRL: whether it speaks of a certificate, and for which reasons (RFC 5280 section 6.3.3, (b) and (d)).
#pragma once

#include "core/revocation/crl.h"

namespace client_cert {

// keyCompromise to aACompromise. Bit 0 is not used.
inline constexpr ReasonBits kAllReasons = 0x1fe;

struct CrlScope {
  // For which the CRL would list the certificate; 0 where it does not speak of it.
  ReasonBits reasons = 0;
  // The same by OpenSSL's rules, which ask for less. Where OpenSSL would not believe such a CRL it refuses.
  ReasonBits claimed = 0;
};

// Nothing is said about who signed the CRL. `subject` is one that the strict decoder accepted.
CrlScope ScopeFor(const Crl& crl, const KnownCertificate& subject);

// The names that a CRL's issuer may have that speaks of `subject`: that of its issuer, and those that its distribution
// points give as cRLIssuer. `subject` is one that the strict decoder accepted.
std::optional<std::vector<OwnedName>> CrlIssuersOf(const KnownCertificate& subject);

}  // namespace client_cert
