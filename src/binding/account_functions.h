// The addon's function findAccount.
#pragma once

#include "binding/napi_setup.h"

namespace client_cert_binding {

void RegisterAccountFunctions(Napi::Env env, Napi::Object exports);

}  // namespace client_cert_binding
