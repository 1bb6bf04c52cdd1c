#include "core/openssl/wipe.h"

#include <openssl/crypto.h>

namespace client_cert {

void Wipe(std::span<std::uint8_t> octets) noexcept { OPENSSL_cleanse(octets.data(), octets.size()); }

}  // namespace client_cert
