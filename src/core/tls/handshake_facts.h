// What a handshake has said, as both ends may want to know.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"

namespace client_cert {

// DER of the names of the CAs that the server says it trusts: what it sends, or what it has sent.
std::vector<Bytes> IssuersOf(const SSL* ssl);

// The TLS SignatureSchemes that the peer accepts, in its order.
std::vector<std::uint16_t> SignatureSchemesOf(SSL* ssl);

// Those of both ends.
std::vector<std::uint16_t> SharedSignatureSchemesOf(SSL* ssl);

}  // namespace client_cert
