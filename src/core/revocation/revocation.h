// CheckRevocation: the coordinator of this folder. What all evidence together says of each certificate of a path, and
// what would have to be fetched to know more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/revocation/crl_check.h"
#include "core/revocation/ocsp.h"
#include "core/revocation/policy.h"
#include "core/revocation/report.h"
#include "core/revocation/signers.h"

namespace client_cert {

// What there is to decide by. All borrowed.
struct RevocationEvidenceSets {
  std::vector<const CrlSet*> crls;
  std::vector<const OcspSet*> ocsp;
  // OCSP responses by EvidenceKey; may be empty.
  std::function<std::vector<OcspResponsePtr>(const std::string& key)> ocsp_by_key;
};

// Of each certificate of an otherwise verified path that the policy wants checked: all but the trust anchor.
std::vector<RevocationReport> CheckRevocation(const CertificatePath& path, const RevocationPolicy& policy,
                                              const RevocationEvidenceSets& evidence, std::int64_t at,
                                              SignerSource& signers);

// For those of `reports` that say neither good nor revoked, and for those whose revocation is known only from what is
// out of date: it is believed, but a certificate that was on hold may have been released since.
std::vector<FetchWish> WishesOf(const CertificatePath& path, const RevocationPolicy& policy,
                                const std::vector<RevocationReport>& reports, std::int64_t at);

std::string EvidenceKey(const KnownCertificate& subject, const KnownCertificate& issuer);

}  // namespace client_cert
