#include "core/revocation/revocation.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "core/base/budget.h"
#include "core/base/hex.h"
#include "core/certificate/oids.h"
#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"
#include "core/openssl/owned.h"

namespace client_cert {
namespace {

// RFC 9654 section 2.1: between 1 and 128 octets, 32 recommended.
constexpr std::size_t kNonceOctets = 32;

// Whoever says revoked is believed; then whoever says good.
RevocationStatus Gravest(RevocationStatus a, RevocationStatus b) {
  for (const RevocationStatus status :
       {RevocationStatus::kRevoked, RevocationStatus::kGood, RevocationStatus::kStale}) {
    if (a == status || b == status) return status;
  }
  return RevocationStatus::kUnknown;
}

RevocationFinding Together(RevocationFinding a, RevocationFinding b) {
  a.status = Gravest(a.status, b.status);
  a.is_incomplete = a.is_incomplete || b.is_incomplete;
  for (RevocationEvidence& evidence : b.evidence) a.evidence.push_back(std::move(evidence));
  a.valid_until = std::min(a.valid_until, b.valid_until);
  return a;
}

bool IsSettled(const RevocationReport& report) {
  return report.finding.status == RevocationStatus::kGood || report.finding.status == RevocationStatus::kRevoked;
}

// Whether something that is in force says what the report says.
bool IsCurrent(const RevocationReport& report, std::int64_t at) {
  return std::ranges::any_of(report.finding.evidence, [&](const RevocationEvidence& evidence) {
    return evidence.says == report.finding.status && (!evidence.next_update || *evidence.next_update > at);
  });
}

bool IsHttp(ByteView url) {
  constexpr std::string_view kScheme = "http://";
  return url.size() > kScheme.size() &&
         std::equal(kScheme.begin(), kScheme.end(), url.begin(), [](char a, std::uint8_t b) {
           return a == static_cast<char>(b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b);
         });
}

// The first few: a certificate that lists hundreds wants something else.
void AppendUrl(std::vector<std::string>& urls, const AlternativeName& name) {
  if (name.type != AlternativeName::Type::kUri || !IsHttp(name.value) || urls.size() >= budget::kFetchUrls) return;
  std::string url(name.value.begin(), name.value.end());
  if (std::ranges::find(urls, url) == urls.end()) urls.push_back(std::move(url));
}

std::vector<std::string> OcspUrls(const Certificate& certificate) {
  std::vector<std::string> urls;
  const auto& descriptions = certificate.extensions().authority_info_access;
  if (!descriptions) return urls;
  for (const AccessDescription& description : *descriptions) {
    if (description.method == oid::kOcsp) AppendUrl(urls, description.location);
  }
  return urls;
}

std::vector<std::string> CrlUrls(const Certificate& certificate) {
  std::vector<std::string> urls;
  const auto& points = certificate.extensions().crl_distribution_points;
  if (!points) return urls;
  for (const DistributionPoint& point : *points) {
    for (const AlternativeName& name : point.full_name) AppendUrl(urls, name);
  }
  return urls;
}

Bytes NewNonce() {
  Bytes nonce(kNonceOctets);
  if (RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) != 1) nonce.clear();
  return nonce;
}

FetchWish WishOf(const CertificatePath& path, const RevocationPolicy& policy, const RevocationReport& report) {
  FetchWish wish{report.depth, report.key, {}, {}, {}, {}};
  const KnownCertificate& subject = *path[report.depth];
  if (subject.decoded == nullptr) return wish;
  wish.ocsp_urls = policy.responder.empty() ? OcspUrls(*subject.decoded) : std::vector<std::string>{policy.responder};
  wish.crl_urls = CrlUrls(*subject.decoded);
  if (wish.ocsp_urls.empty()) return wish;
  if (policy.nonce) wish.ocsp_nonce = NewNonce();
  const bool lacks_nonce = policy.nonce && wish.ocsp_nonce.empty();
  if (!lacks_nonce) wish.ocsp_request = OcspRequest(subject, *path[report.depth + 1], wish.ocsp_nonce);
  if (wish.ocsp_request.empty()) wish.ocsp_urls.clear();
  return wish;
}

}  // namespace

std::vector<RevocationReport> CheckRevocation(const CertificatePath& path, const RevocationPolicy& policy,
                                              const RevocationEvidenceSets& evidence, std::int64_t at,
                                              SignerSource& signers) {
  const ErrorQueueGuard guard;
  std::vector<RevocationReport> reports;
  if (policy.mode == RevocationMode::kNone) return reports;
  const std::size_t whole = path.size() - 1;
  const std::size_t count = policy.scope == RevocationScope::kLeaf ? std::min<std::size_t>(whole, 1) : whole;
  for (std::size_t depth = 0; depth < count; ++depth) {
    const RevocationQuestion question{path, depth, at, policy.freshness, policy.ocsp.security_level};
    RevocationReport report;
    report.depth = depth;
    report.key = EvidenceKey(*path[depth], *path[depth + 1]);
    std::vector<const OcspSet*> ocsp = evidence.ocsp;
    const OcspSet of_key(evidence.ocsp_by_key ? evidence.ocsp_by_key(report.key) : std::vector<OcspResponsePtr>());
    ocsp.push_back(&of_key);
    report.finding = Together(CheckOcsp(question, ocsp, policy.ocsp, evidence.crls, signers),
                              CheckCrls(question, evidence.crls, signers));
    const OnUnknown on_unknown = depth == 0 ? policy.on_unknown_leaf : policy.on_unknown_ca;
    report.is_forgiven = !IsSettled(report) && on_unknown == OnUnknown::kAllow;
    reports.push_back(std::move(report));
  }
  return reports;
}

std::vector<FetchWish> WishesOf(const CertificatePath& path, const RevocationPolicy& policy,
                                const std::vector<RevocationReport>& reports, std::int64_t at) {
  const ErrorQueueGuard guard;
  std::vector<FetchWish> wishes;
  if (policy.mode != RevocationMode::kOnline) return wishes;
  for (const RevocationReport& report : reports) {
    if (IsSettled(report) && IsCurrent(report, at)) continue;
    FetchWish wish = WishOf(path, policy, report);
    if (!wish.ocsp_urls.empty() || !wish.crl_urls.empty()) wishes.push_back(std::move(wish));
  }
  return wishes;
}

std::string EvidenceKey(const KnownCertificate& subject, const KnownCertificate& issuer) {
  const ErrorQueueGuard guard;
  Bytes named(issuer.spki.begin(), issuer.spki.end());
  const Bytes name = Encode<i2d_X509_NAME>(subject.issuer());
  const Bytes serial = Encode<i2d_ASN1_INTEGER>(X509_get0_serialNumber(subject.x509.get()));
  named.insert(named.end(), name.begin(), name.end());
  named.insert(named.end(), serial.begin(), serial.end());
  Sha256 digest{};
  EVP_Digest(named.data(), named.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return Hex(digest);
}

}  // namespace client_cert
