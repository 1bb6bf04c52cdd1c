#include "core/verdict/signature_twin.h"

#include <openssl/bn.h>

#include <algorithm>
#include <cstdint>

#include "core/certificate/oids.h"
#include "core/der/reader.h"
#include "core/openssl/owned.h"

namespace client_cert {
namespace {

using OwnedNumber = Owned<BIGNUM, BN_free>;

// The orders of the curves: FIPS 186-4 (P-256, P-384, P-521), SEC 2 (secp256k1), RFC 5639 (brainpool, 256, 384 and
// 512).
constexpr const char* kOrders[] = {
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d0"
    "3bb5c9b8899c47aebb6fb71e91386409",
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
    "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565",
    "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb5"
    "879682"
    "9ca90069",
};

// ecdsa-with-SHA1, and those of SHA-2: 1.2.840.10045.4.x
bool IsEcdsa(const Certificate& certificate) {
  constexpr std::uint8_t kEcdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 4};
  const ByteView oid = certificate.signature_algorithm().oid.octets;
  return oid.size() > std::size(kEcdsa) && std::equal(std::begin(kEcdsa), std::end(kEcdsa), oid.begin());
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
  const OwnedNumber s(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
  for (const char* text : kOrders) {
    BIGNUM* made = nullptr;
    const bool is_read = BN_hex2bn(&made, text) != 0;
    const OwnedNumber order(made);
    if (!s || !is_read) return false;
    if (BN_cmp(s.get(), order.get()) >= 0) continue;
    if (BN_sub(order.get(), order.get(), s.get()) != 1) return false;
    const Bytes twin = IntegerOf(order.get());
    if (twin.empty()) return false;
    twins.push_back(WithSignature(certificate, SignatureOf(r, twin)));
  }
  return true;
}

}  // namespace client_cert
