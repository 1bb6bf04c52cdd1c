// Crl: a certificate revocation list (RFC 5280 section 5), decoded once and then immutable. Any thread may read it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/path/known_certificate.h"

namespace client_cert {

class Crl {
 public:
  // Strict: DER, and what RFC 5280 section 5 demands of the form (a version 1 CRL has no extensions, ...). Its
  // signature is not looked at.
  static Result<std::shared_ptr<const Crl>> Parse(Bytes der);

  std::int64_t this_update() const;
  std::size_t entry_count() const;
  std::size_t footprint() const;  // octets of memory

  // The rest of the interface is what crl_check needs.
};

using CrlPtr = std::shared_ptr<const Crl>;

}  // namespace client_cert
