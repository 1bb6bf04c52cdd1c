// The signature of a client's CertificateVerify message, made by whoever has the key: the handshake waits for it.
#pragma once

#include <cstdint>

#include "core/base/bytes.h"

namespace client_cert {

struct SignatureRequest {
  std::uint64_t number = 0;  // of the connection
  std::uint16_t scheme = 0;  // TLS SignatureScheme
  Bytes data;                // that is signed: all of it, not its digest
};

// kGone: nobody waits, or the connection is closed; kWrong: it is not what the leaf's key would have signed. ECDSA: as
// DER (RFC 3279), or as r and s (IEEE P1363).
//
// What waited is written at once; whoever answers has the connection go on reading. Not within a callback of OpenSSL.
enum class SignatureState : std::uint8_t { kAccepted, kGone, kWrong };
SignatureState AnswerSignature(std::uint64_t number, ByteView signature) noexcept;

}  // namespace client_cert
