// JudgePath: from what OpenSSL said of a path, and what our decoder says of its certificates, to the verdict.
#pragma once

#include <cstdint>

#include "core/path/path_record.h"
#include "core/verdict/verdict.h"

namespace client_cert {

// A verdict without problems comes only from a record that was accepted. `valid_until` as NextChange gives it.
Verdict JudgePath(const PathRecord& record, std::int64_t valid_until);

}  // namespace client_cert
