// Core values as JavaScript values, and back. Everything is copied; text keeps its NULs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "binding/napi_setup.h"
#include "core/base/bytes.h"

namespace client_cert_binding {

inline Napi::String Text(Napi::Env env, std::string_view utf8) {
  return Napi::String::New(env, utf8.data(), utf8.size());
}

inline Napi::Value Octets(Napi::Env env, client_cert::ByteView octets) {
  return Napi::Buffer<std::uint8_t>::Copy(env, octets.data(), octets.size());
}

inline Napi::Value OctetsOrNull(Napi::Env env, const std::optional<client_cert::ByteView>& octets) {
  return octets ? Octets(env, *octets) : env.Null();
}

inline Napi::Value NumberOrNull(Napi::Env env, const std::optional<std::uint32_t>& number) {
  return number ? Napi::Value(Napi::Number::New(env, *number)) : env.Null();
}

// An array of what `convert` makes of each element; undefined where JavaScript could not go on (out of memory, worker
// ending).
template <class Range, class Convert>
Napi::Value ArrayOf(Napi::Env env, const Range& range, Convert convert) {
  const Napi::Array array = Napi::Array::New(env, range.size());
  std::uint32_t index = 0;
  for (const auto& element : range) {
    const Napi::HandleScope scope(env);
    if (napi_set_element(env, array, index++, convert(env, element)) != napi_ok) return env.Undefined();
  }
  return array;
}

// ---- from JavaScript ----
//
// In a thread that is being terminated no JavaScript runs any more, and what would need some (a conversion, a property)
// gives an empty value. That belongs to no environment: to ask anything of it, or to throw by it, ends the process.

// Of an object by its name, of an array by its index; undefined where there is none, or no JavaScript runs any more.
template <class Container, class Key>
Napi::Value Member(const Container& container, Key key) {
  const Napi::Value value = container.Get(key);
  return value.IsEmpty() ? container.Env().Undefined() : value;
}

// 0 of what is no number.
inline std::int64_t IntegerOf(const Napi::Value& value) {
  std::int64_t number = 0;
  return napi_get_value_int64(value.Env(), value, &number) == napi_ok ? number : 0;
}

// Empty of what is no text.
inline std::string StringOf(const Napi::Value& value) {
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

}  // namespace client_cert_binding
