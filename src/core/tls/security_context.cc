#include "core/tls/security_context.h"

#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"
#include "core/tls/channel_bindings.h"
#include "core/tls/connection_registry.h"
#include "core/tls/handshake_facts.h"
#include "core/tls/shown_certificate.h"
#include "core/tls/signature_scheme.h"

namespace client_cert {
namespace {

constexpr std::uint32_t kBitsOfOctet = 8;

std::string TextOf(const char* text) { return text == nullptr ? std::string() : std::string(text); }

std::uint32_t Positive(int number) { return number > 0 ? static_cast<std::uint32_t>(number) : 0; }

// ---- cipher ----

void ReadHash(const SSL_CIPHER* cipher, CipherFacts& facts) {
  const EVP_MD* of_records = EVP_get_digestbynid(SSL_CIPHER_get_digest_nid(cipher));
  const EVP_MD* hash = of_records != nullptr ? of_records : SSL_CIPHER_get_handshake_digest(cipher);
  if (hash == nullptr) return;
  facts.hash = TextOf(OBJ_nid2sn(EVP_MD_get_type(hash)));
  facts.hash_bits = Positive(EVP_MD_get_size(hash)) * kBitsOfOctet;
}

std::string GroupOf(SSL* ssl) {
  const long group = SSL_get_negotiated_group(ssl);
  return group == NID_undef ? std::string() : TextOf(SSL_group_to_name(ssl, static_cast<int>(group)));
}

// TLS 1.3 has one name for all of its key exchanges.
std::string ExchangeOfGroup(std::string_view group) {
  if (group.empty()) return "PSK";
  if (group.starts_with("ffdhe")) return "DHE";
  if (group.find("MLKEM") == std::string_view::npos) return "ECDHE";
  return group.starts_with("MLKEM") ? "MLKEM" : "ECDHE-MLKEM";
}

std::string ExchangeOf(const SSL_CIPHER* cipher, std::string_view group) {
  switch (SSL_CIPHER_get_kx_nid(cipher)) {
    case NID_kx_any:
      return ExchangeOfGroup(group);
    case NID_kx_rsa:
      return "RSA";
    case NID_kx_ecdhe:
      return "ECDHE";
    case NID_kx_dhe:
      return "DHE";
    case NID_kx_psk:
      return "PSK";
    case NID_kx_ecdhe_psk:
      return "ECDHE-PSK";
    case NID_kx_dhe_psk:
      return "DHE-PSK";
    case NID_kx_rsa_psk:
      return "RSA-PSK";
    default:
      return "";
  }
}

// A server has forgotten the client's key by then; what OpenSSL says of hybrids is the size of its second half.
constexpr std::pair<std::string_view, std::uint32_t> kGroupBits[] = {
    {"x25519", 253},     {"x448", 448},           {"secp256r1", 256},         {"secp384r1", 384},
    {"secp521r1", 521},  {"ffdhe2048", 2048},     {"ffdhe3072", 3072},        {"ffdhe4096", 4096},
    {"ffdhe6144", 6144}, {"ffdhe8192", 8192},     {"MLKEM512", 512},          {"MLKEM768", 768},
    {"MLKEM1024", 1024}, {"X25519MLKEM768", 768}, {"SecP256r1MLKEM768", 768}, {"SecP384r1MLKEM1024", 1024},
};

std::optional<std::uint32_t> ExchangeBitsOf(SSL* ssl, const CipherFacts& facts, const X509* server_certificate) {
  const auto* const known = std::ranges::find(kGroupBits, std::string_view(facts.exchange_group),
                                              [](const auto& group) { return group.first; });
  if (known != std::end(kGroupBits)) return known->second;
  if (facts.exchange == "RSA" && server_certificate != nullptr) {
    return Positive(EVP_PKEY_get_bits(X509_get0_pubkey(server_certificate)));
  }
  EVP_PKEY* key = nullptr;
  if (SSL_get_peer_tmp_key(ssl, &key) != 1) return std::nullopt;
  const Owned<EVP_PKEY, EVP_PKEY_free> owned(key);
  const std::uint32_t bits = Positive(EVP_PKEY_get_bits(key));
  return bits == 0 ? std::nullopt : std::optional(bits);
}

CipherFacts CipherOf(SSL* ssl, const X509* server_certificate) {
  CipherFacts facts;
  facts.protocol = TextOf(SSL_get_version(ssl));
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  if (cipher == nullptr) return facts;
  facts.suite = TextOf(SSL_CIPHER_standard_name(cipher));
  facts.suite_number = SSL_CIPHER_get_protocol_id(cipher);
  const int nid = SSL_CIPHER_get_cipher_nid(cipher);
  if (nid != NID_undef) {
    facts.cipher = TextOf(OBJ_nid2ln(nid));
    facts.cipher_bits = Positive(SSL_CIPHER_get_bits(cipher, nullptr));
  }
  ReadHash(cipher, facts);
  facts.exchange_group = GroupOf(ssl);
  facts.exchange = ExchangeOf(cipher, facts.exchange_group);
  facts.exchange_bits = ExchangeBitsOf(ssl, facts, server_certificate);
  return facts;
}

// ---- records ----

std::uint32_t TagOf(const SSL_CIPHER* cipher) {
  constexpr std::uint32_t kTag = 16;
  constexpr std::uint32_t kShortTag = 8;
  return std::string_view(SSL_CIPHER_get_name(cipher)).ends_with("CCM8") ? kShortTag : kTag;
}

// RFC 8446 section 5.2; RFC 5246 section 6.2.3, RFC 5288, RFC 7905.
RecordSizes SizesOf(const SSL* ssl) {
  constexpr std::uint32_t kExplicitNonce = 8;
  constexpr std::uint32_t kSmallestFragment = 256;  // by TLSEXT_max_fragment_length_512 = 1: doubled for each
  RecordSizes sizes{SSL3_RT_HEADER_LENGTH, 0, SSL3_RT_MAX_PLAIN_LENGTH, 1};
  const SSL_SESSION* session = SSL_get_session(ssl);
  const std::uint8_t fragment = session == nullptr ? 0 : SSL_SESSION_get_max_fragment_length(session);
  if (fragment >= TLSEXT_max_fragment_length_512 && fragment <= TLSEXT_max_fragment_length_4096) {
    sizes.message = kSmallestFragment << fragment;
  }
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  if (cipher == nullptr) return sizes;
  const EVP_CIPHER* method = EVP_get_cipherbynid(SSL_CIPHER_get_cipher_nid(cipher));
  if (method != nullptr) sizes.block = std::max<std::uint32_t>(1, Positive(EVP_CIPHER_get_block_size(method)));
  if (SSL_version(ssl) == TLS1_3_VERSION) {
    sizes.trailer = 1 + TagOf(cipher);
  } else if (SSL_CIPHER_is_aead(cipher) != 0) {
    const int nid = SSL_CIPHER_get_cipher_nid(cipher);
    sizes.header += nid == NID_chacha20_poly1305 ? 0 : kExplicitNonce;
    sizes.trailer = TagOf(cipher);
  } else {
    const EVP_MD* mac = EVP_get_digestbynid(SSL_CIPHER_get_digest_nid(cipher));
    const bool is_block = sizes.block > 1;
    sizes.header += is_block ? sizes.block : 0;
    sizes.trailer = (mac == nullptr ? 0 : Positive(EVP_MD_get_size(mac))) + (is_block ? sizes.block : 0);
  }
  return sizes;
}

// ---- session ----

SessionFacts SessionOf(const Connection& connection) {
  SessionFacts facts;
  const SSL* ssl = connection.ssl;
  facts.resumed = SSL_session_reused(ssl) != 0;
  facts.has_extended_master_secret = SSL_version(ssl) < TLS1_3_VERSION && connection.has_extended_master_secret;
  const SSL_SESSION* session = SSL_get_session(ssl);
  if (session == nullptr) return facts;
  unsigned int length = 0;
  const unsigned char* id = SSL_SESSION_get_id(session, &length);
  facts.id.assign(id, id + length);
  facts.start = SSL_SESSION_get_time(session);
  facts.expiry = facts.start + SSL_SESSION_get_timeout(session);
  return facts;
}

// ---- signatures ----

const EVP_PKEY* KeyOf(const X509* certificate) {
  return certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
}

std::optional<std::uint16_t> OwnSignatureOf(SSL* ssl, const X509* own) {
  HandshakeSignature signature{SSL_version(ssl)};
  if (SSL_get_signature_type_nid(ssl, &signature.type) != 1) return std::nullopt;
  if (SSL_get_signature_nid(ssl, &signature.digest) != 1) signature.digest = NID_undef;
  return SignatureSchemeOf(signature, KeyOf(own));
}

std::optional<std::uint16_t> PeerSignatureOf(SSL* ssl) {
  HandshakeSignature signature{SSL_version(ssl)};
  if (SSL_get_peer_signature_type_nid(ssl, &signature.type) != 1) return std::nullopt;
  if (SSL_get_peer_signature_nid(ssl, &signature.digest) != 1) signature.digest = NID_undef;
  return SignatureSchemeOf(signature, KeyOf(SSL_get0_peer_certificate(ssl)));
}

// ---- certificates ----

std::vector<Bytes> PeerCertificatesOf(const SSL* ssl) {
  std::vector<Bytes> certificates;
  const X509* leaf = SSL_get0_peer_certificate(ssl);
  if (leaf == nullptr) return certificates;
  certificates.push_back(Encode<i2d_X509>(leaf));
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; i < sk_X509_num(sent); ++i) {
    const X509* certificate = sk_X509_value(sent, i);
    if (X509_cmp(certificate, leaf) != 0) certificates.push_back(Encode<i2d_X509>(certificate));
  }
  return certificates;
}

std::optional<Bytes> DerOf(const X509* certificate) {
  return certificate == nullptr ? std::nullopt : std::optional(Encode<i2d_X509>(certificate));
}

std::optional<UniqueBinding> Unique(const Connection& connection) {
  std::optional<ChannelBinding> binding = UniqueBindingOf(connection);
  if (!binding) return std::nullopt;
  return UniqueBinding{std::string(binding->type), std::move(binding->token)};
}

std::optional<Bytes> EndPoint(const X509* server_certificate) {
  if (server_certificate == nullptr) return std::nullopt;
  std::optional<ChannelBinding> binding = EndPointBindingOf(server_certificate);
  if (!binding) return std::nullopt;
  return std::move(binding->token);
}

ContextState StateOf(const ConnectionRegistry::Found& found) {
  switch (found.outcome) {
    case ConnectionRegistry::Outcome::kFound:
      return ContextState::kRead;
    case ConnectionRegistry::Outcome::kPending:
      return ContextState::kHandshakePending;
    case ConnectionRegistry::Outcome::kAmbiguous:
      return ContextState::kAmbiguous;
    case ConnectionRegistry::Outcome::kChanged:
      return ContextState::kChanged;
    default:
      return ContextState::kUnknown;
  }
}

}  // namespace

SecurityContextRead ReadSecurityContext(ByteView finished) {
  const ErrorQueueGuard guard;
  const ConnectionRegistry::Found found = ConnectionRegistry::OfThisThread()->Find(finished);
  SecurityContextRead read{StateOf(found), {}};
  if (read.state != ContextState::kRead) return read;
  const Connection& connection = *found.connection;
  SSL* ssl = connection.ssl;
  const X509* server_certificate = ShownServerCertificate(ssl);
  SecurityContextFacts& facts = read.facts;
  facts.is_server = SSL_is_server(ssl) != 0;
  facts.cipher = CipherOf(ssl, server_certificate);
  facts.sizes = SizesOf(ssl);
  facts.session = SessionOf(connection);
  facts.server_name = TextOf(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
  const unsigned char* protocol = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &length);
  facts.application_protocol.assign(protocol, protocol + length);
  facts.issuers = IssuersOf(ssl);
  facts.signature_schemes = SignatureSchemesOf(ssl);
  const X509* own_certificate = facts.is_server ? server_certificate : ShownClientCertificate(connection);
  facts.own_signature = OwnSignatureOf(ssl, own_certificate);
  facts.peer_signature = PeerSignatureOf(ssl);
  facts.server_certificate = DerOf(server_certificate);
  facts.own_certificate = DerOf(own_certificate);
  facts.peer_certificates = PeerCertificatesOf(ssl);
  facts.unique_binding = Unique(connection);
  facts.end_point_binding = EndPoint(server_certificate);
  return read;
}

std::optional<ChannelBindings> ReadChannelBindings(ByteView finished) {
  const ErrorQueueGuard guard;
  const ConnectionRegistry::Found found = ConnectionRegistry::OfThisThread()->Find(finished);
  if (found.connection == nullptr) return std::nullopt;
  return ChannelBindings{Unique(*found.connection), EndPoint(ShownServerCertificate(found.connection->ssl))};
}

}  // namespace client_cert
