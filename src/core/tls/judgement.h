// Judge: a connection's verifier decides about its client, and OpenSSL, so Node, is told what came of it.
#pragma once

#include <openssl/x509_vfy.h>

#include <cstdint>
#include <vector>

#include "core/path/known_certificate.h"
#include "core/path/path_record.h"
#include "core/tls/connection.h"

namespace client_cert {

// In place of X509_verify_cert, for the verification that OpenSSL prepared in `context`. `record` gets what was
// presented, and the path. Always 1, as with Node's own callback: the handshake goes on, and the error that is left in
// the context says that the client is not authorized.
int Judge(Connection& connection, X509_STORE_CTX* context, PathRecord& record) noexcept;

// At the end of a handshake that resumed a session, for which OpenSSL verifies nothing.
void JudgeResumed(Connection& connection) noexcept;

// The clock by which a connection's verifier judges, as it stands now (milliseconds since 1970); and what it says later
// (seconds since 1970).
void SetClock(Connection& connection, std::int64_t now_in_milliseconds);
std::int64_t TimeOf(const Connection& connection);

// The leaf and what is known to have been presented with it, in this handshake or in the one that is resumed.
std::vector<OwnedX509> PresentedOn(const Connection& connection, X509* leaf);
// `judge` may know some of them already.
std::vector<CertificatePtr> KnownOf(const std::vector<OwnedX509>& presented, Verifier& judge);

}  // namespace client_cert
