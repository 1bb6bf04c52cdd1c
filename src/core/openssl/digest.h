// SHA-256 for what is looked up by it, many times for each connection.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.h"

namespace client_cert {

using Sha256 = std::array<std::uint8_t, 32>;

// False where OpenSSL's configuration does not provide it. Any thread.
bool DigestSha256(ByteView octets, Sha256& digest) noexcept;

}  // namespace client_cert
