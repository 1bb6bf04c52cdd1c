// GssCredential: what a server accepts with, or what a client delegated to it. Immutable; any thread may use it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/negotiate/gss_failure.h"
#include "core/negotiate/gss_owned.h"
#include "core/negotiate/mechanism.h"

namespace client_cert {

struct AcceptorSettings {
  std::string service;  // 'HTTP', or 'HTTP@host'; empty: whatever the keytab has a key of
  std::vector<std::pair<std::string, std::string>> store;  // of gss_acquire_cred_from: 'keytab', 'rcache' ...
  bool is_kerberos = false;
  bool is_ntlm = false;
  bool is_spnego = false;  // around those
};

// GSSAPI is not there: the library, a symbol of it, or a mechanism.
struct GssMissing {
  std::string what;
};

struct CredentialFacts {
  std::string name;
  std::uint32_t lifetime = 0;  // seconds; gss::kIndefinite
};

class GssCredential {
 public:
  explicit GssCredential(const GssapiLibrary& library, OwnedCredential owned)
      : library_(&library), owned_(std::move(owned)) {}

  const GssapiLibrary& library() const { return *library_; }
  gss::Credential get() const { return owned_.get(); }

  // Nothing where the library does not say, or it has expired.
  std::optional<CredentialFacts> Describe() const;
  // Keeps it for other programs: {'ccache', 'FILE:/...'}. Reads and writes files.
  std::optional<GssFailure> StoreInto(const std::vector<std::pair<std::string, std::string>>& store) const;

 private:
  const GssapiLibrary* library_;
  OwnedCredential owned_;
};

using GssCredentialPtr = std::shared_ptr<const GssCredential>;

// Reads files, and may ask services of the system.
std::variant<GssCredentialPtr, GssMissing, GssFailure> AcquireAcceptor(const AcceptorSettings& settings);

}  // namespace client_cert
