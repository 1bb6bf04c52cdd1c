// ReasonsCovered: whether a CRL speaks of a certificate, and for which reasons of revocation (RFC 5280 section 6.3.3
// (b) to (d)).
#pragma once

#include <cstdint>

#include "core/path/known_certificate.h"
#include "core/revocation/crl.h"

namespace client_cert {

// Bits of ReasonFlags by their number, without bit 0, which is unused.
using ReasonMask = std::uint32_t;
inline constexpr ReasonMask kAllReasons = 0x1fe;

// `certificate` was decoded. 0: it does not speak of it.
ReasonMask ReasonsCovered(const Crl& crl, const KnownCertificate& certificate);

}  // namespace client_cert
