// Who there is while memory is missing: authorities, clients, and what is true of each.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/verifier/make_settings.h"
#include "core/verifier/settings.h"
#include "core/verifier/verifier.h"
#include "support/pki.h"

namespace client_cert_test {

using Settings = std::shared_ptr<const client_cert::VerifierSettings>;

// Makes no message of its own before memory is there again: what could not be told would be passed over.
void Wrong(const char* what, const char* client = "");

struct Client {
  const char* name;
  bool is_valid;
  Credential credential;
  const Authority* presented;
  std::vector<client_cert::Bytes> chain;
};

constexpr const char* kClientAuthentication = "1.3.6.1.5.5.7.3.2";

struct World {
  Authority root{"root"};
  Authority intermediate{"intermediate", &root};
  Authority revoked_one{"revoked intermediate", &root};
  // Rejected by OpenSSL's own settings, which are of one certificate: it has another one, too.
  Authority rejected{"rejected root"};
  client_cert::Bytes rejecting = rejected.RejectedFor(kClientAuthentication);
  client_cert::Bytes renewed_rejected = rejected.Renewed();
  client_cert::Bytes crl_of_rejected = rejected.Revoke({}, 1);
  Credential server = root.Issue("localhost", 100);
  client_cert::Bytes crl_of_root = root.Revoke({revoked_one.serial()}, 1);
  client_cert::Bytes crl = intermediate.Revoke({2}, 1, Entries::kWithIssuer);
  client_cert::Bytes ocsp_response;
  client_cert::Sha256 distrusted{};
  std::vector<Client> clients;

  World();

  const Client& revoked() const { return clients[1]; }
};

const World& TheWorld();

client_cert::SettingsInput Input();
// Null where they cannot be made now.
Settings SettingsOf(client_cert::SettingsInput input);

// Null where it cannot be asked now.
client_cert::OutcomePtr Ask(client_cert::Verifier& verifier, const Client& client, std::int64_t at = Now());
void AskAll(client_cert::Verifier& verifier);
void ExpectEmptyQueue();
// Of what was made, or used, while something failed, a while later.
void ExpectVerdicts(client_cert::Verifier& verifier);

}  // namespace client_cert_test
