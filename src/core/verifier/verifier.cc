#include "core/verifier/verifier.h"

#include <algorithm>
#include <optional>

#include "core/base/budget.h"
#include "core/openssl/error_queue.h"
#include "core/path/known_certificate.h"
#include "core/revocation/crl_entries.h"
#include "core/verifier/fetched_evidence.h"
#include "core/verifier/known_issuers.h"
#include "core/verifier/settings.h"
#include "core/verifier/verification.h"

namespace client_cert {
namespace {

std::vector<Sha256> FingerprintsOf(const Presented& presented) {
  std::vector<Sha256> fingerprints;
  fingerprints.reserve(presented.size());
  for (const CertificatePtr& certificate : presented) fingerprints.push_back(certificate->fingerprint);
  return fingerprints;
}

// Octets that are what OpenSSL would encode have the same fingerprint as the certificate that they hold; any others
// have one that no certificate has, and are found nowhere. Empty where OpenSSL cannot make one.
std::vector<Sha256> FingerprintsOf(std::span<const ByteView> chain) {
  std::vector<Sha256> fingerprints(chain.size());
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!DigestSha256(chain[i], fingerprints[i])) return {};
  }
  return fingerprints;
}

std::size_t OctetsOf(const Outcome& outcome) {
  const auto& elements = outcome.verdict.elements;
  std::size_t octets =
      !elements.empty() && elements.front().certificate ? elements.front().certificate->der().size() : 0;
  for (const CertificatePtr& issuer : outcome.issuers) octets += issuer->der.size();
  return octets;
}

std::uint64_t NextOutcomeId() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

const RevocationReport* ReportOf(const Outcome& outcome, const std::string& key) {
  const auto found = std::ranges::find(outcome.revocation, key, &RevocationReport::key);
  return found == outcome.revocation.end() ? nullptr : &*found;
}

OfferState StateOf(OcspResponseState state) {
  if (state == OcspResponseState::kTryLater) return OfferState::kTryLater;
  return state == OcspResponseState::kRefused ? OfferState::kRefused : OfferState::kMalformed;
}

}  // namespace

Verifier::Verifier(std::shared_ptr<const VerifierSettings> settings)
    : settings_(std::move(settings)),
      fetched_(std::make_unique<FetchedEvidence>(budget::kFetchedOctets)),
      known_issuers_(std::make_unique<KnownIssuers>()) {}

Verifier::~Verifier() = default;

void Verifier::Replace(std::shared_ptr<const VerifierSettings> settings) {
  {
    const std::lock_guard lock(mutex_);
    settings_ = std::move(settings);
  }
  ++evidence_;
  ++generation_;
  const std::lock_guard lock(known_mutex_);
  known_.clear();
  least_recent_first_.clear();
  known_octets_ = 0;
}

std::shared_ptr<const VerifierSettings> Verifier::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

// A certificate that was not good may have become so with any evidence; one that was good only stops being so when its
// time has run out, or a revocation was learnt.
bool Verifier::Holds(const Outcome& outcome, std::int64_t at) const {
  if (outcome.generation != generation_.load()) return false;
  if (at < outcome.verified_at || at >= outcome.verdict.valid_until) return false;
  const bool is_refused = !outcome.verdict.problems.empty();
  if (is_refused && at - outcome.verified_at >= budget::kRefusalSeconds) return false;
  const bool is_settled = !is_refused && outcome.wishes.empty();
  return is_settled || outcome.evidence == evidence_.load();
}

// Nothing where there is none, or OpenSSL cannot make a digest.
std::optional<Verifier::Key> Verifier::KeyOf(std::span<const Sha256> fingerprints) {
  if (fingerprints.empty()) return std::nullopt;
  Key key{fingerprints.size(), {}};
  const ByteView octets(fingerprints.front().data(), fingerprints.size_bytes());
  return DigestSha256(octets, key.second) ? std::optional<Key>(key) : std::nullopt;
}

OutcomePtr Verifier::Find(const Key& key, std::int64_t at) {
  const std::lock_guard lock(known_mutex_);
  const auto found = known_.find(key);
  if (found == known_.end() || !Holds(*found->second.outcome, at)) return nullptr;
  least_recent_first_.splice(least_recent_first_.end(), least_recent_first_, found->second.place);
  return found->second.outcome;
}

void Verifier::Remember(const Key& key, const OutcomePtr& outcome) {
  const std::lock_guard lock(known_mutex_);
  if (const auto found = known_.find(key); found != known_.end()) Forget(found);
  const std::size_t octets = OctetsOf(*outcome);
  known_octets_ += octets;
  known_.emplace(key, Known{outcome, least_recent_first_.insert(least_recent_first_.end(), key), octets});
  while (known_.size() > budget::kKnownVerdicts || known_octets_ > budget::kKnownVerdictOctets) {
    Forget(known_.find(least_recent_first_.front()));
  }
}

void Verifier::Forget(std::map<Key, Known>::iterator known) {
  known_octets_ -= known->second.octets;
  least_recent_first_.erase(known->second.place);
  known_.erase(known);
}

OutcomePtr Verifier::Recall(std::span<const ByteView> chain, std::int64_t at) {
  const std::optional<Key> key = KeyOf(FingerprintsOf(chain));
  return key ? Find(*key, at) : nullptr;
}

CertificatePtr Verifier::FindIssuer(const Sha256& fingerprint) {
  CertificatePtr configured = settings()->trust.Find(fingerprint);
  if (!configured) return known_issuers_->Find(fingerprint);
  return HasAuxiliaryTrust(*configured) ? nullptr : configured;
}

std::variant<Presented, std::size_t> Verifier::Read(const std::vector<Bytes>& chain) {
  Presented presented;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    Sha256 fingerprint{};
    const bool may_be_known = i > 0 && DigestSha256(chain[i], fingerprint);
    CertificatePtr known = may_be_known ? FindIssuer(fingerprint) : nullptr;
    if (!known) known = Know(chain[i]);
    if (!known) return i;
    presented.push_back(std::move(known));
  }
  return presented;
}

OutcomePtr Verifier::Verify(const Presented& presented, std::int64_t at, const std::set<std::string>* unreachable) {
  const ErrorQueueGuard guard;
  const bool is_plain = unreachable == nullptr || unreachable->empty();
  const std::optional<Key> key = is_plain ? KeyOf(FingerprintsOf(presented)) : std::nullopt;
  OutcomePtr known = key ? Find(*key, at) : nullptr;
  ++verifications_;
  if (known) {
    ++known_count_;
    if (!known->verdict.problems.empty()) ++refused_;
    return known;
  }
  const std::uint64_t generation = generation_.load();
  const std::uint64_t evidence = evidence_.load();
  const std::shared_ptr<const VerifierSettings> settings = this->settings();
  const std::shared_ptr<const CrlSet> crls = fetched_->crls();
  VerificationQuestion question{presented, at, {}, unreachable};
  question.further.crls = {crls.get()};
  question.further.ocsp_by_key = [this](const std::string& of) { return fetched_->OcspOf(of); };
  auto outcome = std::make_shared<Outcome>(client_cert::Verify(*settings, question));
  outcome->id = NextOutcomeId();
  outcome->generation = generation;
  outcome->evidence = evidence;
  if (!outcome->verdict.problems.empty()) ++refused_;
  if (outcome->verdict.problems.empty()) known_issuers_->Remember(outcome->issuers, settings->trust);
  if (key) Remember(*key, outcome);
  return outcome;
}

OfferResult Verifier::Offer(const Presented& presented, std::int64_t at, OfferedEvidence evidence) {
  const ErrorQueueGuard guard;
  OfferResult result;
  CrlPtr crl;
  OcspResponsePtr response;
  if (evidence.kind == OfferedEvidence::Kind::kCrl) {
    auto parsed = Crl::Parse(std::move(evidence.octets));
    if (!parsed) return result;
    crl = std::move(parsed).value();
  } else {
    const ParsedOcspResponse parsed = ParseOcspResponse(evidence.octets);
    result.state = StateOf(parsed.state);
    if (parsed.state != OcspResponseState::kSuccessful) return result;
    response = parsed.response;
    result.state = OfferState::kOtherNonce;
    if (!evidence.nonce.empty() && NonceOf(*response) != evidence.nonce) return result;
  }

  const std::shared_ptr<const VerifierSettings> settings = this->settings();
  const std::shared_ptr<const CrlSet> fetched = fetched_->crls();
  const CrlSet offered_crls = crl ? CrlSet({crl}) : CrlSet();
  const OcspSet offered_ocsp = response ? OcspSet({response}) : OcspSet();
  VerificationQuestion question{presented, at, {}, nullptr};
  question.further.crls = {fetched.get(), &offered_crls};
  question.further.ocsp = {&offered_ocsp};
  question.further.ocsp_by_key = [this](const std::string& of) { return fetched_->OcspOf(of); };
  const Outcome outcome = client_cert::Verify(*settings, question);
  const RevocationReport* report = ReportOf(outcome, evidence.key);
  result.state = OfferState::kUnusable;
  if (report == nullptr) return result;
  const void* source = crl ? static_cast<const void*>(crl.get()) : static_cast<const void*>(response.get());
  const auto used = std::ranges::find(report->finding.evidence, source, &RevocationEvidence::source);
  if (used == report->finding.evidence.end() || used->says == RevocationStatus::kStale) return result;
  result.state = OfferState::kUsed;
  // A revocation that is out of date is believed, and does not keep anybody from asking for a newer answer.
  const bool is_current = !used->next_update || *used->next_update > at;
  const RevocationStatus status = report->finding.status;
  result.is_settled = status == RevocationStatus::kGood || (status == RevocationStatus::kRevoked && is_current);
  result.expires = used->next_update.value_or(0);
  const bool is_for_good = used->says == RevocationStatus::kRevoked && used->reason != crl_reason::kCertificateHold;
  const auto says = is_for_good ? FetchedEvidence::Says::kForGood : FetchedEvidence::Says::kForNow;
  const bool is_kept =
      crl ? fetched_->KeepCrl(evidence.url, crl)
          : fetched_->KeepOcsp(evidence.key, response, says, used->this_update, evidence.octets.size());
  if (!is_kept) return result;
  ++evidence_;
  // A CRL speaks of others as well, and a revocation ends what was good.
  if (crl || used->says == RevocationStatus::kRevoked) ++generation_;
  return result;
}

VerifierCounts Verifier::counts() const {
  const std::shared_ptr<const VerifierSettings> settings = this->settings();
  VerifierCounts counts;
  counts.verifications = verifications_.load();
  counts.known = known_count_.load();
  counts.refused = refused_.load();
  counts.anchors = settings->trust.anchors.size();
  counts.intermediates = settings->trust.intermediates.size();
  counts.crls = settings->crls.all().size();
  for (const CrlPtr& crl : settings->crls.all()) counts.crl_entries += crl->entry_count();
  counts.fetched_crls = fetched_->crl_count();
  counts.fetched_ocsp_responses = fetched_->ocsp_count();
  counts.fetched_octets = fetched_->octets();
  counts.generation = generation_.load();
  counts.known_issuers = known_issuers_->size();
  const std::lock_guard lock(known_mutex_);
  counts.known_verdicts = known_.size();
  counts.known_octets = known_octets_;
  return counts;
}

}  // namespace client_cert
