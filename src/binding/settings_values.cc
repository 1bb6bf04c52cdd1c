#include "binding/settings_values.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "binding/js_values.h"

namespace client_cert_binding {
namespace {

using client_cert::AuxiliaryTrust;
using client_cert::Bytes;
using client_cert::Material;
using client_cert::OnUnknown;
using client_cert::RevocationMode;
using client_cert::RevocationScope;
using client_cert::SettingsInput;
using client_cert::Sha256;

// Reads the properties of one object; once something has another type than declared, nothing is read any more.
class Properties {
 public:
  explicit Properties(Napi::Value object) : env_(object.Env()), ok_(object.IsObject()) {
    if (ok_) object_ = object.As<Napi::Object>();
    if (!ok_) Fail("settings");
  }

  bool ok() const { return ok_; }

  Properties Object(const char* name) { return Properties(Get(name)); }

  bool Boolean(const char* name) {
    const Napi::Value value = Get(name);
    if (ok_ && !value.IsBoolean()) Fail(name);
    return ok_ && value.As<Napi::Boolean>().Value();
  }

  std::int64_t Number(const char* name) {
    const Napi::Value value = Get(name);
    if (ok_ && !value.IsNumber()) Fail(name);
    return ok_ ? value.As<Napi::Number>().Int64Value() : 0;
  }

  std::optional<std::int64_t> NumberOrNull(const char* name) {
    if (Get(name).IsNull()) return std::nullopt;
    return Number(name);
  }

  std::optional<std::string> TextOrNull(const char* name) {
    const Napi::Value value = Get(name);
    if (!ok_ || value.IsNull()) return std::nullopt;
    if (!value.IsString()) Fail(name);
    return ok_ ? std::optional<std::string>(value.As<Napi::String>().Utf8Value()) : std::nullopt;
  }

  // True where it is `yes`, false where it is `no`.
  bool Either(const char* name, std::string_view yes, std::string_view no) {
    const std::string text = TextOrNull(name).value_or(std::string());
    if (ok_ && text != yes && text != no) Fail(name);
    return text == yes;
  }

  std::vector<std::string> Texts(const char* name) {
    std::vector<std::string> texts;
    Each(name, [&](const Napi::Value& value) {
      if (!value.IsString()) return Fail(name);
      texts.push_back(value.As<Napi::String>().Utf8Value());
    });
    return texts;
  }

  std::vector<Bytes> OctetLists(const char* name) {
    auto octets = ok_ ? OctetListOf(Get(name), name) : std::nullopt;
    ok_ = octets.has_value();
    return ok_ ? *std::move(octets) : std::vector<Bytes>();
  }

  std::optional<Bytes> OctetsOrNull(const char* name) {
    const Napi::Value value = Get(name);
    if (!ok_ || value.IsNull()) return std::nullopt;
    auto octets = OctetsOf(value, name);
    ok_ = octets.has_value();
    return octets;
  }

  std::set<Sha256> Digests(const char* name) {
    std::set<Sha256> digests;
    for (const Bytes& octets : OctetLists(name)) {
      Sha256 digest{};
      if (octets.size() != digest.size()) {
        Fail(name);
        break;
      }
      std::ranges::copy(octets, digest.begin());
      digests.insert(digest);
    }
    return digests;
  }

  template <class Visit>
  void Each(const char* name, Visit visit) {
    const Napi::Value value = Get(name);
    if (ok_ && !value.IsArray()) Fail(name);
    if (!ok_) return;
    const auto array = value.As<Napi::Array>();
    for (std::uint32_t i = 0; ok_ && i < array.Length(); ++i) {
      const Napi::HandleScope scope(env_);
      visit(Member(array, i));
    }
  }

  Napi::Value Get(const char* name) { return ok_ ? Member(object_, name) : env_.Undefined(); }

  void Fail(const char* name) {
    ok_ = false;
    if (env_.IsExceptionPending()) return;
    Napi::TypeError::New(env_, std::string(name).append(" has another type than declared"))
        .ThrowAsJavaScriptException();
  }

 private:
  Napi::Env env_;
  bool ok_;
  Napi::Object object_;
};

void ReadTrust(Properties& settings, SettingsInput& input) {
  settings.Each("ca", [&](const Napi::Value& value) {
    Properties item(value);
    Material material;
    const bool auxiliary = item.Boolean("auxiliary");
    material.auxiliary = auxiliary ? AuxiliaryTrust::kAllowed : AuxiliaryTrust::kRefused;
    auto octets = item.ok() ? OctetsOf(item.Get("der"), "der") : std::nullopt;
    if (!octets) return settings.Fail("ca");
    material.der = *std::move(octets);
    input.ca.push_back(std::move(material));
  });
  input.intermediates = settings.OctetLists("intermediates");
  input.crls = settings.OctetLists("crls");
  input.allowed_issuers = settings.OctetLists("allowedIssuers");
  input.distrusted = settings.OctetLists("distrusted");
}

void ReadPath(Properties& settings, SettingsInput& input) {
  input.purposes = settings.Texts("purposes");
  input.path.max_intermediates = static_cast<int>(settings.Number("maxIntermediates"));
  input.path.security_level = static_cast<int>(settings.Number("securityLevel"));
  input.path.allow_partial_chain = settings.Boolean("allowPartialChain");
  input.path.strict = settings.Boolean("strict");
  Properties policies = settings.Object("policies");
  input.path.policies.initial = policies.Texts("initial");
  input.path.policies.require_explicit = policies.Boolean("requireExplicit");
  input.path.policies.inhibit_mapping = policies.Boolean("inhibitMapping");
  input.path.policies.inhibit_any = policies.Boolean("inhibitAny");
}

void ReadRequirements(Properties& settings, SettingsInput& input) {
  input.requirements.minimum_rsa_bits = static_cast<std::uint32_t>(settings.Number("minimumRsaBits"));
  for (std::string& oid : settings.Texts("signatureAlgorithms")) {
    input.requirements.signature_algorithms.insert(std::move(oid));
  }
  input.requirements.distrusted_certificates = settings.Digests("distrustedCertificates");
  input.requirements.distrusted_keys = settings.Digests("distrustedKeys");
  Properties names = settings.Object("expectedName");
  client_cert::ExpectedName& expected = input.requirements.expected_name;
  expected.dns = names.TextOrNull("dns");
  expected.email = names.TextOrNull("email");
  expected.uri = names.TextOrNull("uri");
  expected.ip = names.TextOrNull("ip");
  expected.upn = names.TextOrNull("upn");
  expected.common_name = names.TextOrNull("commonName");
}

RevocationMode ModeOf(Properties& revocation) {
  const std::string mode = revocation.TextOrNull("mode").value_or(std::string());
  if (mode == "none") return RevocationMode::kNone;
  if (mode == "online") return RevocationMode::kOnline;
  if (mode != "cached") revocation.Fail("mode");
  return RevocationMode::kCached;
}

OnUnknown OnUnknownOf(Properties& revocation, const char* name) {
  return revocation.Either(name, "allow", "deny") ? OnUnknown::kAllow : OnUnknown::kDeny;
}

void ReadRevocation(Properties& settings, SettingsInput& input) {
  Properties revocation = settings.Object("revocation");
  input.revocation.mode = ModeOf(revocation);
  const bool leaf = revocation.Either("check", "leaf", "chain");
  input.revocation.scope = leaf ? RevocationScope::kLeaf : RevocationScope::kChain;
  input.revocation.on_unknown_leaf = OnUnknownOf(revocation, "onUnknownLeaf");
  input.revocation.on_unknown_ca = OnUnknownOf(revocation, "onUnknownCa");
  input.revocation.freshness = revocation.NumberOrNull("freshness");
  input.revocation.nonce = revocation.Boolean("nonce");
  input.revocation.responder = revocation.TextOrNull("responder").value_or(std::string());
  input.revocation.ocsp.skew = revocation.Number("skew");
  input.ocsp_responses = revocation.OctetLists("ocspResponses");
  input.responder_certificate = revocation.OctetsOrNull("responderCertificate");
}

}  // namespace

std::optional<SettingsInput> SettingsOf(Napi::Value value) {
  SettingsInput input;
  Properties settings(value);
  ReadTrust(settings, input);
  ReadPath(settings, input);
  ReadRequirements(settings, input);
  ReadRevocation(settings, input);
  if (!settings.ok() || value.Env().IsExceptionPending()) return std::nullopt;
  return input;
}

std::optional<Bytes> OctetsOf(Napi::Value value, const char* name) {
  // What a thread that is being terminated gives has no environment to throw in.
  if (value.IsEmpty()) return std::nullopt;
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    if (!value.Env().IsExceptionPending()) {
      Napi::TypeError::New(value.Env(), std::string(name).append(" must be a Uint8Array")).ThrowAsJavaScriptException();
    }
    return std::nullopt;
  }
  const auto octets = value.As<Napi::Uint8Array>();
  return Bytes(octets.Data(), octets.Data() + octets.ByteLength());
}

std::optional<std::vector<Bytes>> OctetListOf(Napi::Value value, const char* name) {
  std::vector<Bytes> list;
  if (!value.IsArray()) {
    Napi::TypeError::New(value.Env(), std::string(name).append(" must be an array")).ThrowAsJavaScriptException();
    return std::nullopt;
  }
  const auto array = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::HandleScope scope(value.Env());
    auto octets = OctetsOf(Member(array, i), name);
    if (!octets) return std::nullopt;
    list.push_back(*std::move(octets));
  }
  return list;
}

}  // namespace client_cert_binding
