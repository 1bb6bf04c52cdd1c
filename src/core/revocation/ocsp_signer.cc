#include "core/revocation/ocsp_signer.h"

#include <openssl/x509.h>

#include <algorithm>

#include "core/base/budget.h"
#include "core/certificate/oids.h"
#include "core/openssl/error_queue.h"
#include "core/revocation/ocsp_signature.h"

namespace client_cert {
namespace {

// id-kp-OCSPSigning, id-pkix-ocsp-nocheck
constexpr auto kOcspSigning = oid::kLiteral<0x2b, 6, 1, 5, 5, 7, 3, 9>;
constexpr auto kNoCheck = oid::kLiteral<0x2b, 6, 1, 5, 5, 7, 48, 1, 5>;

// id-kp-OCSPSigning itself: anyExtendedKeyUsage delegates nothing, and neither does the absence of the extension.
bool MaySignResponses(const Extensions& extensions) {
  const auto& usages = extensions.extended_key_usage;
  if (!usages || std::ranges::find(*usages, kOcspSigning) == usages->end()) return false;
  constexpr KeyUsageBits kDigitalSignature = 1u << 0;
  constexpr KeyUsageBits kNonRepudiation = 1u << 1;
  return !extensions.key_usage || (*extensions.key_usage & (kDigitalSignature | kNonRepudiation)) != 0;
}

class Search {
 public:
  Search(const OcspResponse& response, const RevocationQuestion& question, const OcspSettings& settings,
         std::span<const CrlSet* const> crls, SignerSource& signers, EarliestAfter& next)
      : response_(response),
        question_(question),
        settings_(settings),
        crls_(crls),
        signers_(signers),
        next_(next),
        issuer_path_(question.path.begin() + static_cast<std::ptrdiff_t>(question.depth) + 1, question.path.end()) {}

  OcspSigner Find() {
    if (HasSigned(question_.issuer())) return {question_.issuer(), false};
    const CertificatePtr& configured = settings_.responder;
    if (configured) {
      NoteValidity(*configured);
      if (signers_.Accepts({configured}) && HasSigned(configured)) return {configured, false};
    }
    for (const CertificatePtr& candidate : Candidates()) {
      if (IsDelegated(candidate, issuer_path_)) return {candidate, false};
      if (configured && IsDelegated(candidate, {configured})) return {candidate, false};
    }
    // Accepts and CheckCrls draw on the same budget and do not say that it has run out; asking once more tells.
    return {nullptr, budget_exhausted_ || !signers_.SpendSignature()};
  }

 private:
  // What the response carries, and what else is known under the responder's name.
  std::vector<CertificatePtr> Candidates() {
    std::vector<CertificatePtr> candidates = response_.responders();
    if (response_.responder_name() != nullptr) {
      for (CertificatePtr& known : signers_.WithSubject(response_.responder_name())) {
        if (std::ranges::none_of(candidates,
                                 [&](const auto& other) { return other->fingerprint == known->fingerprint; })) {
          candidates.push_back(std::move(known));
        }
      }
    }
    std::erase_if(candidates, [&](const CertificatePtr& candidate) { return !MayBeDelegated(*candidate); });
    if (candidates.size() > budget::kOcspResponders) candidates.resize(budget::kOcspResponders);
    return candidates;
  }

  // What can be seen of a certificate itself.
  bool MayBeDelegated(const KnownCertificate& candidate) const {
    // Nobody vouches for themselves: a client whose certificate has this usage, too, would never be revoked.
    return candidate.decoded && MaySignResponses(candidate.decoded->extensions()) &&
           candidate.spki != question_.subject().spki;
  }

  // Issued directly by authority.front(), and in force.
  bool IsDelegated(const CertificatePtr& candidate, const CertificatePath& authority) {
    if (budget_exhausted_) return false;
    if (X509_NAME_cmp(candidate->issuer(), authority.front()->subject()) != 0) return false;
    NoteValidity(*candidate);
    CertificatePath path{candidate};
    path.insert(path.end(), authority.begin(), authority.end());
    // The path first: it shows whose key it is, before a key is used that anybody may have made as costly as they like.
    return signers_.Accepts(path) && HasSigned(candidate) && IsNotRevoked(path);
  }

  // RFC 6960 section 4.2.2.2.1: the CA says with id-pkix-ocsp-nocheck that the responder is to be trusted for the
  // lifetime of its certificate. Otherwise it is asked for like any other, but by CRLs only: another OCSP response
  // would again need a responder.
  bool IsNotRevoked(const CertificatePath& path) {
    if (path.front()->decoded->extensions().Find(kNoCheck) != nullptr) return true;
    const RevocationQuestion about_responder{path, 0, question_.at, question_.freshness, question_.security_level};
    const RevocationFinding finding = CheckCrls(about_responder, crls_, signers_);
    next_.Consider(finding.valid_until);
    return finding.status == RevocationStatus::kGood;
  }

  bool HasSigned(const CertificatePtr& certificate) {
    if (budget_exhausted_ || !response_.IsBy(*certificate)) return false;
    if (!signers_.SpendSignature()) {
      budget_exhausted_ = true;
      return false;
    }
    return IsSignedWith(response_, X509_get0_pubkey(certificate->x509.get()), settings_.security_level);
  }

  void NoteValidity(const KnownCertificate& certificate) {
    if (!certificate.decoded) return;
    next_.Consider(certificate.decoded->validity().not_before);
    next_.Consider(certificate.decoded->validity().not_after);
  }

  const OcspResponse& response_;
  const RevocationQuestion& question_;
  const OcspSettings& settings_;
  std::span<const CrlSet* const> crls_;
  SignerSource& signers_;
  EarliestAfter& next_;
  const CertificatePath issuer_path_;
  bool budget_exhausted_ = false;
};

}  // namespace

OcspSigner FindOcspSigner(const OcspResponse& response, const RevocationQuestion& question,
                          const OcspSettings& settings, std::span<const CrlSet* const> crls, SignerSource& signers,
                          EarliestAfter& next) {
  const ErrorQueueGuard guard;
  return Search(response, question, settings, crls, signers, next).Find();
}

}  // namespace client_cert
