// HandshakeTranscript: what both ends have said in a handshake. The client's signature is over it.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/base/bytes.h"
#include "core/openssl/owned.h"

namespace client_cert {

class HandshakeTranscript {
 public:
  // Each handshake message, in order. A ClientHello that answers no HelloRetryRequest begins anew, and so does what a
  // server asks after Keep.
  void Add(ByteView message);

  // The handshake has ended. In TLS 1.3 what is signed later begins with what has been said in it (RFC 8446 section
  // 4.4.1), of which `digest` is kept; null: nothing is.
  void Keep(const EVP_MD* digest);

  // All messages, as TLS 1.2 signs them. Empty where they were too many.
  const Bytes& Messages() const noexcept { return messages_; }

  // The type of the latest message. 0: there is none since the handshake before.
  std::uint8_t LastType() const noexcept { return last_type_; }

  // Transcript-Hash(messages, further) of RFC 8446. Nothing where they were too many.
  std::optional<Bytes> Hash(const EVP_MD* digest, ByteView further) const;

 private:
  using OwnedDigest = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

  // Over what was kept and the messages.
  OwnedDigest Digest(const EVP_MD* digest) const;

  OwnedDigest before_;  // of the handshake that came before
  Bytes messages_;
  std::size_t first_hello_ = 0;  // its length, where a HelloRetryRequest answers it
  std::uint8_t last_type_ = 0;
  bool is_whole_ = true;
};

}  // namespace client_cert
