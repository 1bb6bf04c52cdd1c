#include "core/verdict/problem.h"

#include <openssl/x509_vfy.h>

namespace client_cert {
namespace {

constexpr ProblemKind kKinds[] = {
#define PROBLEM(id, precedence, flag_name, flag, sec_status, trust_bits, text) \
  {ProblemCode::id, #id, precedence, #flag_name, flag, SecStatus::sec_status, trust_bits, text},
#include "core/verdict/problems.def"
#undef PROBLEM
};

constexpr TrustStatusName kTrustStatusNames[] = {
#define TRUST_STATUS(enumerator, name, bit) {#name, bit},
#include "core/verdict/trust_status.def"
#undef TRUST_STATUS
};

constexpr SecStatusName kSecStatusNames[] = {
#define SEC_STATUS(enumerator, name, value) {#name, SecStatus::enumerator},
#include "core/verdict/sec_status.def"
#undef SEC_STATUS
};

constexpr OpenSslErrorName kOpenSslErrorNames[] = {
#define OPENSSL_ERROR(number, id) {std::string_view(#number).substr(sizeof("X509_V_ERR_") - 1), ProblemCode::id},
#include "core/verdict/problems.def"
#undef OPENSSL_ERROR
};

struct OpenSslErrorNumber {
  int number;
  ProblemCode code;
};

constexpr OpenSslErrorNumber kOpenSslErrorNumbers[] = {
#define OPENSSL_ERROR(number, id) {number, ProblemCode::id},
#include "core/verdict/problems.def"
#undef OPENSSL_ERROR
};

}  // namespace

const ProblemKind& KindOf(ProblemCode code) noexcept { return kKinds[static_cast<std::size_t>(code)]; }

std::span<const ProblemKind> AllProblemKinds() noexcept { return kKinds; }

std::span<const TrustStatusName> AllTrustStatusNames() noexcept { return kTrustStatusNames; }

std::span<const SecStatusName> AllSecStatusNames() noexcept { return kSecStatusNames; }

std::span<const OpenSslErrorName> AllOpenSslErrorNames() noexcept { return kOpenSslErrorNames; }

ProblemCode ProblemOfOpenSslError(int error) noexcept {
  switch (error) {
#define OPENSSL_ERROR(number, id) \
  case number:                    \
    return ProblemCode::id;
#include "core/verdict/problems.def"
#undef OPENSSL_ERROR
    default:
      return ProblemCode::VERIFICATION_INCOMPLETE;
  }
}

int OpenSslErrorOf(ProblemCode code) noexcept {
  switch (code) {
    // OpenSSL has nothing of their own for these.
    case ProblemCode::CHAIN_CYCLIC:
      return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT;
    case ProblemCode::CA_DISTRUSTED:
      return X509_V_ERR_CERT_REJECTED;
    case ProblemCode::ISSUER_NOT_ALLOWED:
      return X509_V_ERR_CERT_UNTRUSTED;
    case ProblemCode::REVOCATION_UNREACHABLE:
      return X509_V_ERR_UNABLE_TO_GET_CRL;
    default:
      break;
  }
  // The first row of the table that leads to the code.
  for (const OpenSslErrorNumber& row : kOpenSslErrorNumbers) {
    if (row.code == code) return row.number;
  }
  return X509_V_ERR_APPLICATION_VERIFICATION;
}

}  // namespace client_cert
