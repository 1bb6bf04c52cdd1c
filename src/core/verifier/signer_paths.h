// SignerPaths: finds and verifies the certificates of those who sign CRLs and OCSP responses, with the trust and within
// the budget of one verification.
#pragma once

#include <map>
#include <vector>

#include "core/path/path_search.h"
#include "core/revocation/signers.h"
#include "core/verifier/settings.h"

namespace client_cert {

class SignerPaths final : public SignerSource {
 public:
  SignerPaths(const VerifierSettings& settings, const std::vector<CertificatePtr>& presented, std::int64_t at,
              SignatureBudget& signatures);

  std::vector<CertificatePtr> WithSubject(const X509_NAME* subject) override;
  bool Accepts(const CertificatePath& path) override;
  CertificatePath PathTo(const CertificatePtr& signer, const CertificatePtr& anchor) override;
  int SecurityLevel() const override { return settings_.path.security_level; }
  bool SpendSignature() override { return signatures_.Spend(1); }

 private:
  const VerifierSettings& settings_;
  const std::vector<CertificatePtr>& presented_;
  std::int64_t at_;
  SignatureBudget& signatures_;
  CertificatePool presented_pool_;
  std::map<std::pair<Sha256, Sha256>, CertificatePath> known_;  // by signer and anchor
};

}  // namespace client_cert
