#include "core/tls/handshake_watch.h"

#include "core/tls/connection_registry.h"
#include "core/tls/judgement.h"

namespace client_cert {
namespace {

// Node tells JavaScript of the end of a handshake from within its own callback: ours comes first.
void OnInfo(const SSL* ssl, int where, int value) noexcept {
  Connection* connection = ConnectionOf(ssl);
  if (connection == nullptr) return;
  if ((where & SSL_CB_HANDSHAKE_START) != 0 && connection->established) {
    connection->registry->Restart(*connection);
    connection->hello_seen = false;
    connection->server_name_changed = false;
    connection->verification.reset();
    connection->outcome.reset();
  }
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0) {
    // For a session that resumes OpenSSL verifies nothing: what Node is about to ask for would be of an earlier day.
    if (connection->judge && SSL_session_reused(ssl) != 0) JudgeResumed(*connection);
    connection->registry->Establish(*connection);
  }
  if (connection->info_callback != nullptr) connection->info_callback(ssl, where, value);
}

}  // namespace

void WatchHandshakes(Connection& connection) noexcept {
  if (connection.watched) return;
  connection.info_callback = SSL_get_info_callback(connection.ssl);
  SSL_set_info_callback(connection.ssl, OnInfo);
  connection.watched = true;
}

}  // namespace client_cert
