#include "core/tls/client_selection.h"

#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>

#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"
#include "core/openssl/owned.h"
#include "core/openssl/wipe.h"
#include "core/tls/connection_registry.h"
#include "core/tls/handshake_facts.h"
#include "core/tls/observer.h"

namespace client_cert {
namespace {

struct ContextsOfThread {
  std::uint64_t created = 0;
  ssl_ctx_st* newest = nullptr;
};

ContextsOfThread& Contexts() {
  thread_local ContextsOfThread contexts;
  return contexts;
}

CertificateQuery QueryOf(const Connection& connection) {
  SSL* ssl = connection.ssl;
  CertificateQuery query;
  query.number = connection.selection.number;
  query.protocol = SSL_get_version(ssl);
  const char* server_name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (server_name != nullptr) query.server_name = server_name;
  query.authorities = IssuersOf(ssl);
  query.signature_schemes = SignatureSchemesOf(ssl);
  query.shared_schemes = SharedSignatureSchemesOf(ssl);
  const X509* server = SSL_get0_peer_certificate(ssl);
  if (server != nullptr && SSL_get_verify_result(ssl) == X509_V_OK) query.server_certificate = Encode<i2d_X509>(server);
  return query;
}

// 1: `leaf` and `key` are sent; 0: nothing is; negative: the handshake waits, and this is called again.
int OnCertificateRequested(SSL* ssl, X509** leaf, EVP_PKEY** key) {
  constexpr int kWait = -1;
  Connection* connection = ConnectionOf(ssl);
  // Nobody who could choose: it would be wrong to go on anonymously.
  if (connection == nullptr || connection->selection.number == 0) return kWait;
  ClientSelection& selection = connection->selection;
  if (selection.state == SelectionState::kIdle) {
    selection.state = SelectionState::kAsked;
    if (const auto chooser = selection.chooser.lock()) chooser->on_query(QueryOf(*connection));
  }
  if (selection.state != SelectionState::kAnswered) return kWait;
  selection.state = SelectionState::kIdle;
  const OwnedX509 own_leaf = std::move(selection.leaf);
  const OwnedKey own_key = std::move(selection.key);
  selection.is_promised = own_leaf != nullptr;
  if (!own_leaf) return 0;
  X509_up_ref(own_leaf.get());
  EVP_PKEY_up_ref(own_key.get());
  *leaf = own_leaf.get();
  *key = own_key.get();
  return 1;
}

OwnedKey KeyOf(ByteView der) {
  const unsigned char* at = der.data();
  return OwnedKey(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
}

}  // namespace

void NoteContext(ssl_ctx_st* context) {
  ++Contexts().created;
  Contexts().newest = context;
}

void ForgetContext(const ssl_ctx_st* context) {
  if (Contexts().newest == context) Contexts().newest = nullptr;
}

std::uint64_t ContextsCreated() { return Contexts().created; }

bool SelectOnContextSince(std::uint64_t created, bool offers_post_handshake) {
  const ContextsOfThread& contexts = Contexts();
  if (contexts.created != created + 1 || contexts.newest == nullptr) return false;
  SSL_CTX_set_client_cert_cb(contexts.newest, OnCertificateRequested);
  SSL_CTX_set_post_handshake_auth(contexts.newest, offers_post_handshake ? 1 : 0);
  return true;
}

std::uint64_t NewConnectionNumber() { return ConnectionRegistry::OfThisThread()->NewNumber(); }

void ExpectConnection(std::uint64_t number, std::weak_ptr<const CertificateChooser> chooser) {
  ConnectionRegistry::OfThisThread()->Expect(number, std::move(chooser));
}

AnswerState AnswerQuery(std::uint64_t number, std::optional<Credential> credential) {
  const ErrorQueueGuard guard;
  Connection* connection = ConnectionRegistry::OfThisThread()->OfNumber(number);
  if (connection == nullptr || connection->selection.state != SelectionState::kAsked) {
    if (credential) Wipe(credential->key);
    return AnswerState::kGone;
  }
  ClientSelection& selection = connection->selection;
  if (!credential) {
    selection.state = SelectionState::kAnswered;
    return AnswerState::kAccepted;
  }
  const bool is_remote = credential->key.empty();
  OwnedKey key = is_remote ? nullptr : KeyOf(credential->key);
  Wipe(credential->key);
  // Whether it is sent, and when its key may go, is seen in what passes.
  WatchMessages(connection->ssl);
  OwnedX509Stack chain(sk_X509_new_null());
  OwnedX509 leaf;
  for (const Bytes& der : credential->chain) {
    OwnedX509 certificate = DecodeX509(der);
    if (!certificate || !chain) return AnswerState::kBadCertificate;
    if (!leaf) {
      leaf = std::move(certificate);
      continue;
    }
    if (sk_X509_push(chain.get(), certificate.get()) <= 0) return AnswerState::kBadCertificate;
    static_cast<void>(certificate.release());
  }
  if (!leaf) return AnswerState::kBadCertificate;
  if (is_remote) {
    if (!CanAwaitSignature(*connection)) return AnswerState::kCannotWait;
    key = AwaitSignature(*connection, leaf.get(), std::move(credential->chain));
    if (!key) return AnswerState::kCannotSign;
  }
  if (!key) return AnswerState::kBadKey;
  if (X509_check_private_key(leaf.get(), key.get()) != 1) return AnswerState::kMismatch;
  // The chain goes with the certificate only this way.
  if (SSL_use_cert_and_key(connection->ssl, leaf.get(), key.get(), chain.get(), 1) != 1) return AnswerState::kRefused;
  selection.leaf = std::move(leaf);
  selection.key = std::move(key);
  selection.state = SelectionState::kAnswered;
  return AnswerState::kAccepted;
}

bool WasDropped(std::uint64_t number) {
  const Connection* connection = ConnectionRegistry::OfThisThread()->OfNumber(number);
  return connection != nullptr && connection->selection.is_dropped;
}

std::optional<Credential> OpenPfx(ByteView der, const std::string& passphrase) {
  const ErrorQueueGuard guard;
  const unsigned char* at = der.data();
  const Owned<PKCS12, PKCS12_free> pfx(d2i_PKCS12(nullptr, &at, static_cast<long>(der.size())));
  if (!pfx) return std::nullopt;
  EVP_PKEY* key = nullptr;
  X509* leaf = nullptr;
  STACK_OF(X509)* more = nullptr;
  if (PKCS12_parse(pfx.get(), passphrase.c_str(), &key, &leaf, &more) != 1) return std::nullopt;
  const OwnedKey owned_key(key);
  const OwnedX509 owned_leaf(leaf);
  const OwnedX509Stack owned_more(more);
  if (!owned_key || !owned_leaf) return std::nullopt;
  const Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(EVP_PKEY2PKCS8(key));
  Credential credential;
  credential.key = Encode<i2d_PKCS8_PRIV_KEY_INFO>(info.get());
  credential.chain.push_back(Encode<i2d_X509>(leaf));
  for (int i = 0; i < sk_X509_num(more); ++i) credential.chain.push_back(Encode<i2d_X509>(sk_X509_value(more, i)));
  if (credential.key.empty()) return std::nullopt;
  return credential;
}

}  // namespace client_cert
