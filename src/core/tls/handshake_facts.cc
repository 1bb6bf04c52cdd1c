#include "core/tls/handshake_facts.h"

#include <openssl/x509.h>

#include "core/openssl/encode.h"

namespace client_cert {

std::vector<Bytes> IssuersOf(const SSL* ssl) {
  const STACK_OF(X509_NAME)* names = SSL_is_server(ssl) != 0 ? SSL_get_client_CA_list(ssl) : SSL_get0_peer_CA_list(ssl);
  std::vector<Bytes> issuers;
  const int count = sk_X509_NAME_num(names);
  if (count > 0) issuers.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) issuers.push_back(Encode<i2d_X509_NAME>(sk_X509_NAME_value(names, i)));
  return issuers;
}

std::vector<std::uint16_t> SignatureSchemesOf(SSL* ssl) {
  std::vector<std::uint16_t> schemes;
  const int count = SSL_get_sigalgs(ssl, -1, nullptr, nullptr, nullptr, nullptr, nullptr);
  if (count > 0) schemes.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    unsigned char low = 0;
    unsigned char high = 0;
    if (SSL_get_sigalgs(ssl, i, nullptr, nullptr, nullptr, &low, &high) == 0) break;
    schemes.push_back(static_cast<std::uint16_t>(high << 8U | low));
  }
  return schemes;
}

std::vector<std::uint16_t> SharedSignatureSchemesOf(SSL* ssl) {
  std::vector<std::uint16_t> schemes;
  // Says how many there are only where there is a first one.
  const int count = SSL_get_shared_sigalgs(ssl, 0, nullptr, nullptr, nullptr, nullptr, nullptr);
  if (count > 0) schemes.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    unsigned char low = 0;
    unsigned char high = 0;
    if (SSL_get_shared_sigalgs(ssl, i, nullptr, nullptr, nullptr, &low, &high) == 0) break;
    schemes.push_back(static_cast<std::uint16_t>(high << 8U | low));
  }
  return schemes;
}

}  // namespace client_cert
