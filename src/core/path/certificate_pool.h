// CertificatePool: certificates by subject, so that finding the issuers of one does not take longer the more there are.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/path/known_certificate.h"

namespace client_cert {

class CertificatePool {
 public:
  // One that is in already is not added again.
  void Add(CertificatePtr certificate);

  bool Contains(const KnownCertificate& certificate) const { return certificates_.contains(certificate.fingerprint); }
  // Null where there is none.
  CertificatePtr Find(const Sha256& fingerprint) const;
  std::size_t size() const { return certificates_.size(); }

  // Appends those with that subject.
  void AppendWithSubject(const X509_NAME* subject, std::uint32_t hash, std::vector<CertificatePtr>& out) const;

  // Appends those that X509_check_issued takes for an issuer of `certificate` or would, if their key usage permitted
  // it: the name is right, and the key identifier is no other one.
  void AppendIssuersOf(const KnownCertificate& certificate, std::vector<CertificatePtr>& out) const;

 private:
  // Of one subject: many CAs may have the same name, and then the key identifier tells them apart.
  struct SameSubject {
    std::vector<CertificatePtr> without_key_identifier;
    std::multimap<std::string, CertificatePtr> by_key_identifier;
  };

  std::map<Sha256, CertificatePtr> certificates_;
  std::unordered_map<std::uint32_t, SameSubject> by_subject_;
};

}  // namespace client_cert
