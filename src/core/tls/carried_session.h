// What a TLS session carries for us from the full handshake to those that resume it, within the session itself (so
// within the ticket, encrypted and authenticated by the ticket keys, also between processes that share them).
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace client_cert {

using TrustIdentity = std::array<std::uint8_t, 32>;

struct CarriedSession {
  // The name that the client asked for, lower case, empty where it named none. RFC 6066 section 3: a session is not
  // resumed under another one.
  std::string server_name;
  // Set where the server chose the TLS context by that name. Node does not choose when a session resumes, so such a
  // session may only resume where the context that is used without choosing has the same trust.
  std::optional<TrustIdentity> chosen_trust;
  // DER of what the client presented beside its leaf, which the session holds anyway.
  std::vector<Bytes> intermediates;
  // False where the intermediates were too many to travel and this process does not have them.
  bool is_whole = true;
};

// What to do with intermediates of more than kMaxCarriedChain octets.
enum class LongChain : std::uint8_t {
  kKeep,  // they stay in this process, and the session names them
  kDrop,  // the session carries nothing
};

// Writes it into the session.
void Carry(SSL_SESSION* session, const CarriedSession& carried, LongChain long_chain);

// Nothing where the session was not made under this package's eyes, or what it carries cannot be read.
std::optional<CarriedSession> CarriedBy(SSL_SESSION* session);

// A ticket travels in each ClientHello, and servers begin to refuse one of more than 16 KB: two intermediates of the
// common sizes fit.
inline constexpr std::size_t kMaxCarriedChain = 4096;
// OpenSSL ends a handshake whose ticket would be over 65,280 octets, and the leaf is in it: a larger leaf leaves no
// room for anything.
inline constexpr int kMaxCarriedWithLeaf = 60000;
// Of the chains that are kept in this process; the oldest go first.
inline constexpr std::size_t kMaxKeptChains = std::size_t{4} * 1024 * 1024;

}  // namespace client_cert
