// Moments are seconds since 1970-01-01T00:00:00Z without leap seconds, as RFC 5280 counts them.
#pragma once

#include <algorithm>
#include <cstdint>

namespace client_cert {

// 9999-12-31T23:59:59Z, which RFC 5280 section 4.1.2.5 gives to what has no well-defined end.
inline constexpr std::int64_t kNeverChanges = 253402300799;

// The earliest of several moments that comes after `start`; kNeverChanges where none does.
class EarliestAfter {
 public:
  explicit EarliestAfter(std::int64_t start) : start_(start) {}

  void Consider(std::int64_t moment) {
    if (moment > start_) earliest_ = std::min(earliest_, moment);
  }

  std::int64_t Value() const { return earliest_; }

 private:
  std::int64_t start_;
  std::int64_t earliest_ = kNeverChanges;
};

}  // namespace client_cert
