#include "binding/verifier_binding.h"

#include <array>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "binding/addon_data.h"
#include "binding/js_values.h"
#include "binding/settings_values.h"
#include "binding/task.h"
#include "binding/unwrapped.h"
#include "binding/verdict_values.h"

namespace client_cert_binding {
namespace {

using client_cert::OfferedEvidence;
using client_cert::OfferResult;
using client_cert::OfferState;
using client_cert::OutcomePtr;
using client_cert::Presented;
using client_cert::SettingsFault;
using client_cert::Verifier;
using client_cert::VerifierCounts;
using client_cert::VerifierSettings;

using SettingsOrFault = std::variant<std::shared_ptr<const VerifierSettings>, SettingsFault>;

// Drawn at random once, as that of certificates.
constexpr napi_type_tag kTypeTag = {0x71c0b9e25f3d4a86, 0x8e4f07d3a96b152c};

Napi::Value FaultValue(Napi::Env env, const SettingsFault& fault) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("input", Text(env, fault.input));
  value.Set("index", Napi::Number::New(env, static_cast<double>(fault.index)));
  value.Set("reason", Text(env, fault.reason));
  value.Set("offset", fault.malformed
                          ? Napi::Value(Napi::Number::New(env, static_cast<double>(fault.malformed->offset)))
                          : env.Null());
  value.Set("expected", fault.malformed ? Napi::Value(Text(env, fault.malformed->expected)) : env.Null());
  return value;
}

std::string_view NameOf(OfferState state) {
  switch (state) {
    case OfferState::kUsed:
      return "used";
    case OfferState::kUnusable:
      return "unusable";
    case OfferState::kTryLater:
      return "tryLater";
    case OfferState::kRefused:
      return "refused";
    case OfferState::kOtherNonce:
      return "otherNonce";
    default:
      return "malformed";
  }
}

Napi::Value OfferValue(Napi::Env env, const OfferResult& result) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("state", Text(env, NameOf(result.state)));
  value.Set("settled", Napi::Boolean::New(env, result.is_settled));
  value.Set("expires", Napi::Number::New(env, static_cast<double>(result.expires)));
  return value;
}

using OutcomeOrPlace = std::variant<OutcomePtr, std::size_t>;

OutcomeOrPlace VerifyChain(Verifier& verifier, const std::vector<client_cert::Bytes>& chain, std::int64_t at,
                           const std::set<std::string>& unreachable) {
  const std::variant<Presented, std::size_t> read = verifier.Read(chain);
  if (const std::size_t* place = std::get_if<std::size_t>(&read)) return *place;
  return verifier.Verify(*std::get_if<Presented>(&read), at, &unreachable);
}

Napi::Value OutcomeOrPlaceValue(Napi::Env env, const OutcomeOrPlace& result) {
  if (const OutcomePtr* outcome = std::get_if<OutcomePtr>(&result)) return OutcomeValue(env, **outcome);
  return Napi::Number::New(env, static_cast<double>(*std::get_if<std::size_t>(&result)));
}

// The chain of the first argument; nothing, with a TypeError pending, where it is none or empty.
std::optional<std::vector<client_cert::Bytes>> ChainArgument(const Napi::CallbackInfo& info) {
  auto chain = OctetListOf(info[0], "chain");
  if (chain && !chain->empty()) return chain;
  if (!info.Env().IsExceptionPending()) {
    Napi::TypeError::New(info.Env(), "chain must not be empty").ThrowAsJavaScriptException();
  }
  return std::nullopt;
}

std::set<std::string> KeysOf(const Napi::Value& value) {
  std::set<std::string> keys;
  if (!value.IsArray()) return keys;
  const auto array = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < array.Length(); ++i) keys.insert(StringOf(Member(array, i)));
  return keys;
}

// Views, not copies: whatever else may write there meanwhile, octets whose digest is known are those that were
// verified.
Napi::Value Recall(const Napi::CallbackInfo& info, const std::shared_ptr<Verifier>& verifier) {
  constexpr std::size_t kMost = 8;
  std::array<client_cert::ByteView, kMost> chain;
  std::uint32_t count = 0;
  napi_env env = info.Env();
  const bool is_list = napi_get_array_length(env, info[0], &count) == napi_ok;
  std::int64_t at = 0;
  if (!is_list || count > kMost || napi_get_value_int64(env, info[1], &at) != napi_ok) count = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    napi_value element = nullptr;
    napi_typedarray_type type = napi_int8_array;
    void* octets = nullptr;
    std::size_t size = 0;
    const bool is_read = napi_get_element(env, info[0], i, &element) == napi_ok &&
                         napi_get_typedarray_info(env, element, &type, &size, &octets, nullptr, nullptr) == napi_ok;
    if (!is_read || type != napi_uint8_array) count = 0;
    chain[i] = {static_cast<const std::uint8_t*>(octets), size};
  }
  const OutcomePtr known = verifier->Recall(std::span(chain).first(count), at);
  return Napi::Number::New(info.Env(), known ? static_cast<double>(known->id) : 0);
}

Napi::Value Verify(const Napi::CallbackInfo& info, const std::shared_ptr<Verifier>& verifier) {
  const auto chain = ChainArgument(info);
  if (!chain) return info.Env().Undefined();
  const std::int64_t at = IntegerOf(info[1]);
  return OutcomeOrPlaceValue(info.Env(), VerifyChain(*verifier, *chain, at, {}));
}

Napi::Value VerifyAsync(const Napi::CallbackInfo& info, const std::shared_ptr<Verifier>& verifier) {
  auto chain = ChainArgument(info);
  if (!chain) return info.Env().Undefined();
  const std::int64_t at = IntegerOf(info[1]);
  return RunOffThread(
      info.Env(),
      [verifier, at, octets = *std::move(chain), unreachable = KeysOf(info[2])] {
        return VerifyChain(*verifier, octets, at, unreachable);
      },
      OutcomeOrPlaceValue);
}

std::optional<OfferedEvidence> EvidenceOf(const Napi::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  const auto object = value.As<Napi::Object>();
  auto octets = OctetsOf(Member(object, "octets"), "octets");
  if (!octets) return std::nullopt;
  OfferedEvidence evidence;
  const bool is_crl = StringOf(Member(object, "kind")) == "crl";
  evidence.kind = is_crl ? OfferedEvidence::Kind::kCrl : OfferedEvidence::Kind::kOcsp;
  evidence.octets = *std::move(octets);
  evidence.url = StringOf(Member(object, "url"));
  evidence.key = StringOf(Member(object, "key"));
  if (Member(object, "nonce").IsNull()) return evidence;
  auto nonce = OctetsOf(Member(object, "nonce"), "nonce");
  if (!nonce) return std::nullopt;
  evidence.nonce = *std::move(nonce);
  return evidence;
}

Napi::Value Offer(const Napi::CallbackInfo& info, const std::shared_ptr<Verifier>& verifier) {
  auto chain = ChainArgument(info);
  auto evidence = chain ? EvidenceOf(info[2]) : std::nullopt;
  if (!evidence) return info.Env().Undefined();
  const std::int64_t at = IntegerOf(info[1]);
  return RunOffThread(
      info.Env(),
      [verifier, at, octets = *std::move(chain), offered = *std::move(evidence)]() mutable {
        const std::variant<Presented, std::size_t> read = verifier->Read(octets);
        const Presented* presented = std::get_if<Presented>(&read);
        return presented == nullptr ? OfferResult() : verifier->Offer(*presented, at, std::move(offered));
      },
      OfferValue);
}

Napi::Value Replace(const Napi::CallbackInfo& info, const std::shared_ptr<Verifier>& verifier) {
  auto input = SettingsOf(info[0]);
  if (!input) return info.Env().Undefined();
  return RunOffThread(
      info.Env(),
      [verifier, settings = *std::move(input)]() mutable {
        SettingsOrFault made = client_cert::MakeSettings(std::move(settings));
        const auto* ready = std::get_if<std::shared_ptr<const VerifierSettings>>(&made);
        if (ready != nullptr) verifier->Replace(*ready);
        return made;
      },
      [](Napi::Env env, const SettingsOrFault& made) {
        const SettingsFault* fault = std::get_if<SettingsFault>(&made);
        return fault == nullptr ? env.Undefined() : FaultValue(env, *fault);
      });
}

Napi::Value Generation(const Napi::CallbackInfo& info, const std::shared_ptr<Verifier>& verifier) {
  return Napi::Number::New(info.Env(), static_cast<double>(verifier->generation()));
}

Napi::Value Counts(const Napi::CallbackInfo& info, const std::shared_ptr<Verifier>& verifier) {
  const VerifierCounts counts = verifier->counts();
  const Napi::Object value = Napi::Object::New(info.Env());
  const auto set = [&](const char* name, auto number) {
    value.Set(name, Napi::Number::New(info.Env(), static_cast<double>(number)));
  };
  set("verifications", counts.verifications);
  set("known", counts.known);
  set("refused", counts.refused);
  set("anchors", counts.anchors);
  set("intermediates", counts.intermediates);
  set("crls", counts.crls);
  set("crlEntries", counts.crl_entries);
  set("fetchedCrls", counts.fetched_crls);
  set("fetchedOcspResponses", counts.fetched_ocsp_responses);
  set("fetchedOctets", counts.fetched_octets);
  set("knownVerdicts", counts.known_verdicts);
  set("knownOctets", counts.known_octets);
  set("knownIssuers", counts.known_issuers);
  set("generation", counts.generation);
  return value;
}

// A method: finds out whether the receiver is a handle before anything of it is touched.
template <Napi::Value (*Call)(const Napi::CallbackInfo&, const std::shared_ptr<Verifier>&)>
Napi::Value Method(const Napi::CallbackInfo& info) {
  const std::shared_ptr<Verifier> verifier = VerifierBinding::VerifierOf(info.This());
  if (verifier) return Call(info, verifier);
  Napi::TypeError::New(info.Env(), "Illegal invocation").ThrowAsJavaScriptException();
  return info.Env().Undefined();
}

}  // namespace

void VerifierBinding::Register(Napi::Env env, Napi::Object exports) {
  const Napi::Function constructor = DefineClass(env, "Verifier", {StaticMethod<&VerifierBinding::Create>("create")});
  const auto prototype = constructor.Get("prototype").As<Napi::Object>();
  const auto define = [&](const char* name, const Napi::Function& method) {
    Napi::Object(env, prototype).DefineProperty(Napi::PropertyDescriptor::Value(name, method, napi_default_method));
  };
  define("replace", Napi::Function::New<Method<Replace>>(env, "replace"));
  define("recall", Napi::Function::New<Method<Recall>>(env, "recall"));
  define("verify", Napi::Function::New<Method<Verify>>(env, "verify"));
  define("verifyAsync", Napi::Function::New<Method<VerifyAsync>>(env, "verifyAsync"));
  define("offer", Napi::Function::New<Method<Offer>>(env, "offer"));
  define("generation", Napi::Function::New<Method<Generation>>(env, "generation"));
  define("counts", Napi::Function::New<Method<Counts>>(env, "counts"));
  AddonData::Of(env).verifier_class = Napi::Persistent(constructor);
  exports.Set("Verifier", constructor);
}

VerifierBinding::VerifierBinding(const Napi::CallbackInfo& info)
    : ObjectWrap(info), verifier_(std::move(AddonData::Of(info.Env()).verifier_to_wrap)) {
  if (!IsWrapped(*this, info)) return;
  if (!verifier_) {
    Napi::TypeError::New(info.Env(), "Illegal constructor").ThrowAsJavaScriptException();
    return;
  }
  napi_type_tag_object(info.Env(), info.This(), &kTypeTag);
}

void VerifierBinding::Finalize(Napi::BasicEnv) {}

std::shared_ptr<Verifier> VerifierBinding::VerifierOf(Napi::Value value) {
  bool ours = false;
  if (!value.IsObject() || napi_check_object_type_tag(value.Env(), value, &kTypeTag, &ours) != napi_ok || !ours) {
    return nullptr;
  }
  // Fails in a thread that is being terminated, however good the handle is.
  const VerifierBinding* const binding = ObjectWrap::Unwrap(value.As<Napi::Object>());
  return binding != nullptr ? binding->verifier_ : nullptr;
}

Napi::Value VerifierBinding::Create(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto input = SettingsOf(info[0]);
  if (!input) return env.Undefined();
  SettingsOrFault made = client_cert::MakeSettings(*std::move(input));
  if (const SettingsFault* fault = std::get_if<SettingsFault>(&made)) return FaultValue(env, *fault);
  AddonData& addon = AddonData::Of(env);
  addon.verifier_to_wrap =
      std::make_shared<Verifier>(std::move(*std::get_if<std::shared_ptr<const VerifierSettings>>(&made)));
  const Napi::Value handle = addon.verifier_class.Value().New({});
  addon.verifier_to_wrap.reset();
  return handle.IsEmpty() ? env.Undefined() : handle;
}

}  // namespace client_cert_binding
