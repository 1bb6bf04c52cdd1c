#include "core/verifier/verification.h"

#include <algorithm>
#include <ctime>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "core/base/moment.h"
#include "core/openssl/error_queue.h"
#include "core/path/path_search.h"
#include "core/path/path_verifier.h"
#include "core/verdict/faults.h"
#include "core/verdict/judge.h"
#include "core/verdict/rfc5280.h"
#include "core/verifier/signer_paths.h"

namespace client_cert {
namespace {

// One path with everything that speaks against it.
struct Candidate {
  CertificatePath path;
  PathRecord record;
  std::vector<Problem> further;  // beside those of the record
  std::vector<RevocationReport> revocation;
  std::vector<std::string> policies;

  bool IsValid() const { return record.accepted && further.empty(); }
};

std::vector<Problem> ProblemsOf(const Candidate& candidate) {
  std::vector<Problem> problems = ProblemsOfFaults(candidate.record);
  problems.insert(problems.end(), candidate.further.begin(), candidate.further.end());
  return problems;
}

std::size_t ForgivenIn(const Candidate& candidate) {
  const auto is_forgiven = [](const RevocationReport& report) { return report.is_forgiven; };
  return static_cast<std::size_t>(std::ranges::count_if(candidate.revocation, is_forgiven));
}

// The less grave its gravest problem and the fewer it has, the better. A path that has problems and cannot say which is
// the worst.
std::pair<int, std::size_t> BadnessOf(const Candidate& candidate) {
  if (candidate.IsValid()) return {std::numeric_limits<int>::min(), ForgivenIn(candidate)};
  int gravest = std::numeric_limits<int>::max();
  const std::vector<Problem> problems = ProblemsOf(candidate);
  for (const Problem& problem : problems) gravest = std::min(gravest, KindOf(problem.code).precedence);
  return {problems.empty() ? 0 : -gravest, problems.size()};
}

// What is wrong with a leaf on every path that it could have.
bool IsOfTheLeafAlone(const Problem& problem) {
  switch (problem.code) {
    case ProblemCode::CERT_EXPIRED:
    case ProblemCode::CERT_NOT_YET_VALID:
    case ProblemCode::CERT_REVOKED:
    case ProblemCode::CERT_DISTRUSTED:
    case ProblemCode::CERT_KEY_WEAK:
    case ProblemCode::CERT_SIGNATURE_WEAK:
    case ProblemCode::CERT_MALFORMED:
    case ProblemCode::CRITICAL_EXTENSION_UNKNOWN:
    case ProblemCode::EXTENSION_INVALID:
    case ProblemCode::USAGE_NOT_ALLOWED:
    case ProblemCode::NAME_MISMATCH:
      return problem.depth == 0;
    default:
      return false;
  }
}

ProblemCode CodeOf(const RevocationReport& report, const std::set<std::string>* unreachable) {
  if (report.finding.status == RevocationStatus::kRevoked) return ProblemCode::CERT_REVOKED;
  if (report.finding.status == RevocationStatus::kStale) return ProblemCode::REVOCATION_STALE;
  const bool is_unreachable = unreachable != nullptr && unreachable->contains(report.key);
  return is_unreachable ? ProblemCode::REVOCATION_UNREACHABLE : ProblemCode::REVOCATION_UNKNOWN;
}

void ConsiderTimes(EarliestAfter& next, const X509* certificate) {
  // At notAfter itself OpenSSL takes a certificate for expired.
  for (const ASN1_TIME* time : {X509_get0_notBefore(certificate), X509_get0_notAfter(certificate)}) {
    std::tm parts{};
    if (time != nullptr && ASN1_TIME_to_tm(time, &parts) == 1) next.Consider(timegm(&parts));
  }
}

class Verification {
 public:
  Verification(const VerifierSettings& settings, const VerificationQuestion& question)
      : settings_(settings), question_(question), signers_(settings, question.presented, question.at, signatures_) {
    evidence_ = question.further;
    evidence_.crls.push_back(&settings.crls);
    evidence_.ocsp.push_back(&settings.ocsp);
  }

  Outcome Run() {
    const auto is_distrusted = [&](const KnownCertificate& certificate) {
      return IsDistrusted(settings_.requirements, certificate);
    };
    PathSearch search({question_.presented, settings_.trust, question_.at,
                       static_cast<std::size_t>(settings_.path.max_intermediates), nullptr, is_distrusted},
                      signatures_);
    search.Run([&](const CertificatePath& path) { return Look(path); });
    if (!best_) Keep(Unverified());
    RefuseRevokedElsewhere();
    if (!best_->IsValid()) ExplainSearch(search);
    return Describe();
  }

 private:
  Visit Look(const CertificatePath& path) {
    if (!signatures_.Spend(path.size() - 1)) return Visit::kStop;
    Candidate candidate;
    candidate.path = path;
    candidate.record = CheckPath(path, settings_.trust, settings_.path, question_.at, &candidate.policies);
    candidate.further = ProblemsOfRequirements(settings_.requirements, path);
    const std::vector<Problem> left_out = ProblemsOfRfc5280(path);
    candidate.further.insert(candidate.further.end(), left_out.begin(), left_out.end());
    if (candidate.IsValid() && EveryIssuerDecoded(path)) CheckRevocationOf(candidate);
    const std::vector<Problem> problems = ProblemsOf(candidate);
    // Where something was forgiven, another path may know it.
    const bool is_content = candidate.IsValid() && ForgivenIn(candidate) == 0;
    const bool is_last = is_content || (!problems.empty() && std::ranges::all_of(problems, IsOfTheLeafAlone));
    Keep(std::move(candidate));
    return is_last ? Visit::kStop : Visit::kGoOn;
  }

  // JudgePath refuses other paths; what refuses them need not be asked for revocation.
  static bool EveryIssuerDecoded(const CertificatePath& path) {
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
      const bool is_anchor = depth > 0 && depth + 1 == path.size();
      if (!is_anchor && path[depth]->decoded == nullptr) return false;
    }
    return true;
  }

  void CheckRevocationOf(Candidate& candidate) {
    candidate.revocation = CheckRevocation(candidate.path, settings_.revocation, evidence_, question_.at, signers_);
    bool is_incomplete = signatures_.exhausted();
    for (RevocationReport& report : candidate.revocation) {
      is_incomplete = is_incomplete || report.finding.is_incomplete;
      // What one path showed to be revoked is revoked on every other one, too, where that evidence may not count.
      const Sha256& fingerprint = candidate.path[report.depth]->fingerprint;
      if (revoked_.contains(fingerprint)) report.finding.status = RevocationStatus::kRevoked;
      if (report.finding.status == RevocationStatus::kGood) continue;
      if (report.finding.status == RevocationStatus::kRevoked) revoked_.insert(fingerprint);
      if (report.finding.status == RevocationStatus::kRevoked || !report.is_forgiven) {
        report.is_forgiven = false;
        candidate.further.push_back({CodeOf(report, question_.unreachable), report.depth});
      }
    }
    // Without budget or memory nobody was asked: that is not "unknown", which a policy may forgive.
    if (is_incomplete) candidate.further.push_back({ProblemCode::VERIFICATION_INCOMPLETE, 0});
  }

  void Keep(Candidate candidate) {
    if (!best_ || BadnessOf(candidate) < BadnessOf(*best_)) best_ = std::move(candidate);
  }

  // What was forgiven on one path, or good, has turned out to be revoked on a later one: whichever path came first must
  // not matter.
  void RefuseRevokedElsewhere() {
    for (RevocationReport& report : best_->revocation) {
      const bool is_refused = report.finding.status == RevocationStatus::kRevoked;
      if (is_refused || !revoked_.contains(best_->path[report.depth]->fingerprint)) continue;
      report.is_forgiven = false;
      report.finding.status = RevocationStatus::kRevoked;
      best_->further.push_back({ProblemCode::CERT_REVOKED, report.depth});
    }
  }

  Candidate Unverified() const {
    Candidate candidate;
    candidate.path = {question_.presented.front()};
    candidate.record.faults.push_back({X509_V_ERR_UNSPECIFIED, 0});
    candidate.record.path.push_back(Share(candidate.path.front()->x509.get()));
    candidate.record.verified_at = question_.at;
    return candidate;
  }

  // Why there is no better path. Where the search knows it, that OpenSSL has found no issuer says nothing more.
  void ExplainSearch(const PathSearch& search) {
    const std::size_t last = best_->path.size() - 1;
    const auto is_no_issuer = [](const PathFault& fault) {
      return ProblemOfOpenSslError(fault.error) == ProblemCode::ISSUER_NOT_FOUND;
    };
    const bool ends_without_issuer = std::ranges::any_of(best_->record.faults, is_no_issuer);
    if (search.exhausted()) best_->further.push_back({ProblemCode::VERIFICATION_INCOMPLETE, 0});
    if (!ends_without_issuer) return;
    if (search.too_long()) best_->further.push_back({ProblemCode::CHAIN_TOO_LONG, last});
    if (search.cyclic()) best_->further.push_back({ProblemCode::CHAIN_CYCLIC, last});
    if (search.too_long() || search.cyclic()) std::erase_if(best_->record.faults, is_no_issuer);
  }

  // Until when the verdict can be relied on: nothing that it rests on begins or ends before that.
  std::int64_t ValidUntil() const {
    EarliestAfter next(question_.at);
    for (const CertificatePtr& certificate : best_->path) ConsiderTimes(next, certificate->x509.get());
    for (const RevocationReport& report : best_->revocation) next.Consider(report.finding.valid_until);
    return next.Value();
  }

  Outcome Describe() {
    Outcome outcome;
    outcome.verdict = JudgePath(best_->record, ValidUntil(), best_->further, best_->path);
    outcome.wishes = WishesOf(best_->path, settings_.revocation, best_->revocation, question_.at);
    outcome.policies = std::move(best_->policies);
    outcome.revocation = std::move(best_->revocation);
    outcome.issuers.assign(std::next(best_->path.begin()), best_->path.end());
    outcome.verified_at = question_.at;
    return outcome;
  }

  const VerifierSettings& settings_;
  const VerificationQuestion& question_;
  SignatureBudget signatures_;
  SignerPaths signers_;
  RevocationEvidenceSets evidence_;
  std::set<Sha256> revoked_;
  std::optional<Candidate> best_;
};

}  // namespace

Outcome Verify(const VerifierSettings& settings, const VerificationQuestion& question) {
  const ErrorQueueGuard guard;
  return Verification(settings, question).Run();
}

}  // namespace client_cert
