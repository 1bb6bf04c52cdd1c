#include "binding/client_selection_functions.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "binding/js_values.h"
#include "binding/settings_values.h"
#include "core/openssl/wipe.h"
#include "core/tls/client_selection.h"
#include "core/tls/remote_signature.h"

namespace client_cert_binding {
namespace {

using client_cert::AnswerState;
using client_cert::CertificateChooser;
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

// What a chooser calls. Weak: a function is kept by its module, and by whatever that has made; with them the addon's
// chooser goes, too.
class Listener {
 public:
  explicit Listener(Napi::Function function) : env_(function.Env()), function_(Napi::Weak(function)) {}

  // Within a read of Node's, which has no scope for values of ours. No MakeCallback: where nothing of JavaScript is
  // below it, that runs all ticks and microtasks that wait, and one of them may end the connection that is being read.
  template <typename ArgumentsOf>
  void Tell(ArgumentsOf arguments_of) const {
    const Napi::Env env(env_);
    const Napi::HandleScope scope(env);
    const Napi::Function function = function_.Value();
    if (!function.IsEmpty()) function.Call(env.Global(), arguments_of(env));
  }

 private:
  napi_env env_;
  Napi::FunctionReference function_;
};

Napi::Value ConnectionNumber(Napi::Env env, std::uint64_t number) {
  return Napi::Number::New(env, static_cast<double>(number));
}

using ChooserPtr = std::shared_ptr<const CertificateChooser>;

// Of no other addon's objects.
constexpr napi_type_tag kChooserTag = {0x6d5b0f2c41e94a87, 0x9a3c7e18d2f0b645};

void DeleteChooser(napi_env, void* chooser, void*) {
  const std::unique_ptr<ChooserPtr> end(static_cast<ChooserPtr*>(chooser));
}

// An object that has it. No External: Node.js keeps a piece of memory for each that is there when a thread ends.
Napi::Value WrapChooser(Napi::Env env, ChooserPtr chooser) {
  const Napi::Object object = Napi::Object::New(env);
  auto own = std::make_unique<ChooserPtr>(std::move(chooser));
  if (napi_type_tag_object(env, object, &kChooserTag) != napi_ok ||
      napi_wrap(env, object, own.get(), DeleteChooser, nullptr, nullptr) != napi_ok) {
    return env.Undefined();
  }
  static_cast<void>(own.release());
  return object;
}

// Null where it is none.
ChooserPtr ChooserOf(const Napi::Value& value) {
  bool is_chooser = false;
  void* chooser = nullptr;
  if (!value.IsObject() || napi_check_object_type_tag(value.Env(), value, &kChooserTag, &is_chooser) != napi_ok ||
      !is_chooser || napi_unwrap(value.Env(), value, &chooser) != napi_ok) {
    return nullptr;
  }
  return *static_cast<ChooserPtr*>(chooser);
}

Napi::Value CreateChooser(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsFunction() || !info[1].IsFunction()) {
    Napi::TypeError::New(env, "onQuery and onSignature must be functions").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const auto on_query = std::make_shared<Listener>(info[0].As<Napi::Function>());
  const auto on_signature = std::make_shared<Listener>(info[1].As<Napi::Function>());
  auto chooser = std::make_shared<CertificateChooser>();
  chooser->on_query = [on_query](const CertificateQuery& query) {
    on_query->Tell([&query](Napi::Env inner) {
      return std::vector<napi_value>{ConnectionNumber(inner, query.number), QueryValue(inner, query)};
    });
  };
  chooser->on_signature = [on_signature](const SignatureRequest& request) {
    on_signature->Tell([&request](Napi::Env inner) {
      return std::vector<napi_value>{ConnectionNumber(inner, request.number), SchemeValue(inner, request.scheme),
                                     Octets(inner, request.data)};
    });
  };
  return WrapChooser(env, std::move(chooser));
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

Napi::Value NewConnectionNumber(const Napi::CallbackInfo& info) {
  return ConnectionNumber(info.Env(), client_cert::NewConnectionNumber());
}

Napi::Value ExpectConnection(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ChooserPtr chooser = ChooserOf(info[1]);
  if (!chooser) {
    Napi::TypeError::New(env, "chooser must be one that createChooser has made").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  client_cert::ExpectConnection(NumberOf(info[0]), chooser);
  return env.Undefined();
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
  exports.Set("createChooser", Napi::Function::New<CreateChooser>(env, "createChooser"));
  exports.Set("contextsCreated", Napi::Function::New<ContextsCreated>(env, "contextsCreated"));
  exports.Set("selectOnContextSince", Napi::Function::New<SelectOnContextSince>(env, "selectOnContextSince"));
  exports.Set("newConnectionNumber", Napi::Function::New<NewConnectionNumber>(env, "newConnectionNumber"));
  exports.Set("expectConnection", Napi::Function::New<ExpectConnection>(env, "expectConnection"));
  exports.Set("answerQuery", Napi::Function::New<AnswerQuery>(env, "answerQuery"));
  exports.Set("answerSignature", Napi::Function::New<AnswerSignature>(env, "answerSignature"));
  exports.Set("wasDropped", Napi::Function::New<WasDropped>(env, "wasDropped"));
  exports.Set("openPfx", Napi::Function::New<OpenPfx>(env, "openPfx"));
}

}  // namespace client_cert_binding
