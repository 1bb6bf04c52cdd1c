#include "core/revocation/crl_signer.h"

#include <openssl/x509.h>

#include <algorithm>
#include <span>

#include "core/base/budget.h"
#include "core/openssl/error_queue.h"

namespace client_cert {
namespace {

using State = CrlSigner::State;

// RFC 5280 section 6.3.3 (f): the anchor's, too.
bool MaySignCrls(const KnownCertificate& certificate) {
  constexpr KeyUsageBits kCrlSign = 1u << 6;
  if (!certificate.decoded) return false;
  const auto& usage = certificate.decoded->extensions().key_usage;
  return !usage || (*usage & kCrlSign) != 0;
}

// As OpenSSL's X509_check_akid: whatever of it is there on both sides is the same.
bool MatchesKeyIdentifier(const std::optional<AuthorityKeyIdentifier>& identifier, const KnownCertificate& signer) {
  if (!identifier) return true;
  const auto& key = signer.decoded->extensions().subject_key_identifier;
  if (identifier->key_identifier && key && !std::ranges::equal(*identifier->key_identifier, *key)) return false;
  if (identifier->serial && !std::ranges::equal(*identifier->serial, signer.decoded->serial())) return false;
  const auto issuer =
      std::ranges::find(identifier->issuer, AlternativeName::Type::kDirectoryName, &AlternativeName::type);
  return issuer == identifier->issuer.end() || IsSameName(DecodeName(issuer->value).get(), signer.issuer());
}

bool IsNamedBy(const Crl& crl, const KnownCertificate& signer) {
  return signer.decoded && IsSameName(signer.subject(), crl.issuer()) &&
         MatchesKeyIdentifier(crl.authority_key_identifier(), signer);
}

class Search {
 public:
  Search(const Crl& crl, const RevocationQuestion& question, SignerSource& signers, EarliestAfter& next)
      : crl_(crl),
        question_(question),
        signers_(signers),
        next_(next),
        above_(std::span(question.path).subspan(question.depth + 1)) {}

  // The nearest one that the CRL can be meant to be of is the one. Another key of the same name is told from it by
  // authorityKeyIdentifier, which RFC 5280 section 5.2.1 demands; without it OpenSSL asks nobody else either, and
  // nothing is good that OpenSSL refuses.
  std::optional<CrlSigner> InPath() {
    const auto named =
        std::ranges::find_if(above_, [&](const CertificatePtr& signer) { return IsNamedBy(crl_, *signer); });
    if (named == above_.end()) return std::nullopt;
    if (MaySignCrls(**named) && HasSigned(**named)) return CrlSigner{State::kFound, *named, true};
    return CrlSigner{is_out_of_budget_ ? State::kOutOfBudget : State::kForged, nullptr, true};
  }

  // By name and key alone.
  CrlSigner WhoeverHasSigned() {
    for (const CertificatePtr& signer : above_) {
      if (!signer->decoded || !IsSameName(signer->subject(), crl_.issuer()) || !MaySignCrls(*signer)) continue;
      if (HasSigned(*signer)) return {State::kFound, signer, true};
    }
    return {is_out_of_budget_ ? State::kOutOfBudget : State::kUnknown, nullptr, true};
  }

  CrlSigner Elsewhere(const IsPathGood& is_path_good) {
    const std::vector<CertificatePtr> candidates = Candidates();
    for (const CertificatePtr& signer : candidates) {
      // The path first: it shows whose key it is, before a key is used that anybody may have made as costly as they
      // like.
      const CertificatePath path = signers_.PathTo(signer, question_.path.back());
      if (path.empty() || !HasSigned(*signer) || !is_path_good(path)) continue;
      for (const CertificatePtr& certificate : path) NoteValidity(*certificate);
      return {State::kFound, signer, false};
    }
    // Paths draw on the same budget and do not say that it has run out; asking once more tells.
    if (!candidates.empty() && !signers_.SpendSignature()) is_out_of_budget_ = true;
    if (is_out_of_budget_) return {State::kOutOfBudget, nullptr, false};
    return {candidates.empty() ? State::kUnknown : State::kForged, nullptr, false};
  }

 private:
  // Of the CRL issuer's name, not in the path. Nobody vouches for themselves: the key in question does not sign.
  std::vector<CertificatePtr> Candidates() {
    std::vector<CertificatePtr> candidates;
    for (CertificatePtr& signer : signers_.WithSubject(crl_.issuer())) {
      const auto is_signer = [&](const CertificatePtr& other) { return other->fingerprint == signer->fingerprint; };
      if (std::ranges::any_of(above_, is_signer) || std::ranges::any_of(candidates, is_signer)) continue;
      if (signer->spki == question_.subject().spki || !IsNamedBy(crl_, *signer) || !MaySignCrls(*signer)) continue;
      candidates.push_back(std::move(signer));
      if (candidates.size() == budget::kCrlSigners) break;
    }
    return candidates;
  }

  bool HasSigned(const KnownCertificate& signer) {
    if (is_out_of_budget_) return false;
    const std::optional<bool> has_signed = HasSignedCrl(signer, crl_, question_.security_level, signers_);
    if (!has_signed) is_out_of_budget_ = true;
    return has_signed.value_or(false);
  }

  void NoteValidity(const KnownCertificate& certificate) {
    if (!certificate.decoded) return;
    next_.Consider(certificate.decoded->validity().not_before);
    next_.Consider(certificate.decoded->validity().not_after);
  }

  const Crl& crl_;
  const RevocationQuestion& question_;
  SignerSource& signers_;
  EarliestAfter& next_;
  const std::span<const CertificatePtr> above_;
  bool is_out_of_budget_ = false;
};

}  // namespace

CrlSigner FindCrlSigner(const Crl& crl, const RevocationQuestion& question, SignerSource& signers,
                        const IsPathGood& is_path_good, EarliestAfter& next) {
  const ErrorQueueGuard guard;
  Search search(crl, question, signers, next);
  if (std::optional<CrlSigner> in_path = search.InPath()) return *in_path;
  return is_path_good ? search.Elsewhere(is_path_good) : CrlSigner{};
}

CrlSigner FindKeyOfCrl(const Crl& crl, const RevocationQuestion& question, SignerSource& signers) {
  const ErrorQueueGuard guard;
  EarliestAfter unused(question.at);
  return Search(crl, question, signers, unused).WhoeverHasSigned();
}

std::optional<bool> HasSignedCrl(const KnownCertificate& certificate, const Crl& crl, int security_level,
                                 SignerSource& signers) {
  const std::optional<bool> remembered = crl.signature().Remembered(certificate.spki, security_level);
  if (remembered) return remembered;
  if (!signers.SpendSignature()) return std::nullopt;
  return crl.signature().Verify(certificate, security_level);
}

}  // namespace client_cert
