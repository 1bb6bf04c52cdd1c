#include "core/revocation/crl_signers.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "core/base/budget.h"

namespace client_cert {

// Defined beside CheckCrls, which checks a signer's own certificate by it.
RevocationFinding CheckCrlsOfSigner(const RevocationQuestion& question, std::span<const CrlSet* const> sets,
                                    SignerSource& signers);

namespace {

// Section 4.2.1.3: without the extension every usage is permitted.
bool MaySignCrls(const KnownCertificate& signer) { return (X509_get_key_usage(signer.x509.get()) & KU_CRL_SIGN) != 0; }

bool IsNamed(const Crl& crl, const KnownCertificate& signer) {
  if (X509_NAME_cmp(crl.issuer_name(), signer.subject()) != 0) return false;
  const ASN1_OCTET_STRING* identifier = X509_get0_subject_key_id(signer.x509.get());
  if (!crl.key_identifier() || identifier == nullptr) return true;
  const ByteView octets(ASN1_STRING_get0_data(identifier), static_cast<std::size_t>(ASN1_STRING_length(identifier)));
  return std::ranges::equal(octets, *crl.key_identifier());
}

void NoteEnd(EarliestAfter& next, const KnownCertificate& certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.x509.get()), &parts) == 1) next.Consider(timegm(&parts));
}

bool IsIn(const CertificatePath& path, const KnownCertificate& certificate) {
  return std::ranges::any_of(
      path, [&](const CertificatePtr& known) { return known->fingerprint == certificate.fingerprint; });
}

}  // namespace

CrlSigners::CrlSigners(const RevocationQuestion& question, std::span<const CrlSet* const> sets, SignerSource& signers,
                       OtherSigners others)
    : question_(question), sets_(sets), signers_(signers), others_(others) {}

bool CrlSigners::HasSigned(const Crl& crl, const KnownCertificate& signer) {
  if (!MaySignCrls(signer) || !IsNamed(crl, signer)) return false;
  const std::optional<SignatureStrength> strength =
      crl.SignatureBy(signer, [this] { return signers_.SpendSignature(); });
  return strength && IsStrongEnough(*strength, question_.security_level);
}

// Its path ends in the same anchor (6.3.3 (f)), and nothing of it that is not in the path in question, where it is
// looked at anyway, has been revoked.
bool CrlSigners::IsGood(const CertificatePtr& signer, EarliestAfter& next) {
  const auto [known, is_new] = good_.try_emplace(signer->fingerprint, false);
  if (!is_new) return known->second;
  const CertificatePath path = signers_.PathTo(signer, question_.path.back());
  for (std::size_t depth = 0; depth + 1 < path.size(); ++depth) {
    NoteEnd(next, *path[depth]);
    if (depth > 0 && IsIn(question_.path, *path[depth])) continue;
    const RevocationQuestion of_signer{path, depth, question_.at, question_.freshness, question_.security_level};
    const RevocationFinding finding = CheckCrlsOfSigner(of_signer, sets_, signers_);
    next.Consider(finding.valid_until);
    if (finding.status != RevocationStatus::kGood) return false;
  }
  known->second = !path.empty();
  return known->second;
}

bool CrlSigners::IsClaimed(const Crl& crl) const {
  return std::any_of(question_.path.begin() + static_cast<std::ptrdiff_t>(question_.depth) + 1, question_.path.end(),
                     [&](const CertificatePtr& signer) { return IsNamed(crl, *signer); });
}

bool CrlSigners::HaveSigned(const Crl& crl, EarliestAfter& next) {
  // Whoever is above the certificate in its own path was verified with it.
  for (std::size_t depth = question_.depth + 1; depth < question_.path.size(); ++depth) {
    if (HasSigned(crl, *question_.path[depth])) return true;
  }
  if (others_ == OtherSigners::kRefused) return false;
  std::size_t tried = 0;
  for (const CertificatePtr& signer : signers_.WithSubject(crl.issuer_name())) {
    if (signer->fingerprint == question_.subject().fingerprint || !MaySignCrls(*signer) || !IsNamed(crl, *signer))
      continue;
    if (++tried > budget::kCrlSigners) return false;
    if (HasSigned(crl, *signer) && IsGood(signer, next)) return true;
  }
  return false;
}

}  // namespace client_cert
