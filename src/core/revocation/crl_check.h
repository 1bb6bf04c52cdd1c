// CheckCrls: what a set of CRLs says of one certificate, by RFC 5280 section 6.3.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/revocation/crl.h"
#include "core/revocation/finding.h"
#include "core/revocation/signers.h"

namespace client_cert {

// CRLs by the canonical form of their issuer's name. Immutable: a change makes a new one.
class CrlSet {
 public:
  CrlSet() = default;
  explicit CrlSet(std::vector<CrlPtr> crls);

  // Those whose issuer has this name; look-up does not grow with the number of issuers.
  std::vector<CrlPtr> WithIssuer(const X509_NAME* issuer) const;
  const std::vector<CrlPtr>& all() const { return all_; }

 private:
  std::vector<CrlPtr> all_;
  std::unordered_multimap<std::uint32_t, CrlPtr> by_issuer_;  // by Crl::issuer_hash
};

// Considers the CRLs of all `sets` together: complete, delta and indirect ones.
RevocationFinding CheckCrls(const RevocationQuestion& question, std::span<const CrlSet* const> sets,
                            SignerSource& signers);

}  // namespace client_cert
