// The addon's entry: everything that it exports, for each environment that loads it.
#include "binding/account_functions.h"
#include "binding/addon_data.h"
#include "binding/certificate_binding.h"
#include "binding/client_selection_functions.h"
#include "binding/connection_functions.h"
#include "binding/gss_credential_binding.h"
#include "binding/gss_exchange_binding.h"
#include "binding/identity_binding.h"
#include "binding/js_values.h"
#include "binding/on_demand_functions.h"
#include "binding/security_context_functions.h"
#include "binding/table_functions.h"
#include "binding/verifier_binding.h"
#include "core/tls/observer.h"

namespace {

std::string_view NameOf(client_cert::ObserverState state) {
  switch (state) {
    case client_cert::ObserverState::kInstalled:
      return "installed";
    case client_cert::ObserverState::kAnotherCopy:
      return "anotherCopy";
    default:
      return "refused";
  }
}

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  using namespace client_cert_binding;
  env.SetInstanceData<AddonData>(new AddonData());
  CertificateBinding::Register(env, exports);
  VerifierBinding::Register(env, exports);
  IdentityBinding::Register(env, exports);
  GssCredentialBinding::Register(env, exports);
  GssExchangeBinding::Register(env, exports);
  RegisterAccountFunctions(env, exports);
  RegisterClientSelectionFunctions(env, exports);
  RegisterConnectionFunctions(env, exports);
  RegisterOnDemandFunctions(env, exports);
  RegisterSecurityContextFunctions(env, exports);
  RegisterTableFunctions(env, exports);
  exports.Set("observer", Text(env, NameOf(client_cert::InstallObserver())));
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Initialize)
