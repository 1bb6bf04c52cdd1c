#include "core/path/path_search.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <deque>
#include <utility>

#include "core/openssl/error_queue.h"
#include "core/path/path_check.h"

namespace client_cert {
namespace {

// -1 where a time cannot be read.
std::int64_t MomentOf(const ASN1_TIME* time) {
  std::tm parts{};
  return time != nullptr && ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : -1;
}

bool IsValidAt(const X509* x509, std::int64_t at) {
  return MomentOf(X509_get0_notBefore(x509)) <= at && at < MomentOf(X509_get0_notAfter(x509));
}

bool IsSelfSigned(const KnownCertificate& certificate) {
  return (X509_get_extension_flags(certificate.x509.get()) & EXFLAG_SS) != 0;
}

bool NamesKeyOf(const KnownCertificate& subject, const KnownCertificate& issuer) {
  const ASN1_OCTET_STRING* wanted = X509_get0_authority_key_id(subject.x509.get());
  const ASN1_OCTET_STRING* found = X509_get0_subject_key_id(issuer.x509.get());
  return wanted != nullptr && found != nullptr && ASN1_OCTET_STRING_cmp(wanted, found) == 0;
}

}  // namespace

bool SignatureBudget::Spend(std::size_t count) {
  if (exhausted_ || count > left_) {
    exhausted_ = true;
    return false;
  }
  left_ -= count;
  return true;
}

PathSearch::PathSearch(PathQuestion question, SignatureBudget& signatures)
    : question_(std::move(question)), signatures_(signatures) {
  const ErrorQueueGuard guard;
  for (const CertificatePtr& certificate : question_.presented) presented_.Add(certificate);
  LayOut();
}

std::size_t PathSearch::IndexOf(const CertificatePtr& certificate) {
  const auto [found, is_new] = index_.try_emplace(certificate->fingerprint, nodes_.size());
  if (!is_new) return found->second;
  Node node;
  node.certificate = certificate;
  node.is_anchor = question_.only_anchor == nullptr ? question_.trust.anchors.Contains(*certificate)
                                                    : certificate->fingerprint == question_.only_anchor->fingerprint;
  node.is_unsuspicious = nodes_.empty() || IsUnsuspicious(*certificate, node.is_anchor);
  nodes_.push_back(std::move(node));
  return found->second;
}

bool PathSearch::IsUnsuspicious(const KnownCertificate& certificate, bool is_anchor) const {
  X509* x509 = certificate.x509.get();
  if (question_.is_distrusted && question_.is_distrusted(certificate)) return false;
  if (!is_anchor && certificate.decoded == nullptr) return false;
  const std::uint32_t flags = X509_get_extension_flags(x509);
  const bool may_sign = (X509_get_key_usage(x509) & KU_KEY_CERT_SIGN) != 0;
  return (flags & (EXFLAG_INVALID | EXFLAG_CRITICAL)) == 0 && X509_check_ca(x509) != 0 && may_sign &&
         IsValidAt(x509, question_.at);
}

void PathSearch::FindIssuers(std::size_t node) {
  const CertificatePtr certificate = nodes_[node].certificate;
  std::vector<CertificatePtr> issuers;
  question_.trust.trusted.AppendIssuersOf(*certificate, issuers);
  question_.trust.intermediates.AppendIssuersOf(*certificate, issuers);
  presented_.AppendIssuersOf(*certificate, issuers);
  for (const CertificatePtr& issuer : issuers) {
    if (issuer->fingerprint == certificate->fingerprint) continue;
    if (nodes_.size() >= budget::kPathNodes && !index_.contains(issuer->fingerprint)) {
      nodes_full_ = true;
      continue;
    }
    const std::size_t index = IndexOf(issuer);
    std::vector<std::size_t>& known = nodes_[node].issuers;
    if (std::ranges::find(known, index) == known.end()) known.push_back(index);
  }
}

void PathSearch::LayOut() {
  IndexOf(question_.presented.front());
  for (std::size_t node = 0; node < nodes_.size(); ++node) FindIssuers(node);
  MeasureDistances(Round::kUnsuspicious);
  MeasureDistances(Round::kAll);
  SortIssuers();
}

void PathSearch::MeasureDistances(Round round) {
  const auto which = static_cast<std::size_t>(round);
  const auto counts = [&](const Node& node) { return round == Round::kAll || node.is_unsuspicious; };
  std::vector<std::vector<std::size_t>> subjects(nodes_.size());
  std::deque<std::size_t> next;
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    for (const std::size_t issuer : nodes_[node].issuers) subjects[issuer].push_back(node);
    if (!nodes_[node].is_anchor || !counts(nodes_[node])) continue;
    nodes_[node].distance[which] = 0;
    next.push_back(node);
  }
  for (; !next.empty(); next.pop_front()) {
    for (const std::size_t subject : subjects[next.front()]) {
      Node& node = nodes_[subject];
      if (node.distance[which] != kUnreachable || !counts(node)) continue;
      node.distance[which] = nodes_[next.front()].distance[which] + 1;
      next.push_back(subject);
    }
  }
}

// The nearest to an anchor first; then the one whose key the subject names; then the newest.
void PathSearch::SortIssuers() {
  for (Node& node : nodes_) {
    const auto is_better = [&](std::size_t left, std::size_t right) {
      const Node& a = nodes_[left];
      const Node& b = nodes_[right];
      if (a.distance[0] != b.distance[0]) return a.distance[0] < b.distance[0];
      if (a.distance[1] != b.distance[1]) return a.distance[1] < b.distance[1];
      const bool a_named = NamesKeyOf(*node.certificate, *a.certificate);
      const bool b_named = NamesKeyOf(*node.certificate, *b.certificate);
      if (a_named != b_named) return a_named;
      return MomentOf(X509_get0_notBefore(a.certificate->x509.get())) >
             MomentOf(X509_get0_notBefore(b.certificate->x509.get()));
    };
    if (node.issuers.size() > 1) std::ranges::stable_sort(node.issuers, is_better);
  }
}

// RFC 4158 section 2.4.2: a subject with the same key does not come twice, in whichever certificates.
bool PathSearch::IsIn(const std::vector<std::size_t>& path, std::size_t node) const {
  const KnownCertificate& candidate = *nodes_[node].certificate;
  return std::ranges::any_of(path, [&](std::size_t other) {
    const KnownCertificate& known = *nodes_[other].certificate;
    return known.fingerprint == candidate.fingerprint ||
           (known.spki == candidate.spki && X509_NAME_cmp(known.subject(), candidate.subject()) == 0);
  });
}

// The first path is shown without: most often it is the right one, and whoever looks at it verifies its signatures.
bool PathSearch::Verifies(std::size_t subject, std::size_t issuer) {
  const auto [found, is_new] = verified_.try_emplace({subject, issuer}, false);
  if (is_new && signatures_.Spend(1)) {
    found->second = IsSignedBy(*nodes_[subject].certificate, *nodes_[issuer].certificate);
  }
  return found->second;
}

CertificatePath PathSearch::PathOf(const std::vector<std::size_t>& nodes) const {
  CertificatePath path;
  path.reserve(nodes.size());
  for (const std::size_t node : nodes) path.push_back(nodes_[node].certificate);
  return path;
}

// Shows a path that ends in an anchor, if it is of this round: those without suspicion were shown in the first one.
Visit PathSearch::Show(const std::vector<std::size_t>& path, Round round, const Visitor& visit) {
  const bool is_suspicious = std::ranges::any_of(path, [&](std::size_t node) { return !nodes_[node].is_unsuspicious; });
  if (is_suspicious != (round == Round::kAll)) return Visit::kGoOn;
  if (is_suspicious && ++shown_suspicious_ > budget::kSuspiciousPaths) return Visit::kStop;
  if (round == Round::kUnsuspicious && shown_ > 0) {
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      if (!Verifies(path[i], path[i + 1])) return Visit::kGoOn;
    }
  }
  ++shown_;
  return visit(PathOf(path));
}

// Whether the path may go on to `issuer`. The anchor is no intermediate: a path of n intermediates has n + 2
// certificates.
bool PathSearch::MayFollow(const std::vector<std::size_t>& path, std::size_t issuer, Round round) {
  if (nodes_[issuer].distance[static_cast<std::size_t>(round)] == kUnreachable || IsIn(path, issuer)) return false;
  ++steps_;
  if (path.size() + 1 > question_.max_intermediates + 2) {
    too_long_ = true;
    return false;
  }
  return round == Round::kAll || shown_ == 0 || Verifies(path.back(), issuer);
}

// Depth first. For each certificate of the path, `next` says which of its issuers comes next.
void PathSearch::Walk(Round round, const Visitor& visit) {
  std::vector<std::size_t> path = {0};
  std::vector<std::size_t> next = {0};
  if (nodes_[0].is_anchor && Show(path, round, visit) == Visit::kStop) return;
  while (!path.empty()) {
    const std::vector<std::size_t>& issuers = nodes_[path.back()].issuers;
    if (next.back() == issuers.size()) {
      path.pop_back();
      next.pop_back();
      continue;
    }
    const std::size_t issuer = issuers[next.back()++];
    if (steps_ >= budget::kPathSteps || signatures_.exhausted()) return;
    if (!MayFollow(path, issuer, round)) continue;
    path.push_back(issuer);
    next.push_back(0);
    if (nodes_[issuer].is_anchor && Show(path, round, visit) == Visit::kStop) return;
  }
}

// No anchor can be reached: follows the likeliest issuers for as long as there are any.
void PathSearch::ShowDeadEnd(const Visitor& visit) {
  std::vector<std::size_t> path = {0};
  while (true) {
    const std::vector<std::size_t>& issuers = nodes_[path.back()].issuers;
    const auto next = std::ranges::find_if(issuers, [&](std::size_t issuer) { return !IsIn(path, issuer); });
    if (next == issuers.end()) {
      cyclic_ = !issuers.empty() && !IsSelfSigned(*nodes_[path.back()].certificate);
      break;
    }
    if (path.size() >= question_.max_intermediates + 2) {
      too_long_ = true;
      break;
    }
    path.push_back(*next);
  }
  visit(PathOf(path));
}

void PathSearch::RunUnsuspicious(const Visitor& visit) {
  const ErrorQueueGuard guard;
  Walk(Round::kUnsuspicious, visit);
}

void PathSearch::Run(const Visitor& visit) {
  const ErrorQueueGuard guard;
  bool stopped = false;
  const Visitor remember = [&](const CertificatePath& path) {
    const Visit next = visit(path);
    stopped = next == Visit::kStop;
    return next;
  };
  Walk(Round::kUnsuspicious, remember);
  if (stopped) return;
  // The first round may have used up the steps; the second one only shows a few.
  if (!signatures_.exhausted()) {
    const std::size_t spent = std::exchange(steps_, 0);
    Walk(Round::kAll, remember);
    steps_ = std::max(steps_, spent);
  }
  if (!stopped && shown_ == 0) ShowDeadEnd(remember);
}

}  // namespace client_cert
