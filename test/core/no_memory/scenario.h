// What goes on while memory is missing: one function for each, in verifying.cc and connections.cc.
#pragma once

#include <functional>

namespace client_cert_test {

// Between what is done before, and what is looked at afterwards.
struct Scenario {
  std::function<void()> prepare;
  std::function<void()> disturbed;
  std::function<void()> check;
};

Scenario MakingSettings();
// By a verifier that has found out nothing yet; and what was found out meanwhile is not kept as the truth.
Scenario Verifying();
// Stricter settings, after which nothing may be left of what was known before.
Scenario Replacing();
// The CRL that revokes, which was fetched.
Scenario Offering();
// All that is made when it is needed first.
Scenario FirstUse();

// `version`: of TLS, as OpenSSL counts them.
// A server that a verifier protects, in full and resumed.
Scenario Handshaking(int version);
// TLS 1.3: a server that asks its clients after the handshake.
Scenario AskingLater();
// A client whose certificate is chosen when a server asks for it.
Scenario Choosing(int version);
// What the security of a connection is.
Scenario ReadingSecurity(int version);

}  // namespace client_cert_test
