// What the addon keeps for one environment (the main thread or one worker). Node frees it with the environment.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "binding/file_replies.h"
#include "binding/napi_setup.h"
#include "binding/on_demand_functions.h"
#include "core/certificate/certificate.h"
#include "core/negotiate/exchange.h"
#include "core/token/identity.h"
#include "core/verifier/verifier.h"

namespace client_cert_binding {

struct AddonData {
  Napi::FunctionReference certificate_class;
  // Handed to the constructor of CertificateBinding, which JavaScript must not be able to call with anything.
  std::shared_ptr<const client_cert::Certificate> certificate_to_wrap;
  Napi::FunctionReference verifier_class;
  std::shared_ptr<client_cert::Verifier> verifier_to_wrap;  // likewise, to that of VerifierBinding

  Napi::FunctionReference identity_class;
  client_cert::IdentityPtr identity_to_wrap;  // likewise, to that of IdentityBinding

  Napi::FunctionReference gss_credential_class;
  client_cert::GssCredentialPtr gss_credential_to_wrap;  // likewise
  Napi::FunctionReference gss_exchange_class;
  std::shared_ptr<client_cert::Exchange> gss_exchange_to_wrap;  // likewise
  std::shared_ptr<OnDemandCallbacks> on_demand = std::make_shared<OnDemandCallbacks>();
  std::unique_ptr<FileReplies> file_replies;          // from the first operation on
  Napi::Reference<Napi::Buffer<std::uint8_t>> brief;  // as BriefOctets says, from the first on
  std::vector<std::shared_ptr<void>> unwrapped;       // as IsWrapped says

  static AddonData& Of(Napi::Env env) { return *env.GetInstanceData<AddonData>(); }
};

}  // namespace client_cert_binding
