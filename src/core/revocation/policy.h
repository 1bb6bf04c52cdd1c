// RevocationPolicy: what a verifier's owner wants to be known of revocation, and what happens where it is not known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/path/certificate_path.h"

namespace client_cert {

enum class RevocationMode : std::uint8_t {
  kNone,    // nothing is checked
  kCached,  // what is at hand decides
  kOnline,  // what is missing is to be fetched
};
enum class RevocationScope : std::uint8_t { kLeaf, kChain };
enum class OnUnknown : std::uint8_t { kDeny, kAllow };

struct OcspSettings {
  std::int64_t skew = 300;   // seconds that clocks may differ by, not negative
  CertificatePtr responder;  // trusted for whatever it signs, and so are responders that it issued; null: none
  int security_level = 1;    // that of the paths: for the signatures of responses and the keys that made them
};

struct RevocationPolicy {
  RevocationMode mode = RevocationMode::kNone;
  RevocationScope scope = RevocationScope::kChain;
  OnUnknown on_unknown_leaf = OnUnknown::kDeny;
  OnUnknown on_unknown_ca = OnUnknown::kDeny;
  std::optional<std::int64_t> freshness;  // seconds
  OcspSettings ocsp;
  bool nonce = false;
  std::string responder;  // URL that is asked in place of those that certificates name; empty: none
};

}  // namespace client_cert
