// Exchange: one security context while it is being established. One step at a time; each may be on another thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "core/base/bytes.h"
#include "core/negotiate/gss_credential.h"
#include "core/openssl/wipe.h"

namespace client_cert {

struct StepInput {
  Bytes token;
  std::optional<Bytes> channel_binding;  // application data; none: channel bindings are not looked at
  bool wants_delegated = false;
  bool wants_local_name = false;
  bool wants_export = false;
};

struct Established {
  Mechanism mechanism = Mechanism::kKerberos;
  std::string name;  // as the mechanism displays it
  std::uint32_t flags = 0;
  std::uint32_t lifetime = 0;  // seconds; gss::kIndefinite
  std::optional<std::string> local_name;
  std::optional<Secret> exported;
  GssCredentialPtr delegated;  // null: none, or not wanted
  std::optional<CredentialFacts> delegated_of;
};

struct GoesOn {};

struct Step {
  Bytes output;  // for the client
  std::variant<GoesOn, Established, GssFailure> outcome;
};

class Exchange {
 public:
  explicit Exchange(GssCredentialPtr acceptor) : acceptor_(std::move(acceptor)) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  // What came from the client. The context is deleted as soon as it is established or has failed; then no other step
  // is accepted.
  Step Accept(const StepInput& input);

 private:
  std::mutex mutex_;
  GssCredentialPtr acceptor_;
  gss::Context context_ = nullptr;
  bool is_over_ = false;

  Step End(Step step);
  void Delete();
};

struct Imported {
  Mechanism mechanism = Mechanism::kKerberos;
  std::string name;
  std::uint32_t lifetime = 0;
  std::optional<Secret> session_key;
};

// What a context is that was exported in this process or another. Waits for nobody.
std::variant<Imported, GssMissing, GssFailure> ImportContext(Bytes& exported);

}  // namespace client_cert
