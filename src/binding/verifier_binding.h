// The class `Verifier` of the addon: a handle on a verifier. Verifications that are under way keep it alive.
#pragma once

#include <memory>

#include "binding/napi_setup.h"
#include "core/verifier/verifier.h"

namespace client_cert_binding {

class VerifierBinding : public Napi::ObjectWrap<VerifierBinding> {
 public:
  // Defines the class for this environment and puts it into `exports`.
  static void Register(Napi::Env env, Napi::Object exports);

  // What a handle holds; nullptr where `value` is no handle of this class, whatever its prototype says.
  static std::shared_ptr<client_cert::Verifier> VerifierOf(Napi::Value value);

  // Called by Create through JavaScript's `new`; from anywhere else it throws.
  explicit VerifierBinding(const Napi::CallbackInfo& info);

  void Finalize(Napi::BasicEnv env) override;

 private:
  static Napi::Value Create(const Napi::CallbackInfo& info);

  std::shared_ptr<client_cert::Verifier> verifier_;
};

}  // namespace client_cert_binding
