// The addon's function askForCertificate.
#pragma once

#include <cstdint>
#include <map>

#include "binding/napi_setup.h"

namespace client_cert_binding {

// What to call when clients have answered, by number. Of one environment, and gone with it; a connection that outlives
// it finds nobody to tell.
struct OnDemandCallbacks {
  std::map<std::uint64_t, Napi::FunctionReference> waiting;
  std::uint64_t last = 0;
};

void RegisterOnDemandFunctions(Napi::Env env, Napi::Object exports);

}  // namespace client_cert_binding
