// Digests that are made many times for each connection. EVP_sha256() and its like are looked for among the providers
// each time that they are used, which takes longer than the digest of a certificate; these were found already.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/base/bytes.h"

namespace client_cert {

enum class Digest : std::uint8_t { kSha1, kSha256, kSha512 };

using Sha256 = std::array<std::uint8_t, 32>;

constexpr std::size_t DigestOctets(Digest digest) {
  return digest == Digest::kSha1 ? 20 : digest == Digest::kSha256 ? 32 : 64;
}

// `out` has DigestOctets. False where OpenSSL's configuration does not provide the digest. Any thread.
bool MakeDigest(Digest digest, ByteView octets, std::span<std::uint8_t> out) noexcept;

inline bool DigestSha256(ByteView octets, Sha256& out) noexcept { return MakeDigest(Digest::kSha256, octets, out); }

}  // namespace client_cert
