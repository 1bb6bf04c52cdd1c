#include "core/verdict/requirements.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>

#include "core/certificate/oids.h"
#include "core/path/known_certificate.h"
#include "core/verdict/expected_name.h"
#include "core/verdict/signature_twin.h"

namespace client_cert {
namespace {

constexpr std::string_view kAnyExtendedKeyUsage = "2.5.29.37.0";
constexpr std::string_view kCodeSigning = "1.3.6.1.5.5.7.3.3";
constexpr std::string_view kEmailProtection = "1.3.6.1.5.5.7.3.4";
constexpr std::string_view kOcspSigning = "1.3.6.1.5.5.7.3.9";
constexpr std::string_view kTimeStamping = "1.3.6.1.5.5.7.3.8";
constexpr std::string_view kServerAuth = "1.3.6.1.5.5.7.3.1";
constexpr std::string_view kClientAuth = "1.3.6.1.5.5.7.3.2";

// RFC 5280 section 4.2.1.12: without the extension any usage is permitted. anyExtendedKeyUsage permits a CA to issue
// for any usage; that a leaf says of itself that it is good for anything is not what somebody asks for who names a
// purpose.
bool UsagePermits(const KnownCertificate& certificate, const std::string& purpose, bool is_ca) {
  if (certificate.decoded == nullptr) return false;
  const auto& usages = certificate.decoded->extensions().extended_key_usage;
  if (!usages) return true;
  return std::ranges::any_of(*usages, [&](const der::ObjectIdentifier& usage) {
    const std::string oid = usage.Text();
    return oid == purpose || (is_ca && oid == kAnyExtendedKeyUsage);
  });
}

// RFC 5280 section 4.2.1.12: which key usages are consistent with an extended one. Of the other purposes OpenSSL knows,
// or nobody.
bool IsKeyUsageConsistent(const KnownCertificate& certificate, std::string_view purpose) {
  constexpr KeyUsageBits kSigning = (1u << 0) | (1u << 1);     // digitalSignature, nonRepudiation
  constexpr KeyUsageBits kEncryption = (1u << 2) | (1u << 4);  // keyEncipherment, keyAgreement
  if (purpose != kEmailProtection && purpose != kOcspSigning) return true;
  if (certificate.decoded == nullptr) return false;
  const auto& usage = certificate.decoded->extensions().key_usage;
  const KeyUsageBits consistent = purpose == kEmailProtection ? kSigning | kEncryption : kSigning;
  return !usage || (*usage & consistent) != 0;
}

// As OpenSSL does from 3.2 on (CA/Browser Forum, Code Signing Baseline Requirements 7.1.2.3).
bool IsCodeSigner(const KnownCertificate& certificate) {
  if (certificate.decoded == nullptr) return false;
  const Extensions& extensions = certificate.decoded->extensions();
  const Extension* key_usage = extensions.Find(oid::kKeyUsage);
  constexpr KeyUsageBits kDigitalSignature = 1u << 0;
  constexpr KeyUsageBits kSigns = (1u << 5) | (1u << 6);  // certificates, CRLs
  if (key_usage == nullptr || !key_usage->critical || !extensions.extended_key_usage) return false;
  if ((*extensions.key_usage & kDigitalSignature) == 0 || (*extensions.key_usage & kSigns) != 0) return false;
  bool signs_code = false;
  for (const der::ObjectIdentifier& usage : *extensions.extended_key_usage) {
    const std::string oid = usage.Text();
    if (oid == kAnyExtendedKeyUsage || oid == kServerAuth) return false;
    signs_code = signs_code || oid == kCodeSigning;
  }
  return signs_code;
}

bool IsGoodFor(const CertificatePath& path, std::size_t depth, const std::string& purpose) {
  const KnownCertificate& certificate = *path[depth];
  X509* x509 = certificate.x509.get();
  const int is_ca = depth > 0 ? 1 : 0;
  // Of these two OpenSSL knows more than the extended key usage: the key usage, and what Netscape had.
  if (purpose == kClientAuth) return X509_check_purpose(x509, X509_PURPOSE_SSL_CLIENT, is_ca) == 1;
  if (purpose == kServerAuth) return X509_check_purpose(x509, X509_PURPOSE_SSL_SERVER, is_ca) == 1;
  if (purpose == kTimeStamping && is_ca == 0) return X509_check_purpose(x509, X509_PURPOSE_TIMESTAMP_SIGN, 0) == 1;
  if (purpose == kCodeSigning && is_ca == 0) return IsCodeSigner(certificate);
  if (is_ca == 0 && !IsKeyUsageConsistent(certificate, purpose)) return false;
  // A trust anchor that our decoder cannot read is exempt, as it is elsewhere: it has been configured.
  if (certificate.decoded == nullptr && depth > 0 && depth + 1 == path.size()) return true;
  return UsagePermits(certificate, purpose, depth > 0);
}

// The whole path has to be good for one and the same purpose: the one that gets furthest says where it is not.
void CheckPurposes(const Requirements& requirements, const CertificatePath& path, std::vector<Problem>& problems) {
  std::vector<Problem> fewest;
  for (std::size_t i = 0; i < requirements.purposes.size(); ++i) {
    std::vector<Problem> unfit;
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
      if (!IsGoodFor(path, depth, requirements.purposes[i])) unfit.push_back({ProblemCode::USAGE_NOT_ALLOWED, depth});
    }
    if (unfit.empty()) return;
    if (i == 0 || unfit.size() < fewest.size()) fewest = std::move(unfit);
  }
  problems.insert(problems.end(), fewest.begin(), fewest.end());
}

// By its algorithm's identifier: EVP_PKEY_is_a says "no" where it has no memory.
bool IsRsa(const X509* certificate) {
  ASN1_OBJECT* algorithm = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, X509_get_X509_PUBKEY(certificate));
  const int type = OBJ_obj2nid(algorithm);
  return type == NID_rsaEncryption || type == NID_rsassaPss || type == NID_rsa;
}

void CheckAlgorithms(const Requirements& requirements, const CertificatePath& path, std::vector<Problem>& problems) {
  for (std::size_t depth = 0; depth < path.size(); ++depth) {
    const KnownCertificate& certificate = *path[depth];
    const bool is_anchor = depth > 0 && depth + 1 == path.size();
    const EVP_PKEY* key = X509_get0_pubkey(certificate.x509.get());
    const int bits = key == nullptr ? 0 : EVP_PKEY_get_bits(key);
    const bool is_weak = bits < static_cast<int>(requirements.minimum_rsa_bits);
    if (is_weak && IsRsa(certificate.x509.get())) problems.push_back({ProblemCode::CERT_KEY_WEAK, depth});
    // The signature that an anchor has on itself is never looked at.
    if (is_anchor || requirements.signature_algorithms.empty() || certificate.decoded == nullptr) continue;
    const std::string algorithm = certificate.decoded->signature_algorithm().oid.Text();
    if (!requirements.signature_algorithms.contains(algorithm)) {
      problems.push_back({ProblemCode::CERT_SIGNATURE_WEAK, depth});
    }
  }
}

bool IsSameAuthority(const KnownCertificate& a, const KnownCertificate& b) {
  return a.spki == b.spki && X509_NAME_cmp(a.subject(), b.subject()) == 0;
}

void CheckIssuers(const Requirements& requirements, const CertificatePath& path, std::vector<Problem>& problems) {
  if (requirements.allowed_issuers.empty()) return;
  // A leaf that is trusted itself has been issued by nobody else.
  for (std::size_t depth = path.size() > 1 ? 1 : 0; depth < path.size(); ++depth) {
    const bool is_allowed = std::ranges::any_of(requirements.allowed_issuers, [&](const CertificatePtr& allowed) {
      return IsSameAuthority(*allowed, *path[depth]);
    });
    if (is_allowed) return;
  }
  problems.push_back({ProblemCode::ISSUER_NOT_ALLOWED, path.size() - 1});
}

// Without an object of OpenSSL's for `oid`: where that cannot be made it would have none of them.
bool HasObject(const STACK_OF(ASN1_OBJECT) * objects, const std::string& oid) {
  for (int i = 0; i < sk_ASN1_OBJECT_num(objects); ++i) {
    const ASN1_OBJECT* object = sk_ASN1_OBJECT_value(objects, i);
    const der::ObjectIdentifier identifier{{OBJ_get0_data(object), OBJ_length(object)}};
    if (identifier.Text() == oid) return true;
  }
  return false;
}

}  // namespace

bool IsRejectedFor(const std::vector<std::string>& purposes, const KnownCertificate& certificate) {
  const std::string any(kAnyExtendedKeyUsage);
  const STACK_OF(ASN1_OBJECT)* rejected = X509_get0_reject_objects(certificate.x509.get());
  const STACK_OF(ASN1_OBJECT)* trusted = X509_get0_trust_objects(certificate.x509.get());
  if (HasObject(rejected, any)) return true;
  return std::ranges::any_of(purposes, [&](const std::string& purpose) {
    if (HasObject(rejected, purpose)) return true;
    return sk_ASN1_OBJECT_num(trusted) > 0 && !HasObject(trusted, purpose) && !HasObject(trusted, any);
  });
}

namespace {

// Whoever has a certificate can change its octets without the CA's key: what was signed stays the same, and so does who
// is meant. What cannot be found out, for lack of memory, is as if it were distrusted.
bool IsDistrustedByContent(const Requirements& requirements, const Certificate& certificate) {
  if (requirements.distrusted_contents.empty()) return false;
  Sha256 digest{};
  return !DigestSha256(certificate.tbs_certificate(), digest) || requirements.distrusted_contents.contains(digest);
}

bool IsDistrustedByTwin(const Requirements& requirements, const Certificate& certificate) {
  if (requirements.distrusted_certificates.empty()) return false;
  std::vector<Bytes> twins;
  if (!MakeTwins(certificate, twins)) return true;
  return std::ranges::any_of(twins, [&](const Bytes& twin) {
    Sha256 digest{};
    return !DigestSha256(twin, digest) || requirements.distrusted_certificates.contains(digest);
  });
}

}  // namespace

bool IsDistrusted(const Requirements& requirements, const KnownCertificate& certificate) {
  const auto is_rejected = [&](const CertificatePtr& rejected) { return IsSameAuthority(*rejected, certificate); };
  return std::ranges::any_of(requirements.rejected, is_rejected) ||
         requirements.distrusted_certificates.contains(certificate.fingerprint) ||
         requirements.distrusted_keys.contains(certificate.spki) ||
         (certificate.decoded != nullptr && (IsDistrustedByContent(requirements, *certificate.decoded) ||
                                             IsDistrustedByTwin(requirements, *certificate.decoded)));
}

std::vector<Problem> ProblemsOfRequirements(const Requirements& requirements, const CertificatePath& path) {
  std::vector<Problem> problems;
  for (std::size_t depth = 0; depth < path.size(); ++depth) {
    if (!IsDistrusted(requirements, *path[depth])) continue;
    problems.push_back({depth == 0 ? ProblemCode::CERT_DISTRUSTED : ProblemCode::CA_DISTRUSTED, depth});
  }
  CheckIssuers(requirements, path, problems);
  CheckPurposes(requirements, path, problems);
  CheckAlgorithms(requirements, path, problems);
  if (!HasExpectedName(*path.front(), requirements.expected_name)) {
    problems.push_back({ProblemCode::NAME_MISMATCH, 0});
  }
  return problems;
}

}  // namespace client_cert
