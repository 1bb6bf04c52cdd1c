#include "core/verifier/signer_paths.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace client_cert {

SignerPaths::SignerPaths(const VerifierSettings& settings, const std::vector<CertificatePtr>& presented,
                         std::int64_t at, SignatureBudget& signatures)
    : settings_(settings), presented_(presented), at_(at), signatures_(signatures) {
  for (const CertificatePtr& certificate : presented) presented_pool_.Add(certificate);
}

std::vector<CertificatePtr> SignerPaths::WithSubject(const X509_NAME* subject) {
  const std::optional<std::uint32_t> hash = NameHash(subject);
  std::vector<CertificatePtr> found;
  // Who was not looked for might have signed: as where there is no budget for it.
  if (!hash) signatures_.SpendAll();
  if (!hash) return found;
  settings_.trust.trusted.AppendWithSubject(subject, *hash, found);
  settings_.trust.intermediates.AppendWithSubject(subject, *hash, found);
  presented_pool_.AppendWithSubject(subject, *hash, found);
  std::erase_if(found, [&](const CertificatePtr& signer) { return IsDistrusted(settings_.requirements, *signer); });
  return found;
}

bool SignerPaths::Accepts(const CertificatePath& path) {
  const auto is_refused = [&](const CertificatePtr& certificate) {
    return IsDistrusted(settings_.requirements, *certificate);
  };
  if (path.empty() || std::ranges::any_of(path, is_refused) || !signatures_.Spend(path.size() - 1)) return false;
  TrustStore trust;
  trust.AddCa(path.back(), true);
  PathSettings settings = settings_.path;
  settings.purpose = 0;
  settings.allow_partial_chain = true;
  // As in OpenSSL: policies are those of the path in question, not of those who sign CRLs.
  settings.check_policies = false;
  return CheckPath(path, trust, settings, at_).accepted;
}

CertificatePath SignerPaths::PathTo(const CertificatePtr& signer, const CertificatePtr& anchor) {
  const auto [known, is_new] = known_.try_emplace({signer->fingerprint, anchor->fingerprint});
  CertificatePath& found = known->second;
  if (!is_new) return found;
  std::vector<CertificatePtr> presented = {signer};
  presented.insert(presented.end(), presented_.begin(), presented_.end());
  const auto is_distrusted = [&](const KnownCertificate& certificate) {
    return IsDistrusted(settings_.requirements, certificate);
  };
  PathSearch search({presented, settings_.trust, at_, static_cast<std::size_t>(settings_.path.max_intermediates),
                     anchor.get(), is_distrusted},
                    signatures_);
  search.RunUnsuspicious([&](const CertificatePath& path) {
    if (!Accepts(path)) return Visit::kGoOn;
    found = path;
    return Visit::kStop;
  });
  return found;
}

}  // namespace client_cert
