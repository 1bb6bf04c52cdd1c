#include "binding/certificate_binding.h"

#include <array>
#include <utility>

#include "binding/addon_data.h"
#include "binding/certificate_values.h"
#include "binding/essential_values.h"
#include "binding/js_values.h"
#include "binding/unwrapped.h"
#include "core/base/hex.h"
#include "core/certificate/fingerprint.h"

namespace client_cert_binding {
namespace {

using client_cert::Certificate;

// Drawn at random once. An object that another class or another addon wrapped does not have it, so that its pointer is
// never taken for one of ours.
constexpr napi_type_tag kTypeTag = {0x3d9c7a15e84b26f0, 0xa1570e6bd2c94f83};

// What the collector should know that a handle keeps alive: it would see a few dozen octets otherwise, and wait too
// long.
std::int64_t FootprintOf(const Certificate& certificate) {
  return static_cast<std::int64_t>(sizeof(Certificate) + 2 * certificate.der().size());
}

// Copied before it is looked at: another thread may write to shared memory while we read. Nothing, with a TypeError
// pending, for anything but a Uint8Array.
std::optional<client_cert::Bytes> DerArgument(const Napi::CallbackInfo& info, const std::string& function) {
  napi_typedarray_type type = napi_int8_array;
  std::size_t length = 0;
  void* data = nullptr;
  const napi_status status = napi_get_typedarray_info(info.Env(), info[0], &type, &length, &data, nullptr, nullptr);
  if (status != napi_ok || type != napi_uint8_array) {
    Napi::TypeError::New(info.Env(), function + " takes a Uint8Array").ThrowAsJavaScriptException();
    return std::nullopt;
  }
  const auto* const first = static_cast<const std::uint8_t*>(data);
  return client_cert::Bytes(first, first + length);
}

Napi::Value MalformedValue(Napi::Env env, const client_cert::Malformed& error) {
  const Napi::Object malformed = Napi::Object::New(env);
  malformed.Set("offset", static_cast<double>(error.offset));
  malformed.Set("expected", Text(env, error.expected));
  return malformed;
}

// In upper-case hexadecimal.
Napi::Value FingerprintValue(Napi::Env env, client_cert::ByteView der, Napi::Value algorithm) {
  constexpr std::array kDigests = {client_cert::Digest::kSha1, client_cert::Digest::kSha256,
                                   client_cert::Digest::kSha512};
  std::uint32_t number = 0;
  if (napi_get_value_uint32(env, algorithm, &number) != napi_ok || number >= kDigests.size()) {
    Napi::TypeError::New(env, "fingerprint takes the number of a digest").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const std::optional<client_cert::Bytes> octets = client_cert::Fingerprint(kDigests.at(number), der);
  if (octets) return Text(env, client_cert::Hex(*octets));
  Napi::Error::New(env, "this OpenSSL's configuration lacks a digest").ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value Der(Napi::Env env, const Certificate& certificate) { return Octets(env, certificate.der()); }

Napi::Value Names(Napi::Env env, const Certificate& certificate) {
  const Napi::Object names = Napi::Object::New(env);
  names.Set("subject", NameValue(env, certificate.subject()));
  names.Set("issuer", NameValue(env, certificate.issuer()));
  return names;
}

Napi::Value Key(Napi::Env env, const Certificate& certificate) { return PublicKeyValue(env, certificate.public_key()); }

Napi::Value AltNamesOrNull(Napi::Env env, const std::optional<client_cert::AlternativeNames>& names) {
  return names ? AltNamesValue(env, *names) : env.Null();
}

Napi::Value SubjectAltNames(Napi::Env env, const Certificate& certificate) {
  return AltNamesOrNull(env, certificate.extensions().subject_alt_names);
}

Napi::Value IssuerAltNames(Napi::Env env, const Certificate& certificate) {
  return AltNamesOrNull(env, certificate.extensions().issuer_alt_names);
}

template <Napi::Value (*Convert)(Napi::Env, const client_cert::Extensions&)>
Napi::Value OfExtensions(Napi::Env env, const Certificate& certificate) {
  return Convert(env, certificate.extensions());
}

// A method: finds out whether the receiver is a handle before anything of it is touched.
template <Napi::Value (*Convert)(Napi::Env, const Certificate&)>
napi_value Method(napi_env env, napi_callback_info info) {
  napi_value receiver = nullptr;
  if (napi_get_cb_info(env, info, nullptr, nullptr, &receiver, nullptr) != napi_ok) return nullptr;
  const std::shared_ptr<const Certificate> certificate = CertificateBinding::CertificateOf(Napi::Value(env, receiver));
  if (!certificate) {
    Napi::TypeError::New(env, "Illegal invocation").ThrowAsJavaScriptException();
    return nullptr;
  }
  return Convert(env, *certificate);
}

template <Napi::Value (*Convert)(Napi::Env, const Certificate&)>
napi_property_descriptor MethodNamed(const char* name) {
  napi_property_descriptor descriptor = {};
  descriptor.utf8name = name;
  descriptor.method = Method<Convert>;
  descriptor.attributes = napi_default_method;
  return descriptor;
}

}  // namespace

void CertificateBinding::Register(Napi::Env env, Napi::Object exports) {
  const Napi::Function constructor =
      DefineClass(env, "Certificate",
                  {
                      StaticMethod<&CertificateBinding::Parse>("parse"),
                      StaticMethod<&CertificateBinding::EssentialsOfDer>("essentials"),
                      StaticMethod<&CertificateBinding::FingerprintOfDer>("fingerprint"),
                      MethodNamed<Der>("der"),
                      MethodNamed<HeaderValue>("header"),
                      MethodNamed<Names>("names"),
                      MethodNamed<Key>("publicKey"),
                      MethodNamed<SubjectAltNames>("subjectAltNames"),
                      MethodNamed<IssuerAltNames>("issuerAltNames"),
                      MethodNamed<OfExtensions<UsagesValue>>("usages"),
                      MethodNamed<OfExtensions<PoliciesValue>>("policies"),
                      MethodNamed<OfExtensions<NameConstraintsValue>>("nameConstraints"),
                      MethodNamed<OfExtensions<DistributionPointsValue>>("crlDistributionPoints"),
                      MethodNamed<OfExtensions<AccessDescriptionsValue>>("authorityInfoAccess"),
                      MethodNamed<OfExtensions<IdentifiersValue>>("identifiers"),
                      MethodNamed<OfExtensions<ExtensionsValue>>("extensions"),
                  });
  AddonData::Of(env).certificate_class = Napi::Persistent(constructor);
  exports.Set("Certificate", constructor);
}

CertificateBinding::CertificateBinding(const Napi::CallbackInfo& info)
    : ObjectWrap(info), certificate_(std::move(AddonData::Of(info.Env()).certificate_to_wrap)) {
  if (!IsWrapped(*this, info)) return;
  if (!certificate_) {
    Napi::TypeError::New(info.Env(), "Illegal constructor").ThrowAsJavaScriptException();
    return;
  }
  napi_type_tag_object(info.Env(), info.This(), &kTypeTag);
  Napi::MemoryManagement::AdjustExternalMemory(info.Env(), FootprintOf(*certificate_));
}

void CertificateBinding::Finalize(Napi::BasicEnv env) {
  if (certificate_) Napi::MemoryManagement::AdjustExternalMemory(env, -FootprintOf(*certificate_));
}

Napi::Value CertificateBinding::Wrap(Napi::Env env, std::shared_ptr<const Certificate> certificate) {
  AddonData& addon = AddonData::Of(env);
  addon.certificate_to_wrap = std::move(certificate);
  const Napi::Value handle = addon.certificate_class.Value().New({});
  addon.certificate_to_wrap.reset();
  return handle.IsEmpty() ? env.Undefined() : handle;
}

std::shared_ptr<const Certificate> CertificateBinding::CertificateOf(Napi::Value value) {
  bool ours = false;
  if (!value.IsObject() || napi_check_object_type_tag(value.Env(), value, &kTypeTag, &ours) != napi_ok || !ours) {
    return nullptr;
  }
  // Fails in a thread that is being terminated, however good the handle is.
  const CertificateBinding* const binding = ObjectWrap::Unwrap(value.As<Napi::Object>());
  return binding != nullptr ? binding->certificate_ : nullptr;
}

Napi::Value CertificateBinding::Parse(const Napi::CallbackInfo& info) {
  std::optional<client_cert::Bytes> der = DerArgument(info, "parse");
  if (!der) return info.Env().Undefined();
  const auto certificate = Certificate::Parse(*std::move(der));
  return certificate ? Wrap(info.Env(), certificate.value()) : MalformedValue(info.Env(), certificate.error());
}

// Without a handle: each is something that the collector has to come back to.
Napi::Value CertificateBinding::EssentialsOfDer(const Napi::CallbackInfo& info) {
  std::optional<client_cert::Bytes> der = DerArgument(info, "essentials");
  if (!der) return info.Env().Undefined();
  const auto certificate = Certificate::Parse(*std::move(der));
  if (!certificate) return MalformedValue(info.Env(), certificate.error());
  return EssentialsValue(info.Env(), *certificate.value(), info[1]);
}

Napi::Value CertificateBinding::FingerprintOfDer(const Napi::CallbackInfo& info) {
  const std::optional<client_cert::Bytes> der = DerArgument(info, "fingerprint");
  return der ? FingerprintValue(info.Env(), *der, info[1]) : info.Env().Undefined();
}

}  // namespace client_cert_binding
