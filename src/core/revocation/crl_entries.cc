#include "core/revocation/crl_entries.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

namespace client_cert {
namespace {

// What a record says of a serial number takes 56 bits: the issuer's number 13, the rank of the reason 4, the date 39.
constexpr std::size_t kPackedOctets = 7;
constexpr unsigned kRankBits = 4;
constexpr unsigned kDateBits = 39;
static_assert(std::uint64_t{CrlEntries::Builder::kIssuers} << (kRankBits + kDateBits) == std::uint64_t{1} << 56);
constexpr std::int64_t kDateOffset = std::int64_t{1} << 38;  // the years 0 to 9999 are within 2^38 seconds of 1970

// Reasons by gravity, the gravest first. A hold may end, and removeFromCRL says that something has ended.
constexpr std::uint32_t kNoReason = 255;
constexpr std::array<std::uint32_t, 11> kReasonsByRank{
    1, 2, 10, 9, 3, 4, 5, 0, kNoReason, crl_reason::kCertificateHold, crl_reason::kRemoveFromCrl};

std::uint64_t RankOf(std::optional<std::uint32_t> reason) {
  const auto* const known = std::ranges::find(kReasonsByRank, reason.value_or(kNoReason));
  const auto* const rank = known == kReasonsByRank.end() ? std::ranges::find(kReasonsByRank, kNoReason) : known;
  return static_cast<std::uint64_t>(rank - kReasonsByRank.begin());
}

// Issuer, rank, date, from the most significant bit on: among the entries of one certificate the least is the gravest.
std::uint64_t Pack(std::uint32_t issuer, const CrlEntry& entry) {
  return (std::uint64_t{issuer} << (kRankBits + kDateBits)) | (RankOf(entry.reason) << kDateBits) |
         static_cast<std::uint64_t>(entry.revoked_at + kDateOffset);
}

CrlEntry Unpack(std::uint64_t packed) {
  CrlEntry entry;
  const std::uint32_t reason = kReasonsByRank[(packed >> kDateBits) & ((1u << kRankBits) - 1)];
  if (reason != kNoReason) entry.reason = reason;
  entry.revoked_at = static_cast<std::int64_t>(packed & ((std::uint64_t{1} << kDateBits) - 1)) - kDateOffset;
  return entry;
}

std::uint64_t SwapOnLittleEndian(std::uint64_t number) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(number) : number;
}

// Big-endian, so that whole records compare like the numbers in them.
std::uint64_t LoadPacked(const std::uint8_t* at) {
  std::uint64_t packed = 0;
  std::memcpy(reinterpret_cast<std::uint8_t*>(&packed) + 1, at, kPackedOctets);
  return SwapOnLittleEndian(packed);
}

void StorePacked(std::uint64_t packed, std::uint8_t* at) {
  packed = SwapOnLittleEndian(packed);
  std::memcpy(at, reinterpret_cast<const std::uint8_t*>(&packed) + 1, kPackedOctets);
}

// Spreads serial numbers evenly. Somebody may choose serial numbers that it does not spread: see kScanned.
std::uint32_t Hash(ByteView serial) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;  // 2^64 divided by the golden ratio (Knuth, 6.4)
  std::uint64_t hash = 0;
  const auto mix = [&](std::uint64_t octets) {
    hash = (hash ^ octets) * kOdd;
    hash ^= hash >> 32;
  };
  for (; serial.size() >= sizeof(std::uint64_t); serial = serial.subspan(sizeof(std::uint64_t))) {
    std::uint64_t octets = 0;
    std::memcpy(&octets, serial.data(), sizeof octets);
    mix(octets);
  }
  std::uint64_t rest = 0;
  for (const std::uint8_t octet : serial) rest = (rest << 8) | octet;
  mix(rest);
  return static_cast<std::uint32_t>((hash * kOdd) >> 32);
}

std::size_t BucketOf(std::uint32_t hash, unsigned hash_bits) {
  return static_cast<std::size_t>(std::uint64_t{hash} >> (32 - hash_bits));
}

// A bucket has about kPerBucket records. Up to kScanned are looked through one by one; larger ones, which a CRL has
// that repeats a serial number or was made to have them, are sorted and searched by halves.
constexpr std::size_t kPerBucket = 4;
constexpr std::size_t kScanned = 16;

constexpr std::size_t kBeforeRecord = 1 + sizeof(std::uint32_t);  // in the workspace

void SortRecords(std::span<std::uint8_t> records, std::size_t stride) {
  std::vector<std::uint32_t> order(records.size() / stride);
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return std::memcmp(&records[a * stride], &records[b * stride], stride) < 0;
  });
  Bytes sorted;
  sorted.reserve(records.size());
  for (const std::uint32_t from : order) {
    const auto record = records.subspan(from * stride, stride);
    sorted.insert(sorted.end(), record.begin(), record.end());
  }
  std::ranges::copy(sorted, records.begin());
}

}  // namespace

std::size_t CrlEntries::Table::stride() const { return serial_octets + kPackedOctets; }

std::span<const std::uint8_t> CrlEntries::Table::Bucket(ByteView serial) const {
  const std::size_t bucket = BucketOf(Hash(serial), hash_bits);
  const std::size_t begin = bucket == 0 ? 0 : ends[bucket - 1];
  return Records().subspan(begin * stride(), (ends[bucket] - begin) * stride());
}

void CrlEntries::Table::SortLargeBuckets() {
  std::size_t begin = 0;
  for (const std::uint32_t end : ends) {
    const std::size_t in_bucket = end - begin;
    if (in_bucket > kScanned) SortRecords(Records().subspan(begin * stride(), in_bucket * stride()), stride());
    begin = end;
  }
}

std::optional<CrlEntry> CrlEntries::Find(ByteView serial, std::uint32_t issuer) const {
  const auto table = std::ranges::lower_bound(tables_, serial.size(), {}, &Table::serial_octets);
  if (table == tables_.end() || table->serial_octets != serial.size()) return std::nullopt;
  const std::size_t stride = table->stride();
  const std::span<const std::uint8_t> bucket = table->Bucket(serial);
  std::size_t first = 0;
  std::size_t last = bucket.size() / stride;
  const std::uint64_t least = std::uint64_t{issuer} << (kRankBits + kDateBits);
  const std::uint64_t past = std::uint64_t{issuer + 1} << (kRankBits + kDateBits);
  if (last > kScanned) {
    // The first record that is not less than `serial` with `least` is the only one that can be it.
    while (first < last) {
      const std::size_t middle = first + (last - first) / 2;
      const std::uint8_t* const record = &bucket[middle * stride];
      const int compared = std::memcmp(record, serial.data(), serial.size());
      const bool less = compared < 0 || (compared == 0 && LoadPacked(record + serial.size()) < least);
      (less ? first : last) = less ? middle + 1 : middle;
    }
    last = std::min(first + 1, bucket.size() / stride);
  }
  std::uint64_t gravest = past;
  for (; first < last; ++first) {
    const std::uint8_t* const record = &bucket[first * stride];
    if (std::memcmp(record, serial.data(), serial.size()) != 0) continue;
    const std::uint64_t packed = LoadPacked(record + serial.size());
    if (packed >= least) gravest = std::min(gravest, packed);
  }
  if (gravest == past) return std::nullopt;
  return Unpack(gravest);
}

std::size_t CrlEntries::size() const {
  std::size_t size = 0;
  for (const Table& table : tables_) size += table.count;
  return size;
}

std::size_t CrlEntries::footprint() const {
  std::size_t octets = 0;
  for (const Table& table : tables_) {
    octets += sizeof(Table) + table.ends.capacity() * sizeof(table.ends[0]) + table.Records().size();
  }
  return octets;
}

// In the workspace a record has before it: how many octets its serial number has, less one, and its hash. That makes 12
// octets with the serial number; in DER it is 19 at least.
void CrlEntries::Builder::Add(ByteView serial, std::uint32_t issuer, const CrlEntry& entry) {
  const std::size_t size = kBeforeRecord + serial.size() + kPackedOctets;
  std::uint8_t* at = workspace_.subspan(used_, size).data();
  const auto octets = static_cast<std::uint8_t>(serial.size() - 1);
  const std::uint32_t hash = Hash(serial);
  std::memmove(at + kBeforeRecord, serial.data(), serial.size());
  at[0] = octets;
  std::memcpy(at + 1, &hash, sizeof hash);
  StorePacked(Pack(issuer, entry), at + size - kPackedOctets);
  used_ += size;
  ++counts_[octets];
}

// Counts how many records each bucket has, then puts each record where those of its bucket begin.
CrlEntries CrlEntries::Builder::Build() {
  CrlEntries entries;
  std::array<Table*, 256> by_octets{};
  entries.tables_.reserve(
      static_cast<std::size_t>(std::ranges::count_if(counts_, [](auto count) { return count > 0; })));
  for (std::size_t octets = 0; octets < counts_.size(); ++octets) {
    if (counts_[octets] == 0) continue;
    Table& table = entries.tables_.emplace_back();
    table.serial_octets = octets + 1;
    table.hash_bits = static_cast<unsigned>(std::bit_width(counts_[octets] / kPerBucket));
    table.ends.assign(std::size_t{1} << table.hash_bits, 0);
    table.count = counts_[octets];
    table.records = std::make_unique_for_overwrite<std::uint8_t[]>(table.count * table.stride());
    by_octets[octets] = &table;
  }
  const auto for_each_record = [&](auto&& visit) {
    for (std::size_t at = 0; at < used_;) {
      Table& table = *by_octets[workspace_[at]];
      std::uint32_t hash = 0;
      std::memcpy(&hash, &workspace_[at + 1], sizeof hash);
      visit(table, &workspace_[at + kBeforeRecord], table.ends[BucketOf(hash, table.hash_bits)]);
      at += kBeforeRecord + table.stride();
    }
  };
  for_each_record([](Table&, const std::uint8_t*, std::uint32_t& count) { ++count; });
  // From how many to where they begin; each record that is put there moves it on, until it is where they end.
  for (Table& table : entries.tables_) {
    std::exclusive_scan(table.ends.begin(), table.ends.end(), table.ends.begin(), 0u);
  }
  for_each_record([](Table& table, const std::uint8_t* record, std::uint32_t& place) {
    std::memcpy(&table.records[place++ * table.stride()], record, table.stride());
  });
  for (Table& table : entries.tables_) table.SortLargeBuckets();
  return entries;
}

}  // namespace client_cert
