#include "binding/gss_credential_binding.h"

#include <string>
#include <utility>
#include <variant>

#include "binding/addon_data.h"
#include "binding/gss_values.h"
#include "binding/js_values.h"
#include "binding/task.h"
#include "binding/unwrapped.h"

namespace client_cert_binding {
namespace {

using client_cert::AcceptorSettings;
using client_cert::GssCredentialPtr;
using client_cert::GssFailure;
using client_cert::GssMissing;

// Drawn at random once, as that of certificates.
constexpr napi_type_tag kTypeTag = {0x7be2460fd81c4a93, 0x92c5b0e83f6d1a47};

Napi::Value Refuse(Napi::Env env, const char* what) {
  if (!env.IsExceptionPending()) Napi::TypeError::New(env, what).ThrowAsJavaScriptException();
  return env.Undefined();
}

std::optional<AcceptorSettings> AcceptorSettingsOf(const Napi::Value& value) {
  if (value.IsEmpty() || !value.IsObject()) return std::nullopt;
  const auto object = value.As<Napi::Object>();
  const Napi::Value service = Member(object, "service");
  auto store = StoreOf(Member(object, "store"));
  if (service.IsEmpty() || !service.IsString() || !store) return std::nullopt;
  const auto is_true = [&](const char* name) {
    const Napi::Value flag = Member(object, name);
    return !flag.IsEmpty() && flag.IsBoolean() && flag.As<Napi::Boolean>().Value();
  };
  AcceptorSettings settings;
  settings.service = service.As<Napi::String>().Utf8Value();
  settings.store = *std::move(store);
  settings.is_kerberos = is_true("kerberos");
  settings.is_ntlm = is_true("ntlm");
  settings.is_spnego = is_true("spnego");
  if (!settings.is_kerberos && !settings.is_ntlm) return std::nullopt;
  return settings;
}

using Acquired = std::variant<GssCredentialPtr, GssMissing, GssFailure>;

Napi::Value AcquiredValue(Napi::Env env, const Acquired& acquired) {
  if (const auto* const missing = std::get_if<GssMissing>(&acquired)) return MissingValue(env, *missing);
  if (const auto* const failure = std::get_if<GssFailure>(&acquired)) return FailureValue(env, *failure);
  return GssCredentialBinding::Wrap(env, *std::get_if<GssCredentialPtr>(&acquired));
}

}  // namespace

void GssCredentialBinding::Register(Napi::Env env, Napi::Object exports) {
  const Napi::Function constructor =
      DefineClass(env, "GssCredential", {StaticMethod<&GssCredentialBinding::Acquire>("acquire")});
  const Napi::Object prototype(env, Member(constructor, "prototype"));
  prototype.DefineProperties(
      {Napi::PropertyDescriptor::Value("store", Napi::Function::New<Store>(env, "store"), napi_default_method),
       Napi::PropertyDescriptor::Value("release", Napi::Function::New<Release>(env, "release"), napi_default_method)});
  AddonData::Of(env).gss_credential_class = Napi::Persistent(constructor);
  exports.Set("GssCredential", constructor);
}

GssCredentialBinding::GssCredentialBinding(const Napi::CallbackInfo& info)
    : ObjectWrap(info), credential_(std::move(AddonData::Of(info.Env()).gss_credential_to_wrap)) {
  if (!IsWrapped(*this, info)) return;
  if (!credential_) {
    Napi::TypeError::New(info.Env(), "Illegal constructor").ThrowAsJavaScriptException();
    return;
  }
  napi_type_tag_object(info.Env(), info.This(), &kTypeTag);
}

void GssCredentialBinding::Finalize(Napi::BasicEnv) {}

Napi::Value GssCredentialBinding::Wrap(Napi::Env env, GssCredentialPtr credential) {
  AddonData& addon = AddonData::Of(env);
  addon.gss_credential_to_wrap = std::move(credential);
  const Napi::Value handle = addon.gss_credential_class.Value().New({});
  addon.gss_credential_to_wrap.reset();
  return handle.IsEmpty() ? env.Undefined() : handle;
}

GssCredentialBinding* GssCredentialBinding::Of(const Napi::Value& value) {
  bool ours = false;
  if (value.IsEmpty() || !value.IsObject() ||
      napi_check_object_type_tag(value.Env(), value, &kTypeTag, &ours) != napi_ok || !ours) {
    return nullptr;
  }
  return ObjectWrap::Unwrap(value.As<Napi::Object>());
}

GssCredentialPtr GssCredentialBinding::CredentialOf(const Napi::Value& value) {
  const GssCredentialBinding* const binding = Of(value);
  return binding != nullptr ? binding->credential_ : nullptr;
}

Napi::Value GssCredentialBinding::Acquire(const Napi::CallbackInfo& info) {
  auto settings = AcceptorSettingsOf(info[0]);
  if (!settings) return Refuse(info.Env(), "GssCredential.acquire: not settings");
  return RunOffThread(
      info.Env(), [settings = *std::move(settings)] { return client_cert::AcquireAcceptor(settings); }, AcquiredValue);
}

Napi::Value GssCredentialBinding::Store(const Napi::CallbackInfo& info) {
  const GssCredentialPtr credential = CredentialOf(info.This());
  if (!credential) return Refuse(info.Env(), "Illegal invocation");
  auto store = StoreOf(info[0]);
  if (!store) return Refuse(info.Env(), "store: not pairs of texts");
  return RunOffThread(
      info.Env(), [credential, store = *std::move(store)] { return credential->StoreInto(store); },
      [](Napi::Env env, const std::optional<GssFailure>& failure) {
        return failure ? FailureValue(env, *failure) : env.Null();
      });
}

Napi::Value GssCredentialBinding::Release(const Napi::CallbackInfo& info) {
  GssCredentialBinding* const binding = Of(info.This());
  if (binding == nullptr) return Refuse(info.Env(), "Illegal invocation");
  binding->credential_.reset();
  return info.Env().Undefined();
}

}  // namespace client_cert_binding
