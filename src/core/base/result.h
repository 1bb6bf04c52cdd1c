// Result<T>: a value, or the reason why there is none. For "could not"; "not acceptable" is a Verdict.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

namespace client_cert {

// Malformed says that bytes are not what their standard demands.
struct Malformed {
  std::size_t offset = 0;  // from the first octet of the outermost input
  std::string expected;    // a noun phrase: "an OBJECT IDENTIFIER in subject"
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Malformed error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const noexcept { return state_.index() == 0; }

  // value() is only for a Result that is true, error() only for one that is false.
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  const Malformed& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Malformed> state_;
};

}  // namespace client_cert
