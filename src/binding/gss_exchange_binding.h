// The class GssExchange of binding.d.ts, and importGssContext.
#pragma once

#include <memory>

#include "binding/napi_setup.h"
#include "core/negotiate/exchange.h"

namespace client_cert_binding {

class GssExchangeBinding final : public Napi::ObjectWrap<GssExchangeBinding> {
 public:
  static void Register(Napi::Env env, Napi::Object exports);

  explicit GssExchangeBinding(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;

 private:
  static GssExchangeBinding* Of(const Napi::Value& value);
  static Napi::Value Create(const Napi::CallbackInfo& info);
  static Napi::Value Accept(const Napi::CallbackInfo& info);
  static Napi::Value Close(const Napi::CallbackInfo& info);

  std::shared_ptr<client_cert::Exchange> exchange_;  // null: closed
};

}  // namespace client_cert_binding
