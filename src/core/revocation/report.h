// RevocationReport: what was found out about one certificate of a path; FetchWish: what could be found out.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/revocation/finding.h"

namespace client_cert {

struct RevocationReport {
  std::size_t depth = 0;
  std::string key;  // names the certificate and its issuer for whoever keeps evidence: hexadecimal SHA-256
  RevocationFinding finding;
  bool is_forgiven = false;  // not known to be good, and the policy lets it pass
};

// What to fetch for a certificate whose status is not known.
struct FetchWish {
  std::size_t depth = 0;
  std::string key;
  std::vector<std::string> ocsp_urls;
  Bytes ocsp_request;  // OCSPRequest, DER; empty where there is nobody to ask
  Bytes ocsp_nonce;    // that the request has; empty: none
  std::vector<std::string> crl_urls;
};

}  // namespace client_cert
