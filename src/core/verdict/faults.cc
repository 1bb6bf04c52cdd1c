#include "core/verdict/faults.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <initializer_list>

namespace client_cert {
namespace {

bool HasFault(const PathRecord& record, std::size_t depth, std::initializer_list<int> errors) {
  return std::any_of(record.faults.begin(), record.faults.end(), [&](const PathFault& fault) {
    return fault.depth == depth && std::find(errors.begin(), errors.end(), fault.error) != errors.end();
  });
}

// What an extended key usage has to permit for a purpose, among those that a path is verified for.
std::uint32_t UsagesFor(int purpose) {
  if (purpose == X509_PURPOSE_SSL_CLIENT) return XKU_SSL_CLIENT;
  return purpose == X509_PURPOSE_SSL_SERVER ? XKU_SSL_SERVER | XKU_SGC : 0;
}

// OpenSSL asks of a CA whether it may issue for a purpose, and of a trusted one whether it is trusted for it: a CA that
// is none, that may not sign, or that is rejected fails that question too, whatever its extended key usage permits.
bool IsPurposeOnlyByConsequence(const PathRecord& record, std::size_t depth, X509* certificate) {
  const bool usage_permits = (X509_get_extended_key_usage(certificate) & UsagesFor(record.purpose)) != 0;
  return usage_permits && depth > 0 &&
         HasFault(record, depth, {X509_V_ERR_INVALID_CA, X509_V_ERR_KEYUSAGE_NO_CERTSIGN, X509_V_ERR_CERT_REJECTED});
}

// Without the usage keyCertSign OpenSSL says of a CA also that it is none.
bool IsNoCaOnlyByConsequence(const PathRecord& record, std::size_t depth, X509* certificate) {
  return (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0 &&
         HasFault(record, depth, {X509_V_ERR_KEYUSAGE_NO_CERTSIGN});
}

bool IsConsequence(const PathRecord& record, const PathFault& fault) {
  if (fault.depth >= record.path.size()) return false;
  X509* certificate = record.path[fault.depth].get();
  if (fault.error == X509_V_ERR_INVALID_PURPOSE) return IsPurposeOnlyByConsequence(record, fault.depth, certificate);
  if (fault.error == X509_V_ERR_INVALID_CA) return IsNoCaOnlyByConsequence(record, fault.depth, certificate);
  return false;
}

// OpenSSL finds no issuer for a certificate whose extensions it cannot read, wherever that issuer is.
ProblemCode CodeOf(const PathRecord& record, const PathFault& fault) {
  const ProblemCode code = ProblemOfOpenSslError(fault.error);
  if (code != ProblemCode::ISSUER_NOT_FOUND || fault.depth >= record.path.size()) return code;
  const bool unreadable = (X509_get_extension_flags(record.path[fault.depth].get()) & EXFLAG_INVALID) != 0;
  return unreadable ? ProblemCode::EXTENSION_INVALID : code;
}

}  // namespace

std::vector<Problem> ProblemsOfFaults(const PathRecord& record) {
  std::vector<Problem> problems;
  for (const PathFault& fault : record.faults) {
    if (IsConsequence(record, fault)) continue;
    const Problem problem{CodeOf(record, fault), fault.depth};
    if (std::find(problems.begin(), problems.end(), problem) == problems.end()) problems.push_back(problem);
  }
  return problems;
}

}  // namespace client_cert
