// What nearly everybody asks of a certificate, in one crossing: one text and a run of numbers, where a value for each
// part would cost more than decoding them all.
#pragma once

#include "binding/napi_setup.h"
#include "core/certificate/certificate.h"

namespace client_cert_binding {

// Fills `numbers`, a Float64Array, as binding.d.ts says. The text; or how many numbers there are, where they do not all
// fit.
Napi::Value EssentialsValue(Napi::Env env, const client_cert::Certificate& certificate, Napi::Value numbers);

}  // namespace client_cert_binding
