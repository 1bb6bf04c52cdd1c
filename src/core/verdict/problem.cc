#include "core/verdict/problem.h"

#include <openssl/x509_vfy.h>

namespace client_cert {
namespace {

constexpr ProblemKind kKinds[] = {
#define PROBLEM(id, precedence, flag_name, flag, trust_bits, text) \
  {ProblemCode::id, #id, precedence, #flag_name, flag, trust_bits, text},
#include "core/verdict/problems.def"
#undef PROBLEM
};

constexpr TrustStatusName kTrustStatusNames[] = {
#define TRUST_STATUS(enumerator, name, bit) {#name, bit},
#include "core/verdict/trust_status.def"
#undef TRUST_STATUS
};

constexpr OpenSslErrorName kOpenSslErrorNames[] = {
#define OPENSSL_ERROR(number, id) {std::string_view(#number).substr(sizeof("X509_V_ERR_") - 1), ProblemCode::id},
#include "core/verdict/problems.def"
#undef OPENSSL_ERROR
};

}  // namespace

const ProblemKind& KindOf(ProblemCode code) noexcept { return kKinds[static_cast<std::size_t>(code)]; }

std::span<const ProblemKind> AllProblemKinds() noexcept { return kKinds; }

std::span<const TrustStatusName> AllTrustStatusNames() noexcept { return kTrustStatusNames; }

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

}  // namespace client_cert
