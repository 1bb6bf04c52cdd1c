#include "binding/security_context_functions.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "binding/certificate_values.h"
#include "binding/js_values.h"
#include "binding/settings_values.h"
#include "core/certificate/distinguished_name.h"
#include "core/openssl/wipe.h"
#include "core/tls/security_context.h"

namespace client_cert_binding {
namespace {

using client_cert::Bytes;
using client_cert::ContextState;
using client_cert::SecurityContextFacts;
using client_cert::UniqueBinding;

std::string_view NameOf(ContextState state) {
  switch (state) {
    case ContextState::kHandshakePending:
      return "handshakePending";
    case ContextState::kAmbiguous:
      return "ambiguous";
    case ContextState::kChanged:
      return "changed";
    default:
      return "unknown";
  }
}

Napi::Value TextOrNull(Napi::Env env, std::string_view text) {
  return text.empty() ? env.Null() : Napi::Value(Text(env, text));
}

Napi::Value BytesOrNull(Napi::Env env, const std::optional<Bytes>& octets) {
  return octets ? Octets(env, *octets) : env.Null();
}

Napi::Value Number(Napi::Env env, double number) { return Napi::Number::New(env, number); }

Napi::Value CipherValue(Napi::Env env, const client_cert::CipherFacts& facts) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("protocol", Text(env, facts.protocol));
  value.Set("cipherSuite", TextOrNull(env, facts.suite));
  value.Set("cipherSuiteNumber", Number(env, facts.suite_number));
  value.Set("cipher", TextOrNull(env, facts.cipher));
  value.Set("cipherStrength", Number(env, facts.cipher_bits));
  value.Set("hash", TextOrNull(env, facts.hash));
  value.Set("hashStrength", Number(env, facts.hash_bits));
  value.Set("keyExchange", TextOrNull(env, facts.exchange));
  value.Set("keyExchangeGroup", TextOrNull(env, facts.exchange_group));
  value.Set("keyExchangeStrength", NumberOrNull(env, facts.exchange_bits));
  return value;
}

Napi::Value SizesValue(Napi::Env env, const client_cert::RecordSizes& sizes) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("header", Number(env, sizes.header));
  value.Set("trailer", Number(env, sizes.trailer));
  value.Set("maximumMessage", Number(env, sizes.message));
  value.Set("blockSize", Number(env, sizes.block));
  return value;
}

Napi::Value SessionValue(Napi::Env env, const client_cert::SessionFacts& session) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("id", Octets(env, session.id));
  value.Set("resumed", Napi::Boolean::New(env, session.resumed));
  value.Set("extendedMasterSecret", Napi::Boolean::New(env, session.has_extended_master_secret));
  value.Set("start", Number(env, static_cast<double>(session.start)));
  value.Set("expiry", Number(env, static_cast<double>(session.expiry)));
  return value;
}

Napi::Value UniqueValue(Napi::Env env, const std::optional<UniqueBinding>& binding) {
  if (!binding) return env.Null();
  const Napi::Object value = Napi::Object::New(env);
  value.Set("type", Text(env, binding->type));
  value.Set("token", Octets(env, binding->token));
  return value;
}

Napi::Value FactsValue(Napi::Env env, const SecurityContextFacts& facts) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("isServer", Napi::Boolean::New(env, facts.is_server));
  value.Set("connection", CipherValue(env, facts.cipher));
  value.Set("sizes", SizesValue(env, facts.sizes));
  value.Set("session", SessionValue(env, facts.session));
  value.Set("serverName", TextOrNull(env, facts.server_name));
  value.Set("applicationProtocol", TextOrNull(env, facts.application_protocol));
  value.Set("issuers", ArrayOf(env, facts.issuers, Octets));
  value.Set("signatureSchemes", ArrayOf(env, facts.signature_schemes, Number));
  value.Set("ownSignature", NumberOrNull(env, facts.own_signature));
  value.Set("peerSignature", NumberOrNull(env, facts.peer_signature));
  value.Set("serverCertificate", BytesOrNull(env, facts.server_certificate));
  value.Set("ownCertificate", BytesOrNull(env, facts.own_certificate));
  value.Set("peerCertificates", ArrayOf(env, facts.peer_certificates, Octets));
  value.Set("uniqueBinding", UniqueValue(env, facts.unique_binding));
  value.Set("endPointBinding", BytesOrNull(env, facts.end_point_binding));
  return value;
}

Napi::Value ReadSecurityContext(const Napi::CallbackInfo& info) {
  const auto finished = OctetsOf(info[0], "finished");
  if (!finished) return info.Env().Undefined();
  const client_cert::SecurityContextRead read = client_cert::ReadSecurityContext(*finished);
  if (read.state != ContextState::kRead) return Text(info.Env(), NameOf(read.state));
  return FactsValue(info.Env(), read.facts);
}

Napi::Value ReadChannelBindings(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto finished = OctetsOf(info[0], "finished");
  if (!finished) return env.Undefined();
  const std::optional<client_cert::ChannelBindings> bindings = client_cert::ReadChannelBindings(*finished);
  if (!bindings) return env.Null();
  const Napi::Object value = Napi::Object::New(env);
  value.Set("unique", UniqueValue(env, bindings->unique));
  value.Set("endPoint", BytesOrNull(env, bindings->end_point));
  return value;
}

Napi::Value ParseName(const Napi::CallbackInfo& info) {
  const auto der = OctetsOf(info[0], "der");
  if (!der) return info.Env().Undefined();
  const std::optional<client_cert::DistinguishedName> name = client_cert::ParseDistinguishedName(*der);
  return name ? NameValue(info.Env(), *name) : info.Env().Null();
}

struct WipedOctets {
  explicit WipedOctets(std::size_t length) : octets(length) {}
  WipedOctets(const WipedOctets&) = delete;
  WipedOctets& operator=(const WipedOctets&) = delete;
  ~WipedOctets() { client_cert::Wipe(octets); }

  Bytes octets;
};

void Collect(node_api_basic_env, void*, void* octets) {
  const std::unique_ptr<WipedOctets> owned(static_cast<WipedOctets*>(octets));
}

// The one place where JavaScript gets memory of the addon's, which keeps nothing of it: JavaScript's own is given back
// as it is.
Napi::Value WipedWhenCollected(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Value length = info[0];
  constexpr double kLongest = 0x7FFFFFFF;
  const double wanted = length.IsNumber() ? length.As<Napi::Number>().DoubleValue() : -1;
  if (!(wanted >= 0 && wanted <= kLongest)) {
    Napi::TypeError::New(env, "length must be a number of octets").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  auto octets = std::make_unique<WipedOctets>(static_cast<std::size_t>(wanted));
  Bytes& memory = octets->octets;
  napi_value buffer = nullptr;
  if (napi_create_external_buffer(env, memory.size(), memory.data(), Collect, octets.get(), &buffer) != napi_ok) {
    Napi::Error::New(env).ThrowAsJavaScriptException();
    return env.Undefined();
  }
  static_cast<void>(octets.release());
  return {env, buffer};
}

}  // namespace

void RegisterSecurityContextFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("readSecurityContext", Napi::Function::New<ReadSecurityContext>(env, "readSecurityContext"));
  exports.Set("readChannelBindings", Napi::Function::New<ReadChannelBindings>(env, "readChannelBindings"));
  exports.Set("parseName", Napi::Function::New<ParseName>(env, "parseName"));
  exports.Set("wipedWhenCollected", Napi::Function::New<WipedWhenCollected>(env, "wipedWhenCollected"));
}

}  // namespace client_cert_binding
