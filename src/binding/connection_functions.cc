#include "binding/connection_functions.h"

#include <cstdint>
#include <optional>
#include <string>

#include "binding/certificate_binding.h"
#include "binding/js_values.h"
#include "core/tls/inspection.h"

namespace client_cert_binding {
namespace {

using client_cert::ByteView;
using client_cert::ChainElement;
using client_cert::ConnectionState;
using client_cert::Inspection;
using client_cert::Problem;
using client_cert::Verdict;
using client_cert::WhichTrust;

Napi::Value StateValue(Napi::Env env, ConnectionState state) {
  switch (state) {
    case ConnectionState::kHandshakePending:
      return Text(env, "handshakePending");
    case ConnectionState::kAmbiguous:
      return Text(env, "ambiguous");
    case ConnectionState::kClientEnd:
      return Text(env, "clientEnd");
    case ConnectionState::kNoCertificate:
      return Text(env, "noCertificate");
    default:
      return Text(env, "unknown");
  }
}

Napi::Value ProblemValue(Napi::Env env, const Problem& problem) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("code", Text(env, client_cert::KindOf(problem.code).name));
  value.Set("depth", Napi::Number::New(env, static_cast<double>(problem.depth)));
  return value;
}

Napi::Value CertificateOrNull(Napi::Env env, const std::shared_ptr<const client_cert::Certificate>& certificate) {
  return certificate ? CertificateBinding::Wrap(env, certificate) : env.Null();
}

Napi::Value ElementValue(Napi::Env env, const ChainElement& element) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("certificate", CertificateOrNull(env, element.certificate));
  value.Set("errorStatus", Napi::Number::New(env, element.error_status));
  value.Set("infoStatus", Napi::Number::New(env, element.info_status));
  return value;
}

Napi::Value VerdictValue(Napi::Env env, const Verdict& verdict) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("problems", ArrayOf(env, verdict.problems, ProblemValue));
  value.Set("elements", ArrayOf(env, verdict.elements, ElementValue));
  value.Set("certFlags", Napi::Number::New(env, verdict.cert_flags));
  value.Set("certFlagsName", Text(env, verdict.cert_flags_name));
  value.Set("errorStatus", Napi::Number::New(env, verdict.error_status));
  value.Set("validUntil", Napi::Number::New(env, static_cast<double>(verdict.valid_until)));
  return value;
}

Napi::Value InspectionValue(Napi::Env env, const Inspection& inspection) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("watched", Napi::Boolean::New(env, inspection.watched));
  value.Set("resumed", Napi::Boolean::New(env, inspection.resumed));
  value.Set("presentedEncoded", ArrayOf(env, inspection.presented, Octets));
  value.Set("presented", ArrayOf(env, inspection.decoded, CertificateOrNull));
  value.Set("verdict", VerdictValue(env, inspection.verdict));
  return value;
}

// The octets that the first argument holds; nothing, with a TypeError pending, where it is no Uint8Array.
std::optional<ByteView> FinishedArgument(const Napi::CallbackInfo& info) {
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    Napi::TypeError::New(info.Env(), "finished must be a Uint8Array").ThrowAsJavaScriptException();
    return std::nullopt;
  }
  const auto octets = info[0].As<Napi::Uint8Array>();
  return ByteView(octets.Data(), octets.ByteLength());
}

Napi::Value TextOrUndefined(Napi::Env env, const std::optional<std::string>& text) {
  return text ? Text(env, *text) : env.Undefined();
}

Napi::Value InspectConnection(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::optional<ByteView> finished = FinishedArgument(info);
  if (!finished) return env.Undefined();
  const Inspection inspection = client_cert::InspectConnection(*finished, info[1].ToNumber().Int64Value());
  if (inspection.state != ConnectionState::kInspected) return StateValue(env, inspection.state);
  return InspectionValue(env, inspection);
}

Napi::Value ConnectionChanges(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), client_cert::ConnectionChanges());
}

Napi::Value TrustIdentity(const Napi::CallbackInfo& info) {
  const std::optional<ByteView> finished = FinishedArgument(info);
  if (!finished) return info.Env().Undefined();
  const bool initial = info[1].ToString().Utf8Value() == "initial";
  const WhichTrust which = initial ? WhichTrust::kInitial : WhichTrust::kCurrent;
  return TextOrUndefined(info.Env(), client_cert::TrustIdentityOfConnection(*finished, which));
}

Napi::Value NewestTrustIdentity(const Napi::CallbackInfo& info) {
  return TextOrUndefined(info.Env(), client_cert::TrustIdentityOfNewestConnection());
}

}  // namespace

void RegisterConnectionFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("inspectConnection", Napi::Function::New<InspectConnection>(env, "inspectConnection"));
  exports.Set("connectionChanges", Napi::Function::New<ConnectionChanges>(env, "connectionChanges"));
  exports.Set("trustIdentity", Napi::Function::New<TrustIdentity>(env, "trustIdentity"));
  exports.Set("newestTrustIdentity", Napi::Function::New<NewestTrustIdentity>(env, "newestTrustIdentity"));
}

}  // namespace client_cert_binding
