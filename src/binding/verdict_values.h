// Verdicts and what they rest on as plain JavaScript objects, in the shapes that binding.d.ts declares.
#pragma once

#include "binding/napi_setup.h"
#include "core/verdict/verdict.h"
#include "core/verifier/outcome.h"

namespace client_cert_binding {

Napi::Value VerdictValue(Napi::Env env, const client_cert::Verdict& verdict);
// What an outcome says besides its verdict.
Napi::Object EvidenceValue(Napi::Env env, const client_cert::Outcome& outcome);
Napi::Value OutcomeValue(Napi::Env env, const client_cert::Outcome& outcome);

}  // namespace client_cert_binding
