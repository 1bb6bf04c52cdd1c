#include "core/tls/client_identity.h"

#include <openssl/x509.h>

#include <utility>

#include "core/openssl/own_error.h"

namespace client_cert {
namespace {

constexpr int kRequired = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;

void Refuse(Connection& connection) noexcept {
  connection.client_changed = true;
  RaiseOwnError(OwnError::kClientCertificateChanged);
}

void Require(SSL* ssl) noexcept { SSL_set_verify(ssl, kRequired, SSL_get_verify_callback(ssl)); }

}  // namespace

void DemandSameClient(Connection& connection) noexcept {
  if (!connection.client || connection.before_demand) return;
  SSL* ssl = connection.ssl;
  const bool may_resume = (SSL_get_options(ssl) & SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION) == 0;
  connection.before_demand = {SSL_get_verify_mode(ssl), may_resume};
  Require(ssl);
  // A session could be anybody's, and OpenSSL verifies nothing when it resumes one.
  SSL_set_options(ssl, SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION);
}

bool MayShow(Connection& connection, const X509* leaf) noexcept {
  if (!connection.client || (leaf != nullptr && X509_cmp(connection.client.get(), leaf) == 0)) return true;
  Refuse(connection);
  return false;
}

void OnNoCertificate(Connection& connection) noexcept {
  if (MayShow(connection, nullptr)) return;
  // That of a request after the handshake, too.
  Require(connection.ssl);
}

bool KeepClient(Connection& connection) noexcept {
  SSL* ssl = connection.ssl;
  if (SSL_is_server(ssl) == 0) return true;
  if (const auto before = std::exchange(connection.before_demand, std::nullopt)) {
    SSL_set_verify(ssl, before->verify_mode, SSL_get_verify_callback(ssl));
    if (before->may_resume) SSL_clear_options(ssl, SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION);
  }
  X509* leaf = SSL_get0_peer_certificate(ssl);
  if (!MayShow(connection, leaf)) {
    // However it came to that: nothing is read or written any more.
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    return false;
  }
  if (!connection.client) connection.client = Share(leaf);
  return true;
}

}  // namespace client_cert
