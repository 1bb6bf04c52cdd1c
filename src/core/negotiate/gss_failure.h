// GssFailure: why GSSAPI refused, as a SECURITY_STATUS, and in its own words for whoever runs the server.
#pragma once

#include <cstdint>
#include <string>

#include "core/negotiate/gssapi_library.h"
#include "core/verdict/problem.h"

namespace client_cert {

struct GssFailure {
  SecStatus status = SecStatus::kInternalError;
  gss::Status major = gss::kFailure;
  gss::Status minor = 0;
  std::string message;  // never for a client
};

// `mechanism` may be null.
GssFailure FailureOf(const GssapiLibrary& library, gss::Status major, gss::Status minor, gss::Oid* mechanism);

}  // namespace client_cert
