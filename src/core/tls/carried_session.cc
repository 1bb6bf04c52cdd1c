#include "core/tls/carried_session.h"

#include <openssl/evp.h>

#include <algorithm>

#include "core/base/cursor.h"
#include "core/openssl/error_queue.h"
#include "core/tls/kept_chains.h"

namespace client_cert {
namespace {

// magic | flags | [trust identity, 32 octets] | length of the server name, 1 octet | server name | chain, or its digest
constexpr std::uint8_t kMagic[] = {'c', 'c', 'i', 1};
constexpr std::uint8_t kChosenByName = 1;
constexpr std::uint8_t kChainIsKept = 2;
constexpr std::size_t kMaxServerName = 255;

KeptChains& Kept() {
  static KeptChains kept(kMaxKeptChains);
  return kept;
}

std::optional<ChainDigest> DigestOf(ByteView chain) {
  ChainDigest digest;
  if (EVP_Digest(chain.data(), chain.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) return std::nullopt;
  return digest;
}

Bytes Concatenated(const std::vector<Bytes>& certificates) {
  Bytes chain;
  for (const Bytes& certificate : certificates) chain.insert(chain.end(), certificate.begin(), certificate.end());
  return chain;
}

// The length of the DER value that starts here, tag and length octets included; 0 where there is none. The chain was
// written by this package, but a session that an application stores may come back damaged.
std::size_t DerLength(ByteView bytes) {
  if (bytes.size() < 2) return 0;
  std::size_t length = bytes[1];
  std::size_t header = 2;
  if (length >= 0x80) {
    const std::size_t count = length & 0x7F;
    if (count == 0 || count > 4 || bytes.size() < 2 + count) return 0;
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = (length << 8) | bytes[2 + i];
    header += count;
  }
  return length > bytes.size() - header ? 0 : header + length;
}

std::optional<std::vector<Bytes>> Separated(ByteView chain) {
  std::vector<Bytes> certificates;
  while (!chain.empty()) {
    const std::size_t length = DerLength(chain);
    if (length == 0) return std::nullopt;
    certificates.emplace_back(chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(length));
    chain = chain.subspan(length);
  }
  return certificates;
}

template <std::size_t N>
std::array<std::uint8_t, N> ArrayOf(ByteView bytes) {
  std::array<std::uint8_t, N> array{};
  if (bytes.size() == N) std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

}  // namespace

void Carry(SSL_SESSION* session, const CarriedSession& carried, LongChain long_chain) {
  const ErrorQueueGuard guard;
  if (carried.server_name.size() > kMaxServerName) return;
  Bytes chain = Concatenated(carried.intermediates);
  std::uint8_t flags = carried.chosen_trust ? kChosenByName : std::uint8_t{0};
  if (chain.size() > kMaxCarriedChain) {
    if (long_chain == LongChain::kDrop) return;
    const std::optional<ChainDigest> digest = DigestOf(chain);
    if (!digest) return;
    Kept().Keep(*digest, std::move(chain));
    chain.assign(digest->begin(), digest->end());
    flags |= kChainIsKept;
  }
  Bytes bytes(std::begin(kMagic), std::end(kMagic));
  bytes.push_back(flags);
  if (carried.chosen_trust) bytes.insert(bytes.end(), carried.chosen_trust->begin(), carried.chosen_trust->end());
  bytes.push_back(static_cast<std::uint8_t>(carried.server_name.size()));
  bytes.insert(bytes.end(), carried.server_name.begin(), carried.server_name.end());
  bytes.insert(bytes.end(), chain.begin(), chain.end());
  SSL_SESSION_set1_ticket_appdata(session, bytes.data(), bytes.size());
}

std::optional<CarriedSession> CarriedBy(SSL_SESSION* session) {
  const ErrorQueueGuard guard;
  void* start = nullptr;
  std::size_t size = 0;
  if (session == nullptr || SSL_SESSION_get0_ticket_appdata(session, &start, &size) != 1) return std::nullopt;
  Cursor cursor(ByteView(static_cast<const std::uint8_t*>(start), start == nullptr ? 0 : size));
  const ByteView magic = cursor.Take(sizeof kMagic);
  if (!std::equal(magic.begin(), magic.end(), std::begin(kMagic), std::end(kMagic))) return std::nullopt;

  CarriedSession carried;
  const auto flags = static_cast<std::uint8_t>(cursor.TakeNumber(1));
  if ((flags & kChosenByName) != 0) carried.chosen_trust = ArrayOf<32>(cursor.Take(32));
  const ByteView name = cursor.TakeVector(1);
  carried.server_name.assign(name.begin(), name.end());
  if (!cursor.Ok()) return std::nullopt;

  std::optional<std::vector<Bytes>> intermediates;
  if ((flags & kChainIsKept) != 0) {
    const std::optional<Bytes> kept = Kept().Find(ArrayOf<32>(cursor.Rest()));
    carried.is_whole = kept.has_value();
    intermediates = kept ? Separated(*kept) : std::vector<Bytes>();
  } else {
    intermediates = Separated(cursor.Rest());
  }
  if (!intermediates) return std::nullopt;
  carried.intermediates = std::move(*intermediates);
  return carried;
}

}  // namespace client_cert
