#include "no_memory/world.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <utility>
#include <variant>

#include "core/base/budget.h"
#include "support/failing_allocations.h"

namespace client_cert_test {

using namespace client_cert;

namespace {

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

}  // namespace

void Wrong(const char* what, const char* client) {
  StopFailing();
  ADD_FAILURE() << what << ' ' << client;
}

World::World() {
  const auto add = [&](const char* name, bool is_valid, Credential credential, const Authority& presented) {
    std::vector<Bytes> chain{credential.der, presented.der()};
    clients.push_back({name, is_valid, std::move(credential), &presented, std::move(chain)});
  };
  const Authority stranger("stranger");
  add("good", true, intermediate.Issue("good", 1), intermediate);
  add("revoked", false, intermediate.Issue("revoked", 2), intermediate);
  add("expired", false, intermediate.Issue("expired", 3, -60), intermediate);
  add("distrusted", false, intermediate.Issue("distrusted", 4), intermediate);
  add("stranger's", false, stranger.Issue("stranger's", 5), intermediate);
  add("below revoked", false, revoked_one.Issue("below revoked", 6), revoked_one);
  add("revoked by OCSP", false, intermediate.Issue("revoked by OCSP", 7), intermediate);
  ocsp_response = intermediate.RevokeByOcsp(clients.back().credential);
  X509_digest(clients[3].credential.certificate.get(), EVP_sha256(), distrusted.data(), nullptr);
  add("of a weak key", false, intermediate.IssueRsa("of a weak key", 8, 1024), intermediate);
  add("of a rejected root", false, rejected.Issue("of a rejected root", 9), intermediate);
  WarmOpenSsl(root.certificate());
}

const World& TheWorld() {
  static const World world;
  return world;
}

SettingsInput Input() {
  const World& world = TheWorld();
  SettingsInput input;
  input.ca.push_back({world.root.der()});
  input.ca.push_back({world.renewed_rejected});
  input.ca.push_back({world.rejecting, AuxiliaryTrust::kAllowed});
  input.crls = {world.crl_of_root, world.crl, world.crl_of_rejected};
  input.ocsp_responses = {world.ocsp_response};
  input.purposes = {kClientAuthentication};
  input.requirements.minimum_rsa_bits = 2048;
  input.path.max_intermediates = 10;
  input.revocation.mode = RevocationMode::kCached;
  input.requirements.distrusted_certificates.insert(world.distrusted);
  return input;
}

Settings SettingsOf(SettingsInput input) {
  auto made = MakeSettings(std::move(input));
  const auto* settings = std::get_if<Settings>(&made);
  return settings != nullptr ? *settings : nullptr;
}

OutcomePtr Ask(Verifier& verifier, const Client& client, std::int64_t at) {
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

void ExpectVerdicts(Verifier& verifier) {
  const std::int64_t later = Now() + budget::kRefusalSeconds;
  for (const Client& client : TheWorld().clients) {
    const bool is_valid = IsValid(Ask(verifier, client, later));
    if (is_valid && !client.is_valid) Wrong("valid afterwards:", client.name);
    if (!is_valid && client.is_valid) Wrong("lost:", client.name);
  }
  ExpectEmptyQueue();
}

}  // namespace client_cert_test
