// CheckCrls: which CRLs speak of the certificate in question, whether they are authentic and in force, and what they
// say together.
#include "core/revocation/crl_check.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core/base/moment.h"
#include "core/certificate/oids.h"
#include "core/openssl/error_queue.h"
#include "core/revocation/crl_scope.h"
#include "core/revocation/crl_signer.h"

namespace client_cert {
namespace {

// Whether the signer of a CRL may be somebody who is not in the path. As in OpenSSL: within the check of such a signer
// no further one is followed, so that no CRL depends on itself, however long the way round.
enum class OtherSigners : std::uint8_t { kFollowed, kNotFollowed };

// What one authentic complete CRL says, together with the delta CRLs for it.
struct Statement {
  const Crl* crl = nullptr;
  Sha256 signer{};  // of its key
  bool is_signer_in_path = false;
  ReasonBits reasons = 0;
  std::int64_t this_update = 0;  // of the delta CRL, where one says more
  bool is_in_force = false;
  bool is_out_of_date = false;  // but for the delta CRL that it is in force by
  std::optional<CrlEntry> revoked;
};

// A CRL that is not authentic, although it should be, or that nobody can understand: it might have said that the
// certificate is revoked.
struct Doubt {
  const Crl* complete = nullptr;   // itself, or that which it is a delta for
  bool is_signer_in_path = false;  // who is said to have signed that
  ReasonBits reasons = 0;
  std::int64_t this_update = 0;
};

// Two's complement, neither negative, both minimal: the longer one is greater.
bool IsLess(ByteView a, ByteView b) {
  if (a.size() != b.size()) return a.size() < b.size();
  return std::ranges::lexicographical_compare(a, b);
}

bool IsSameValue(const Crl& a, const Crl& b, const der::ObjectIdentifier& oid) {
  const std::optional<ByteView> one = a.Value(oid);
  const std::optional<ByteView> other = b.Value(oid);
  return one.has_value() == other.has_value() && (!one || std::ranges::equal(*one, *other));
}

// RFC 5280 sections 5.2.4 and 6.3.3 (c): the same issuer, scope and key, and it goes on where the complete one ends.
bool IsDeltaFor(const Crl& delta, const Crl& complete) {
  return delta.number() && complete.number() && IsSameName(delta.issuer(), complete.issuer()) &&
         IsSameValue(delta, complete, oid::kIssuingDistributionPoint) &&
         IsSameValue(delta, complete, oid::kAuthorityKeyIdentifier) &&
         !IsLess(*complete.number(), *delta.base_number()) && IsLess(*complete.number(), *delta.number());
}

bool IsRemoval(const std::optional<CrlEntry>& entry) { return entry && entry->reason == crl_reason::kRemoveFromCrl; }

class CrlCheck {
 public:
  CrlCheck(const RevocationQuestion& question, std::span<const CrlSet* const> sets, SignerSource& signers,
           OtherSigners other_signers)
      : question_(question),
        subject_(question.subject()),
        sets_(sets),
        signers_(signers),
        other_signers_(other_signers),
        next_(question.at) {}

  RevocationFinding Run() {
    // What the strict decoder refuses is never valid; nothing more needs to be known of it.
    if (!subject_.decoded) return {};
    Collect();
    for (const CrlPtr& crl : complete_) Consider(*crl);
    return {Status(), is_incomplete_, std::move(evidence_), next_.Value()};
  }

 private:
  // Those whose issuer may speak of the certificate, each once, though several sets may hold it.
  void Collect() {
    std::unordered_set<const Crl*> seen;
    const std::optional<std::vector<OwnedName>> issuers = CrlIssuersOf(subject_);
    if (!issuers) {
      is_incomplete_ = true;
      return;
    }
    for (const OwnedName& issuer : *issuers) {
      for (const CrlSet* set : sets_) {
        for (CrlPtr& crl : set->WithIssuer(issuer.get())) {
          // A delta CRL is never taken for a complete one.
          if (seen.insert(crl.get()).second) (crl->base_number() ? deltas_ : complete_).push_back(std::move(crl));
        }
      }
    }
  }

  void Consider(const Crl& crl) {
    const CrlScope scope = ScopeFor(crl, subject_);
    // One that need not speak of the certificate, or that has a critical extension that nobody knows, and still lists
    // it means what it says.
    const bool is_listed = Find(crl).has_value();
    if (!crl.is_usable() && !is_listed) return;
    if (scope.claimed == 0 && !is_listed) return;
    IsPathGood is_path_good;
    if (other_signers_ == OtherSigners::kFollowed) {
      is_path_good = [this](const CertificatePath& path) { return IsGood(path); };
    }
    const CrlSigner signer = FindCrlSigner(crl, question_, signers_, is_path_good, next_);
    if (is_listed && signer.state != CrlSigner::State::kFound && AddByKey(crl)) return;
    switch (signer.state) {
      case CrlSigner::State::kFound:
        if (crl.IsClear() || is_listed) return Add(crl, crl.IsClear() ? scope.reasons : 0, signer);
        [[fallthrough]];
      case CrlSigner::State::kForged:
        doubts_.push_back({&crl, signer.is_in_path, scope.claimed, crl.this_update()});
        return;
      case CrlSigner::State::kOutOfBudget:
        is_out_of_budget_ = true;
        return;
      case CrlSigner::State::kUnknown:
        return;
    }
  }

  // A client may choose which certificate of its CA is in the path: what that CA has revoked is revoked below each.
  bool AddByKey(const Crl& crl) {
    const CrlSigner signer = FindKeyOfCrl(crl, question_, signers_);
    if (signer.state == CrlSigner::State::kOutOfBudget) is_out_of_budget_ = true;
    if (signer.state != CrlSigner::State::kFound) return false;
    Add(crl, 0, signer);
    return true;
  }

  bool IsGood(const CertificatePath& path) {
    for (std::size_t depth = 0; depth + 1 < path.size(); ++depth) {
      const RevocationQuestion question{path, depth, question_.at, question_.freshness, question_.security_level};
      const RevocationFinding finding = CrlCheck(question, sets_, signers_, OtherSigners::kNotFollowed).Run();
      next_.Consider(finding.valid_until);
      if (finding.status != RevocationStatus::kGood) return false;
    }
    return true;
  }

  void Add(const Crl& crl, ReasonBits reasons, const CrlSigner& signer) {
    Statement statement;
    statement.crl = &crl;
    statement.signer = signer.certificate->spki;
    statement.is_signer_in_path = signer.is_in_path;
    statement.reasons = reasons;
    statement.this_update = crl.this_update();
    statement.is_in_force = IsInForce(crl);
    const std::optional<CrlEntry> listed = Find(crl);
    // What removeFromCRL means in a complete CRL, nobody says: certainly not that nothing is the matter.
    const bool is_removed = ApplyDeltas(crl, *signer.certificate, statement);
    const std::optional<CrlEntry> counts = is_removed ? std::nullopt : listed;
    if (!statement.revoked) statement.revoked = counts;
    AddEvidence(RevocationEvidence::Kind::kCrl, crl, statement.is_in_force, counts);
    statements_.push_back(statement);
  }

  // Adds to `statement` what the delta CRLs for `crl` change of it. Whether they say that the entry of `crl` for this
  // certificate no longer counts.
  bool ApplyDeltas(const Crl& crl, const KnownCertificate& signer, Statement& statement) {
    bool is_removed = false;
    const Crl* newest = nullptr;
    bool has_older = false;  // authentic, but no longer in force
    for (const Crl* delta : DeltasFor(crl)) {
      // Nobody knows what one says that cannot be understood, that is not authentic, or that was not looked at.
      const std::optional<bool> has_signed =
          delta->is_usable() ? HasSignedCrl(signer, *delta, question_.security_level, signers_) : false;
      if (!has_signed) is_out_of_budget_ = true;
      if (!has_signed.value_or(false)) {
        doubts_.push_back(
            {&crl, statement.is_signer_in_path, statement.reasons, std::max(crl.this_update(), delta->this_update())});
        continue;
      }
      const bool is_in_force = IsInForce(*delta);
      const std::optional<CrlEntry> entry = Find(*delta);
      const std::optional<CrlEntry> revoked = IsRemoval(entry) ? std::nullopt : entry;
      statement.this_update = std::max(statement.this_update, delta->this_update());
      AddEvidence(RevocationEvidence::Kind::kDeltaCrl, *delta, is_in_force, revoked);
      if (revoked && !statement.revoked && !is_removed) statement.revoked = revoked;
      if (is_in_force && newest == nullptr) {
        newest = delta;
        is_removed = MayImprove(crl) && IsRemoval(entry);
      }
      has_older = has_older || (!is_in_force && delta->this_update() <= question_.at);
    }
    if (newest != nullptr && MayImprove(crl)) {
      statement.is_out_of_date = !statement.is_in_force;
      statement.is_in_force = crl.this_update() <= question_.at;
    } else if (newest == nullptr && has_older) {
      // Where there are deltas, the complete one alone does not say how things are now.
      statement.is_in_force = false;
    }
    return is_removed;
  }

  // Only where freshestCRL announces delta CRLs may one improve on the complete CRL: lift a hold, or take the place of
  // one that is out of date. RFC 5280 section 6.3.3 (a) has it so for the second, and OpenSSL for all. Where nothing
  // announces them they still count for what they list.
  bool MayImprove(const Crl& crl) const {
    return crl.has_freshest_crl() || subject_.decoded->extensions().Find(oid::kFreshestCrl) != nullptr;
  }

  // The newest first.
  std::vector<const Crl*> DeltasFor(const Crl& complete) const {
    std::vector<const Crl*> deltas;
    for (const CrlPtr& delta : deltas_) {
      if (IsDeltaFor(*delta, complete)) deltas.push_back(delta.get());
    }
    std::ranges::sort(deltas, [](const Crl* a, const Crl* b) { return IsLess(*b->number(), *a->number()); });
    return deltas;
  }

  std::optional<CrlEntry> Find(const Crl& crl) const { return crl.Find(subject_.decoded->serial(), subject_.issuer()); }

  // From thisUpdate until nextUpdate, and for as long as `freshness` says. RFC 5280 section 5.1.2.5 demands nextUpdate:
  // a CRL without it is in force only where `freshness` bounds its age instead, or else one that is played back would
  // be believed for ever. At nextUpdate itself there is a newer one.
  bool IsInForce(const Crl& crl) {
    bool is_in_force = crl.next_update() || question_.freshness;
    next_.Consider(crl.this_update());
    if (question_.at < crl.this_update()) is_in_force = false;
    if (crl.next_update()) {
      next_.Consider(*crl.next_update());
      if (question_.at >= *crl.next_update()) is_in_force = false;
    }
    if (question_.freshness) {
      const std::int64_t last = crl.this_update() + std::min(*question_.freshness, kNeverChanges);
      next_.Consider(last + 1);
      if (question_.at > last) is_in_force = false;
    }
    return is_in_force;
  }

  void AddEvidence(RevocationEvidence::Kind kind, const Crl& crl, bool is_in_force,
                   const std::optional<CrlEntry>& revoked) {
    RevocationEvidence evidence;
    evidence.kind = kind;
    evidence.source = &crl;
    evidence.says = is_in_force ? RevocationStatus::kGood : RevocationStatus::kStale;
    evidence.issuer.assign(crl.issuer_der().begin(), crl.issuer_der().end());
    evidence.this_update = crl.this_update();
    evidence.next_update = crl.next_update();
    if (revoked) {
      evidence.says = RevocationStatus::kRevoked;
      evidence.revoked_at = revoked->revoked_at;
      evidence.reason = revoked->reason;
    }
    if (crl.number()) evidence.number.assign(crl.number()->begin(), crl.number()->end());
    evidence_.push_back(std::move(evidence));
  }

  // A revocation counts whenever it was said, and whatever else is said, but for a later CRL of the same scope and key
  // that is in force: there a hold may have been lifted. Good is only what is listed nowhere where every reason is
  // covered by what is in force (section 6.3.3: cert_status and the reasons mask).
  RevocationStatus Status() const {
    ReasonBits covered = 0;
    for (const Statement& statement : statements_) {
      if (statement.revoked && !IsSuperseded(statement)) return RevocationStatus::kRevoked;
      if (statement.is_in_force && !(statement.is_out_of_date && HasNewer(statement))) covered |= statement.reasons;
    }
    if (is_out_of_budget_ || !std::ranges::all_of(doubts_, [&](const Doubt& doubt) { return IsSuperseded(doubt); })) {
      return RevocationStatus::kUnknown;
    }
    if (covered == kAllReasons) return RevocationStatus::kGood;
    const bool is_stale = !std::ranges::all_of(statements_, &Statement::is_in_force);
    return is_stale ? RevocationStatus::kStale : RevocationStatus::kUnknown;
  }

  // Of several that are out of date OpenSSL takes the newest, and not the one that has a delta CRL.
  bool HasNewer(const Statement& older) const {
    return std::ranges::any_of(statements_, [&](const Statement& newer) {
      return !newer.is_in_force && newer.crl->this_update() > older.crl->this_update();
    });
  }

  // Whether `newer` speaks, and well, of all that `complete` speaks of.
  static bool IsInPlaceOf(const Statement& newer, const Crl& complete, ReasonBits reasons) {
    return newer.is_in_force && !newer.revoked && newer.crl != &complete && (reasons & ~newer.reasons) == 0 &&
           IsSameName(newer.crl->issuer(), complete.issuer());
  }

  // In both the newer one's own times count and not those of its delta CRLs: OpenSSL looks at those only when it has
  // chosen, and nothing is good that it refuses.
  bool IsSuperseded(const Statement& older) const {
    return std::ranges::any_of(statements_, [&](const Statement& newer) {
      const bool is_older_over = older.is_out_of_date || !older.is_in_force;
      return IsInPlaceOf(newer, *older.crl, older.reasons) && newer.signer == older.signer &&
             newer.crl->this_update() > older.this_update && (!newer.is_out_of_date || is_older_over);
    });
  }

  // Whoever is in the path is asked before all others, here as in OpenSSL.
  bool IsSuperseded(const Doubt& doubt) const {
    return std::ranges::any_of(statements_, [&](const Statement& newer) {
      if (newer.is_out_of_date || !IsInPlaceOf(newer, *doubt.complete, doubt.reasons)) return false;
      if (newer.is_signer_in_path != doubt.is_signer_in_path) return newer.is_signer_in_path;
      return newer.crl->this_update() > doubt.this_update;
    });
  }

  const RevocationQuestion& question_;
  const KnownCertificate& subject_;
  const std::span<const CrlSet* const> sets_;
  SignerSource& signers_;
  const OtherSigners other_signers_;
  EarliestAfter next_;
  std::vector<CrlPtr> complete_;
  std::vector<CrlPtr> deltas_;
  std::vector<Statement> statements_;
  std::vector<Doubt> doubts_;
  std::vector<RevocationEvidence> evidence_;
  bool is_out_of_budget_ = false;
  bool is_incomplete_ = false;
};

}  // namespace

RevocationFinding CheckCrls(const RevocationQuestion& question, std::span<const CrlSet* const> sets,
                            SignerSource& signers) {
  const ErrorQueueGuard guard;
  return CrlCheck(question, sets, signers, OtherSigners::kFollowed).Run();
}

}  // namespace client_cert
