#include "binding/table_functions.h"

#include "binding/js_values.h"
#include "core/verdict/problem.h"

namespace client_cert_binding {
namespace {

Napi::Value KindValue(Napi::Env env, const client_cert::ProblemKind& kind) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("code", Text(env, kind.name));
  value.Set("precedence", Napi::Number::New(env, kind.precedence));
  value.Set("flagName", Text(env, kind.flag_name));
  value.Set("flag", Napi::Number::New(env, kind.flag));
  value.Set("secStatus", Napi::Number::New(env, static_cast<std::uint32_t>(kind.sec_status)));
  value.Set("errorStatus", Napi::Number::New(env, kind.error_status));
  value.Set("text", Text(env, kind.text));
  return value;
}

Napi::Value ProblemKinds(const Napi::CallbackInfo& info) {
  return ArrayOf(info.Env(), client_cert::AllProblemKinds(), KindValue);
}

Napi::Value TrustStatus(const Napi::CallbackInfo& info) {
  const Napi::Object value = Napi::Object::New(info.Env());
  for (const client_cert::TrustStatusName& status : client_cert::AllTrustStatusNames()) {
    value.Set(Text(info.Env(), status.name), Napi::Number::New(info.Env(), status.bit));
  }
  return value;
}

Napi::Value SecStatus(const Napi::CallbackInfo& info) {
  const Napi::Object value = Napi::Object::New(info.Env());
  for (const client_cert::SecStatusName& status : client_cert::AllSecStatusNames()) {
    value.Set(Text(info.Env(), status.name), Napi::Number::New(info.Env(), static_cast<std::uint32_t>(status.status)));
  }
  return value;
}

Napi::Value OpenSslErrors(const Napi::CallbackInfo& info) {
  const Napi::Object value = Napi::Object::New(info.Env());
  for (const client_cert::OpenSslErrorName& error : client_cert::AllOpenSslErrorNames()) {
    value.Set(Text(info.Env(), error.name), Text(info.Env(), client_cert::KindOf(error.code).name));
  }
  return value;
}

}  // namespace

void RegisterTableFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("problemKinds", Napi::Function::New<ProblemKinds>(env, "problemKinds"));
  exports.Set("trustStatus", Napi::Function::New<TrustStatus>(env, "trustStatus"));
  exports.Set("secStatus", Napi::Function::New<SecStatus>(env, "secStatus"));
  exports.Set("openSslErrors", Napi::Function::New<OpenSslErrors>(env, "openSslErrors"));
}

}  // namespace client_cert_binding
