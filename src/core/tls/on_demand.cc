#include "core/tls/on_demand.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>

#include "core/openssl/error_queue.h"
#include "core/openssl/owned.h"
#include "core/tls/connection_registry.h"
#include "core/tls/observer.h"

namespace client_cert {
namespace {

void FreeNames(STACK_OF(X509_NAME) * names) { sk_X509_NAME_pop_free(names, X509_NAME_free); }

// False where one of them is no name.
bool SetAuthorities(SSL* ssl, const std::vector<Bytes>& authorities) {
  Owned<STACK_OF(X509_NAME), FreeNames> names(sk_X509_NAME_new_null());
  if (!names) return false;
  for (const Bytes& der : authorities) {
    const unsigned char* at = der.data();
    Owned<X509_NAME, X509_NAME_free> name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
    if (!name || sk_X509_NAME_push(names.get(), name.get()) <= 0) return false;
    static_cast<void>(name.release());
  }
  SSL_set_client_CA_list(ssl, names.release());
  return true;
}

AskState StateOfError() {
  switch (ERR_GET_REASON(ERR_peek_last_error())) {
    case SSL_R_EXTENSION_NOT_RECEIVED:
      return AskState::kNotOffered;
    case SSL_R_REQUEST_PENDING:
    case SSL_R_REQUEST_SENT:
      return AskState::kUnderWay;
    default:
      return AskState::kFailed;
  }
}

// Puts a CertificateRequest into what the connection is going to send.
AskState AskAfterHandshake(SSL* ssl) {
  if (SSL_verify_client_post_handshake(ssl) != 1) return StateOfError();
  return SSL_do_handshake(ssl) == 1 ? AskState::kAsked : AskState::kFailed;
}

AskState PrepareRenegotiation(const Connection& connection) {
  SSL* ssl = connection.ssl;
  // RFC 7627 section 5.3: in a session that was resumed without the extended master secret, whoever is in between may
  // have begun the connection.
  const bool is_bound = SSL_session_reused(ssl) == 0 || connection.has_extended_master_secret;
  if (SSL_get_secure_renegotiation_support(ssl) != 1 || !is_bound) return AskState::kInsecureRenegotiation;
  // Node.js sets it too, but only where it has not before. One that resumes the session asks for nothing.
  SSL_set_verify(ssl, SSL_VERIFY_PEER, SSL_get_verify_callback(ssl));
  SSL_set_options(ssl, SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION);
  return AskState::kRenegotiate;
}

}  // namespace

OnDemandRequest::OnDemandRequest(SSL* ssl, std::function<void()> answered)
    : ssl_(ssl),
      verify_mode_(SSL_get_verify_mode(ssl)),
      may_resume_((SSL_get_options(ssl) & SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION) == 0),
      answered_(std::move(answered)) {}

OnDemandRequest::~OnDemandRequest() { Restore(); }

void OnDemandRequest::Restore() {
  if (std::exchange(is_restored_, true)) return;
  answered_ = nullptr;
  if (ssl_ == nullptr) return;
  SSL_set_verify(ssl_, verify_mode_, SSL_get_verify_callback(ssl_));
  if (may_resume_) SSL_clear_options(ssl_, SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION);
  SSL_set_client_CA_list(ssl_, nullptr);
}

void OnDemandRequest::OnAnswer() {
  const std::function<void()> answered = std::exchange(answered_, nullptr);
  Restore();
  if (answered) answered();
}

Asked AskForCertificate(ByteView finished, const std::optional<std::vector<Bytes>>& authorities,
                        std::function<void()> answered) {
  const ErrorQueueGuard guard;
  const ConnectionRegistry::Found found = ConnectionRegistry::OfThisThread()->Find(finished);
  // A renegotiation of the client's own, or one whose client has changed: whoever asks again is told.
  const bool is_pending =
      found.outcome == ConnectionRegistry::Outcome::kPending || found.outcome == ConnectionRegistry::Outcome::kChanged;
  if (is_pending) return {AskState::kHandshakePending, nullptr};
  if (found.outcome != ConnectionRegistry::Outcome::kFound) return {AskState::kUnknown, nullptr};
  Connection& connection = *found.connection;
  SSL* ssl = connection.ssl;
  if (SSL_is_server(ssl) == 0) return {AskState::kClientEnd, nullptr};
  if (connection.request) return {AskState::kUnderWay, nullptr};
  const int version = SSL_version(ssl);
  if (version != TLS1_3_VERSION && version != TLS1_2_VERSION) return {AskState::kNotSupported, nullptr};
  if (!connection.watched) Adopt(ssl);
  // The answer is seen in what passes.
  WatchMessages(ssl);
  auto request = std::make_shared<OnDemandRequest>(ssl, std::move(answered));
  if (authorities && !SetAuthorities(ssl, *authorities)) return {AskState::kFailed, nullptr};
  AskState state = AskState::kFailed;
  if (version == TLS1_3_VERSION) {
    // Without the mode the request would not be made; the callback is Node's own.
    SSL_set_verify(ssl, SSL_VERIFY_PEER, SSL_get_verify_callback(ssl));
    state = AskAfterHandshake(ssl);
  } else {
    state = PrepareRenegotiation(connection);
  }
  if (state != AskState::kAsked && state != AskState::kRenegotiate) return {state, nullptr};
  connection.request = request;
  return {state, std::move(request)};
}

}  // namespace client_cert
