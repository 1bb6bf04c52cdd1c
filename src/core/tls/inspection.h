// InspectConnection: the coordinator of this folder. From the name of a connection to its certificates and their
// verdict.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/verdict/verdict.h"
#include "core/verifier/verifier.h"

namespace client_cert {

enum class ConnectionState : std::uint8_t {
  kUnknown,           // this thread has no such connection, or it was made before the observer was installed
  kHandshakePending,  // a handshake is under way
  kChanged,           // its client has shown another certificate than before, or none
  kAmbiguous,         // this thread has more than one of that name
  kClientEnd,         // the peer is the server
  kNoCertificate,     // the client sent none, in this handshake or in the one that is resumed
  kInspected,
};

struct Inspection {
  ConnectionState state = ConnectionState::kUnknown;
  // The rest is meaningful for kInspected only.
  bool watched = false;  // whether ConnectionChanges() tells when this is no longer so
  bool resumed = false;
  std::vector<Bytes> presented;  // as the client sent them, leaf first
  std::size_t decodable = 0;     // how many of those there are up to the first that the strict decoder refused
  Verdict verdict;
  OutcomePtr outcome;  // where a verifier decided; `verdict` is its own
};

// `finished` names the connection: what its getFinished() gives. The verdict is that of the handshake's own
// verification where there was one and it still holds at `now` (seconds since 1970); else the certificate is verified
// again, with what its TLS context trusts now.
//
// With a verifier, or where one protects the connection, that one decides instead; then there is an outcome.
Inspection InspectConnection(ByteView finished, std::int64_t now, const std::shared_ptr<Verifier>& verifier = nullptr);

// Whether the client of a connection whose handshake has ended sent none. No verification.
bool SentNoCertificate(ByteView finished);

// Has `verifier` decide about the clients of those server's ends of connections that this thread has created since
// there were `created`, and whose handshake has not begun to verify. `now_in_milliseconds`: by the verifier's
// clock, since 1970.
std::uint64_t ConnectionsCreated();
void ProtectConnectionsSince(std::uint64_t created, const std::shared_ptr<Verifier>& verifier,
                             std::int64_t now_in_milliseconds);
// Whether it is `verifier` that decides about the client of a connection.
bool IsProtectedBy(ByteView finished, const std::shared_ptr<Verifier>& verifier);

// Grows when a watched connection of this thread begins a further handshake, or gets a certificate: as long as it stays
// the same, what was inspected is still so. The number of this thread, which stays where it is as long as it is held.
std::shared_ptr<const std::atomic<std::uint32_t>> ConnectionChanges();

// Whether two connections are judged by the same trust, by comparing these: hexadecimal, nothing for a
// connection that is not known. `kInitial`: what would judge it if no context had been chosen by the client's server
// name.
enum class WhichTrust : std::uint8_t { kCurrent, kInitial };
std::optional<std::string> TrustIdentityOfConnection(ByteView finished, WhichTrust which);
// Of the connection that this thread created last.
std::optional<std::string> TrustIdentityOfNewestConnection();

}  // namespace client_cert
