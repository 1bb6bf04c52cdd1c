// What revocation asks of path verification. Implemented in verifier/, which knows the trust and the budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/path/known_certificate.h"

namespace client_cert {

// The certificate in question is path[depth]; path[depth + 1] issued it; path.back() is the trust anchor. `depth` is
// never that of the anchor.
struct RevocationQuestion {
  const CertificatePath& path;
  std::size_t depth;
  std::int64_t at;                        // seconds since 1970
  std::optional<std::int64_t> freshness;  // seconds: evidence whose thisUpdate is older does not count

  const KnownCertificate& subject() const { return *path[depth]; }
  const CertificatePtr& issuer() const { return path[depth + 1]; }
};

class SignerSource {
 public:
  SignerSource() = default;
  SignerSource(const SignerSource&) = delete;
  SignerSource& operator=(const SignerSource&) = delete;
  virtual ~SignerSource() = default;

  // The certificates of that subject which are known: trust anchors, configured intermediates, what was presented.
  virtual std::vector<CertificatePtr> WithSubject(const X509_NAME* subject) = 0;

  // Whether X509_verify_cert accepts exactly this path as of the time in question, for any purpose, with path.back() as
  // the trust anchor. Revocation is not looked at.
  virtual bool Accepts(const CertificatePath& path) = 0;

  // A path of `signer` that Accepts accepts and that ends in `anchor`; empty where there is none within the budget.
  virtual CertificatePath PathTo(const CertificatePtr& signer, const CertificatePtr& anchor) = 0;

  // OpenSSL's security level that the signatures of CRLs have to meet, as those of certificates do.
  virtual int SecurityLevel() const { return 0; }

  // To be asked before each verification of a signature (of a CRL, of an OCSP response): false where the budget of this
  // verification has run out. Then nothing more is verified, and what would have needed it is unknown.
  virtual bool SpendSignature() = 0;
};

}  // namespace client_cert
