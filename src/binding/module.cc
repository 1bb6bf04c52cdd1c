// The addon's entry: everything that it exports, for each environment that loads it.
#include "binding/addon_data.h"
#include "binding/certificate_binding.h"

namespace {

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  using namespace client_cert_binding;
  env.SetInstanceData<AddonData>(new AddonData());
  CertificateBinding::Register(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Initialize)
