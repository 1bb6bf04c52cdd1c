// The addon's functions about connections. A connection is named by what its getFinished() gives; no native pointer
// crosses.
#pragma once

#include "binding/napi_setup.h"

namespace client_cert_binding {

// Puts all of them into `exports`.
void RegisterConnectionFunctions(Napi::Env env, Napi::Object exports);

}  // namespace client_cert_binding
