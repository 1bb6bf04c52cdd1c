// The security of a connection, and octets that are wiped when they are collected.
#pragma once

#include "binding/napi_setup.h"

namespace client_cert_binding {

void RegisterSecurityContextFunctions(Napi::Env env, Napi::Object exports);

}  // namespace client_cert_binding
