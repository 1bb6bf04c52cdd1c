// Handshakes on several threads, as of several event loops, whose clients one Verifier judges while it is reloaded:
// the observer, each thread's registry, and the chains and sessions that they share.
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/tls/carried_session.h"
#include "core/tls/inspection.h"
#include "core/tls/observer.h"
#include "support/epoch.h"
#include "support/pki.h"
#include "support/threads.h"

namespace client_cert_test {
namespace {

using namespace client_cert;

using OwnedContext = Owned<SSL_CTX, SSL_CTX_free>;
using OwnedSsl = Owned<SSL, SSL_free>;
using OwnedSession = Owned<SSL_SESSION, SSL_SESSION_free>;

int LetPass(int, X509_STORE_CTX*) { return 1; }

// As Node.js does for requestCert: errors are looked at later.
OwnedContext ServerContext(const Credential& credential) {
  OwnedContext context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(context.get(), credential.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), credential.key.get());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, LetPass);
  SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("test"), 4);
  return context;
}

OwnedContext ClientContext(const Credential& credential, const Authority& intermediate) {
  OwnedContext context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_use_certificate(context.get(), credential.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), credential.key.get());
  SSL_CTX_add1_chain_cert(context.get(), intermediate.certificate());
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  return context;
}

// Both ends of a connection in memory.
struct Pair {
  OwnedSsl server;
  OwnedSsl client;
};

Pair Connect(SSL_CTX* server, SSL_CTX* client, SSL_SESSION* session, const std::shared_ptr<Verifier>& verifier) {
  const std::uint64_t created = ConnectionsCreated();
  Pair pair{OwnedSsl(SSL_new(server)), OwnedSsl(SSL_new(client))};
  ProtectConnectionsSince(created, verifier, Now() * 1000);
  BIO* of_server = nullptr;
  BIO* of_client = nullptr;
  BIO_new_bio_pair(&of_server, 0, &of_client, 0);
  SSL_set_bio(pair.server.get(), of_server, of_server);
  SSL_set_bio(pair.client.get(), of_client, of_client);
  std::string server_name = "a.test";
  SSL_ctrl(pair.client.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, server_name.data());
  if (session != nullptr) SSL_set_session(pair.client.get(), session);
  SSL_set_connect_state(pair.client.get());
  SSL_set_accept_state(pair.server.get());
  // A handshake takes some ten turns; what has not ended then has failed.
  for (int turn = 0; turn < 100; ++turn) {
    const int client_done = SSL_do_handshake(pair.client.get());
    const int server_done = SSL_do_handshake(pair.server.get());
    if (client_done == 1 && server_done == 1) break;
  }
  // Tickets of TLS 1.3 come with the first that is read.
  std::array<char, 1> octet{'x'};
  SSL_write(pair.server.get(), octet.data(), 1);
  SSL_read(pair.client.get(), octet.data(), 1);
  return pair;
}

Inspection Inspect(SSL* server, const std::shared_ptr<Verifier>& verifier) {
  std::array<std::uint8_t, 64> finished{};
  const std::size_t size = SSL_get_finished(server, finished.data(), finished.size());
  return InspectConnection(ByteView(finished).first(size), Now(), verifier);
}

struct Versions {
  int protocol;
  bool stateless;  // tickets; else the context keeps the sessions
};

class HandshakeThreads : public testing::TestWithParam<Versions> {};

TEST_P(HandshakeThreads, AreJudgedByWhatIsInForce) {
  ASSERT_EQ(InstallObserver(), ObserverState::kInstalled);
  const Authority root("root");
  // So long that it stays in this process, where a session names it.
  const Authority intermediate("intermediate", &root, kMaxCarriedChain);
  const Credential leaf = intermediate.Issue("leaf", 21);
  const Credential of_server = root.Issue("a.test", 22);
  const std::array settings{SettingsFor({&root}, {intermediate.Revoke({}, 1)}),
                            SettingsFor({&root}, {intermediate.Revoke({21}, 2)})};
  const auto verifier = std::make_shared<Verifier>(settings[0]);
  Epoch epoch(kThreads);
  std::array<std::size_t, kThreads> resumed{};
  {
    Working threads(kThreads, [&](std::size_t i) {
      const OwnedContext server = ServerContext(of_server);
      const OwnedContext client = ClientContext(leaf, intermediate);
      for (const OwnedContext* context : {&server, &client}) {
        SSL_CTX_set_min_proto_version(context->get(), GetParam().protocol);
        SSL_CTX_set_max_proto_version(context->get(), GetParam().protocol);
      }
      if (!GetParam().stateless) SSL_CTX_set_options(server.get(), SSL_OP_NO_TICKET);
      OwnedSession session;
      for (int round = 0; round < 3; ++round) {
        Pair pair;
        Inspection inspection;
        const std::optional<std::uint64_t> number = epoch.Watch(i, [&] {
          pair = Connect(server.get(), client.get(), session.get(), verifier);
          inspection = Inspect(pair.server.get(), verifier);
        });
        ASSERT_EQ(inspection.state, ConnectionState::kInspected);
        if (inspection.resumed) ++resumed[i];
        if (number) {
          const bool is_good = *number % 2 == 0;
          EXPECT_EQ(SSL_get_verify_result(pair.server.get()) == X509_V_OK, is_good);
          EXPECT_EQ(inspection.verdict.problems.empty(), is_good);
          EXPECT_EQ(IsValid(inspection.outcome), is_good);
        }
        session.reset(SSL_get1_session(pair.client.get()));
        // As if both had said that they end: OpenSSL resumes no session of a connection that broke.
        for (const OwnedSsl* end : {&pair.server, &pair.client}) {
          SSL_set_shutdown(end->get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        }
        // Some end on another thread than the one that they belong to.
        if (round == 1) std::thread([ended = std::move(pair)]() mutable { ended = Pair(); }).join();
      }
    });
    for (int i = 0; i < 12; ++i) {
      epoch.Next([&](std::uint64_t number) { verifier->Replace(settings[number % 2]); });
    }
  }
  for (const std::size_t count : resumed) EXPECT_GT(count, 0u);
}

INSTANTIATE_TEST_SUITE_P(Versions, HandshakeThreads,
                         testing::Values(Versions{TLS1_2_VERSION, true}, Versions{TLS1_2_VERSION, false},
                                         Versions{TLS1_3_VERSION, true}, Versions{TLS1_3_VERSION, false}));

}  // namespace
}  // namespace client_cert_test
