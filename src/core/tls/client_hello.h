// What is read of a ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2).
#pragma once

#include <string>

#include "core/base/bytes.h"

namespace client_cert {

// The host_name of its server_name extension (RFC 6066 section 3), in lower case; empty where it names none or is
// malformed, which OpenSSL then refuses itself. `message` begins with the handshake header.
std::string ServerNameIn(ByteView message);

}  // namespace client_cert
