// Choosing a client's certificate when a server asks for it.
#pragma once

#include "binding/napi_setup.h"

namespace client_cert_binding {

void RegisterClientSelectionFunctions(Napi::Env env, Napi::Object exports);

}  // namespace client_cert_binding
