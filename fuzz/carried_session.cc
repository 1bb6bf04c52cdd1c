// What a session carries for us: whatever an application's session cache gives back is read or refused, and what was
// read is written and read again as it was.
#include "core/tls/carried_session.h"

#include <openssl/ssl.h>

#include <optional>

#include "core/openssl/owned.h"
#include "support/check.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;
using OwnedSession = Owned<SSL_SESSION, SSL_SESSION_free>;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  const OwnedSession session(SSL_SESSION_new());
  SSL_SESSION_set1_ticket_appdata(session.get(), first, size);
  const std::optional<CarriedSession> carried = CarriedBy(session.get());
  if (!carried) return 0;
  Check(carried->server_name.size() <= 255, "a server name is no longer than one octet says");
  std::size_t octets = 0;
  for (const Bytes& certificate : carried->intermediates) octets += certificate.size();
  Check(carried->is_whole || octets == 0, "a chain that is elsewhere is not here");
  // Or it was kept here by an execution before this one.
  Check(octets <= size || octets <= kMaxKeptChains, "a certificate is within what was read");
  // One that is not whole cannot be written as such, and one that is too long only names what stays here.
  if (!carried->is_whole) return 0;
  const OwnedSession again(SSL_SESSION_new());
  Carry(again.get(), *carried, LongChain::kKeep);
  const std::optional<CarriedSession> read = CarriedBy(again.get());
  Check(read && read->server_name == carried->server_name && read->chosen_trust == carried->chosen_trust &&
            read->intermediates == carried->intermediates && read->is_whole,
        "what is written is read");
  return 0;
}
