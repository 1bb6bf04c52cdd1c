// VerifierSettings: everything that a verifier decides by. Immutable and shared: a verification that has begun goes on
// with the settings that it began with.
#pragma once

#include "core/path/path_check.h"
#include "core/path/trust_store.h"
#include "core/revocation/revocation.h"
#include "core/verdict/requirements.h"

namespace client_cert {

struct VerifierSettings {
  TrustStore trust;
  PathSettings path;
  Requirements requirements;
  RevocationPolicy revocation;
  CrlSet crls;
  OcspSet ocsp;
};

}  // namespace client_cert
