#include "core/revocation/crl_check.h"

#include <openssl/x509.h>

#include <algorithm>
#include <compare>
#include <utility>

#include "core/base/budget.h"
#include "core/base/moment.h"
#include "core/certificate/oids.h"
#include "core/openssl/error_queue.h"
#include "core/revocation/crl_scope.h"
#include "core/revocation/crl_signers.h"

namespace client_cert {
namespace {

constexpr std::uint32_t kRemoveFromCrl = 8;
// id-ce-freshestCRL
constexpr auto kFreshestCrl = oid::kLiteral<0x55, 0x1d, 46>;

// Compares two INTEGERs as DER writes them; negative ones, which cRLNumber cannot be, come first.
std::strong_ordering CompareNumbers(ByteView a, ByteView b) {
  const auto is_negative = [](ByteView number) { return !number.empty() && number.front() >= 0x80; };
  if (is_negative(a) != is_negative(b))
    return is_negative(a) ? std::strong_ordering::less : std::strong_ordering::greater;
  if (a.size() != b.size()) return a.size() <=> b.size();
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
}

class CrlCheck {
 public:
  CrlCheck(const RevocationQuestion& question, std::span<const CrlSet* const> sets, SignerSource& signers,
           OtherSigners others)
      : question_(question), crl_signers_(question, sets, signers, others), next_(question.at) {
    Gather(sets);
  }

  RevocationFinding Run() {
    ReasonMask covered = 0;
    for (std::size_t i = 0; i < complete_.size(); ++i) {
      // Those of one scope follow each other, the newest first: what an older one says has been superseded.
      const bool is_next_scope = i == 0 || !IsSameScope(*complete_[i - 1].first, *complete_[i].first);
      if (is_next_scope) is_scope_settled_ = false;
      if (!is_scope_settled_) covered |= Consider(*complete_[i].first, complete_[i].second);
    }
    if (is_revoked_) {
      finding_.status = RevocationStatus::kRevoked;
    } else if (covered == kAllReasons) {
      finding_.status = RevocationStatus::kGood;
    } else {
      finding_.status = is_stale_ ? RevocationStatus::kStale : RevocationStatus::kUnknown;
    }
    finding_.valid_until = next_.Value();
    return std::move(finding_);
  }

 private:
  enum class Time : std::uint8_t { kInForce, kOver, kNotYet };

  // Those of one issuer that were not found yet.
  static void Append(const X509_NAME* issuer, std::span<const CrlSet* const> sets, std::vector<CrlPtr>& all) {
    for (const CrlSet* set : sets) {
      for (CrlPtr& crl : set->WithIssuer(issuer)) {
        if (all.size() < budget::kCrlsForOne && std::ranges::find(all, crl) == all.end()) all.push_back(std::move(crl));
      }
    }
  }

  // Of the certificate's issuer, and of those whom its distribution points name in his place.
  std::vector<CrlPtr> Candidates(std::span<const CrlSet* const> sets) {
    const KnownCertificate& subject = question_.subject();
    std::vector<CrlPtr> all;
    Append(subject.issuer(), sets, all);
    const auto& points = subject.decoded->extensions().crl_distribution_points;
    if (!points) return all;
    for (const DistributionPoint& point : *points) {
      for (const AlternativeName& name : point.crl_issuer) {
        if (name.type != AlternativeName::Type::kDirectoryName) continue;
        const unsigned char* at = name.value.data();
        const Owned<X509_NAME, X509_NAME_free> issuer(
            d2i_X509_NAME(nullptr, &at, static_cast<long>(name.value.size())));
        if (issuer) Append(issuer.get(), sets, all);
      }
    }
    return all;
  }

  // By scope and issuer; of one scope the newest first.
  static bool ComesBefore(const Crl& a, const Crl& b) {
    const auto compare = [](ByteView left, ByteView right) {
      return std::lexicographical_compare_three_way(left.begin(), left.end(), right.begin(), right.end());
    };
    const std::strong_ordering scope = compare(a.scope().der, b.scope().der);
    if (std::is_neq(scope)) return std::is_lt(scope);
    const std::strong_ordering issuer = compare(a.issuer().der, b.issuer().der);
    if (std::is_neq(issuer)) return std::is_lt(issuer);
    return a.this_update() > b.this_update();
  }

  void Gather(std::span<const CrlSet* const> sets) {
    const KnownCertificate& subject = question_.subject();
    if (subject.decoded == nullptr) return;
    for (CrlPtr& crl : Candidates(sets)) {
      const ReasonMask reasons = ReasonsCovered(*crl, subject);
      if (reasons == 0) continue;
      (crl->is_delta() ? deltas_ : complete_).emplace_back(std::move(crl), reasons);
    }
    std::ranges::stable_sort(complete_, [](const auto& a, const auto& b) { return ComesBefore(*a.first, *b.first); });
  }

  static bool IsSameScope(const Crl& a, const Crl& b) {
    return std::ranges::equal(a.scope().der, b.scope().der) && X509_NAME_cmp(a.issuer_name(), b.issuer_name()) == 0;
  }

  // Section 5.1.2.5 demands nextUpdate; without it only `freshness` says how long a CRL is good for.
  Time TimeOf(const Crl& crl) {
    next_.Consider(crl.this_update());
    if (crl.this_update() > question_.at) return Time::kNotYet;
    if (crl.next_update()) next_.Consider(*crl.next_update());
    if (question_.freshness) next_.Consider(crl.this_update() + *question_.freshness + 1);
    const bool is_old = question_.freshness && question_.at - crl.this_update() > *question_.freshness;
    // At nextUpdate itself OpenSSL takes it for expired.
    const bool is_over = crl.next_update() ? *crl.next_update() <= question_.at : !question_.freshness.has_value();
    return is_old || is_over ? Time::kOver : Time::kInForce;
  }

  void Record(const Crl& crl, RevocationStatus says, const std::optional<CrlEntry>& entry) {
    RevocationEvidence evidence;
    evidence.kind = crl.is_delta() ? RevocationEvidence::Kind::kDeltaCrl : RevocationEvidence::Kind::kCrl;
    evidence.source = &crl;
    evidence.says = says;
    evidence.issuer.assign(crl.issuer().der.begin(), crl.issuer().der.end());
    evidence.this_update = crl.this_update();
    evidence.next_update = crl.next_update();
    if (entry) evidence.revoked_at = entry->revoked_at;
    if (entry) evidence.reason = entry->reason;
    evidence.number.assign(crl.number().begin(), crl.number().end());
    finding_.evidence.push_back(std::move(evidence));
  }

  std::optional<CrlEntry> Find(const Crl& crl) const {
    const KnownCertificate& subject = question_.subject();
    return crl.Find(subject.decoded->serial(), subject.issuer());
  }

  // The reasons that a complete CRL, with its deltas, says have not come true.
  ReasonMask Consider(const Crl& crl, ReasonMask reasons) {
    const Time time = TimeOf(crl);
    if (time == Time::kNotYet) {
      is_stale_ = true;
      return 0;
    }
    if (!crl_signers_.HaveSigned(crl, next_)) {
      // As in OpenSSL, an older one does not stand in for it.
      is_scope_settled_ = crl_signers_.IsClaimed(crl);
      return 0;
    }
    std::optional<CrlEntry> entry = Find(crl);
    // removeFromCRL has a meaning in a delta only (5.3.1); a complete CRL that lists a certificate so is not trusted to
    // call it good.
    bool is_removed = false;
    bool is_current = time == Time::kInForce && crl.is_understood();
    ConsiderDeltas(crl, entry, is_removed, is_current);
    if (entry && !is_removed) {
      is_revoked_ = true;
      Record(crl, RevocationStatus::kRevoked, entry);
      is_scope_settled_ = time == Time::kInForce;
      return 0;
    }
    if (!is_current) {
      is_stale_ = is_stale_ || crl.is_understood();
      Record(crl, crl.is_understood() ? RevocationStatus::kStale : RevocationStatus::kUnknown, std::nullopt);
      return 0;
    }
    Record(crl, RevocationStatus::kGood, std::nullopt);
    is_scope_settled_ = true;
    return reasons;
  }

  // 5.2.4: of the same issuer and scope, signed with the same key, based on this one or an earlier one, and newer.
  static bool IsDeltaOf(const Crl& delta, const Crl& base) {
    return IsSameScope(delta, base) && !base.number().empty() && !delta.number().empty() &&
           std::ranges::equal(delta.authority_key_identifier(), base.authority_key_identifier()) &&
           std::is_lteq(CompareNumbers(delta.base_number(), base.number())) &&
           std::is_gt(CompareNumbers(delta.number(), base.number()));
  }

  bool HasFreshestCrl(const Crl& base) const {
    return base.has_freshest_crl() || question_.subject().decoded->extensions().Find(kFreshestCrl) != nullptr;
  }

  // What the deltas add to a base. Where there are some and none of them is in force, the base alone is not current any
  // more.
  void ConsiderDeltas(const Crl& base, std::optional<CrlEntry>& entry, bool& is_removed, bool& is_current) {
    const Crl* newest = nullptr;
    bool has_any = false;
    for (const auto& [delta, reasons] : deltas_) {
      if (!IsDeltaOf(*delta, base)) continue;
      const Time time = TimeOf(*delta);
      if (time == Time::kNotYet || !crl_signers_.HaveSigned(*delta, next_)) continue;
      has_any = true;
      const std::optional<CrlEntry> listed = Find(*delta);
      const bool revokes = listed && listed->reason != kRemoveFromCrl;
      const bool is_usable = time == Time::kInForce && delta->is_understood();
      if (!is_usable) {
        // Out of date, it may still say that somebody has been revoked.
        if (revokes) Revoke(*delta, listed);
        continue;
      }
      if (newest == nullptr || std::is_gt(CompareNumbers(delta->number(), newest->number()))) newest = delta.get();
    }
    if (newest == nullptr) {
      is_current = is_current && !has_any;
      return;
    }
    const std::optional<CrlEntry> listed = Find(*newest);
    if (listed && listed->reason != kRemoveFromCrl) {
      Revoke(*newest, listed);
    } else if (listed && entry && HasFreshestCrl(base)) {
      is_removed = true;
      Record(*newest, RevocationStatus::kGood, listed);
    } else {
      Record(*newest, RevocationStatus::kGood, std::nullopt);
    }
  }

  void Revoke(const Crl& crl, const std::optional<CrlEntry>& entry) {
    is_revoked_ = true;
    Record(crl, RevocationStatus::kRevoked, entry);
  }

  const RevocationQuestion& question_;
  CrlSigners crl_signers_;
  EarliestAfter next_;
  RevocationFinding finding_;
  std::vector<std::pair<CrlPtr, ReasonMask>> complete_;
  std::vector<std::pair<CrlPtr, ReasonMask>> deltas_;
  bool is_scope_settled_ = false;
  bool is_revoked_ = false;
  bool is_stale_ = false;
};

}  // namespace

// Not in the header: for crl_signers only.
RevocationFinding CheckCrlsOfSigner(const RevocationQuestion& question, std::span<const CrlSet* const> sets,
                                    SignerSource& signers) {
  return CrlCheck(question, sets, signers, OtherSigners::kRefused).Run();
}

CrlSet::CrlSet(std::vector<CrlPtr> crls) : crls_(std::move(crls)) {
  for (std::size_t i = 0; i < crls_.size(); ++i) by_issuer_.emplace(crls_[i]->issuer_hash(), i);
}

std::vector<CrlPtr> CrlSet::WithIssuer(const X509_NAME* issuer) const {
  std::vector<CrlPtr> found;
  if (crls_.empty()) return found;
  const auto [first, last] = by_issuer_.equal_range(NameHash(issuer));
  for (auto at = first; at != last; ++at) {
    if (X509_NAME_cmp(crls_[at->second]->issuer_name(), issuer) == 0) found.push_back(crls_[at->second]);
  }
  return found;
}

RevocationFinding CheckCrls(const RevocationQuestion& question, std::span<const CrlSet* const> sets,
                            SignerSource& signers) {
  const ErrorQueueGuard guard;
  return CrlCheck(question, sets, signers, OtherSigners::kAllowed).Run();
}

}  // namespace client_cert
