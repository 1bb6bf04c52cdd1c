#include "core/tls/resumption.h"

#include "core/tls/trust_identity.h"

namespace client_cert {

bool MayResume(const Connection& connection, const CarriedSession& carried) {
  if (connection.server_name != carried.server_name) return false;
  return !carried.chosen_trust || TrustIdentityOf(SSL_get_SSL_CTX(connection.ssl)) == carried.chosen_trust;
}

}  // namespace client_cert
