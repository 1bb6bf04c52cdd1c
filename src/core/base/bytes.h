// Bytes owns a run of octets, ByteView borrows one. A view never outlives the Bytes that it looks into.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace client_cert {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

}  // namespace client_cert
