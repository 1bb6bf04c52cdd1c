// PathSettings: what X509_verify_cert is told beside the path itself.
#pragma once

#include <string>
#include <vector>

namespace client_cert {

// The inputs of RFC 5280 section 6.1.1 that are about policies.
struct PolicyInputs {
  std::vector<std::string> initial;  // OIDs; empty: any policy
  bool require_explicit = false;
  bool inhibit_mapping = false;
  bool inhibit_any = false;
};

struct PathSettings {
  int purpose = 0;  // X509_PURPOSE_*; 0: whatever OpenSSL does without one
  int security_level = 1;
  int max_intermediates = 0;
  bool allow_partial_chain = false;
  bool strict = false;
  bool check_policies = true;
  PolicyInputs policies;
};

}  // namespace client_cert
