// CheckOcsp: which responses speak of the certificate in question, whether they are authentic and in force, and what
// they say together (RFC 6960 section 3.2).
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "core/base/moment.h"
#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"
#include "core/revocation/crl_entries.h"
#include "core/revocation/ocsp_response.h"
#include "core/revocation/ocsp_signer.h"

namespace client_cert {
namespace {

using CertStatus = OcspSingleResponse::CertStatus;

// Without nextUpdate newer information is available at any time (section 4.2.2.1), so such an answer is about the
// moment in which it was given. It counts for as long as `freshness` says; without that for as long as Windows takes
// one (OcspValiditySeconds: twelve hours).
constexpr std::int64_t kWithoutNextUpdate = std::int64_t{12} * 60 * 60;

// Section 4.1.1: the hash of the issuer's name as the certificate in question has it, of the issuer's key, and the
// serial number. That it is the issuer's name, too, is what a path promises; an answer must not depend on a promise.
// Nothing where OpenSSL cannot make the hashes.
std::optional<bool> Means(const OcspCertId& cert_id, const KnownCertificate& subject, const KnownCertificate& issuer) {
  if (cert_id.hash == nullptr || !std::ranges::equal(cert_id.serial, subject.decoded->serial())) return false;
  if (X509_NAME_cmp(subject.issuer(), issuer.subject()) != 0) return false;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  if (X509_NAME_digest(subject.issuer(), cert_id.hash, hash.data(), &size) != 1) return std::nullopt;
  if (!std::ranges::equal(cert_id.issuer_name_hash, ByteView(hash).first(size))) return false;
  if (X509_pubkey_digest(issuer.x509.get(), cert_id.hash, hash.data(), &size) != 1) return std::nullopt;
  return std::ranges::equal(cert_id.issuer_key_hash, ByteView(hash).first(size));
}

RevocationStatus StatusOf(CertStatus status) {
  switch (status) {
    case CertStatus::kGood:
      return RevocationStatus::kGood;
    case CertStatus::kRevoked:
      return RevocationStatus::kRevoked;
    default:
      return RevocationStatus::kUnknown;
  }
}

class Decision {
 public:
  Decision(const RevocationQuestion& question, std::int64_t skew)
      : at_(question.at), freshness_(question.freshness), skew_(skew), next_(question.at) {}

  // Moments that the answer depends on are to be noted here.
  EarliestAfter& next() { return next_; }

  void NoteBudgetExhausted() { budget_exhausted_ = true; }
  void NoteIncomplete() { is_incomplete_ = true; }

  // An authentic statement about the certificate in question.
  void Add(const OcspSingleResponse& single, const OcspResponse& response, const KnownCertificate& signer) {
    const Statement statement{StatusOf(single.status), IsInForce(single, response.produced_at()), single.this_update,
                              single.reason};
    statements_.push_back(statement);
    RevocationEvidence evidence;
    evidence.kind = RevocationEvidence::Kind::kOcsp;
    evidence.source = &response;
    const bool stale = !statement.in_force && statement.says != RevocationStatus::kRevoked;
    evidence.says = stale ? RevocationStatus::kStale : statement.says;
    evidence.issuer = Encode<i2d_X509_NAME>(signer.subject());
    evidence.this_update = single.this_update;
    evidence.next_update = single.next_update;
    if (single.status == CertStatus::kRevoked) {
      evidence.revoked_at = single.revoked_at;
      evidence.reason = single.reason;
    }
    evidence_.push_back(std::move(evidence));
  }

  RevocationFinding Finding() && { return {Status(), is_incomplete_, std::move(evidence_), next_.Value()}; }

 private:
  struct Statement {
    RevocationStatus says;  // kGood, kRevoked, kUnknown
    bool in_force;
    std::int64_t this_update;
    std::optional<std::uint32_t> reason;
  };

  // Authentic is what is signed; a response from yesterday is authentic, too, and whoever passes it on may have chosen
  // the day. Hence nothing is good by a response that is not in force, while one that says "revoked" counts whenever it
  // was made: revocation is not taken back, with one exception.
  RevocationStatus Status() const {
    const Statement* newest = nullptr;
    for (const Statement& statement : statements_) {
      if (!statement.in_force) continue;
      if (statement.says == RevocationStatus::kRevoked) return RevocationStatus::kRevoked;
      // Of two that are in force the later one knows more; of two of the same time the one that knows less decides.
      if (newest == nullptr || statement.this_update > newest->this_update ||
          (statement.this_update == newest->this_update && statement.says == RevocationStatus::kUnknown)) {
        newest = &statement;
      }
    }
    const auto stands = [&](const Statement& statement) {
      return statement.says == RevocationStatus::kRevoked && !IsLifted(statement, newest);
    };
    if (std::ranges::any_of(statements_, stands)) return RevocationStatus::kRevoked;
    // What could not be looked at might have said so.
    if (budget_exhausted_) return RevocationStatus::kUnknown;
    if (newest != nullptr) return newest->says;
    return statements_.empty() ? RevocationStatus::kUnknown : RevocationStatus::kStale;
  }

  // Whether a hold that is out of date has ended by what is in force now.
  static bool IsLifted(const Statement& revoked, const Statement* newest) {
    return revoked.reason == crl_reason::kCertificateHold && newest != nullptr &&
           newest->says == RevocationStatus::kGood && newest->this_update > revoked.this_update;
  }

  bool IsInForce(const OcspSingleResponse& single, std::int64_t produced_at) {
    const std::int64_t begin = std::max(single.this_update, produced_at) - skew_;
    next_.Consider(begin);
    const std::int64_t end = single.next_update.value_or(single.this_update + freshness_.value_or(kWithoutNextUpdate));
    // A verdict holds until nextUpdate. Only what is asked for after it uses up the skew, by then a clock differs.
    next_.Consider(end);
    bool in_force = at_ >= begin && IsUntil(end + skew_);
    // Not with skew: who asks for evidence that is at most so old means just that.
    if (freshness_) in_force = IsUntil(single.this_update + *freshness_) && in_force;
    return in_force;
  }

  // Whether it is not later than `last`, the last second of something.
  bool IsUntil(std::int64_t last) {
    next_.Consider(last + 1);
    return at_ <= last;
  }

  const std::int64_t at_;
  const std::optional<std::int64_t> freshness_;
  const std::int64_t skew_;
  EarliestAfter next_;
  std::vector<Statement> statements_;
  std::vector<RevocationEvidence> evidence_;
  bool budget_exhausted_ = false;
  bool is_incomplete_ = false;
};

// Each once, though several sets may hold it, in their order.
std::vector<OcspResponsePtr> ResponsesWithSerial(std::span<const OcspSet* const> sets, ByteView serial) {
  std::vector<OcspResponsePtr> all;
  std::unordered_set<const OcspResponse*> seen;
  for (const OcspSet* set : sets) {
    for (OcspResponsePtr& response : set->WithSerial(serial)) {
      if (seen.insert(response.get()).second) all.push_back(std::move(response));
    }
  }
  return all;
}

}  // namespace

RevocationFinding CheckOcsp(const RevocationQuestion& question, std::span<const OcspSet* const> sets,
                            const OcspSettings& settings, std::span<const CrlSet* const> crls, SignerSource& signers) {
  const ErrorQueueGuard guard;
  const KnownCertificate& subject = question.subject();
  // What the strict decoder refuses is never valid; nothing more needs to be known of it.
  if (!subject.decoded) return {};
  Decision decision(question, settings.skew);
  for (const OcspResponsePtr& response : ResponsesWithSerial(sets, subject.decoded->serial())) {
    std::vector<const OcspSingleResponse*> about_subject;
    for (const OcspSingleResponse& single : response->single_responses()) {
      const std::optional<bool> is_meant = Means(single.cert_id, subject, *question.issuer());
      if (!is_meant) decision.NoteIncomplete();
      if (is_meant.value_or(false)) about_subject.push_back(&single);
    }
    if (about_subject.empty()) continue;
    OcspSigner signer = FindOcspSigner(*response, question, settings, crls, signers, decision.next());
    // Once more: there may have been no memory to see by whom it is.
    if (!signer.certificate && !signer.budget_exhausted) {
      signer = FindOcspSigner(*response, question, settings, crls, signers, decision.next());
    }
    if (signer.budget_exhausted) decision.NoteBudgetExhausted();
    if (!signer.certificate) continue;
    for (const OcspSingleResponse* single : about_subject) decision.Add(*single, *response, *signer.certificate);
  }
  return std::move(decision).Finding();
}

}  // namespace client_cert
