#include "core/tls/handshake_watch.h"

#include <utility>

#include "core/tls/client_identity.h"
#include "core/tls/connection_registry.h"
#include "core/tls/judgement.h"
#include "core/tls/observer.h"

namespace client_cert {
namespace {

// SSL_OP_NO_TX_CERTIFICATE_COMPRESSION and SSL_OP_NO_RX_CERTIFICATE_COMPRESSION of OpenSSL 3.2, which has them where it
// was built with a library that compresses; those before know no compression of certificates.
constexpr std::uint64_t kSendNoCompressedCertificate = std::uint64_t{1} << 32;
constexpr std::uint64_t kTakeNoCompressedCertificate = std::uint64_t{1} << 33;

// Whether the answer to a request for a certificate is complete: the client's Finished was read, and OpenSSL is at rest
// again. In TLS 1.3 it tells of no end of that; in TLS 1.2 it also does when it has merely sent a HelloRequest.
bool HasAnswered(const Connection& connection, int where) {
  if (!connection.request || !connection.request->is_finished_read) return false;
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0) return true;
  return where == SSL_CB_ACCEPT_EXIT && SSL_in_init(connection.ssl) == 0;
}

// Whether what passes may make the client another one. In a first handshake what a ClientHello says is seen anyway.
bool IsFurther(const Connection& connection) {
  return connection.request || (!connection.established && !connection.finished.empty());
}

// Node tells JavaScript of the end of a handshake from within its own callback: ours comes first.
void OnInfo(const SSL* ssl, int where, int value) noexcept {
  Connection* connection = ConnectionOf(ssl);
  if (connection == nullptr) return;
  if ((where & SSL_CB_HANDSHAKE_START) != 0 && connection->established) {
    connection->registry->Restart(*connection);
    connection->hello_seen = false;
    connection->server_name_changed = false;
    connection->has_extended_master_secret = false;
    connection->verification.reset();
    connection->outcome.reset();
    DemandSameClient(*connection);
  }
  // Before a message is read; whoever traces the connection (Node.js' enableTrace) has taken them.
  if (IsFurther(*connection)) WatchMessages(connection->ssl);
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0) {
    // For a session that resumes OpenSSL verifies nothing: what Node is about to ask for would be of an earlier day.
    if (connection->judge && SSL_session_reused(ssl) != 0) JudgeResumed(*connection);
    if (!KeepClient(*connection)) return;
    connection->registry->Establish(*connection);
  }
  // Node.js would count the request and the handshake that follows as two renegotiations, and allow no second request.
  const bool is_request = (where & SSL_CB_HANDSHAKE_START) != 0 && connection->request &&
                          !std::exchange(connection->request->is_hello_requested, true);
  if (!is_request && connection->info_callback != nullptr) connection->info_callback(ssl, where, value);
  if (!HasAnswered(*connection, where)) return;
  const std::shared_ptr<OnDemandRequest> request = std::exchange(connection->request, nullptr);
  if (!KeepClient(*connection)) return;
  // In TLS 1.3 nothing has begun that would have ended just now.
  if (!connection->established) connection->registry->Establish(*connection);
  request->OnAnswer();
}

}  // namespace

void WatchHandshakes(Connection& connection) noexcept {
  if (connection.watched) return;
  connection.info_callback = SSL_get_info_callback(connection.ssl);
  SSL_set_info_callback(connection.ssl, OnInfo);
  connection.watched = true;
  // Of the client's certificate only: that of the server is nobody's concern here.
  const bool is_server = SSL_is_server(connection.ssl) != 0;
  SSL_set_options(connection.ssl, is_server ? kTakeNoCompressedCertificate : kSendNoCompressedCertificate);
}

}  // namespace client_cert
