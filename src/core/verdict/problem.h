// Problem: one thing that is wrong with one element of a path, as a row of the table in problems.def.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace client_cert {

enum TrustStatusBit : std::uint32_t {
#define TRUST_STATUS(enumerator, name, bit) enumerator = (bit),
#include "core/verdict/trust_status.def"
#undef TRUST_STATUS
};

enum class SecStatus : std::uint32_t {
#define SEC_STATUS(enumerator, name, value) enumerator = (value),
#include "core/verdict/sec_status.def"
#undef SEC_STATUS
};

enum class ProblemCode : std::uint8_t {
#define PROBLEM(id, precedence, flag_name, flag, sec_status, trust_bits, text) id,
#include "core/verdict/problems.def"
#undef PROBLEM
};

// What the table says of a code.
struct ProblemKind {
  ProblemCode code;
  std::string_view name;
  int precedence;  // 1 is the gravest
  std::string_view flag_name;
  std::uint32_t flag;
  SecStatus sec_status;  // of a request whose client has it
  std::uint32_t error_status;
  std::string_view text;
};

struct TrustStatusName {
  std::string_view name;
  std::uint32_t bit;
};

struct SecStatusName {
  std::string_view name;
  SecStatus status;
};

// An error of X509_verify_cert, named as Node names it: without X509_V_ERR_.
struct OpenSslErrorName {
  std::string_view name;
  ProblemCode code;
};

const ProblemKind& KindOf(ProblemCode code) noexcept;
std::span<const ProblemKind> AllProblemKinds() noexcept;
std::span<const TrustStatusName> AllTrustStatusNames() noexcept;
std::span<const SecStatusName> AllSecStatusNames() noexcept;
std::span<const OpenSslErrorName> AllOpenSslErrorNames() noexcept;

struct Problem {
  ProblemCode code;
  std::size_t depth;  // 0 is the leaf

  bool operator==(const Problem&) const = default;
};

// The code that stands for an error of X509_verify_cert; VERIFICATION_INCOMPLETE for one that the table does not know.
ProblemCode ProblemOfOpenSslError(int error) noexcept;

// The error of X509_verify_cert that comes nearest to a code, for those who only know OpenSSL's; never X509_V_OK.
int OpenSslErrorOf(ProblemCode code) noexcept;

}  // namespace client_cert
