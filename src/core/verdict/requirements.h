// Requirements: what a verifier's owner demands of a path beyond RFC 5280. Immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/path/certificate_path.h"
#include "core/verdict/problem.h"

namespace client_cert {

// Every name that is set has to be one of the leaf's.
struct ExpectedName {
  std::optional<std::string> dns;  // by RFC 9525: the leaf's may have a wildcard as its first label
  std::optional<std::string> email;
  std::optional<std::string> uri;
  std::optional<std::string> ip;
  std::optional<std::string> upn;
  std::optional<std::string> common_name;
};

struct Requirements {
  // OIDs in dotted form: the path has to be good for one of them. Empty: for whatever it is.
  std::vector<std::string> purposes;
  std::uint32_t minimum_rsa_bits = 0;
  std::set<std::string> signature_algorithms;  // OIDs in dotted form; empty: any that OpenSSL takes
  std::set<Sha256> distrusted_certificates;    // by fingerprint
  std::set<Sha256> distrusted_contents;        // by TBSCertificate: of those that were given whole
  std::set<Sha256> distrusted_keys;            // by SubjectPublicKeyInfo
  // CAs that were configured with OpenSSL's own settings (TRUSTED CERTIFICATE) against these purposes: distrusted in
  // every certificate of that name and key, since OpenSSL would only know the one that the settings came with.
  std::vector<CertificatePtr> rejected;
  // By canonical name and key, so that a renewed or cross-certified CA is the same one: where it is not empty, one CA
  // of the path has to be among them.
  std::vector<CertificatePtr> allowed_issuers;
  ExpectedName expected_name;
};

// Whether the auxiliary trust of a certificate speaks against `purposes`: one is rejected, or others are all that it is
// trusted for.
bool IsRejectedFor(const std::vector<std::string>& purposes, const KnownCertificate& certificate);

bool IsDistrusted(const Requirements& requirements, const KnownCertificate& certificate);

// What is wrong with a path by these requirements.
std::vector<Problem> ProblemsOfRequirements(const Requirements& requirements, const CertificatePath& path);

}  // namespace client_cert
