#include "binding/client_selection_functions.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "binding/addon_data.h"
#include "binding/js_values.h"
#include "binding/settings_values.h"
#include "core/openssl/wipe.h"
#include "core/tls/client_selection.h"
#include "core/tls/remote_signature.h"

namespace client_cert_binding {
namespace {

using client_cert::AnswerState;
using client_cert::CertificateQuery;
using client_cert::Credential;
using client_cert::SignatureRequest;
using client_cert::SignatureState;

std::string_view NameOf(AnswerState state) {
  switch (state) {
    case AnswerState::kAccepted:
      return "accepted";
    case AnswerState::kBadCertificate:
      return "badCertificate";
    case AnswerState::kBadKey:
      return "badKey";
    case AnswerState::kMismatch:
      return "mismatch";
    case AnswerState::kRefused:
      return "refused";
    case AnswerState::kCannotWait:
      return "cannotWait";
    case AnswerState::kCannotSign:
      return "cannotSign";
    default:
      return "gone";
  }
}

Napi::Value SchemeValue(Napi::Env env, std::uint16_t scheme) { return Napi::Number::New(env, scheme); }

Napi::Value QueryValue(Napi::Env env, const CertificateQuery& query) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("protocol", Text(env, query.protocol));
  value.Set("serverName", query.server_name.empty() ? env.Null() : Napi::Value(Text(env, query.server_name)));
  value.Set("authorities", ArrayOf(env, query.authorities, Octets));
  value.Set("signatureSchemes", ArrayOf(env, query.signature_schemes, SchemeValue));
  value.Set("sharedSchemes", ArrayOf(env, query.shared_schemes, SchemeValue));
  value.Set("serverCertificate", query.server_certificate ? Octets(env, *query.server_certificate) : env.Null());
  return value;
}

// Within a read of Node's, which has no scope for values of ours. No MakeCallback: where nothing of JavaScript is below
// it, that runs all ticks and microtasks that wait, and one of them may end the connection that is being read.
void Tell(napi_env raw, const std::weak_ptr<Napi::FunctionReference>& handler, const CertificateQuery& query) {
  const std::shared_ptr<Napi::FunctionReference> alive = handler.lock();
  if (!alive) return;
  const Napi::Env env(raw);
  const Napi::HandleScope scope(env);
  const Napi::Value number = Napi::Number::New(env, static_cast<double>(query.number));
  alive->Call(env.Global(), {number, QueryValue(env, query)});
}

Napi::Value SetQueryHandler(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsFunction()) {
    Napi::TypeError::New(env, "handler must be a function").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  auto handler = std::make_shared<Napi::FunctionReference>(Napi::Persistent(info[0].As<Napi::Function>()));
  const std::weak_ptr<Napi::FunctionReference> weak = handler;
  napi_env raw = env;
  AddonData::Of(env).query_handler = std::move(handler);
  client_cert::SetQueryHandler([raw, weak](const CertificateQuery& query) { Tell(raw, weak, query); });
  return env.Undefined();
}

// As Tell.
void TellOfSignature(napi_env raw, const std::weak_ptr<Napi::FunctionReference>& handler,
                     const SignatureRequest& request) {
  const std::shared_ptr<Napi::FunctionReference> alive = handler.lock();
  if (!alive) return;
  const Napi::Env env(raw);
  const Napi::HandleScope scope(env);
  const Napi::Value number = Napi::Number::New(env, static_cast<double>(request.number));
  alive->Call(env.Global(), {number, SchemeValue(env, request.scheme), Octets(env, request.data)});
}

Napi::Value SetSignatureHandler(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsFunction()) {
    Napi::TypeError::New(env, "handler must be a function").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  auto handler = std::make_shared<Napi::FunctionReference>(Napi::Persistent(info[0].As<Napi::Function>()));
  const std::weak_ptr<Napi::FunctionReference> weak = handler;
  napi_env raw = env;
  AddonData::Of(env).signature_handler = std::move(handler);
  client_cert::SetSignatureHandler(
      [raw, weak](const SignatureRequest& request) { TellOfSignature(raw, weak, request); });
  return env.Undefined();
}

std::string_view NameOf(SignatureState state) {
  if (state == SignatureState::kAccepted) return "accepted";
  return state == SignatureState::kWrong ? "wrong" : "gone";
}

std::uint64_t NumberOf(Napi::Value value) {
  const std::int64_t number = value.IsNumber() ? value.As<Napi::Number>().Int64Value() : 0;
  return number > 0 ? static_cast<std::uint64_t>(number) : 0;
}

Napi::Value ContextsCreated(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(client_cert::ContextsCreated()));
}

Napi::Value SelectOnContextSince(const Napi::CallbackInfo& info) {
  const bool offers = info[1].IsBoolean() && info[1].As<Napi::Boolean>().Value();
  return Napi::Boolean::New(info.Env(), client_cert::SelectOnContextSince(NumberOf(info[0]), offers));
}

Napi::Value ExpectConnection(const Napi::CallbackInfo& info) {
  client_cert::ExpectConnection(NumberOf(info[0]));
  return info.Env().Undefined();
}

Napi::Value AnswerQuery(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::optional<Credential> credential;
  if (info.Length() > 1 && !info[1].IsNull()) {
    auto chain = OctetListOf(info[1], "chain");
    const bool is_remote = info[2].IsNull();
    auto key = chain && !is_remote ? OctetsOf(info[2], "key") : std::nullopt;
    if (!chain || (!is_remote && !key)) return env.Undefined();
    // An empty key would be no key at all.
    if (key && key->empty()) return Text(env, NameOf(AnswerState::kBadKey));
    if (!key) key.emplace();
    credential = Credential{*std::move(chain), *std::move(key)};
  }
  return Text(env, NameOf(client_cert::AnswerQuery(NumberOf(info[0]), std::move(credential))));
}

Napi::Value AnswerSignature(const Napi::CallbackInfo& info) {
  const auto signature = OctetsOf(info[1], "signature");
  if (!signature) return info.Env().Undefined();
  return Text(info.Env(), NameOf(client_cert::AnswerSignature(NumberOf(info[0]), *signature)));
}

Napi::Value WasDropped(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), client_cert::WasDropped(NumberOf(info[0])));
}

Napi::Value OpenPfx(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto der = OctetsOf(info[0], "pfx");
  if (!der) return env.Undefined();
  std::string passphrase = info[1].IsString() ? info[1].As<Napi::String>().Utf8Value() : std::string();
  std::optional<Credential> credential = client_cert::OpenPfx(*der, passphrase);
  client_cert::Wipe({reinterpret_cast<std::uint8_t*>(passphrase.data()), passphrase.size()});
  if (!credential) return env.Null();
  const Napi::Object value = Napi::Object::New(env);
  value.Set("chain", ArrayOf(env, credential->chain, Octets));
  value.Set("key", Octets(env, credential->key));
  client_cert::Wipe(credential->key);
  return value;
}

}  // namespace

void RegisterClientSelectionFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("setQueryHandler", Napi::Function::New<SetQueryHandler>(env, "setQueryHandler"));
  exports.Set("contextsCreated", Napi::Function::New<ContextsCreated>(env, "contextsCreated"));
  exports.Set("selectOnContextSince", Napi::Function::New<SelectOnContextSince>(env, "selectOnContextSince"));
  exports.Set("expectConnection", Napi::Function::New<ExpectConnection>(env, "expectConnection"));
  exports.Set("answerQuery", Napi::Function::New<AnswerQuery>(env, "answerQuery"));
  exports.Set("setSignatureHandler", Napi::Function::New<SetSignatureHandler>(env, "setSignatureHandler"));
  exports.Set("answerSignature", Napi::Function::New<AnswerSignature>(env, "answerSignature"));
  exports.Set("wasDropped", Napi::Function::New<WasDropped>(env, "wasDropped"));
  exports.Set("openPfx", Napi::Function::New<OpenPfx>(env, "openPfx"));
}

}  // namespace client_cert_binding
