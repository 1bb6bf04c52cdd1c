#include "core/tls/resumption.h"

#include "core/tls/trust.h"

namespace client_cert {

bool MayResume(const Connection& connection, const CarriedSession& carried) {
  if (connection.hello_seen && connection.server_name != carried.server_name) return false;
  return !carried.chosen_trust || TrustIdentityOf(TrustOf(connection.ssl).store) == carried.chosen_trust;
}

}  // namespace client_cert
