#include "core/certificate/public_key.h"

#include <bit>

#include "core/certificate/oids.h"

namespace client_cert {
namespace {

using oid::kLiteral;

constexpr std::string_view kField = "subjectPublicKeyInfo";

// A positive INTEGER, without the sign octet.
bool ReadPositive(der::Reader& in, std::string_view part, ByteView& out) {
  ByteView content;
  const std::uint8_t* const start = in.position();
  if (!in.ReadInteger(der::kInteger, {kField, part}, content)) return false;
  if (content[0] >= 0x80 || (content.size() == 1 && content[0] == 0)) {
    return in.Fail(start, "a positive INTEGER", {kField, part});
  }
  out = content[0] == 0 ? content.subspan(1) : content;
  return true;
}

std::uint32_t BitsOf(ByteView positive) {
  return static_cast<std::uint32_t>(8 * (positive.size() - 1) + static_cast<std::size_t>(std::bit_width(positive[0])));
}

// RSAPublicKey (RFC 3279 2.3.1); parameters NULL, or absent, as some have them. RSASSA-PSS has its own (RFC 4055).
bool ReadRsa(der::Reader key, der::Reader parameters, PublicKey& out) {
  if (out.type == "rsa" && !parameters.AtEnd() && !parameters.ReadNull({kField, "parameters"})) return false;
  der::Reader rsa;
  ByteView modulus;
  if (!key.Enter(der::kSequence, {kField, "RSAPublicKey"}, rsa) || !ReadPositive(rsa, "modulus", modulus) ||
      !ReadPositive(rsa, "publicExponent", out.exponent) || !rsa.End({kField, "RSAPublicKey"}) ||
      !key.End({kField, "RSAPublicKey"})) {
    return false;
  }
  out.bits = BitsOf(modulus);
  return true;
}

struct NamedCurve {
  der::ObjectIdentifier oid;
  std::string_view name;
  std::uint32_t bits;
};

constexpr NamedCurve kCurves[] = {
    {kLiteral<0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7>, "P-256", 256},
    {kLiteral<0x2b, 0x81, 4, 0, 34>, "P-384", 384},
    {kLiteral<0x2b, 0x81, 4, 0, 35>, "P-521", 521},
    {kLiteral<0x2b, 0x81, 4, 0, 10>, "secp256k1", 256},
    {kLiteral<0x2b, 0x81, 4, 0, 33>, "P-224", 224},
    {kLiteral<0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1>, "P-192", 192},
    {kLiteral<0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7>, "brainpoolP256r1", 256},
    {kLiteral<0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11>, "brainpoolP384r1", 384},
    {kLiteral<0x2b, 0x24, 3, 3, 2, 8, 1, 1, 13>, "brainpoolP512r1", 512},
};

// ECPoint in the forms of RFC 5480 2.2; whether it lies on the curve is OpenSSL's business.
bool CheckPoint(const der::Reader& key, ByteView point, std::uint32_t bits) {
  const std::size_t coordinate = (bits + 7) / 8;
  const bool compressed = !point.empty() && (point[0] == 2 || point[0] == 3) && point.size() == 1 + coordinate;
  const bool uncompressed = !point.empty() && point[0] == 4 && point.size() == 1 + 2 * coordinate;
  return compressed || uncompressed || key.Fail(point.data(), "a point of the curve", {kField, "subjectPublicKey"});
}

bool ReadEc(der::Reader key, der::Reader parameters, PublicKey& out) {
  // specifiedCurve and implicitCurve: RFC 5480 forbids them, OpenSSL reads them and refuses to trust them.
  if (parameters.Next(der::kSequence) || parameters.Next(der::kNull)) return true;
  if (!der::ReadOid(parameters, {kField, "namedCurve"}, out.curve)) return false;
  for (const NamedCurve& curve : kCurves) {
    if (!(curve.oid == out.curve)) continue;
    out.curve_name = curve.name;
    out.bits = curve.bits;
    return CheckPoint(key, out.key, curve.bits);
  }
  return true;
}

// RFC 8410: no parameters, and a key of one length.
bool CheckEdwards(const der::Reader& key, const der::Reader& parameters, std::size_t octets, std::uint32_t bits,
                  PublicKey& out) {
  if (!parameters.AtEnd()) return parameters.Fail(parameters.position(), "no parameters", kField);
  out.bits = bits;
  return out.key.size() == octets ||
         key.Fail(out.key.data(), std::to_string(octets) + " octets", {kField, "subjectPublicKey"});
}

// DSA (RFC 3279 2.3.2, where the parameters may be inherited) and Diffie-Hellman (2.3.3 and PKCS #3): the prime comes
// first.
bool ReadDiscreteLog(der::Reader key, der::Reader parameters, PublicKey& out) {
  ByteView value;
  if (!ReadPositive(key, "subjectPublicKey", value) || !key.End({kField, "subjectPublicKey"})) return false;
  if (parameters.AtEnd()) return true;
  der::Reader domain;
  if (!parameters.Enter(der::kSequence, {kField, "parameters"}, domain) || !ReadPositive(domain, "the prime", value)) {
    return false;
  }
  out.bits = BitsOf(value);
  return true;
}

struct Algorithm {
  der::ObjectIdentifier oid;
  std::string_view type;
};

constexpr Algorithm kAlgorithms[] = {
    {kLiteral<0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1>, "ec"},
    {kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1>, "rsa"},
    {kLiteral<0x55, 8, 1, 1>, "rsa"},  // X.509's own, 2.5.8.1.1: some old certificates have it
    {kLiteral<0x2b, 0x65, 112>, "ed25519"},
    {kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10>, "rsa-pss"},
    {kLiteral<0x2b, 0x65, 113>, "ed448"},
    {kLiteral<0x2b, 0x65, 110>, "x25519"},
    {kLiteral<0x2b, 0x65, 111>, "x448"},
    {kLiteral<0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1>, "dsa"},
    {kLiteral<0x2a, 0x86, 0x48, 0xce, 0x3e, 2, 1>, "dh"},
    {kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 3, 1>, "dh"},
};

}  // namespace

bool ReadPublicKey(der::Reader& in, PublicKey& out) {
  der::Element element;
  if (!in.Read(der::kSequence, kField, element)) return false;
  out.der = element.whole;
  der::Reader info = in.Inside(element);
  if (!ReadAlgorithmIdentifier(info, kField, out.algorithm) ||
      !info.ReadBitStringOfOctets({kField, "subjectPublicKey"}, out.key) || !info.End(kField)) {
    return false;
  }
  for (const Algorithm& known : kAlgorithms) {
    if (known.oid == out.algorithm.oid) out.type = known.type;
  }
  const der::Reader key = in.Within(out.key);
  const der::Reader parameters = in.Within(out.algorithm.parameters);
  if (out.type == "rsa" || out.type == "rsa-pss") return ReadRsa(key, parameters, out);
  if (out.type == "ec") return ReadEc(key, parameters, out);
  if (out.type == "ed25519" || out.type == "x25519") return CheckEdwards(key, parameters, 32, 255, out);
  if (out.type == "ed448" || out.type == "x448")
    return CheckEdwards(key, parameters, out.type == "x448" ? 56 : 57, 448, out);
  if (out.type == "dsa" || out.type == "dh") return ReadDiscreteLog(key, parameters, out);
  return true;
}

}  // namespace client_cert
