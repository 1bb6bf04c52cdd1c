// The settings of a verifier, from the JavaScript object that binding.d.ts declares (NativeVerifierSettings).
#pragma once

#include <optional>

#include "binding/napi_setup.h"
#include "core/verifier/make_settings.h"

namespace client_cert_binding {

// Nothing, with a TypeError pending, where the object does not have that shape: lib/ always gives it whole.
std::optional<client_cert::SettingsInput> SettingsOf(Napi::Value value);

// The octets of a Uint8Array, copied; nothing, with a TypeError pending, for anything else.
std::optional<client_cert::Bytes> OctetsOf(Napi::Value value, const char* name);
std::optional<std::vector<client_cert::Bytes>> OctetListOf(Napi::Value value, const char* name);

}  // namespace client_cert_binding
