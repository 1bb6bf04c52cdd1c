// An ECDSA signature (r, s) has a twin, (r, n - s), that is as good and that anybody can make. A certificate with it
// says the same and has another fingerprint.
#pragma once

#include <vector>

#include "core/base/bytes.h"
#include "core/certificate/certificate.h"

namespace client_cert {

// DER of `certificate` with the twin of its signature, one for each curve that its issuer's key may be on. Empty where
// its signature has none. False: there was no memory for them.
bool MakeTwins(const Certificate& certificate, std::vector<Bytes>& twins);

}  // namespace client_cert
