// The class Identity of binding.d.ts.
#pragma once

#include "binding/napi_setup.h"
#include "core/token/identity.h"

namespace client_cert_binding {

class IdentityBinding final : public Napi::ObjectWrap<IdentityBinding> {
 public:
  static void Register(Napi::Env env, Napi::Object exports);

  explicit IdentityBinding(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;

  // Null where `value` is no handle of this class.
  static client_cert::IdentityPtr IdentityOf(Napi::Value value);

 private:
  static Napi::Value Create(const Napi::CallbackInfo& info);

  client_cert::IdentityPtr identity_;
};

}  // namespace client_cert_binding
