#include "binding/gss_exchange_binding.h"

#include <optional>
#include <utility>
#include <variant>

#include "binding/addon_data.h"
#include "binding/gss_credential_binding.h"
#include "binding/gss_values.h"
#include "binding/js_values.h"
#include "binding/settings_values.h"
#include "binding/task.h"
#include "binding/unwrapped.h"

namespace client_cert_binding {
namespace {

using client_cert::Bytes;
using client_cert::Established;
using client_cert::Exchange;
using client_cert::GssFailure;
using client_cert::GssMissing;
using client_cert::Imported;
using client_cert::Secret;
using client_cert::Step;
using client_cert::StepInput;

// Drawn at random once, as that of certificates.
constexpr napi_type_tag kTypeTag = {0x1f84c9a2e6504db7, 0xa83d57be014fc269};

Napi::Value Refuse(Napi::Env env, const char* what) {
  if (!env.IsExceptionPending()) Napi::TypeError::New(env, what).ThrowAsJavaScriptException();
  return env.Undefined();
}

// Seconds; null: for ever.
Napi::Value LifetimeValue(Napi::Env env, std::uint32_t lifetime) {
  return lifetime == client_cert::gss::kIndefinite ? env.Null() : Napi::Value(Napi::Number::New(env, lifetime));
}

Napi::Value SecretOrNull(Napi::Env env, const std::optional<Secret>& secret) {
  return secret ? Octets(env, secret->view()) : env.Null();
}

Napi::Value DelegatedValue(Napi::Env env, const Established& established) {
  if (!established.delegated || !established.delegated_of) return env.Null();
  const Napi::Object value = Napi::Object::New(env);
  value.Set("credential", GssCredentialBinding::Wrap(env, established.delegated));
  value.Set("name", TextOctets(env, established.delegated_of->name));
  value.Set("lifetime", LifetimeValue(env, established.delegated_of->lifetime));
  return value;
}

Napi::Value EstablishedValue(Napi::Env env, const Established& established) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("mechanism", Text(env, NameOf(established.mechanism)));
  value.Set("name", TextOctets(env, established.name));
  value.Set("flags", Napi::Number::New(env, established.flags));
  value.Set("lifetime", LifetimeValue(env, established.lifetime));
  value.Set("localName", established.local_name ? TextOctets(env, *established.local_name) : env.Null());
  value.Set("exported", SecretOrNull(env, established.exported));
  value.Set("delegated", DelegatedValue(env, established));
  return value;
}

Napi::Value StepValue(Napi::Env env, const Step& step) {
  const auto* const established = std::get_if<Established>(&step.outcome);
  const auto* const failure = std::get_if<GssFailure>(&step.outcome);
  const Napi::Object value = Napi::Object::New(env);
  value.Set("output", Octets(env, step.output));
  value.Set("established", established != nullptr ? EstablishedValue(env, *established) : env.Null());
  value.Set("failure", failure != nullptr ? FailureValue(env, *failure) : env.Null());
  return value;
}

bool IsTrue(const Napi::Value& object, const char* name) {
  if (object.IsEmpty() || !object.IsObject()) return false;
  const Napi::Value flag = Member(object.As<Napi::Object>(), name);
  return !flag.IsEmpty() && flag.IsBoolean() && flag.As<Napi::Boolean>().Value();
}

Napi::Value ImportGssContext(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto octets = OctetsOf(info[0], "exported");
  if (!octets) return env.Undefined();
  const auto outcome = client_cert::ImportContext(*octets);
  client_cert::Wipe(*octets);
  if (const auto* const missing = std::get_if<GssMissing>(&outcome)) return MissingValue(env, *missing);
  if (const auto* const failure = std::get_if<GssFailure>(&outcome)) return FailureValue(env, *failure);
  const auto& imported = *std::get_if<Imported>(&outcome);
  const Napi::Object value = Napi::Object::New(env);
  value.Set("mechanism", Text(env, NameOf(imported.mechanism)));
  value.Set("name", TextOctets(env, imported.name));
  value.Set("lifetime", LifetimeValue(env, imported.lifetime));
  value.Set("sessionKey", SecretOrNull(env, imported.session_key));
  return value;
}

}  // namespace

void GssExchangeBinding::Register(Napi::Env env, Napi::Object exports) {
  const Napi::Function constructor =
      DefineClass(env, "GssExchange", {StaticMethod<&GssExchangeBinding::Create>("create")});
  const Napi::Object prototype(env, Member(constructor, "prototype"));
  prototype.DefineProperties(
      {Napi::PropertyDescriptor::Value("accept", Napi::Function::New<Accept>(env, "accept"), napi_default_method),
       Napi::PropertyDescriptor::Value("close", Napi::Function::New<Close>(env, "close"), napi_default_method)});
  AddonData::Of(env).gss_exchange_class = Napi::Persistent(constructor);
  exports.Set("GssExchange", constructor);
  exports.Set("importGssContext", Napi::Function::New<ImportGssContext>(env, "importGssContext"));
}

GssExchangeBinding::GssExchangeBinding(const Napi::CallbackInfo& info)
    : ObjectWrap(info), exchange_(std::move(AddonData::Of(info.Env()).gss_exchange_to_wrap)) {
  if (!IsWrapped(*this, info)) return;
  if (!exchange_) {
    Napi::TypeError::New(info.Env(), "Illegal constructor").ThrowAsJavaScriptException();
    return;
  }
  napi_type_tag_object(info.Env(), info.This(), &kTypeTag);
}

void GssExchangeBinding::Finalize(Napi::BasicEnv) {}

GssExchangeBinding* GssExchangeBinding::Of(const Napi::Value& value) {
  bool ours = false;
  if (value.IsEmpty() || !value.IsObject() ||
      napi_check_object_type_tag(value.Env(), value, &kTypeTag, &ours) != napi_ok || !ours) {
    return nullptr;
  }
  return ObjectWrap::Unwrap(value.As<Napi::Object>());
}

Napi::Value GssExchangeBinding::Create(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  client_cert::GssCredentialPtr acceptor = GssCredentialBinding::CredentialOf(info[0]);
  if (!acceptor) return Refuse(env, "GssExchange.create: not a credential");
  AddonData& addon = AddonData::Of(env);
  addon.gss_exchange_to_wrap = std::make_shared<Exchange>(std::move(acceptor));
  const Napi::Value handle = addon.gss_exchange_class.Value().New({});
  addon.gss_exchange_to_wrap.reset();
  return handle.IsEmpty() ? env.Undefined() : handle;
}

Napi::Value GssExchangeBinding::Accept(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const GssExchangeBinding* const binding = Of(info.This());
  if (binding == nullptr || !binding->exchange_) return Refuse(env, "Illegal invocation");
  auto token = OctetsOf(info[0], "token");
  if (!token) return env.Undefined();
  StepInput input;
  input.token = *std::move(token);
  if (!info[1].IsNull()) {
    input.channel_binding = OctetsOf(info[1], "binding");
    if (!input.channel_binding) return env.Undefined();
  }
  input.wants_delegated = IsTrue(info[2], "delegated");
  input.wants_local_name = IsTrue(info[2], "localName");
  input.wants_export = IsTrue(info[2], "export");
  return RunOffThread(
      env, [exchange = binding->exchange_, input = std::move(input)] { return exchange->Accept(input); }, StepValue);
}

Napi::Value GssExchangeBinding::Close(const Napi::CallbackInfo& info) {
  GssExchangeBinding* const binding = Of(info.This());
  if (binding == nullptr) return Refuse(info.Env(), "Illegal invocation");
  binding->exchange_.reset();
  return info.Env().Undefined();
}

}  // namespace client_cert_binding
