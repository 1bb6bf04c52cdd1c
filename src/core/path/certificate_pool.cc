#include "core/path/certificate_pool.h"

#include <openssl/x509v3.h>

#include <utility>

namespace client_cert {
namespace {

std::string OctetsOf(const ASN1_OCTET_STRING* identifier) {
  if (identifier == nullptr) return {};
  const unsigned char* octets = ASN1_STRING_get0_data(identifier);
  return std::string(octets, octets + ASN1_STRING_length(identifier));
}

bool MayIssue(const KnownCertificate& issuer, const KnownCertificate& subject) {
  const int error = X509_check_issued(issuer.x509.get(), subject.x509.get());
  return error == X509_V_OK || error == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
}

}  // namespace

void CertificatePool::Add(CertificatePtr certificate) {
  if (!certificates_.emplace(certificate->fingerprint, certificate).second) return;
  SameSubject& same = by_subject_[certificate->subject_hash];
  std::string identifier = OctetsOf(X509_get0_subject_key_id(certificate->x509.get()));
  if (identifier.empty()) {
    same.without_key_identifier.push_back(std::move(certificate));
  } else {
    same.by_key_identifier.emplace(std::move(identifier), std::move(certificate));
  }
}

CertificatePtr CertificatePool::Find(const Sha256& fingerprint) const {
  const auto found = certificates_.find(fingerprint);
  return found == certificates_.end() ? nullptr : found->second;
}

void CertificatePool::AppendWithSubject(const X509_NAME* subject, std::uint32_t hash,
                                        std::vector<CertificatePtr>& out) const {
  const auto found = by_subject_.find(hash);
  if (found == by_subject_.end()) return;
  const auto append = [&](const CertificatePtr& certificate) {
    if (X509_NAME_cmp(certificate->subject(), subject) == 0) out.push_back(certificate);
  };
  for (const CertificatePtr& certificate : found->second.without_key_identifier) append(certificate);
  for (const auto& [identifier, certificate] : found->second.by_key_identifier) append(certificate);
}

void CertificatePool::AppendIssuersOf(const KnownCertificate& certificate, std::vector<CertificatePtr>& out) const {
  const auto found = by_subject_.find(certificate.issuer_hash);
  if (found == by_subject_.end()) return;
  const auto append = [&](const CertificatePtr& candidate) {
    if (MayIssue(*candidate, certificate)) out.push_back(candidate);
  };
  const SameSubject& same = found->second;
  const std::string wanted = OctetsOf(X509_get0_authority_key_id(certificate.x509.get()));
  if (wanted.empty()) {
    for (const auto& [identifier, candidate] : same.by_key_identifier) append(candidate);
  } else {
    const auto [first, last] = same.by_key_identifier.equal_range(wanted);
    for (auto at = first; at != last; ++at) append(at->second);
  }
  for (const CertificatePtr& candidate : same.without_key_identifier) append(candidate);
}

}  // namespace client_cert
