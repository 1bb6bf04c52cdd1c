// The addon's functions that give JavaScript the core's tables, so that no number stands twice.
#pragma once

#include "binding/napi_setup.h"

namespace client_cert_binding {

// Puts problemKinds, trustStatus and openSslErrors into `exports`.
void RegisterTableFunctions(Napi::Env env, Napi::Object exports);

}  // namespace client_cert_binding
