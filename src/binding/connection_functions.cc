#include "binding/connection_functions.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "binding/addon_data.h"
#include "binding/certificate_binding.h"
#include "binding/js_values.h"
#include "binding/verdict_values.h"
#include "binding/verifier_binding.h"
#include "core/certificate/certificate.h"
#include "core/tls/inspection.h"

namespace client_cert_binding {
namespace {

using client_cert::ByteView;
using client_cert::ConnectionState;
using client_cert::Inspection;
using client_cert::Verdict;
using client_cert::WhichTrust;

Napi::Value StateValue(Napi::Env env, ConnectionState state) {
  switch (state) {
    case ConnectionState::kHandshakePending:
      return Text(env, "handshakePending");
    case ConnectionState::kChanged:
      return Text(env, "changed");
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

// Numbers, and then each certificate once, in one Buffer: setting a property of an object from here takes longer than
// reading ten of them from there, and a Buffer for each certificate would weigh more than what is in them, on every
// open connection.
class Message {
 public:
  void Add(std::uint32_t number) { numbers_.push_back(number); }
  void Add(std::size_t number) { numbers_.push_back(static_cast<std::uint32_t>(number)); }
  // Where it stands among the certificates.
  void AddPlaceOf(ByteView der) {
    const auto is_this = [der](ByteView other) { return std::ranges::equal(der, other); };
    const auto found = std::ranges::find_if(certificates_, is_this);
    Add(static_cast<std::size_t>(found - certificates_.begin()));
    if (found == certificates_.end()) certificates_.push_back(der);
  }

  client_cert::Bytes Octets() {
    std::size_t end = 0;
    Add(certificates_.size());
    for (const ByteView der : certificates_) Add(end += der.size());
    client_cert::Bytes octets;
    octets.reserve(numbers_.size() * sizeof(std::uint32_t) + end);
    for (const std::uint32_t number : numbers_) {
      for (const unsigned shift : {0U, 8U, 16U, 24U}) octets.push_back(static_cast<std::uint8_t>(number >> shift));
    }
    for (const ByteView der : certificates_) octets.insert(octets.end(), der.begin(), der.end());
    return octets;
  }

 private:
  std::vector<std::uint32_t> numbers_;
  std::vector<ByteView> certificates_;
};

constexpr std::uint32_t kWatched = 1;
constexpr std::uint32_t kResumed = 2;
constexpr std::uint32_t kOfConnection = 4;
constexpr std::uint32_t kNotDecoded = 0xffffffff;

void AddVerdict(Message& message, const Verdict& verdict) {
  message.Add(verdict.cert_flags);
  message.Add(verdict.error_status);
  const auto valid_until = static_cast<std::uint64_t>(verdict.valid_until);
  message.Add(static_cast<std::uint32_t>(valid_until & 0xffffffff));
  message.Add(static_cast<std::uint32_t>(valid_until >> 32));
  message.Add(verdict.problems.size());
  for (const auto& [code, depth] : verdict.problems) {
    message.Add(static_cast<std::uint32_t>(code));
    message.Add(depth);
  }
  message.Add(verdict.elements.size());
  for (const auto& [certificate, error_status, info_status] : verdict.elements) {
    if (certificate) {
      message.AddPlaceOf(certificate->der());
    } else {
      message.Add(kNotDecoded);
    }
    message.Add(error_status);
    message.Add(info_status);
  }
}

// Octets that are read at once, always in the same memory unless they are very many. Memory of their own would be freed
// by a garbage collection much later, and leave holes between what connections keep.
Napi::Value BriefOctets(Napi::Env env, const client_cert::Bytes& octets) {
  constexpr std::size_t kBrief = 16384;
  if (octets.size() > kBrief) return Octets(env, octets);
  Napi::Reference<Napi::Buffer<std::uint8_t>>& brief = AddonData::Of(env).brief;
  if (brief.IsEmpty()) brief = Napi::Persistent(Napi::Buffer<std::uint8_t>::New(env, kBrief));
  const Napi::Buffer<std::uint8_t> buffer = brief.Value();
  if (buffer.IsEmpty() || buffer.Data() == nullptr) return env.Undefined();
  std::copy(octets.begin(), octets.end(), buffer.Data());
  return buffer;
}

Napi::Value InspectionValue(Napi::Env env, const Inspection& inspection) {
  const std::size_t found_by_verifier = inspection.outcome ? inspection.outcome->verdict.problems.size() : 0;
  const bool is_of_connection = inspection.verdict.problems.size() > found_by_verifier;
  Message message;
  message.Add((inspection.watched ? kWatched : 0) | (inspection.resumed ? kResumed : 0) |
              (is_of_connection ? kOfConnection : 0));
  message.Add(inspection.decodable);
  AddVerdict(message, inspection.verdict);
  message.Add(inspection.presented.size());
  for (const client_cert::Bytes& der : inspection.presented) message.AddPlaceOf(der);
  const Napi::Object value = Napi::Object::New(env);
  value.Set("message", BriefOctets(env, message.Octets()));
  value.Set("evidence", inspection.outcome ? EvidenceValue(env, *inspection.outcome) : env.Null());
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
  const std::int64_t now = IntegerOf(info[1]);
  const Inspection inspection = client_cert::InspectConnection(*finished, now, VerifierBinding::VerifierOf(info[2]));
  if (inspection.state != ConnectionState::kInspected) return StateValue(env, inspection.state);
  return InspectionValue(env, inspection);
}

Napi::Value SentNoCertificate(const Napi::CallbackInfo& info) {
  const std::optional<ByteView> finished = FinishedArgument(info);
  if (!finished) return info.Env().Undefined();
  return Napi::Boolean::New(info.Env(), client_cert::SentNoCertificate(*finished));
}

// Memory, not a function: it is read for every request, and a call takes twenty times as long.
Napi::Value ConnectionChanges(const Napi::CallbackInfo& info) {
  using Number = std::atomic<std::uint32_t>;
  static_assert(Number::is_always_lock_free && sizeof(Number) == sizeof(std::uint32_t));
  const std::shared_ptr<const Number> number = client_cert::ConnectionChanges();
  // JavaScript only reads it.
  void* memory = const_cast<Number*>(number.get());
  return Napi::ArrayBuffer::New(info.Env(), memory, sizeof(Number), [number](Napi::Env, void*) {});
}

Napi::Value ConnectionsCreated(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(client_cert::ConnectionsCreated()));
}

// The verifier of an argument; null, with a TypeError pending, where it is none.
std::shared_ptr<client_cert::Verifier> VerifierArgument(const Napi::CallbackInfo& info, std::size_t index) {
  std::shared_ptr<client_cert::Verifier> verifier = VerifierBinding::VerifierOf(info[index]);
  if (!verifier && !info.Env().IsExceptionPending()) {
    Napi::TypeError::New(info.Env(), "verifier must be a Verifier").ThrowAsJavaScriptException();
  }
  return verifier;
}

Napi::Value ProtectConnectionsSince(const Napi::CallbackInfo& info) {
  const auto created = static_cast<std::uint64_t>(IntegerOf(info[0]));
  const std::shared_ptr<client_cert::Verifier> verifier = VerifierArgument(info, 1);
  if (verifier) client_cert::ProtectConnectionsSince(created, verifier, IntegerOf(info[2]));
  return info.Env().Undefined();
}

Napi::Value IsProtectedBy(const Napi::CallbackInfo& info) {
  const std::optional<ByteView> finished = FinishedArgument(info);
  const std::shared_ptr<client_cert::Verifier> verifier = finished ? VerifierArgument(info, 1) : nullptr;
  if (!verifier) return info.Env().Undefined();
  return Napi::Boolean::New(info.Env(), client_cert::IsProtectedBy(*finished, verifier));
}

Napi::Value TrustIdentity(const Napi::CallbackInfo& info) {
  const std::optional<ByteView> finished = FinishedArgument(info);
  if (!finished) return info.Env().Undefined();
  const bool initial = StringOf(info[1]) == "initial";
  const WhichTrust which = initial ? WhichTrust::kInitial : WhichTrust::kCurrent;
  return TextOrUndefined(info.Env(), client_cert::TrustIdentityOfConnection(*finished, which));
}

Napi::Value NewestTrustIdentity(const Napi::CallbackInfo& info) {
  return TextOrUndefined(info.Env(), client_cert::TrustIdentityOfNewestConnection());
}

}  // namespace

void RegisterConnectionFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("inspectConnection", Napi::Function::New<InspectConnection>(env, "inspectConnection"));
  exports.Set("sentNoCertificate", Napi::Function::New<SentNoCertificate>(env, "sentNoCertificate"));
  exports.Set("connectionChanges", Napi::Function::New<ConnectionChanges>(env, "connectionChanges"));
  exports.Set("connectionsCreated", Napi::Function::New<ConnectionsCreated>(env, "connectionsCreated"));
  exports.Set("protectConnectionsSince", Napi::Function::New<ProtectConnectionsSince>(env, "protectConnectionsSince"));
  exports.Set("isProtectedBy", Napi::Function::New<IsProtectedBy>(env, "isProtectedBy"));
  exports.Set("trustIdentity", Napi::Function::New<TrustIdentity>(env, "trustIdentity"));
  exports.Set("newestTrustIdentity", Napi::Function::New<NewestTrustIdentity>(env, "newestTrustIdentity"));
}

}  // namespace client_cert_binding
