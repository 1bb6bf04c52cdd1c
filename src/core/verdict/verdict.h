// Verdict: what a certificate is worth, with every reason. The projection to Windows' codes happens here and nowhere
// else.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/certificate/certificate.h"
#include "core/verdict/problem.h"

namespace client_cert {

struct ChainElement {
  std::shared_ptr<const Certificate> certificate;  // null where the strict decoder refused it
  std::uint32_t error_status = 0;
  std::uint32_t info_status = 0;
};

struct Verdict {
  std::vector<Problem> problems;       // the gravest first; within one precedence the one nearest to the root first
  std::vector<ChainElement> elements;  // leaf first
  std::uint32_t cert_flags = 0;
  std::string_view cert_flags_name = "SEC_E_OK";
  std::uint32_t error_status = 0;
  std::int64_t valid_until = 0;  // seconds since 1970
};

}  // namespace client_cert
