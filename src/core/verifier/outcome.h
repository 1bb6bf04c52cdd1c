// Outcome: all that one verification found out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/path/certificate_path.h"
#include "core/revocation/report.h"
#include "core/verdict/verdict.h"

namespace client_cert {

struct Outcome {
  Verdict verdict;
  // Of the path that the verdict describes: all above the leaf, which is as it was presented. May end without an
  // anchor. Outcomes are kept, one for each client, and OpenSSL's object takes up several times what the certificate
  // does.
  CertificatePath issuers;
  std::vector<std::string> policies;  // user-constrained policy set of a valid path: OIDs, dotted, sorted
  std::vector<RevocationReport>
      revocation;                 // by depth; empty where the path was refused before revocation was looked at
  std::vector<FetchWish> wishes;  // what could settle what is unknown
  std::uint64_t id = 0;           // another one for each outcome of this process; not 0
  std::int64_t verified_at = 0;   // seconds since 1970
  std::uint64_t generation = 0;   // of the verifier: grows with each change of its settings and each revocation learnt
  std::uint64_t evidence = 0;     // of the verifier: grows with all evidence
};

}  // namespace client_cert
