// Who signed a CRL (RFC 5280 section 6.3.3, (f) and (g)).
#pragma once

#include <functional>

#include "core/base/moment.h"
#include "core/revocation/crl.h"
#include "core/revocation/signers.h"

namespace client_cert {

struct CrlSigner {
  enum class State : std::uint8_t {
    kFound,
    kUnknown,  // nobody who is known may sign CRLs of that name
    kForged,   // none of those has signed it, or those who have are not good themselves
    kOutOfBudget,
  };
  State state = State::kUnknown;
  CertificatePtr certificate;  // of kFound
  bool is_in_path = false;     // above the certificate in question
};

// Whether no certificate of this path of a CRL signer, which is not in the path in question, is revoked. Moments that
// the answer depends on are its own to note.
using IsPathGood = std::function<bool(const CertificatePath& path)>;

// First whoever is above the certificate in question; then, unless `is_path_good` is empty, others of the CRL issuer's
// name whose path ends in the same anchor. Moments that the answer depends on are noted in `next`.
CrlSigner FindCrlSigner(const Crl& crl, const RevocationQuestion& question, SignerSource& signers,
                        const IsPathGood& is_path_good, EarliestAfter& next);

// Whoever above the certificate in question has the CRL issuer's name and has signed it, although its
// authorityKeyIdentifier names another certificate of that CA: one that was renewed with its key. Nobody is good by
// such a CRL, which OpenSSL does not take. kUnknown: nobody has.
CrlSigner FindKeyOfCrl(const Crl& crl, const RevocationQuestion& question, SignerSource& signers);

// Whether `crl` was signed with the key of `certificate`, strongly enough for one of OpenSSL's security levels.
// nullopt: the budget has run out.
std::optional<bool> HasSignedCrl(const KnownCertificate& certificate, const Crl& crl, int security_level,
                                 SignerSource& signers);

}  // namespace client_cert
