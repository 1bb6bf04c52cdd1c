#include "binding/gss_values.h"

#include <cstdint>

#include "binding/js_values.h"

namespace client_cert_binding {
namespace {

std::optional<std::string> PlainText(const Napi::Value& value) {
  if (value.IsEmpty() || !value.IsString()) return std::nullopt;
  std::string text = value.As<Napi::String>().Utf8Value();
  if (text.find('\0') != std::string::npos) return std::nullopt;
  return text;
}

}  // namespace

Napi::Value FailureValue(Napi::Env env, const client_cert::GssFailure& failure) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("status", Napi::Number::New(env, static_cast<std::uint32_t>(failure.status)));
  value.Set("major", Napi::Number::New(env, failure.major));
  value.Set("minor", Napi::Number::New(env, failure.minor));
  value.Set("message", Text(env, failure.message));
  return value;
}

Napi::Value MissingValue(Napi::Env env, const client_cert::GssMissing& missing) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("missing", Text(env, missing.what));
  return value;
}

Napi::Value TextOctets(Napi::Env env, const std::string& text) {
  return Napi::Buffer<char>::Copy(env, text.data(), text.size());
}

std::optional<std::vector<std::pair<std::string, std::string>>> StoreOf(const Napi::Value& value) {
  if (value.IsEmpty() || !value.IsArray()) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> store;
  const auto pairs = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < pairs.Length(); ++i) {
    const Napi::Value pair = Member(pairs, i);
    if (pair.IsEmpty() || !pair.IsArray()) return std::nullopt;
    const auto entry = pair.As<Napi::Array>();
    const Napi::Value key = Member(entry, std::uint32_t{0});
    const Napi::Value content = Member(entry, std::uint32_t{1});
    auto key_text = PlainText(key);
    auto content_text = PlainText(content);
    if (!key_text || !content_text) return std::nullopt;
    store.emplace_back(*std::move(key_text), *std::move(content_text));
  }
  return store;
}

}  // namespace client_cert_binding
