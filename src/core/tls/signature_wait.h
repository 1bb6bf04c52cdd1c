// Waiting for a remote_signature, at the client's end of a connection.
//
// OpenSSL can wait for a certificate, and for octets to be written, but not for a signature. So what it is going to ask
// to be signed is known before: when its last message before that is being written, which has to wait.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/bytes.h"
#include "core/openssl/remote_key.h"

namespace client_cert {

struct Connection;

struct RemoteSignature {
  enum class State : std::uint8_t {
    kNone,
    kWanted,  // the certificate was chosen
    kAsked,   // the handshake waits
    kMade,
    kImpossible,  // nothing more is sent
  };
  State state = State::kNone;
  std::vector<Bytes> chain;  // DER, leaf first
  std::shared_ptr<PreparedSignature> prepared;
};

// Whether a handshake of this connection can wait for a signature.
bool CanAwaitSignature(const Connection& connection) noexcept;

// Has a handshake that waits for a certificate wait for the signature of `leaf`'s key, too, and gives the key to use.
// Null where OpenSSL has no way to do that.
OwnedKey AwaitSignature(Connection& connection, X509* leaf, std::vector<Bytes> chain) noexcept;

}  // namespace client_cert
