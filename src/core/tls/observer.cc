#include "core/tls/observer.h"

#include <openssl/bio.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "core/base/cursor.h"
#include "core/openssl/encode.h"
#include "core/openssl/error_queue.h"
#include "core/openssl/own_error.h"
#include "core/path/path_record.h"
#include "core/tls/carried_session.h"
#include "core/tls/client_identity.h"
#include "core/tls/client_selection.h"
#include "core/tls/connection_registry.h"
#include "core/tls/handshake_messages.h"
#include "core/tls/handshake_watch.h"
#include "core/tls/judgement.h"
#include "core/tls/resumption.h"
#include "core/tls/trust.h"

namespace client_cert {
namespace {

// Each ClientHello begins a handshake, before a session is resumed or a context chosen by name.
void OnOwnClientHello(Connection& connection) {
  WatchHandshakes(connection);
  connection.certificate_shown.reset();
}

// May be told twice of the same one.
void OnClientHello(Connection& connection, std::string server_name) {
  WatchHandshakes(connection);
  // A second one in the same handshake answers a HelloRetryRequest. By then the context was chosen by the first name.
  if (connection.hello_seen && server_name != connection.server_name) connection.server_name_changed = true;
  connection.hello_seen = true;
  connection.server_name = std::move(server_name);
}

long RefuseToWrite(BIO*, int operation, const char*, std::size_t, int, long, int result, std::size_t*) noexcept {
  constexpr long kFailed = -1;
  if (operation != BIO_CB_WRITE) return result;
  RaiseOwnError(OwnError::kClientCertificateUnusable);
  return kFailed;
}

void OnOwnCertificate(Connection& connection, bool is_shown) {
  connection.certificate_shown = is_shown ? Share(SSL_get_certificate(connection.ssl)) : nullptr;
  ClientSelection& selection = connection.selection;
  selection.is_used = is_shown && selection.is_promised;
  // OpenSSL goes on anonymously where it cannot use what was chosen. Nobody has wanted that: nothing more is sent, and
  // this message is still in its buffer.
  selection.is_dropped = !is_shown && std::exchange(selection.is_promised, false);
  if (selection.is_dropped) BIO_set_callback_ex(SSL_get_wbio(connection.ssl), RefuseToWrite);
  selection.is_promised = false;
}

// That of the client.
void OnCertificate(Connection& connection, ByteView message, bool is_own) {
  if (is_own == (SSL_is_server(connection.ssl) != 0)) return;
  const bool is_shown = HoldsCertificates(message, SSL_version(connection.ssl));
  if (is_own) {
    OnOwnCertificate(connection, is_shown);
  } else if (!is_shown) {
    OnNoCertificate(connection);
  }
}

// The client's Finished message is the last one of a handshake in TLS 1.3.
void EndTranscript(Connection& connection) {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(connection.ssl);
  const bool is_signed_later = SSL_version(connection.ssl) == TLS1_3_VERSION && cipher != nullptr;
  connection.selection.transcript.Keep(is_signed_later ? SSL_CIPHER_get_handshake_digest(cipher) : nullptr);
  connection.selection.remote = RemoteSignature();
}

void OnFinished(Connection& connection, bool is_own) {
  if (!is_own && connection.request) connection.request->is_finished_read = true;
  // Its key is not needed any more, and OpenSSL asks nobody for another one while there is one.
  if (is_own && std::exchange(connection.selection.is_used, false)) SSL_certs_clear(connection.ssl);
  if (is_own && connection.selection.number != 0) EndTranscript(connection);
  // Of TLS 1.3, in which an answer after the handshake is no further one: but this end has another name from now on.
  if (is_own && connection.established) connection.registry->Rename(connection);
}

// Called with each message that passes. Newer Node lines use OpenSSL's callback for the ClientHello themselves, so that
// this is the way to see it on all of them.
void OnMessage(int is_sent, int, int content_type, const void* octets, std::size_t length, SSL* ssl, void*) noexcept {
  if (content_type != SSL3_RT_HANDSHAKE || length == 0) return;
  const ByteView message(static_cast<const std::uint8_t*>(octets), length);
  Connection* connection = ConnectionOf(ssl);
  if (connection == nullptr) return;
  const bool is_own = is_sent != 0;
  if (connection->selection.number != 0) connection->selection.transcript.Add(message);
  switch (message.front()) {
    case SSL3_MT_CLIENT_HELLO:
      return is_own ? OnOwnClientHello(*connection) : OnClientHello(*connection, ServerNameIn(message));
    case SSL3_MT_SERVER_HELLO:
      connection->has_extended_master_secret = HasExtendedMasterSecret(message);
      return;
    case SSL3_MT_CERTIFICATE:
      return OnCertificate(*connection, message, is_own);
    case SSL3_MT_FINISHED:
      return OnFinished(*connection, is_own);
    default:
      return;
  }
}

// Of the ClientHello that OpenSSL is about to answer, if there is one.
void LookAtClientHello(Connection& connection) {
  SSL* ssl = connection.ssl;
  const unsigned char* octets = nullptr;
  if (SSL_client_hello_get0_random(ssl, &octets) == 0) return;
  std::size_t length = 0;
  const bool is_named = SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &octets, &length) == 1;
  OnClientHello(connection, is_named ? HostNameIn({octets, length}) : std::string());
}

using SecurityCallback = decltype(SSL_CTX_get_security_callback(nullptr));
std::atomic<SecurityCallback> openssl_security = nullptr;

// Called for whatever the security level has a say in: for each version that could be spoken, as soon as a ClientHello
// was read, and for the cipher that is chosen, also where a second ClientHello answers a HelloRetryRequest. Nobody else
// takes this callback, while that for messages is taken by whoever traces (Node.js' enableTrace): no first handshake
// goes on under a name that was not seen.
int OnSecurity(const SSL* ssl, const SSL_CTX* context, int operation, int bits, int number, void* other,
               void* more) noexcept {
  const bool is_of_hello = operation == SSL_SECOP_VERSION || operation == SSL_SECOP_CIPHER_SHARED;
  if (is_of_hello && ssl != nullptr && SSL_is_server(ssl) != 0) {
    Connection* connection = ConnectionOf(ssl);
    if (connection != nullptr) LookAtClientHello(*connection);
  }
  return openssl_security.load()(ssl, context, operation, bits, number, other, more);
}

// Every context has OpenSSL's own callback, unless somebody has given it another one: that stays.
void ObserveSecurity(SSL_CTX* context) noexcept {
  const SecurityCallback present = SSL_CTX_get_security_callback(context);
  SecurityCallback unknown = nullptr;
  openssl_security.compare_exchange_strong(unknown, present);
  if (present == openssl_security.load()) SSL_CTX_set_security_callback(context, OnSecurity);
}

// A client whose certificate has expired may have another one by now: a full handshake asks for it.
bool HasExpired(const Connection& connection, const X509* leaf) {
  std::time_t now = TimeOf(connection);
  return X509_cmp_time(X509_get0_notAfter(leaf), &now) < 0;
}

// Called when a client asks to resume a session by a ticket. What RFC 6066 forbids to resume, what would be judged by
// another virtual host's trust, and what does not bring the chain that it has to be judged with is turned into a full
// handshake.
SSL_TICKET_RETURN OnTicket(SSL* ssl, SSL_SESSION* session, const unsigned char*, std::size_t, SSL_TICKET_STATUS status,
                           void*) noexcept {
  if (status == SSL_TICKET_EMPTY || status == SSL_TICKET_NO_DECRYPT) return SSL_TICKET_RETURN_IGNORE_RENEW;
  if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW) return SSL_TICKET_RETURN_ABORT;
  const SSL_TICKET_RETURN use = status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
  Connection* connection = ConnectionOf(ssl);
  if (connection == nullptr) return use;
  WatchHandshakes(*connection);
  const X509* leaf = SSL_SESSION_get0_peer(session);
  if (leaf == nullptr) {
    // Some Node lines take a TLS 1.3 session without a certificate for an authorized one: where one is asked for, and a
    // verifier answers for it, it is asked for.
    const bool lacks_peer = connection->judge && (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) != 0;
    return lacks_peer ? SSL_TICKET_RETURN_IGNORE_RENEW : use;
  }
  if (HasExpired(*connection, leaf)) return SSL_TICKET_RETURN_IGNORE_RENEW;
  const std::optional<CarriedSession> carried = CarriedBy(session);
  const bool resumes = carried && carried->is_whole && MayResume(*connection, *carried);
  return resumes ? use : SSL_TICKET_RETURN_IGNORE_RENEW;
}

void CarryInSession(const Connection& connection) {
  SSL_SESSION* session = SSL_get_session(connection.ssl);
  if (session == nullptr) return;
  CarriedSession carried;
  carried.server_name = connection.server_name;
  X509_STORE* trust = TrustOf(connection.ssl).store;
  // An identity that cannot be computed is written as zeros, which no trust has.
  if (trust != InitialStoreOf(connection.ssl)) carried.chosen_trust = TrustIdentityOf(trust).value_or(TrustIdentity{});
  const PathRecord& record = *connection.verification;
  const std::vector<OwnedX509>& presented = record.presented;
  if (presented.empty() || i2d_X509(presented.front().get(), nullptr) > kMaxCarriedWithLeaf) return;
  for (std::size_t i = 1; i < presented.size(); ++i)
    carried.intermediates.push_back(Encode<i2d_X509>(presented[i].get()));
  // What strangers send must not displace what others need.
  Carry(session, carried, record.accepted ? LongChain::kKeep : LongChain::kDrop);
}

// Called in place of X509_verify_cert, for both ends of a connection, in each full handshake and whenever a certificate
// is asked for later.
int OnVerify(X509_STORE_CTX* context, void*) noexcept {
  const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  // Node's verify callback lets errors pass, but OpenSSL leaves what it met on the way in the queue, and the next read
  // of this connection would be taken for failed: a client that was to be told why it is refused would be cut off.
  ErrorQueueGuard guard;
  Connection* connection = ConnectionOf(ssl);
  const bool is_of_server = connection != nullptr && SSL_is_server(ssl) != 0;
  if (is_of_server && !MayShow(*connection, X509_STORE_CTX_get0_cert(context))) {
    guard.Keep();
    X509_STORE_CTX_set_error(context, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  PathRecord record;
  const bool is_judged = is_of_server && connection->judge != nullptr;
  const int result = is_judged ? Judge(*connection, context, record) : Observe(context, std::time(nullptr), record);
  if (result != 1) guard.Keep();
  if (!is_of_server) return result;
  WatchHandshakes(*connection);
  // A handshake that has ended already: the answer to a request in TLS 1.3. OpenSSL has its certificate from now on,
  // and only the messages that follow prove that it is the client's.
  if (connection->established) connection->registry->Restart(*connection);
  connection->verification = std::move(record);
  CarryInSession(*connection);
  return result;
}

void ObserveContext(SSL_CTX* context) noexcept {
  SSL_CTX_set_cert_verify_callback(context, OnVerify, nullptr);
  SSL_CTX_set_msg_callback(context, OnMessage);
  SSL_CTX_set_session_ticket_cb(context, nullptr, OnTicket, nullptr);
  ObserveSecurity(context);
}

void OnNewContext(void* parent, void*, CRYPTO_EX_DATA*, int, long, void*) noexcept {
  auto* context = static_cast<SSL_CTX*>(parent);
  ObserveContext(context);
  NoteContext(context);
}

void OnFreeContext(void* parent, void*, CRYPTO_EX_DATA*, int, long, void*) noexcept {
  ForgetContext(static_cast<const SSL_CTX*>(parent));
}

// Two copies would take each other's callbacks away, since OpenSSL has no way to ask for those that are set. OpenSSL's
// table of object names is shared by the whole process: the copy that observes is written down there, under a name that
// no certificate uses.
bool AnotherCopyObserves() noexcept {
  constexpr const char* kName = "client-cert-info-observer";
  constexpr const char* kOid = "2.25.291173555838591447338520865817540921307";  // made from a random UUID
  const std::string self = std::to_string(reinterpret_cast<std::uintptr_t>(&AnotherCopyObserves));
  const int known = OBJ_sn2nid(kName);
  if (known == NID_undef) return OBJ_create(kOid, kName, self.c_str()) == NID_undef;
  const char* observer = OBJ_nid2ln(known);
  return observer == nullptr || self != observer;
}

ObserverState Register() noexcept {
  const ErrorQueueGuard guard;
  if (AnotherCopyObserves()) return ObserverState::kAnotherCopy;
  const bool contexts = SSL_CTX_get_ex_new_index(0, nullptr, OnNewContext, nullptr, OnFreeContext) >= 0;
  return contexts && RegisterConnections() ? ObserverState::kInstalled : ObserverState::kRefused;
}

}  // namespace

ObserverState InstallObserver() noexcept {
  static const ObserverState state = Register();
  return state;
}

void WatchMessages(SSL* ssl) noexcept { SSL_set_msg_callback(ssl, OnMessage); }

void ObserveFromNow(SSL* ssl) noexcept {
  ObserveContext(SSL_get_SSL_CTX(ssl));
  WatchMessages(ssl);
}

void Adopt(SSL* ssl) noexcept {
  ObserveContext(SSL_get_SSL_CTX(ssl));
  Connection* connection = ConnectionOf(ssl);
  if (connection == nullptr || connection->watched) return;
  WatchMessages(ssl);
  WatchHandshakes(*connection);
  if (SSL_is_server(ssl) != 0) connection->client = Share(SSL_get0_peer_certificate(ssl));
}

}  // namespace client_cert
