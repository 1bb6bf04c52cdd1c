// RevocationFinding: what is known of one certificate's revocation, and from what it is known.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/moment.h"

namespace client_cert {

enum class RevocationStatus : std::uint8_t {
  kGood,
  kRevoked,
  kUnknown,  // nothing usable speaks of it
  kStale,    // what speaks of it is out of date (or not yet in force), and does not call it revoked
};

// One CRL or OCSP response that was considered for a certificate and is authentic.
struct RevocationEvidence {
  enum class Kind : std::uint8_t { kCrl, kDeltaCrl, kOcsp };
  Kind kind = Kind::kCrl;
  const void* source = nullptr;  // the Crl or OcspResponse: to be compared, never followed
  RevocationStatus says = RevocationStatus::kUnknown;
  Bytes issuer;                             // DER Name of the CRL's issuer or of the OCSP signer
  std::int64_t this_update = 0;             // seconds since 1970
  std::optional<std::int64_t> next_update;  // seconds since 1970
  std::optional<std::int64_t> revoked_at;   // where it says kRevoked
  std::optional<std::uint32_t> reason;      // CRLReason, where it says kRevoked and gives one
  Bytes number;                             // CRL: cRLNumber, two's complement; empty where there is none
};

struct RevocationFinding {
  RevocationStatus status = RevocationStatus::kUnknown;
  // Something could not be looked at, for lack of memory, that may say more: whatever the status is, nobody is good by
  // it.
  bool is_incomplete = false;
  std::vector<RevocationEvidence> evidence;
  // Until when this holds: the earliest moment after the time in question at which something that it rests on begins or
  // ends to be in force (nextUpdate, thisUpdate + freshness, a certificate of a signer), in seconds since 1970.
  std::int64_t valid_until = kNeverChanges;
};

}  // namespace client_cert
