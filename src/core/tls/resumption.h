// MayResume: whether a session may stand in for a full handshake on this connection.
#pragma once

#include "core/tls/carried_session.h"
#include "core/tls/connection_registry.h"

namespace client_cert {

// False where the client asks for another name than in the full handshake (RFC 6066 section 3), or where the context
// that was chosen by that name trusts something else than the one that is in use, since none is chosen by name when a
// session resumes.
bool MayResume(const Connection& connection, const CarriedSession& carried);

}  // namespace client_cert
