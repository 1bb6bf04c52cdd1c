#include "core/tls/transcript.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>

#include "core/base/budget.h"
#include "core/tls/handshake_messages.h"

namespace client_cert {
namespace {

using DigestOctets = std::array<unsigned char, EVP_MAX_MD_SIZE>;

bool IsSaid(std::uint8_t type) {
  // RFC 8446 section 4.4.1 leaves these out, and in TLS 1.2 they come before or after what is signed.
  return type != SSL3_MT_HELLO_REQUEST && type != SSL3_MT_NEWSESSION_TICKET && type != SSL3_MT_KEY_UPDATE;
}

}  // namespace

void HandshakeTranscript::Add(ByteView message) {
  if (message.empty() || !IsSaid(message.front())) return;
  const bool begins = message.front() == SSL3_MT_CLIENT_HELLO && first_hello_ == 0;
  if (begins) before_.reset();
  if (begins || (before_ && message.front() == SSL3_MT_CERTIFICATE_REQUEST)) {
    messages_.clear();
    first_hello_ = 0;
    is_whole_ = true;
  }
  if (IsHelloRetryRequest(message)) first_hello_ = messages_.size();
  last_type_ = message.front();
  is_whole_ = is_whole_ && messages_.size() + message.size() <= budget::kTranscriptOctets;
  if (is_whole_) {
    messages_.insert(messages_.end(), message.begin(), message.end());
  } else {
    messages_ = Bytes();
  }
}

void HandshakeTranscript::Keep(const EVP_MD* digest) {
  // What came after an earlier handshake's end is not part of what comes next.
  if (!before_ && digest != nullptr) before_ = Digest(digest);
  messages_ = Bytes();
  first_hello_ = 0;
  last_type_ = 0;
  // Without what has been said before, nothing that comes later can be signed; a ClientHello begins anew.
  is_whole_ = before_ != nullptr || digest == nullptr;
}

HandshakeTranscript::OwnedDigest HandshakeTranscript::Digest(const EVP_MD* digest) const {
  OwnedDigest context(EVP_MD_CTX_new());
  if (!context || !is_whole_) return nullptr;
  if (before_ ? EVP_MD_CTX_copy_ex(context.get(), before_.get()) != 1
              : EVP_DigestInit_ex(context.get(), digest, nullptr) != 1) {
    return nullptr;
  }
  ByteView messages(messages_);
  if (first_hello_ != 0) {
    // In the place of the first ClientHello there is a message_hash.
    DigestOctets hash{};
    unsigned int length = 0;
    if (EVP_Digest(messages.data(), first_hello_, hash.data(), &length, digest, nullptr) != 1) return nullptr;
    const std::array<unsigned char, 4> header{SSL3_MT_MESSAGE_HASH, 0, 0, static_cast<unsigned char>(length)};
    if (EVP_DigestUpdate(context.get(), header.data(), header.size()) != 1) return nullptr;
    if (EVP_DigestUpdate(context.get(), hash.data(), length) != 1) return nullptr;
    messages = messages.subspan(first_hello_);
  }
  if (EVP_DigestUpdate(context.get(), messages.data(), messages.size()) != 1) return nullptr;
  return context;
}

std::optional<Bytes> HandshakeTranscript::Hash(const EVP_MD* digest, ByteView further) const {
  const OwnedDigest context = Digest(digest);
  DigestOctets hash{};
  unsigned int length = 0;
  if (!context || EVP_DigestUpdate(context.get(), further.data(), further.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), hash.data(), &length) != 1) {
    return std::nullopt;
  }
  return Bytes(hash.begin(), hash.begin() + length);
}

}  // namespace client_cert
