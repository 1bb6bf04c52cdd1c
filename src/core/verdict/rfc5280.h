// ProblemsOfRfc5280: what RFC 5280 demands of a path and X509_verify_cert does not look at.
#pragma once

#include <vector>

#include "core/path/certificate_path.h"
#include "core/verdict/problem.h"

namespace client_cert {

// Trust anchors, and certificates that the decoder refuses (which is a problem of its own), are not looked at.
std::vector<Problem> ProblemsOfRfc5280(const CertificatePath& path);

}  // namespace client_cert
