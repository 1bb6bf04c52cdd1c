// VerifyAgain: the verification that OpenSSL makes in a full handshake, made once more outside of one.
#pragma once

#include <openssl/x509_vfy.h>

#include <cstdint>

#include "core/base/moment.h"
#include "core/path/path_record.h"

namespace client_cert {

// What a TLS context was given to decide by. All borrowed.
struct PathTrust {
  X509_STORE* store = nullptr;
  const X509_VERIFY_PARAM* parameters = nullptr;
  int security_level = 1;
  const char* purpose = "ssl_client";  // a name of X509_VERIFY_PARAM_lookup
};

// Verifies presented[0] with the rest of `presented` as untrusted material, as of `at` (seconds since 1970). Every
// error is recorded; the record takes over `presented`. Never accepts where the verification could not be set up.
PathRecord VerifyAgain(const PathTrust& trust, std::vector<OwnedX509> presented, std::int64_t at) noexcept;

// The next moment after `record.verified_at` at which a certificate of the path, or a CRL of the store where CRLs are
// checked, begins or ends to be valid, in seconds since 1970; kNeverChanges where there is none.
std::int64_t NextChange(const PathRecord& record, const PathTrust& trust) noexcept;

}  // namespace client_cert
