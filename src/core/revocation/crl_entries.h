// CrlEntries: the revoked certificates of one CRL, packed: a serial number and seven octets for each. Built once, then
// immutable. Any thread may read it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/bytes.h"

namespace client_cert {

// RFC 5280 section 5.3.1.
namespace crl_reason {
inline constexpr std::uint32_t kCertificateHold = 6;
inline constexpr std::uint32_t kRemoveFromCrl = 8;
}  // namespace crl_reason

struct CrlEntry {
  std::int64_t revoked_at = 0;          // seconds since 1970
  std::optional<std::uint32_t> reason;  // CRLReason; nullopt: none is given, or one that RFC 5280 does not define
};

class CrlEntries {
 public:
  class Builder;

  // Of several entries for one certificate the gravest: removeFromCRL only where no other says anything else.
  // `issuer`: the number that the Builder was given. A look-up takes as long for ten entries as for a million.
  std::optional<CrlEntry> Find(ByteView serial, std::uint32_t issuer) const;

  std::size_t size() const;
  std::size_t footprint() const;  // octets of memory

 private:
  // All entries whose serial numbers have as many octets. A record is the serial number followed by seven octets (see
  // Pack in the .cc). Records are in the order of a hash of the serial number, and `ends` says where those of each
  // value of the hash's first bits end. So a look-up touches two places of memory, whatever the serial numbers are:
  // random, or numbered one after another.
  struct Table {
    std::size_t serial_octets = 0;
    unsigned hash_bits = 0;
    std::vector<std::uint32_t> ends;
    std::size_t count = 0;
    std::unique_ptr<std::uint8_t[]> records;  // not initialised twice, as a vector of millions would be

    std::size_t stride() const;
    std::span<std::uint8_t> Records() const { return {records.get(), count * stride()}; }
    std::span<const std::uint8_t> Bucket(ByteView serial) const;
    void SortLargeBuckets();
  };

  std::vector<Table> tables_;  // by serial_octets
};

// Takes the entries in the order of the CRL.
//
// Packs each into `workspace`, which is the very octets that the entries are read from: a million of them then needs no
// memory but that which they came in and that which they end in. A packed entry is shorter than its DER, so what is
// written never overtakes what is still to be read.
class CrlEntries::Builder {
 public:
  // Numbers of certificate issuers are less than this.
  static constexpr std::uint32_t kIssuers = 1u << 13;

  Builder() = default;
  explicit Builder(std::span<std::uint8_t> workspace) : workspace_(workspace) {}

  // `serial`: two's complement, one octet to 256; may lie within the workspace, and is no longer there afterwards.
  void Add(ByteView serial, std::uint32_t issuer, const CrlEntry& entry);

  // The workspace is no longer needed afterwards.
  CrlEntries Build();

 private:
  std::span<std::uint8_t> workspace_;
  std::size_t used_ = 0;
  std::array<std::uint32_t, 256> counts_{};  // of entries, by octets of the serial number less one
};

}  // namespace client_cert
