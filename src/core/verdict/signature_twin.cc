#include "core/verdict/signature_twin.h"

#include <openssl/bn.h>
#include <openssl/ec.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "core/certificate/oids.h"
#include "core/der/reader.h"
#include "core/openssl/owned.h"

namespace client_cert {
namespace {

using OwnedNumber = Owned<BIGNUM, BN_free>;

using OwnedGroup = Owned<EC_GROUP, EC_GROUP_free>;

// The orders of all curves that OpenSSL knows by name: it takes no others in certificates. Empty: there was no memory.
std::vector<OwnedNumber> MakeOrders() {
  std::vector<EC_builtin_curve> curves(EC_get_builtin_curves(nullptr, 0));
  curves.resize(EC_get_builtin_curves(curves.data(), curves.size()));
  std::vector<OwnedNumber> orders;
  for (const EC_builtin_curve& curve : curves) {
    const OwnedGroup group(EC_GROUP_new_by_curve_name(curve.nid));
    OwnedNumber order(group ? BN_dup(EC_GROUP_get0_order(group.get())) : nullptr);
    if (!order) return {};
    orders.push_back(std::move(order));
  }
  return orders;
}

// Made once there is memory for them.
std::shared_ptr<const std::vector<OwnedNumber>> Orders() {
  static std::mutex mutex;
  static std::shared_ptr<const std::vector<OwnedNumber>> kept;
  const std::lock_guard lock(mutex);
  if (!kept) {
    std::vector<OwnedNumber> made = MakeOrders();
    if (made.empty()) return nullptr;
    kept = std::make_shared<const std::vector<OwnedNumber>>(std::move(made));
  }
  return kept;
}

// ecdsa-with-SHA1, and those of SHA-2: 1.2.840.10045.4.x; those of SHA-3: 2.16.840.1.101.3.4.3.9 to 12.
bool IsEcdsa(const Certificate& certificate) {
  constexpr std::uint8_t kEcdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 4};
  constexpr std::uint8_t kOfNist[] = {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3};
  constexpr std::uint8_t kFirst = 9;
  constexpr std::uint8_t kLast = 12;
  const ByteView oid = certificate.signature_algorithm().oid.octets;
  const auto is_below = [&](const auto& arc) {
    return oid.size() > std::size(arc) && std::equal(std::begin(arc), std::end(arc), oid.begin());
  };
  return is_below(kEcdsa) || (is_below(kOfNist) && oid.back() >= kFirst && oid.back() <= kLast);
}

void AppendHeader(Bytes& out, der::Tag tag, std::size_t length) {
  constexpr std::size_t kLongest = 0x7f;
  out.push_back(tag);
  if (length <= kLongest) {
    out.push_back(static_cast<std::uint8_t>(length));
    return;
  }
  Bytes octets;
  for (; length > 0; length >>= 8U) octets.push_back(static_cast<std::uint8_t>(length));
  out.push_back(static_cast<std::uint8_t>(0x80U | octets.size()));
  out.insert(out.end(), octets.rbegin(), octets.rend());
}

// What stands before the signature is the same.
Bytes WithSignature(const Certificate& certificate, ByteView signature) {
  const ByteView tbs = certificate.tbs_certificate();
  const ByteView algorithm = certificate.signature_algorithm().der;
  Bytes bits;
  AppendHeader(bits, der::kBitString, signature.size() + 1);
  bits.push_back(0);
  bits.insert(bits.end(), signature.begin(), signature.end());
  Bytes out;
  AppendHeader(out, der::kSequence, tbs.size() + algorithm.size() + bits.size());
  out.insert(out.end(), tbs.begin(), tbs.end());
  out.insert(out.end(), algorithm.begin(), algorithm.end());
  out.insert(out.end(), bits.begin(), bits.end());
  return out;
}

// Ecdsa-Sig-Value (RFC 3279 section 2.2.3). False where it is none, which is refused elsewhere.
bool ReadSignature(const Certificate& certificate, der::Element& r, ByteView& s) {
  constexpr std::size_t kElements = 8;
  const ByteView octets = certificate.signature().octets;
  der::Decoding decoding(octets, kElements);
  der::Reader in(decoding, octets);
  der::Reader inside;
  return in.Enter(der::kSequence, "signature", inside) && inside.Read(der::kInteger, "signature", r) &&
         inside.ReadInteger(der::kInteger, "signature", s);
}

// Two's complement of a positive number. Empty where there is no memory.
Bytes IntegerOf(const BIGNUM* number) {
  Bytes octets(static_cast<std::size_t>(BN_num_bytes(number)) + 1);
  if (BN_bn2binpad(number, octets.data(), static_cast<int>(octets.size())) < 0) return {};
  if (octets.size() > 1 && (octets[1] & 0x80U) == 0) octets.erase(octets.begin());
  return octets;
}

Bytes SignatureOf(const der::Element& r, ByteView s) {
  Bytes inside(r.whole.begin(), r.whole.end());
  AppendHeader(inside, der::kInteger, s.size());
  inside.insert(inside.end(), s.begin(), s.end());
  Bytes out;
  AppendHeader(out, der::kSequence, inside.size());
  out.insert(out.end(), inside.begin(), inside.end());
  return out;
}

}  // namespace

bool MakeTwins(const Certificate& certificate, std::vector<Bytes>& twins) {
  der::Element r;
  ByteView octets;
  if (!IsEcdsa(certificate) || !ReadSignature(certificate, r, octets)) return true;
  const auto orders = Orders();
  const OwnedNumber s(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
  const OwnedNumber other(BN_new());
  if (!orders || !s || !other) return false;
  for (const OwnedNumber& order : *orders) {
    // That a number below the order is so much shorter happens by chance to nobody.
    constexpr int kShorter = 80;
    if (BN_cmp(s.get(), order.get()) >= 0 || BN_num_bits(order.get()) - BN_num_bits(s.get()) > kShorter) continue;
    if (BN_sub(other.get(), order.get(), s.get()) != 1) return false;
    const Bytes twin = IntegerOf(other.get());
    if (twin.empty()) return false;
    twins.push_back(WithSignature(certificate, SignatureOf(r, twin)));
  }
  return true;
}

}  // namespace client_cert
