#include "core/tls/connection.h"

#include "core/tls/connection_registry.h"

namespace client_cert {
namespace {

int connection_index = -1;

void OnNew(void* parent, void*, CRYPTO_EX_DATA* slots, int index, long, void*) noexcept {
  auto connection = std::make_unique<Connection>();
  connection->ssl = static_cast<SSL*>(parent);
  connection->registry = ConnectionRegistry::OfThisThread();
  if (CRYPTO_set_ex_data(slots, index, connection.get()) != 1) return;
  ConnectionRegistry& registry = *connection->registry;
  registry.Add(*connection.release());
}

void OnFree(void*, void* slot, CRYPTO_EX_DATA*, int, long, void*) noexcept {
  const std::unique_ptr<Connection> connection(static_cast<Connection*>(slot));
  if (!connection) return;
  if (connection->request) connection->request->Disconnect();
  connection->registry->Remove(*connection);
}

// SSL_dup copies the slots after the copy got its own: it keeps its own.
int OnDuplicate(CRYPTO_EX_DATA* to, const CRYPTO_EX_DATA*, void** slot, int index, long, void*) noexcept {
  *slot = CRYPTO_get_ex_data(to, index);
  return 1;
}

}  // namespace

bool RegisterConnections() noexcept {
  connection_index = SSL_get_ex_new_index(0, nullptr, OnNew, OnDuplicate, OnFree);
  return connection_index >= 0;
}

Connection* ConnectionOf(const SSL* ssl) noexcept {
  return ssl == nullptr ? nullptr : static_cast<Connection*>(SSL_get_ex_data(ssl, connection_index));
}

}  // namespace client_cert
