// Scenarios with connections.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/openssl/encode.h"
#include "core/tls/client_selection.h"
#include "core/tls/inspection.h"
#include "core/tls/on_demand.h"
#include "core/tls/security_context.h"
#include "no_memory/scenario.h"
#include "no_memory/world.h"

namespace client_cert_test {

using namespace client_cert;

namespace {

using VerifierPtr = std::shared_ptr<Verifier>;
using OwnedContext = Owned<SSL_CTX, SSL_CTX_free>;
using OwnedSsl = Owned<SSL, SSL_free>;
using OwnedSession = Owned<SSL_SESSION, SSL_SESSION_free>;

int LetPass(int, X509_STORE_CTX*) { return 1; }  // as Node.js does

OwnedContext ContextOf(const SSL_METHOD* method, int version) {
  OwnedContext context(SSL_CTX_new(method));
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  return context;
}

OwnedContext ServerContext(int version, int mode) {
  OwnedContext context = ContextOf(TLS_server_method(), version);
  SSL_CTX_use_certificate(context.get(), TheWorld().server.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), TheWorld().server.key.get());
  SSL_CTX_set_verify(context.get(), mode, LetPass);
  SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("test"), 4);
  return context;
}

OwnedContext ClientContext(int version, const Client& client) {
  OwnedContext context = ContextOf(TLS_client_method(), version);
  SSL_CTX_use_certificate(context.get(), client.credential.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), client.credential.key.get());
  SSL_CTX_add1_chain_cert(context.get(), client.presented->certificate());
  return context;
}

std::vector<OwnedContext> ClientContexts(int version) {
  std::vector<OwnedContext> contexts;
  for (const Client& client : TheWorld().clients) contexts.push_back(ClientContext(version, client));
  return contexts;
}

Bytes FinishedOf(const SSL* ssl) {
  Bytes finished(EVP_MAX_MD_SIZE);
  finished.resize(SSL_get_finished(ssl, finished.data(), finished.size()));
  return finished;
}

// Both ends of a connection in memory, whose server `verifier` protects.
class Ends {
 public:
  // `before_client` is called before the client's end is made.
  Ends(
      SSL_CTX* server, SSL_CTX* client, VerifierPtr verifier, const std::function<void()>& before_client = [] {})
      : verifier_(std::move(verifier)) {
    const std::uint64_t created = ConnectionsCreated();
    server_.reset(SSL_new(server));
    if (!server_) return;
    SSL_set_accept_state(server_.get());
    ProtectConnectionsSince(created, verifier_, Now() * 1000);
    before_client();
    client_.reset(SSL_new(client));
    BIO* of_server = nullptr;
    BIO* of_client = nullptr;
    if (!client_ || BIO_new_bio_pair(&of_server, 0, &of_client, 0) != 1) return;
    SSL_set_bio(server_.get(), of_server, of_server);
    SSL_set_bio(client_.get(), of_client, of_client);
    SSL_set_connect_state(client_.get());
    is_whole_ = true;
  }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  // As if both had said that they end: OpenSSL resumes no session of a connection that broke.
  ~Ends() {
    for (SSL* end : {client_.get(), server_.get()}) {
      if (end != nullptr) SSL_set_shutdown(end, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
  }

  SSL* server() const { return server_.get(); }
  SSL* client() const { return client_.get(); }
  bool IsSecure() const { return is_whole_ && SSL_is_init_finished(server_.get()) == 1; }

  // A handshake takes some ten turns; what has not ended after twenty has failed.
  void Turn() const {
    if (!is_whole_) return;
    for (SSL* end : {client_.get(), server_.get()}) {
      SSL_do_handshake(end);
      ERR_clear_error();
    }
  }
  void Handshake() const {
    for (int turn = 0; turn < 20; ++turn) Turn();
  }
  // What comes after the handshake comes with what is read.
  void Read() const {
    for (SSL* end : {client_.get(), server_.get()}) {
      char octet = 0;
      SSL_read(end, &octet, 1);
      ERR_clear_error();
    }
  }

  // As lib/protection.js has it: a connection that slipped through is destroyed, and nobody is authorized without a
  // certificate.
  bool FindsValid() const {
    const Bytes finished = FinishedOf(server());
    const Inspection inspection = InspectConnection(finished, Now());
    ExpectEmptyQueue();
    if (!IsProtectedBy(finished, verifier_)) return false;
    const bool is_authorized =
        SSL_get0_peer_certificate(server()) != nullptr && SSL_get_verify_result(server()) == X509_V_OK;
    return is_authorized || (inspection.state == ConnectionState::kInspected && inspection.verdict.problems.empty());
  }

 private:
  VerifierPtr verifier_;
  OwnedSsl server_;
  OwnedSsl client_;
  bool is_whole_ = false;
};

VerifierPtr NewVerifier() { return std::make_shared<Verifier>(SettingsOf(Input())); }

// Good ones, and some that are not.
constexpr std::size_t kVisitors[] = {0, 1, 4, 5, 6, 7};

// ---- handshakes ----

// Server and clients of one version of TLS, and whom the server lets in.
class Handshakes {
 public:
  explicit Handshakes(int version)
      : verifier_(NewVerifier()), server_(ServerContext(version, SSL_VERIFY_PEER)), clients_(ClientContexts(version)) {}

  Verifier& verifier() { return *verifier_; }

  // In full, and resumed.
  void Visit(std::size_t client, bool is_whole) {
    const Client& who = TheWorld().clients[client];
    OwnedSession session;
    for (int i = 0; i < 2; ++i) {
      const bool is_let_in = LetsIn(clients_[client].get(), session);
      if (is_let_in && !who.is_valid) Wrong("let in:", who.name);
      if (!is_let_in && who.is_valid && is_whole) Wrong("not let in any more:", who.name);
    }
  }

 private:
  // What an application finds out. `session` is offered, and gets the first that is made.
  bool LetsIn(SSL_CTX* client, OwnedSession& session) {
    const Ends ends(server_.get(), client, verifier_);
    if (ends.client() == nullptr) return false;
    if (session) SSL_set_session(ends.client(), session.get());
    ends.Handshake();
    if (!ends.IsSecure()) return false;
    // Tickets of TLS 1.3.
    ends.Read();
    if (!session) session.reset(SSL_get1_session(ends.client()));
    return ends.FindsValid();
  }

  VerifierPtr verifier_;
  OwnedContext server_;
  std::vector<OwnedContext> clients_;
};

// ---- asking later ----

class LateRequests {
 public:
  LateRequests()
      : verifier_(NewVerifier()),
        server_(ServerContext(TLS1_3_VERSION, SSL_VERIFY_NONE)),
        clients_(ClientContexts(TLS1_3_VERSION)) {
    for (const OwnedContext& client : clients_) SSL_CTX_set_post_handshake_auth(client.get(), 1);
  }

  void Connect() {
    ends_.clear();
    for (const std::size_t i : kVisitors) {
      ends_.push_back(std::make_unique<Ends>(server_.get(), clients_[i].get(), verifier_));
      ends_.back()->Handshake();
      ends_.back()->Read();
      if (!ends_.back()->IsSecure() || ends_.back()->FindsValid()) Wrong("cannot connect, or is known already");
    }
  }

  void AskAll(bool is_whole) {
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      const Client& who = TheWorld().clients[kVisitors[i]];
      const bool is_valid = FindsOut(*ends_[i]);
      if (is_valid && !who.is_valid) Wrong("valid:", who.name);
      if (!is_valid && who.is_valid && is_whole) Wrong("lost:", who.name);
    }
  }

 private:
  static bool FindsOut(const Ends& ends) {
    int answers = 0;
    const Asked asked = AskForCertificate(FinishedOf(ends.server()), std::nullopt, [&answers] { ++answers; });
    ExpectEmptyQueue();
    for (int turn = 0; turn < 4; ++turn) ends.Read();
    if (asked.request) asked.request->Restore();
    if (answers > 1) Wrong("answered twice");
    if (SSL_get_verify_mode(ends.server()) != SSL_VERIFY_NONE) Wrong("still asking");
    return ends.FindsValid();
  }

  VerifierPtr verifier_;
  OwnedContext server_;
  std::vector<OwnedContext> clients_;
  std::vector<std::unique_ptr<Ends>> ends_;
};

// ---- choosing ----

client_cert::Credential CredentialOf(const Client& client) {
  const Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(EVP_PKEY2PKCS8(client.credential.key.get()));
  return {client.chain, Encode<i2d_PKCS8_PRIV_KEY_INFO>(info.get())};
}

class Choices {
 public:
  explicit Choices(int version) : verifier_(NewVerifier()), server_(ServerContext(version, SSL_VERIFY_PEER)) {
    const std::uint64_t created = ContextsCreated();
    client_ = ContextOf(TLS_client_method(), version);
    if (!SelectOnContextSince(created, false)) Wrong("the context is not found");
    for (const std::size_t i : kVisitors) credentials_.push_back(CredentialOf(TheWorld().clients[i]));
  }

  void ChooseAll(bool is_whole) {
    for (std::size_t i = 0; i < credentials_.size(); ++i) {
      const Client& who = TheWorld().clients[kVisitors[i]];
      const bool is_valid = LetsIn(who, credentials_[i]);
      if (is_valid && !who.is_valid) Wrong("let in:", who.name);
      if (!is_valid && who.is_valid && is_whole) Wrong("not let in:", who.name);
    }
  }

 private:
  bool LetsIn(const Client& who, const client_cert::Credential& credential) {
    bool is_asked = false;
    const auto chooser = std::make_shared<CertificateChooser>();
    chooser->on_query = [&is_asked](const CertificateQuery&) { is_asked = true; };
    const std::uint64_t number = NewConnectionNumber();
    const Ends ends(server_.get(), client_.get(), verifier_, [&] { ExpectConnection(number, chooser); });
    for (int turn = 0; turn < 20; ++turn) {
      ends.Turn();
      // Not from within a read.
      if (!std::exchange(is_asked, false)) continue;
      const AnswerState state = AnswerQuery(number, credential);
      ExpectEmptyQueue();
      if (state != AnswerState::kAccepted) return false;
    }
    if (!ends.IsSecure()) return false;
    ExpectShown(ends, number, who);
    return ends.FindsValid();
  }

  // What was chosen, with its chain, or nothing that a server goes on with.
  static void ExpectShown(const Ends& ends, std::uint64_t number, const Client& who) {
    const X509* shown = SSL_get0_peer_certificate(ends.server());
    if (shown == nullptr) {
      if (!WasDropped(number)) Wrong("anonymous:", who.name);
      return;
    }
    if (X509_cmp(shown, who.credential.certificate.get()) != 0) Wrong("somebody else:", who.name);
    if (sk_X509_num(SSL_get_peer_cert_chain(ends.server())) != 1) Wrong("without its chain:", who.name);
  }

  VerifierPtr verifier_;
  OwnedContext server_;
  OwnedContext client_;
  std::vector<client_cert::Credential> credentials_;
};

// ---- the security of a connection ----

template <class T>
void ExpectSame(const char* what, const T& read, const T& known) {
  if (read != known) Wrong("another than before:", what);
}

// Nothing of it is another than it is; what cannot be read is absent.
template <class T>
void ExpectSameOrNone(const char* what, const T& read, const T& known) {
  if (read != T{}) ExpectSame(what, read, known);
}

class Securities {
 public:
  explicit Securities(int version)
      : server_(ServerContext(version, SSL_VERIFY_PEER)),
        client_(ClientContext(version, TheWorld().clients[0])),
        ends_(server_.get(), client_.get(), NewVerifier()) {
    ends_.Handshake();
    for (const SSL* end : {ends_.server(), ends_.client()}) {
      known_.push_back(ReadSecurityContext(FinishedOf(end)));
      if (known_.back().state != ContextState::kRead || known_.back().facts.peer_certificates.empty()) {
        Wrong("cannot be read");
      }
    }
  }

  void ReadAll(bool is_whole) const {
    ReadOne(known_[0].facts, FinishedOf(ends_.server()), is_whole);
    ReadOne(known_[1].facts, FinishedOf(ends_.client()), is_whole);
  }

 private:
  static void ReadOne(const SecurityContextFacts& known, const Bytes& finished, bool is_whole) {
    const SecurityContextRead read = ReadSecurityContext(finished);
    const SecurityContextFacts& facts = read.facts;
    ExpectEmptyQueue();
    ExpectSame("end", facts.is_server, known.is_server);
    ExpectSame("suite", facts.cipher.suite, known.cipher.suite);
    ExpectSame("session", facts.session.id, known.session.id);
    ExpectSameOrNone("signature of the peer", facts.peer_signature, known.peer_signature);
    ExpectSameOrNone("certificates of the peer", facts.peer_certificates, known.peer_certificates);
    ExpectSameOrNone("certificate of the server", facts.server_certificate, known.server_certificate);
    ExpectSameOrNone("own certificate", facts.own_certificate, known.own_certificate);
    ExpectSameOrNone("end point", facts.end_point_binding, known.end_point_binding);
    if (facts.unique_binding) ExpectSame("unique", facts.unique_binding->token, known.unique_binding->token);
    const std::optional<ChannelBindings> bindings = ReadChannelBindings(finished);
    ExpectEmptyQueue();
    if (bindings) ExpectSameOrNone("end point", bindings->end_point, known.end_point_binding);
    const bool is_lost = facts.peer_certificates.empty() || !facts.unique_binding || !facts.end_point_binding;
    if (is_whole && is_lost) Wrong("lost");
  }

  OwnedContext server_;
  OwnedContext client_;
  Ends ends_;
  std::vector<SecurityContextRead> known_;
};

}  // namespace

Scenario Handshaking(int version) {
  const auto handshakes = std::make_shared<std::unique_ptr<Handshakes>>();
  return {[=] { *handshakes = std::make_unique<Handshakes>(version); },
          [=] {
            for (const std::size_t client : kVisitors) (*handshakes)->Visit(client, false);
          },
          [=] {
            // Handshakes are judged now, by what was found out just now too.
            (*handshakes)->verifier().Replace(SettingsOf(Input()));
            for (std::size_t i = 0; i < TheWorld().clients.size(); ++i) (*handshakes)->Visit(i, true);
            ExpectVerdicts((*handshakes)->verifier());
            handshakes->reset();
          }};
}

Scenario AskingLater() {
  const auto requests = std::make_shared<std::unique_ptr<LateRequests>>();
  return {[=] {
            *requests = std::make_unique<LateRequests>();
            (*requests)->Connect();
          },
          [=] { (*requests)->AskAll(false); },
          [=] {
            // Whoever was asked in vain may be asked again, and is still nobody else.
            (*requests)->AskAll(false);
            *requests = std::make_unique<LateRequests>();
            (*requests)->Connect();
            (*requests)->AskAll(true);
            requests->reset();
          }};
}

Scenario Choosing(int version) {
  const auto choices = std::make_shared<std::unique_ptr<Choices>>();
  return {[=] { *choices = std::make_unique<Choices>(version); }, [=] { (*choices)->ChooseAll(false); },
          [=] {
            *choices = std::make_unique<Choices>(version);
            (*choices)->ChooseAll(true);
            choices->reset();
          }};
}

Scenario ReadingSecurity(int version) {
  const auto securities = std::make_shared<std::unique_ptr<Securities>>();
  return {[=] { *securities = std::make_unique<Securities>(version); }, [=] { (*securities)->ReadAll(false); },
          [=] {
            (*securities)->ReadAll(true);
            securities->reset();
          }};
}

}  // namespace client_cert_test
