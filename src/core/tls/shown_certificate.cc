#include "core/tls/shown_certificate.h"

namespace client_cert {
namespace {

// Of the server's end. To look at the others changes which one is current: it is put back.
const X509* OnlyCertificate(SSL* ssl) {
  X509* current = SSL_get_certificate(ssl);
  if (current == nullptr || SSL_set_current_cert(ssl, SSL_CERT_SET_FIRST) != 1) return nullptr;
  const bool is_only = SSL_set_current_cert(ssl, SSL_CERT_SET_NEXT) != 1;
  const bool is_restored = SSL_select_current_cert(ssl, current) == 1;
  return is_only && is_restored ? current : nullptr;
}

}  // namespace

const X509* ShownServerCertificate(SSL* ssl) {
  if (SSL_is_server(ssl) == 0) return SSL_get0_peer_certificate(ssl);
  if (SSL_session_reused(ssl) != 0) return OnlyCertificate(ssl);
  return SSL_set_current_cert(ssl, SSL_CERT_SET_SERVER) == 1 ? SSL_get_certificate(ssl) : OnlyCertificate(ssl);
}

const X509* ShownClientCertificate(const Connection& connection) { return connection.certificate_shown.get(); }

}  // namespace client_cert
