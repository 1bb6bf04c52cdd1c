// ProblemsOfFaults: what OpenSSL reported of a path, in our codes, without what it only says because of something else
// that it says too.
#pragma once

#include <vector>

#include "core/path/path_record.h"
#include "core/verdict/problem.h"

namespace client_cert {

// In the order of the record, without repetitions; never empty where the record has a fault.
std::vector<Problem> ProblemsOfFaults(const PathRecord& record);

}  // namespace client_cert
