// CrlSigners: who may have signed a CRL, and whether he has.
#pragma once

#include <map>
#include <optional>
#include <span>

#include "core/base/moment.h"
#include "core/revocation/crl.h"
#include "core/revocation/crl_check.h"
#include "core/revocation/signers.h"

namespace client_cert {

// Whether a signer may be one that is not in the path of the certificate in question. Not where that certificate is
// itself such a signer: as in OpenSSL, nobody is followed further, so that nobody vouches for himself.
enum class OtherSigners : std::uint8_t { kRefused, kAllowed };

class CrlSigners {
 public:
  CrlSigners(const RevocationQuestion& question, std::span<const CrlSet* const> sets, SignerSource& signers,
             OtherSigners others);

  // Whether somebody has signed it who may. `next` gets the moments at which that changes.
  bool HaveSigned(const Crl& crl, EarliestAfter& next);

  // Whether it names somebody in the path as its signer. Where he has not signed it, it is not authentic: nobody knows
  // what it would have said.
  bool IsClaimed(const Crl& crl) const;

 private:
  bool HasSigned(const Crl& crl, const KnownCertificate& signer);
  bool IsGood(const CertificatePtr& signer, EarliestAfter& next);

  const RevocationQuestion& question_;
  std::span<const CrlSet* const> sets_;
  SignerSource& signers_;
  OtherSigners others_;
  std::map<Sha256, bool> good_;  // other signers, by fingerprint
};

}  // namespace client_cert
