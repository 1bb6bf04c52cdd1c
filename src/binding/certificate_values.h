// The parts of a certificate as plain JavaScript objects, in the shapes that binding.d.ts declares.
#pragma once

#include "binding/napi_setup.h"
#include "core/certificate/certificate.h"

namespace client_cert_binding {

Napi::Value NameValue(Napi::Env env, const client_cert::DistinguishedName& name);
Napi::Value AltNamesValue(Napi::Env env, const client_cert::AlternativeNames& names);

Napi::Value HeaderValue(Napi::Env env, const client_cert::Certificate& certificate);
Napi::Value PublicKeyValue(Napi::Env env, const client_cert::PublicKey& key);
Napi::Value UsagesValue(Napi::Env env, const client_cert::Extensions& extensions);
Napi::Value PoliciesValue(Napi::Env env, const client_cert::Extensions& extensions);
Napi::Value NameConstraintsValue(Napi::Env env, const client_cert::Extensions& extensions);
Napi::Value DistributionPointsValue(Napi::Env env, const client_cert::Extensions& extensions);
Napi::Value AccessDescriptionsValue(Napi::Env env, const client_cert::Extensions& extensions);
Napi::Value IdentifiersValue(Napi::Env env, const client_cert::Extensions& extensions);
Napi::Value ExtensionsValue(Napi::Env env, const client_cert::Extensions& extensions);

}  // namespace client_cert_binding
