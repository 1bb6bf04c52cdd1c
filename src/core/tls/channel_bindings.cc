#include "core/tls/channel_bindings.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <string_view>

#include "core/openssl/encode.h"

namespace client_cert {
namespace {

// The first Finished message of the latest handshake: the client's in a full one, the server's where a session resumes.
std::optional<ChannelBinding> TlsUnique(const SSL* ssl) {
  const bool is_first_of_client = SSL_session_reused(ssl) == 0;
  const bool is_own = is_first_of_client != (SSL_is_server(ssl) != 0);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> octets{};
  const std::size_t length = is_own ? SSL_get_finished(ssl, octets.data(), octets.size())
                                    : SSL_get_peer_finished(ssl, octets.data(), octets.size());
  if (length == 0 || length > octets.size()) return std::nullopt;
  return ChannelBinding{"tls-unique", Bytes(octets.data(), octets.data() + length)};
}

std::optional<ChannelBinding> TlsExporter(SSL* ssl) {
  constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  constexpr std::size_t kLength = 32;
  Bytes token(kLength);
  if (SSL_export_keying_material(ssl, token.data(), token.size(), kLabel.data(), kLabel.size(), nullptr, 0, 1) != 1) {
    return std::nullopt;
  }
  return ChannelBinding{"tls-exporter", std::move(token)};
}

}  // namespace

std::optional<ChannelBinding> UniqueBindingOf(const Connection& connection) {
  SSL* ssl = connection.ssl;
  const int version = SSL_version(ssl);
  if (version == TLS1_3_VERSION) return TlsExporter(ssl);
  // OpenSSL's own answer is "in a handshake" where Node tells of its end.
  if (version == TLS1_2_VERSION && connection.has_extended_master_secret) return TlsUnique(ssl);
  return std::nullopt;
}

// Of its DER, not by X509_digest: without memory that takes any digest for SHA-1, and says that it has succeeded.
std::optional<ChannelBinding> EndPointBindingOf(const X509* server_certificate) {
  int digest = NID_undef;
  auto* certificate = const_cast<X509*>(server_certificate);  // whose signature information is computed once
  if (X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1) return std::nullopt;
  if (digest == NID_undef) return std::nullopt;
  const bool is_replaced = digest == NID_md5 || digest == NID_sha1;
  const EVP_MD* method = is_replaced ? EVP_sha256() : EVP_get_digestbynid(digest);
  const Bytes der = Encode<i2d_X509>(server_certificate);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> octets{};
  unsigned int length = 0;
  if (method == nullptr || der.empty()) return std::nullopt;
  if (EVP_Digest(der.data(), der.size(), octets.data(), &length, method, nullptr) != 1) return std::nullopt;
  return ChannelBinding{"tls-server-end-point", Bytes(octets.data(), octets.data() + length)};
}

}  // namespace client_cert
