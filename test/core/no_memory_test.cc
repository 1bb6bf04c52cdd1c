// No memory, at each moment: the n-th allocation fails, alone and with all that come after it, for n = 1, 2, ... until
// there are not as many. Whatever fails, nobody is found valid who is not; what was there before is there afterwards;
// OpenSSL's error queue is left as it was; and what was half made is freed.
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/budget.h"
#include "core/tls/inspection.h"
#include "core/tls/observer.h"
#include "core/verifier/make_settings.h"
#include "core/verifier/settings.h"
#include "core/verifier/verifier.h"
#include "support/failing_allocations.h"
#include "support/pki.h"

namespace client_cert_test {
namespace {

using namespace client_cert;

using Settings = std::shared_ptr<const VerifierSettings>;
using OwnedContext = Owned<SSL_CTX, SSL_CTX_free>;
using OwnedSsl = Owned<SSL, SSL_free>;
using OwnedSession = Owned<SSL_SESSION, SSL_SESSION_free>;

// Makes no message of its own before memory is there again: what could not be told would be passed over.
void Wrong(const char* what, const char* client = "") {
  StopFailing();
  ADD_FAILURE() << what << ' ' << client;
}

struct Client {
  const char* name;
  bool is_valid;
  Credential credential;
  std::vector<Bytes> chain;
};

// What OpenSSL makes for itself when it is used first, and keeps: under Node.js that is there already.
void WarmOpenSsl(X509* root) {
  const Owned<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  const OwnedX509StoreContext context(X509_STORE_CTX_new());
  X509_STORE_add_cert(store.get(), root);
  ASSERT_EQ(X509_STORE_CTX_init(context.get(), store.get(), root, nullptr), 1);
  ASSERT_EQ(X509_verify_cert(context.get()), 1);
  for (const char* name : {"SHA1", "SHA256", "SHA512"}) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
    const Owned<EVP_MD, EVP_MD_free> digest(EVP_MD_fetch(nullptr, name, nullptr));
    ASSERT_EQ(X509_digest(root, digest.get(), octets.data(), nullptr), 1);
  }
}

struct World {
  Authority root{"root"};
  Authority intermediate{"intermediate", &root};
  Authority revoked_one{"revoked intermediate", &root};
  Credential server = root.Issue("localhost", 100);
  Bytes crl_of_root = root.Revoke({revoked_one.serial()}, 1);
  Bytes crl = intermediate.Revoke({2}, 1, Entries::kWithIssuer);
  Bytes ocsp_response;
  Sha256 distrusted{};
  std::vector<Client> clients;

  World() {
    const auto add = [&](const char* name, bool is_valid, const Authority& issuer, const Authority& presented,
                         std::int64_t serial, long lifetime) {
      Credential credential = issuer.Issue(name, serial, lifetime);
      std::vector<Bytes> chain{credential.der, presented.der()};
      clients.push_back({name, is_valid, std::move(credential), std::move(chain)});
    };
    const Authority stranger("stranger");
    add("good", true, intermediate, intermediate, 1, 3600);
    add("revoked", false, intermediate, intermediate, 2, 3600);
    add("expired", false, intermediate, intermediate, 3, -60);
    add("distrusted", false, intermediate, intermediate, 4, 3600);
    add("stranger's", false, stranger, intermediate, 5, 3600);
    add("below revoked", false, revoked_one, revoked_one, 6, 3600);
    add("revoked by OCSP", false, intermediate, intermediate, 7, 3600);
    ocsp_response = intermediate.RevokeByOcsp(clients.back().credential);
    X509_digest(clients[3].credential.certificate.get(), EVP_sha256(), distrusted.data(), nullptr);
    WarmOpenSsl(root.certificate());
  }

  const Client& revoked() const { return clients[1]; }
};

const World& TheWorld() {
  static const World world;
  return world;
}

SettingsInput Input() {
  const World& world = TheWorld();
  SettingsInput input;
  input.ca.push_back({world.root.der()});
  input.crls = {world.crl_of_root, world.crl};
  input.ocsp_responses = {world.ocsp_response};
  input.purposes = {"1.3.6.1.5.5.7.3.2"};
  input.path.max_intermediates = 10;
  input.revocation.mode = RevocationMode::kCached;
  input.requirements.distrusted_certificates.insert(world.distrusted);
  return input;
}

// Null where they cannot be made now.
Settings SettingsOf(SettingsInput input) {
  auto made = MakeSettings(std::move(input));
  const auto* settings = std::get_if<Settings>(&made);
  return settings != nullptr ? *settings : nullptr;
}

// Null where it cannot be asked now.
OutcomePtr Ask(Verifier& verifier, const Client& client, std::int64_t at = Now()) {
  const auto read = verifier.Read(client.chain);
  const auto* presented = std::get_if<Presented>(&read);
  return presented != nullptr ? verifier.Verify(*presented, at) : nullptr;
}

void ExpectEmptyQueue() {
  if (ERR_peek_error() != 0) Wrong("the error queue is not empty");
}

void AskAll(Verifier& verifier) {
  for (const Client& client : TheWorld().clients) {
    if (IsValid(Ask(verifier, client)) && !client.is_valid) Wrong("valid:", client.name);
    ExpectEmptyQueue();
  }
}

// Of what was made, or used, while something failed, a while later.
void ExpectVerdicts(Verifier& verifier) {
  const std::int64_t later = Now() + budget::kRefusalSeconds;
  for (const Client& client : TheWorld().clients) {
    const bool is_valid = IsValid(Ask(verifier, client, later));
    if (is_valid && !client.is_valid) Wrong("valid afterwards:", client.name);
    if (!is_valid && client.is_valid) Wrong("lost:", client.name);
  }
  ExpectEmptyQueue();
}

// What goes on while memory is missing, between what is done before and looked at afterwards.
struct Scenario {
  std::function<void()> prepare;
  std::function<void()> disturbed;
  std::function<void()> check;
};

Scenario MakingSettings() {
  const auto made = std::make_shared<Settings>();
  const auto input = std::make_shared<SettingsInput>();
  return {[=] { *input = Input(); },  //
          [=] { *made = SettingsOf(std::move(*input)); },
          [=] {
            // Whole, or not at all.
            if (!*made) *made = SettingsOf(Input());
            Verifier verifier(std::exchange(*made, nullptr));
            ExpectVerdicts(verifier);
          }};
}

// By a verifier that has found out nothing yet; and what was found out meanwhile is not kept as the truth.
Scenario Verifying() {
  const auto verifier = std::make_shared<std::unique_ptr<Verifier>>();
  return {[=] { *verifier = std::make_unique<Verifier>(SettingsOf(Input())); }, [=] { AskAll(**verifier); },
          [=] {
            (*verifier)->Replace(SettingsOf(Input()));
            ExpectVerdicts(**verifier);
            verifier->reset();
          }};
}

// Stricter settings, after which nothing may be left of what was known before.
Scenario Replacing() {
  const auto verifier = std::make_shared<std::unique_ptr<Verifier>>();
  return {[=] {
            SettingsInput input = Input();
            input.crls.clear();
            input.ocsp_responses.clear();
            input.revocation.mode = RevocationMode::kNone;
            input.requirements.distrusted_certificates.clear();
            *verifier = std::make_unique<Verifier>(SettingsOf(std::move(input)));
            for (const Client& client : TheWorld().clients) Ask(**verifier, client);
          },
          [=] {
            const Settings stricter = SettingsOf(Input());
            if (!stricter) return;
            (*verifier)->Replace(stricter);
            AskAll(**verifier);
          },
          [=] {
            (*verifier)->Replace(SettingsOf(Input()));
            ExpectVerdicts(**verifier);
            verifier->reset();
          }};
}

// The CRL that revokes, which was fetched. False where it could not be taken.
bool OfferCrl(Verifier& verifier, std::int64_t at) {
  const auto read = verifier.Read(TheWorld().revoked().chain);
  const auto* presented = std::get_if<Presented>(&read);
  if (presented == nullptr) return false;
  const OutcomePtr outcome = verifier.Verify(*presented, at);
  if (IsValid(outcome)) Wrong("valid before the CRL was offered");
  if (!outcome || outcome->revocation.empty()) return false;
  OfferedEvidence evidence;
  evidence.octets = TheWorld().crl;
  evidence.url = "http://a.test/crl";
  evidence.key = outcome->revocation.front().key;
  const OfferState state = verifier.Offer(*presented, at, std::move(evidence)).state;
  if (IsValid(verifier.Verify(*presented, at))) Wrong("valid after the CRL was offered");
  ExpectEmptyQueue();
  return state == OfferState::kUsed;
}

Scenario Offering() {
  const auto verifier = std::make_shared<std::unique_ptr<Verifier>>();
  return {[=] {
            SettingsInput input = Input();
            input.crls = {TheWorld().crl_of_root};
            input.revocation.mode = RevocationMode::kOnline;
            *verifier = std::make_unique<Verifier>(SettingsOf(std::move(input)));
          },
          [=] { OfferCrl(**verifier, Now()); },
          [=] {
            if (!OfferCrl(**verifier, Now() + budget::kRefusalSeconds)) Wrong("the CRL is not taken afterwards");
            ExpectVerdicts(**verifier);
            verifier->reset();
          }};
}

int LetPass(int, X509_STORE_CTX*) { return 1; }  // as Node.js does

OwnedContext ContextOf(const SSL_METHOD* method, const Credential& credential, X509* intermediate, int version) {
  OwnedContext context(SSL_CTX_new(method));
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  SSL_CTX_use_certificate(context.get(), credential.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), credential.key.get());
  if (intermediate != nullptr) SSL_CTX_add1_chain_cert(context.get(), intermediate);
  return context;
}

Bytes FinishedOf(const SSL* ssl) {
  Bytes finished(EVP_MAX_MD_SIZE);
  finished.resize(SSL_get_finished(ssl, finished.data(), finished.size()));
  return finished;
}

// Server and clients of one version of TLS, and whom the server lets in.
class Handshakes {
 public:
  explicit Handshakes(int version)
      : verifier_(std::make_shared<Verifier>(SettingsOf(Input()))),
        server_(ContextOf(TLS_server_method(), TheWorld().server, nullptr, version)) {
    const World& world = TheWorld();
    SSL_CTX_set_verify(server_.get(), SSL_VERIFY_PEER, LetPass);
    SSL_CTX_set_session_id_context(server_.get(), reinterpret_cast<const unsigned char*>("test"), 4);
    for (const Client& client : world.clients) {
      X509* presented = client.chain[1] == world.intermediate.der() ? world.intermediate.certificate()
                                                                    : world.revoked_one.certificate();
      clients_.push_back(ContextOf(TLS_client_method(), client.credential, presented, version));
    }
  }

  Verifier& verifier() { return *verifier_; }

  // In full, and resumed.
  void Visit(std::size_t client, bool is_whole) {
    const auto& [name, is_valid, credential, chain] = TheWorld().clients[client];
    OwnedSession session;
    for (int i = 0; i < 2; ++i) {
      const bool is_let_in = LetsIn(clients_[client].get(), session);
      if (is_let_in && !is_valid) Wrong("let in:", name);
      if (!is_let_in && is_valid && is_whole) Wrong("not let in any more:", name);
    }
  }

 private:
  // What an application finds out. `session` is offered, and gets the first that is made.
  bool LetsIn(SSL_CTX* client_context, OwnedSession& session) {
    const std::uint64_t created = ConnectionsCreated();
    const OwnedSsl server(SSL_new(server_.get()));
    if (!server) return false;
    SSL_set_accept_state(server.get());
    ProtectConnectionsSince(created, verifier_, Now() * 1000);
    const OwnedSsl client(SSL_new(client_context));
    BIO* of_server = nullptr;
    BIO* of_client = nullptr;
    if (!client || BIO_new_bio_pair(&of_server, 0, &of_client, 0) != 1) return false;
    SSL_set_bio(server.get(), of_server, of_server);
    SSL_set_bio(client.get(), of_client, of_client);
    SSL_set_connect_state(client.get());
    if (session) SSL_set_session(client.get(), session.get());
    // A handshake takes some ten turns; what has not ended then has failed.
    for (int turn = 0; turn < 20; ++turn) {
      for (SSL* end : {client.get(), server.get()}) {
        SSL_do_handshake(end);
        ERR_clear_error();
      }
    }
    // Tickets of TLS 1.3 come with the first that is read.
    char octet = 0;
    SSL_read(client.get(), &octet, 1);
    ERR_clear_error();
    if (SSL_is_init_finished(server.get()) != 1) return false;
    if (!session) session.reset(SSL_get1_session(client.get()));
    const bool is_let_in = FindsValid(server.get());
    for (SSL* end : {client.get(), server.get()}) SSL_set_shutdown(end, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    return is_let_in;
  }

  // As lib/protection.js has it: a connection that slipped through is destroyed, and nobody is authorized without a
  // certificate.
  bool FindsValid(SSL* server) {
    const Bytes finished = FinishedOf(server);
    const Inspection inspection = InspectConnection(finished, Now());
    ExpectEmptyQueue();
    if (!IsProtectedBy(finished, verifier_)) return false;
    const bool is_authorized =
        SSL_get0_peer_certificate(server) != nullptr && SSL_get_verify_result(server) == X509_V_OK;
    return is_authorized || (inspection.state == ConnectionState::kInspected && inspection.verdict.problems.empty());
  }

  std::shared_ptr<Verifier> verifier_;
  OwnedContext server_;
  std::vector<OwnedContext> clients_;
};

Scenario Handshaking(int version) {
  const auto handshakes = std::make_shared<std::unique_ptr<Handshakes>>();
  return {[=] { *handshakes = std::make_unique<Handshakes>(version); },
          [=] {
            for (const std::size_t client : {0U, 1U, 4U, 5U, 6U}) (*handshakes)->Visit(client, false);
          },
          [=] {
            // Handshakes are judged now, by what was found out just now too.
            (*handshakes)->verifier().Replace(SettingsOf(Input()));
            for (std::size_t i = 0; i < TheWorld().clients.size(); ++i) (*handshakes)->Visit(i, true);
            ExpectVerdicts((*handshakes)->verifier());
            handshakes->reset();
          }};
}

// All that is made when it is needed first.
Scenario FirstUse() {
  const auto verifier = std::make_shared<std::unique_ptr<Verifier>>();
  return {[=] { *verifier = std::make_unique<Verifier>(SettingsOf(Input())); }, [=] { AskAll(**verifier); },
          [=] {
            *verifier = std::make_unique<Verifier>(SettingsOf(Input()));
            ExpectVerdicts(**verifier);
          }};
}

// ---- runs ----

// Each allocation fails, or some of them do.
bool IsFull() {
  const char* asked = std::getenv("CLIENT_CERT_INFO_LIFETIMES");
  return asked != nullptr && std::atof(asked) >= 1;
}

// Whether any allocation has failed.
bool Disturb(const Scenario& scenario, Allocator allocator, Failing failing, long n) {
  ERR_clear_error();
  FailAllocations(allocator, failing, n);
  scenario.disturbed();
  const bool has_failed = StopFailing();
  ERR_clear_error();
  return has_failed;
}

// Of OpenSSL's, whose functions then say that they have failed. What it has afterwards is what it had before.
void FailInThisProcess(const Scenario& scenario, Failing failing, long step) {
  const auto round = [&](long n) {
    scenario.prepare();
    const bool has_failed = Disturb(scenario, Allocator::kOpenSsl, failing, n);
    scenario.check();
    ERR_clear_error();
    return has_failed;
  };
  for (int warm = 0; warm < 3; ++warm) round(0);
  long before = OpenSslBlocks();
  ASSERT_GT(before, 0);
  long grown = 0;
  long runs = 0;
  for (long n = 1; !testing::Test::HasFailure(); n += step) {
    SCOPED_TRACE(n);
    ++runs;
    const bool has_failed = round(n);
    grown += std::max(0L, OpenSslBlocks() - before);
    before = OpenSslBlocks();
    if (!has_failed) break;
  }
  EXPECT_GT(runs, 5);
  // It keeps texts with the last sixteen errors of a thread; nothing else stays.
  EXPECT_LE(grown, 16);
  testing::Test::RecordProperty(failing == Failing::kOne ? "one" : "all_from_there", std::to_string(runs));
}

enum Ending : int { kSaidNo = 10, kThrew = 11, kOver = 12, kWrong = 13 };

Ending RunChild(const Scenario& scenario, Allocator allocator, Failing failing, long n) {
  // Without a word: it is what most of them end by.
  std::set_terminate([] { std::abort(); });
  bool has_thrown = false;
  bool has_failed = true;
  try {
    has_failed = Disturb(scenario, allocator, failing, n);
  } catch (const std::bad_alloc&) {
    has_thrown = true;
    StopFailing();
  }
  ERR_clear_error();
  scenario.check();
  if (testing::Test::HasFailure()) return kWrong;
  if (has_thrown) return kThrew;
  return has_failed ? kSaidNo : kOver;
}

// In a child each: what may not throw ends its process, as Node.js does where it gets no memory; and what is made once
// was not made yet.
void FailInChildren(const Scenario& scenario, Allocator allocator, Failing failing, long step) {
  scenario.prepare();
  long runs = 0;
  bool is_over = false;
  for (long n = 1; !is_over && !testing::Test::HasFailure(); n += step) {
    ++runs;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      SCOPED_TRACE(n);
      std::_Exit(RunChild(scenario, allocator, failing, n));
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    is_over = WIFEXITED(status) && WEXITSTATUS(status) == kOver;
    const bool has_ended = WIFEXITED(status) && (WEXITSTATUS(status) == kSaidNo || WEXITSTATUS(status) == kThrew);
    const bool is_aborted = allocator == Allocator::kNew && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    EXPECT_TRUE(is_over || has_ended || is_aborted) << "run " << n << " ended with " << status;
  }
  EXPECT_GT(runs, 5);
  testing::Test::RecordProperty(failing == Failing::kOne ? "one" : "all_from_there", std::to_string(runs));
}

bool is_core_used = false;

// Before all others, which would make what it makes.
TEST(NoMemoryAtFirst, WhatIsMadeOnceIsTriedAgain) {
  ASSERT_FALSE(is_core_used);
  for (const Failing failing : {Failing::kOne, Failing::kAllFromThere}) {
    FailInChildren(FirstUse(), Allocator::kOpenSsl, failing, IsFull() ? 1 : 499);
  }
}

struct Case {
  const char* name;
  Scenario (*make)();
  // How far apart those are that fail.
  long openssl_step;
  long openssl_full_step;
  long new_step;
};

class NoMemory : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    is_core_used = true;
    ASSERT_EQ(InstallObserver(), ObserverState::kInstalled);
  }
};

TEST_P(NoMemory, OfOpenSsl) {
  const Case& parameters = GetParam();
  const long step = IsFull() ? parameters.openssl_full_step : parameters.openssl_step;
  for (const Failing failing : {Failing::kOne, Failing::kAllFromThere}) {
    FailInThisProcess(parameters.make(), failing, step);
  }
}

TEST_P(NoMemory, OfTheCore) {
  const Case& parameters = GetParam();
  const long step = IsFull() ? 1 : parameters.new_step;
  for (const Failing failing : {Failing::kOne, Failing::kAllFromThere}) {
    FailInChildren(parameters.make(), Allocator::kNew, failing, step);
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, NoMemory,
                         testing::Values(Case{"MakingSettings", MakingSettings, 61, 1, 11},
                                         Case{"Verifying", Verifying, 1999, 1, 97},
                                         Case{"Replacing", Replacing, 1999, 1, 97},
                                         Case{"Offering", Offering, 499, 1, 51},
                                         Case{"TLSv1_2", [] { return Handshaking(TLS1_2_VERSION); }, 12007, 401, 199},
                                         Case{"TLSv1_3", [] { return Handshaking(TLS1_3_VERSION); }, 12007, 401, 199}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace client_cert_test
