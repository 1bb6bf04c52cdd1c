// ReadSecurityContext: what the security of a connection is, read at once and from then on independent of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace client_cert {

// Names are those of the IANA registries, but for OpenSSL's of ciphers ("aes-256-gcm") and groups ("secp256r1").
struct CipherFacts {
  std::string protocol;  // "TLSv1.3"
  std::string suite;
  std::uint16_t suite_number = 0;
  std::string cipher;  // empty: none that keeps anything secret
  std::uint32_t cipher_bits = 0;
  std::string hash;
  std::uint32_t hash_bits = 0;
  std::string exchange;                        // "ECDHE", "DHE", "RSA", "PSK" ...
  std::string exchange_group;                  // empty: none
  std::optional<std::uint32_t> exchange_bits;  // of the key; nothing where it is gone, as in a session that was resumed
};

// Octets, of one record: at most these are added to what it carries.
struct RecordSizes {
  std::uint32_t header = 0;
  std::uint32_t trailer = 0;
  std::uint32_t message = 0;  // at most carried
  std::uint32_t block = 0;
};

struct SessionFacts {
  Bytes id;
  bool resumed = false;
  bool has_extended_master_secret = false;
  // Seconds since 1970.
  std::int64_t start = 0;
  std::int64_t expiry = 0;
};

struct UniqueBinding {
  std::string type;
  Bytes token;
};

struct SecurityContextFacts {
  bool is_server = false;
  CipherFacts cipher;
  RecordSizes sizes;
  SessionFacts session;
  std::string server_name;                       // that the client asked for
  std::string application_protocol;              // ALPN
  std::vector<Bytes> issuers;                    // names of the CAs that the server says it trusts
  std::vector<std::uint16_t> signature_schemes;  // that the peer accepts, in its order
  std::optional<std::uint16_t> own_signature;    // of the handshake; nothing: none, or without a SignatureScheme
  std::optional<std::uint16_t> peer_signature;
  std::optional<Bytes> server_certificate;  // nothing where it is not known which one the client was shown
  std::optional<Bytes> own_certificate;     // that this end has shown
  std::vector<Bytes> peer_certificates;     // as sent, leaf first; of a session that was resumed the leaf alone
  std::optional<UniqueBinding> unique_binding;
  std::optional<Bytes> end_point_binding;
};

enum class ContextState : std::uint8_t { kUnknown, kHandshakePending, kAmbiguous, kChanged, kRead };

struct SecurityContextRead {
  ContextState state = ContextState::kUnknown;
  SecurityContextFacts facts;  // of kRead
};

// `finished` names the connection: what its getFinished() gives. Either end of it.
SecurityContextRead ReadSecurityContext(ByteView finished);

// The bindings alone; nothing where the connection is not known, or in a handshake.
struct ChannelBindings {
  std::optional<UniqueBinding> unique;
  std::optional<Bytes> end_point;
};
std::optional<ChannelBindings> ReadChannelBindings(ByteView finished);

}  // namespace client_cert
