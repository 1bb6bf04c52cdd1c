// Verify: one verification. Searches the paths, has OpenSSL and the further rules judge each, then asks for revocation,
// and describes the best one.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/verifier/outcome.h"
#include "core/verifier/settings.h"

namespace client_cert {

struct VerificationQuestion {
  // The leaf first, then whatever came with it. Not empty.
  const std::vector<CertificatePtr>& presented;
  std::int64_t at = 0;  // seconds since 1970
  // Evidence beside that of the settings.
  RevocationEvidenceSets further;
  // Keys of certificates whose sources were asked in vain.
  const std::set<std::string>* unreachable = nullptr;
};

// Any thread. `generation` and `evidence` of the outcome are left to the caller.
Outcome Verify(const VerifierSettings& settings, const VerificationQuestion& question);

}  // namespace client_cert
