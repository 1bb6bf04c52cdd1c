// What GSSAPI says, as JavaScript values.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "binding/napi_setup.h"
#include "core/negotiate/gss_credential.h"
#include "core/negotiate/gss_failure.h"

namespace client_cert_binding {

Napi::Value FailureValue(Napi::Env env, const client_cert::GssFailure& failure);
Napi::Value MissingValue(Napi::Env env, const client_cert::GssMissing& missing);

// Texts of the library, as octets: it does not say in which encoding they are.
Napi::Value TextOctets(Napi::Env env, const std::string& text);

// Pairs of texts without NULs, which C would cut there; nothing where it is something else.
std::optional<std::vector<std::pair<std::string, std::string>>> StoreOf(const Napi::Value& value);

}  // namespace client_cert_binding
