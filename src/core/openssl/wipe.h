// Wipe: overwrites octets in a way that no compiler leaves out.
#pragma once

#include <cstdint>
#include <span>

namespace client_cert {

void Wipe(std::span<std::uint8_t> octets) noexcept;

}  // namespace client_cert
