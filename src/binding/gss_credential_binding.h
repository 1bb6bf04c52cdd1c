// The class GssCredential of binding.d.ts.
#pragma once

#include "binding/napi_setup.h"
#include "core/negotiate/gss_credential.h"

namespace client_cert_binding {

class GssCredentialBinding final : public Napi::ObjectWrap<GssCredentialBinding> {
 public:
  static void Register(Napi::Env env, Napi::Object exports);
  static Napi::Value Wrap(Napi::Env env, client_cert::GssCredentialPtr credential);

  explicit GssCredentialBinding(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;

  // Null where `value` is no handle of this class, or was released.
  static client_cert::GssCredentialPtr CredentialOf(const Napi::Value& value);

 private:
  static GssCredentialBinding* Of(const Napi::Value& value);
  static Napi::Value Acquire(const Napi::CallbackInfo& info);
  static Napi::Value Store(const Napi::CallbackInfo& info);
  static Napi::Value Release(const Napi::CallbackInfo& info);

  client_cert::GssCredentialPtr credential_;
};

}  // namespace client_cert_binding
