// JudgePath: from what OpenSSL said of a path, and what our decoder says of its certificates, to the verdict.
#pragma once

#include <cstdint>
#include <span>

#include "core/path/known_certificate.h"
#include "core/path/path_record.h"
#include "core/verdict/verdict.h"

namespace client_cert {

// A verdict without problems comes only from a record that was accepted. `valid_until` as NextChange gives it;
// `further`: what else is wrong with the path; `known`: certificates of the path, leaf first, that need not be decoded
// again.
Verdict JudgePath(const PathRecord& record, std::int64_t valid_until, std::span<const Problem> further = {},
                  std::span<const CertificatePtr> known = {});

// One more problem of a path that was judged already.
void AddProblem(Verdict& verdict, const Problem& problem);

}  // namespace client_cert
