#include "core/tls/remote_signature.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <optional>
#include <string_view>
#include <utility>

#include "core/base/cursor.h"
#include "core/openssl/connection_lock.h"
#include "core/openssl/error_queue.h"
#include "core/openssl/own_error.h"
#include "core/tls/client_selection.h"
#include "core/tls/connection.h"
#include "core/tls/connection_registry.h"
#include "core/tls/handshake_messages.h"
#include "core/tls/signature_scheme.h"
#include "core/tls/signature_wait.h"

namespace client_cert {
namespace {

using OwnedDigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using OwnedEcdsa = Owned<ECDSA_SIG, ECDSA_SIG_free>;
using State = RemoteSignature::State;

// ---- what is signed ----

// As OpenSSL has chosen it.
std::optional<HandshakeSignature> SigningOf(SSL* ssl) {
  HandshakeSignature signing{SSL_version(ssl)};
  if (SSL_get_signature_type_nid(ssl, &signing.type) != 1) return std::nullopt;
  if (SSL_get_signature_nid(ssl, &signing.digest) != 1) signing.digest = NID_undef;
  return signing;
}

// Those of TLS 1.2 with SHA-1, SHA-224 or DSA are not made for others to sign.
std::optional<std::uint16_t> SchemeOf(const HandshakeSignature& signing, const EVP_PKEY* key) {
  const bool is_old = signing.digest == NID_sha1 || signing.digest == NID_sha224 || signing.type == EVP_PKEY_DSA;
  return is_old ? std::nullopt : SignatureSchemeOf(signing, key);
}

// False where somebody has put another message callback in the place of ours, as Node.js' enableTrace does: nobody is
// to sign what this end only believes to have been said.
bool HasSeenRequest(const HandshakeTranscript& transcript) {
  const std::uint8_t last = transcript.LastType();
  return last == SSL3_MT_CERTIFICATE_REQUEST || last == SSL3_MT_CERTIFICATE_VERIFY || last == SSL3_MT_SERVER_DONE;
}

bool HasSeenAll(const SSL* ssl, const HandshakeTranscript& transcript) {
  const std::uint8_t last = transcript.LastType();
  if (SSL_version(ssl) != TLS1_3_VERSION) return last == SSL3_MT_CERTIFICATE;
  return last == SSL3_MT_FINISHED || last == SSL3_MT_CERTIFICATE_REQUEST;
}

// RFC 8446 section 4.4.3.
std::optional<Bytes> ToBeSignedOfTls13(const Connection& connection) {
  constexpr std::size_t kSpaces = 64;
  constexpr std::string_view kContext{"TLS 1.3, client CertificateVerify\0", 34};
  const RemoteSignature& remote = connection.selection.remote;
  const SSL_CIPHER* cipher = SSL_get_current_cipher(connection.ssl);
  const EVP_MD* digest = cipher == nullptr ? nullptr : SSL_CIPHER_get_handshake_digest(cipher);
  if (digest == nullptr) return std::nullopt;
  const HandshakeTranscript& transcript = connection.selection.transcript;
  const Bytes certificate = CertificateMessage(CertificateRequestContextIn(transcript.Messages()), remote.chain);
  const std::optional<Bytes> hash = transcript.Hash(digest, certificate);
  if (!hash) return std::nullopt;
  Bytes data(kSpaces, ' ');
  data.insert(data.end(), kContext.begin(), kContext.end());
  data.insert(data.end(), hash->begin(), hash->end());
  return data;
}

// RFC 5246 section 7.4.8. `record` is the one of the ClientKeyExchange message, not encrypted in a first handshake.
std::optional<Bytes> ToBeSignedOfTls12(const Connection& connection, ByteView record) {
  Cursor cursor(record);
  const bool is_handshake = cursor.TakeNumber(1) == SSL3_RT_HANDSHAKE;
  cursor.Take(2);  // version
  const ByteView message = cursor.TakeVector(2);
  Cursor content(message);
  const bool is_key_exchange = content.TakeNumber(1) == SSL3_MT_CLIENT_KEY_EXCHANGE;
  content.TakeVector(3);
  const bool is_one = cursor.Ok() && cursor.Rest().empty() && content.Ok() && content.Rest().empty();
  Bytes data = connection.selection.transcript.Messages();
  if (!is_handshake || !is_key_exchange || !is_one || data.empty()) return std::nullopt;
  data.insert(data.end(), message.begin(), message.end());
  return data;
}

// ---- waiting ----

// The last message before the one with the signature, which is written once that has been made. By the states' names:
// their numbers are others in each version of OpenSSL.
bool IsBeforeSignature(const SSL* ssl) {
  constexpr std::string_view kWritesCertificate = "TWCC";
  constexpr std::string_view kWritesKeyExchange = "TWCKE";
  return SSL_state_string(ssl) == (SSL_version(ssl) == TLS1_3_VERSION ? kWritesCertificate : kWritesKeyExchange);
}

void Ask(Connection& connection, ByteView record) {
  RemoteSignature& remote = connection.selection.remote;
  SSL* ssl = connection.ssl;
  remote.state = State::kImpossible;
  if (!HasSeenAll(ssl, connection.selection.transcript)) return;
  const std::optional<HandshakeSignature> signing = SigningOf(ssl);
  std::optional<Bytes> data =
      SSL_version(ssl) == TLS1_3_VERSION ? ToBeSignedOfTls13(connection) : ToBeSignedOfTls12(connection, record);
  const X509* leaf = SSL_get_certificate(ssl);
  const auto chooser = connection.selection.chooser.lock();
  if (!signing || !data || leaf == nullptr || !chooser) return;
  const std::optional<std::uint16_t> scheme = SchemeOf(*signing, X509_get0_pubkey(leaf));
  if (!scheme) return;
  remote.state = State::kAsked;
  LockConnection(ssl);
  remote.prepared->data = *data;
  chooser->on_signature({connection.selection.number, *scheme, *std::move(data)});
}

// Of the buffer in which OpenSSL collects what it writes during a handshake.
long OnWrite(BIO* buffer, int operation, const char* octets, std::size_t length, int, long, int result,
             std::size_t*) noexcept {
  constexpr long kFailed = -1;
  if (operation != BIO_CB_WRITE) return result;
  Connection* connection = ConnectionOf(reinterpret_cast<const SSL*>(BIO_get_callback_arg(buffer)));
  if (connection == nullptr) return result;
  RemoteSignature& remote = connection->selection.remote;
  if (remote.state == State::kWanted && IsBeforeSignature(connection->ssl)) {
    Ask(*connection, {reinterpret_cast<const std::uint8_t*>(octets), length});
  }
  if (remote.state == State::kImpossible) {
    RaiseOwnError(OwnError::kClientCertificateUnusable);
    return kFailed;
  }
  if (remote.state != State::kAsked) return result;
  BIO_clear_retry_flags(buffer);
  BIO_set_retry_write(buffer);
  return kFailed;
}

// OpenSSL does not tell where that buffer is; but whatever is put behind another BIO is told which.
long OnPush(BIO* wire, int operation, const char* pushed, std::size_t, int command, long, int result,
            std::size_t*) noexcept {
  if (operation != BIO_CB_CTRL || command != BIO_CTRL_PUSH) return result;
  auto* buffer = reinterpret_cast<BIO*>(const_cast<char*>(pushed));
  if (buffer == nullptr || buffer == wire || BIO_method_type(buffer) != BIO_TYPE_BUFFER) return result;
  BIO_set_callback_ex(buffer, OnWrite);
  BIO_set_callback_arg(buffer, BIO_get_callback_arg(wire));
  BIO_set_callback_arg(wire, nullptr);
  return result;
}

// False where it has no such buffer: where no handshake is under way.
bool WatchWrites(SSL* ssl) {
  BIO* wire = SSL_get_wbio(ssl);
  if (wire == nullptr || BIO_get_callback_ex(wire) != nullptr) return false;
  BIO_set_callback_ex(wire, OnPush);
  BIO_set_callback_arg(wire, reinterpret_cast<char*>(ssl));
  // Put where it is already.
  BIO_up_ref(wire);
  SSL_set0_wbio(ssl, wire);
  const bool is_watched = BIO_get_callback_arg(wire) == nullptr;
  BIO_set_callback_ex(wire, nullptr);
  BIO_set_callback_arg(wire, nullptr);
  return is_watched;
}

// ---- what was signed ----

bool Verifies(SSL* ssl, EVP_PKEY* key, ByteView data, ByteView signature) {
  const std::optional<HandshakeSignature> signing = SigningOf(ssl);
  const OwnedDigestContext context(EVP_MD_CTX_new());
  if (!signing || !context) return false;
  const EVP_MD* digest = signing->digest == NID_undef ? nullptr : EVP_get_digestbynid(signing->digest);
  EVP_PKEY_CTX* parameters = nullptr;  // of the context
  if (EVP_DigestVerifyInit(context.get(), &parameters, digest, nullptr, key) != 1) return false;
  if (signing->type == EVP_PKEY_RSA_PSS &&
      (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(), data.size()) == 1;
}

// IEEE P1363: r and s, both as long as the order of the curve.
Bytes DerOfP1363(ByteView signature) {
  const std::size_t half = signature.size() / 2;
  const OwnedEcdsa ecdsa(ECDSA_SIG_new());
  if (!ecdsa || half == 0 || signature.size() != 2 * half) return {};
  Owned<BIGNUM, BN_free> r(BN_bin2bn(signature.data(), static_cast<int>(half), nullptr));
  Owned<BIGNUM, BN_free> s(BN_bin2bn(signature.data() + half, static_cast<int>(half), nullptr));
  if (!r || !s || ECDSA_SIG_set0(ecdsa.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* end = nullptr;
  const int length = i2d_ECDSA_SIG(ecdsa.get(), &end);
  if (length <= 0) return {};
  Bytes der(end, end + length);
  OPENSSL_free(end);
  return der;
}

// As TLS has it; empty where it is none of this key.
Bytes SignatureOf(SSL* ssl, EVP_PKEY* key, ByteView data, ByteView given) {
  if (given.empty() || given.size() > 2 * static_cast<std::size_t>(EVP_PKEY_get_size(key))) return {};
  if (Verifies(ssl, key, data, given)) return {given.begin(), given.end()};
  if (EVP_PKEY_is_a(key, "EC") != 1) return {};
  Bytes der = DerOfP1363(given);
  if (der.empty() || !Verifies(ssl, key, data, der)) return {};
  return der;
}

}  // namespace

bool CanAwaitSignature(const Connection& connection) noexcept {
  const SSL* ssl = connection.ssl;
  if (!HasSeenRequest(connection.selection.transcript)) return false;
  if (SSL_version(ssl) == TLS1_3_VERSION) return true;
  // In a renegotiation what is signed is encrypted before anybody could see it.
  const bool is_first = SSL_get_finished(ssl, nullptr, 0) == 0;
  return SSL_version(ssl) == TLS1_2_VERSION && is_first;
}

OwnedKey AwaitSignature(Connection& connection, X509* leaf, std::vector<Bytes> chain) noexcept {
  RemoteSignature& remote = connection.selection.remote;
  remote.prepared = std::make_shared<PreparedSignature>();
  OwnedKey key = RemoteKey(X509_get0_pubkey(leaf), remote.prepared);
  if (!key || !CanLockConnections() || !WatchWrites(connection.ssl)) return nullptr;
  remote.chain = std::move(chain);
  remote.state = State::kWanted;
  return key;
}

SignatureState AnswerSignature(std::uint64_t number, ByteView signature) noexcept {
  Connection* connection = ConnectionRegistry::OfThisThread()->OfNumber(number);
  if (connection == nullptr || connection->selection.remote.state != State::kAsked) return SignatureState::kGone;
  RemoteSignature& remote = connection->selection.remote;
  SSL* ssl = connection->ssl;
  const X509* leaf = SSL_get_certificate(ssl);
  EVP_PKEY* key = leaf == nullptr ? nullptr : X509_get0_pubkey(leaf);
  if (key == nullptr) return SignatureState::kGone;
  {
    const ErrorQueueGuard guard;
    remote.prepared->signature = SignatureOf(ssl, key, remote.prepared->data, signature);
  }
  if (remote.prepared->signature.empty()) return SignatureState::kWrong;
  remote.state = State::kMade;
  UnlockConnection(ssl);
  // What could not be written is, before anybody writes something else. Node.js is told by its callbacks what comes of
  // it, and asks for the error, if there is one, in OpenSSL's queue; they may also close the connection.
  SSL_up_ref(ssl);
  SSL_do_handshake(ssl);
  SSL_free(ssl);
  return SignatureState::kAccepted;
}

}  // namespace client_cert
