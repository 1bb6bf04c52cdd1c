// The class `Certificate` of the addon: a handle on a decoded certificate, whose parts are converted when they are
// asked for.
#pragma once

#include <memory>

#include "binding/napi_setup.h"
#include "core/certificate/certificate.h"

namespace client_cert_binding {

class CertificateBinding : public Napi::ObjectWrap<CertificateBinding> {
 public:
  // Defines the class for this environment and puts it into `exports`.
  static void Register(Napi::Env env, Napi::Object exports);

  // A new handle; undefined, with an exception pending, where JavaScript could not make one.
  static Napi::Value Wrap(Napi::Env env, std::shared_ptr<const client_cert::Certificate> certificate);

  // What a handle holds; nullptr where `value` is no handle of this class, whatever its prototype says.
  static std::shared_ptr<const client_cert::Certificate> CertificateOf(Napi::Value value);

  // Called by Wrap through JavaScript's `new`; from anywhere else it throws.
  explicit CertificateBinding(const Napi::CallbackInfo& info);

  void Finalize(Napi::BasicEnv env) override;

 private:
  static Napi::Value Parse(const Napi::CallbackInfo& info);
  static Napi::Value EssentialsOfDer(const Napi::CallbackInfo& info);
  static Napi::Value FingerprintOfDer(const Napi::CallbackInfo& info);

  std::shared_ptr<const client_cert::Certificate> certificate_;
};

}  // namespace client_cert_binding
