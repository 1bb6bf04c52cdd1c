#include "core/der/reader.h"

#include "core/base/budget.h"
#include "core/der/oid.h"

namespace client_cert::der {
namespace {

constexpr std::uint8_t kConstructed = 0x20;
constexpr std::uint8_t kNumberBits = 0x1f;

std::string Describe(Tag tag) {
  switch (tag) {
    case kBoolean:
      return "a BOOLEAN";
    case kInteger:
      return "an INTEGER";
    case kBitString:
      return "a BIT STRING";
    case kOctetString:
      return "an OCTET STRING";
    case kNull:
      return "a NULL";
    case kObjectIdentifier:
      return "an OBJECT IDENTIFIER";
    case kUtf8String:
      return "a UTF8String";
    case kIa5String:
      return "an IA5String";
    case kSequence:
      return "a SEQUENCE";
    case kSet:
      return "a SET";
    default:
      break;
  }
  const char* form = (tag & kConstructed) != 0 ? "a constructed [" : "a primitive [";
  return form + std::to_string(tag & kNumberBits) + "]";
}

// X.690 8.1.2.4: base 128, most significant first, no leading zero, only for numbers from 31 on.
bool SkipHighTagNumber(const std::uint8_t*& at, const std::uint8_t* end) {
  const std::uint8_t* const first = at;
  while (at != end && (*at & 0x80) != 0) ++at;
  if (at == end) return false;
  ++at;
  return *first != 0x80 && (at - first > 1 || *first >= kNumberBits);
}

bool HasForm(const Element& element, bool constructed) { return ((element.tag & kConstructed) != 0) == constructed; }

}  // namespace

bool Decoding::Fail(const std::uint8_t* at, std::string_view expected, What what) {
  if (failure_) return false;
  std::string text(expected);
  text += " for ";
  if (!what.part.empty()) (text += what.part) += " of ";
  text += what.field;
  failure_ = Malformed{static_cast<std::size_t>(at - first_), std::move(text)};
  return false;
}

bool Reader::ReadAny(What what, Element& out) {
  if (at_ == end_) return Fail(at_, "an element", what);
  if (!decoding_->Spend()) return Fail(at_, "a budget of elements that suffices", what);
  const std::uint8_t* const start = at_;
  const std::uint8_t* at = at_ + 1;
  if ((*start & kNumberBits) == kNumberBits && !SkipHighTagNumber(at, end_)) {
    return Fail(start + 1, "a minimal tag number", what);
  }
  if (at == end_) return Fail(at, "a length", what);
  const std::uint8_t* const length_at = at;
  std::size_t length = *at++;
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7f;
    if (octets == 0) return Fail(length_at, "a definite length", what);
    // Four octets say more than any input holds that is read here; 0xff is reserved (8.1.3.5).
    if (octets > 4) return Fail(length_at, "a length of up to four octets", what);
    if (static_cast<std::size_t>(end_ - at) < octets) return Fail(end_, "a whole length", what);
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = (length << 8) | *at++;
    const bool minimal = length >= 0x80 && (length >> (8 * (octets - 1))) != 0;
    if (!minimal) return Fail(length_at, "a minimal length", what);
  }
  if (length > static_cast<std::size_t>(end_ - at)) return Fail(length_at, "a length within the data", what);
  out.tag = *start;
  out.content = ByteView(at, length);
  at_ = at + length;
  out.whole = ByteView(start, at_);
  return true;
}

bool Reader::Read(Tag tag, What what, Element& out) {
  if (!Next(tag)) return Fail(at_, Describe(tag), what);
  return ReadAny(what, out);
}

bool Reader::ReadValue(What what, Element& out) { return ReadAny(what, out) && CheckValue(out, what, 0); }

bool Reader::CheckUniversal(const Element& element, What what) const {
  const Tag number = element.tag & kNumberBits;
  // EXTERNAL, EMBEDDED PDV, SEQUENCE, SET, CHARACTER STRING; everything else is primitive in DER (10.2).
  const bool constructed = number == 8 || number == 11 || number == 16 || number == 17 || number == 29;
  if (HasForm(element, constructed)) return CheckContent(number, element, what);
  return Fail(element.whole.data(), constructed ? "a constructed element" : "a primitive element", what);
}

bool Reader::CheckContent(Tag number, const Element& element, What what) const {
  Reader again = Within(element.whole);
  bool boolean = false;
  BitString bits;
  switch (number) {
    case 0:
      return Fail(element.whole.data(), "a tag other than end-of-contents", what);
    case kBoolean:
      return again.ReadBoolean(what, boolean);
    case kNull:
      return again.ReadNull(what);
    case kInteger:
    case kEnumerated:
      return CheckInteger(*this, element, what);
    case kBitString:
      return CheckBitString(*this, element, what, bits);
    case kObjectIdentifier:
      return CheckOid(*this, element.content, what);
    case kBmpString:
      return element.content.size() % 2 == 0 || Fail(element.content.data(), "whole characters", what);
    case kUniversalString:
      return element.content.size() % 4 == 0 || Fail(element.content.data(), "whole characters", what);
    default:
      return true;
  }
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as budget::kNesting
bool Reader::CheckValue(const Element& element, What what, std::size_t nesting) const {
  constexpr std::uint8_t kClassBits = 0xc0;
  if ((element.tag & kClassBits) == 0 && !CheckUniversal(element, what)) return false;
  if (HasForm(element, false)) return true;
  if (nesting == budget::kNesting) return Fail(element.whole.data(), "a shallower nesting", what);
  Reader inside = Inside(element);
  while (!inside.AtEnd()) {
    Element nested;
    if (!inside.ReadAny(what, nested) || !CheckValue(nested, what, nesting + 1)) return false;
  }
  return true;
}

bool Reader::Enter(Tag tag, What what, Reader& inside) {
  Element element;
  if (!Read(tag, what, element)) return false;
  inside = Inside(element);
  return true;
}

bool Reader::EnterNonEmpty(Tag tag, What what, Reader& inside) {
  if (!Enter(tag, what, inside)) return false;
  return !inside.AtEnd() || Fail(inside.position(), "one element or more", what);
}

bool Reader::End(What what) { return AtEnd() || Fail(at_, "nothing more", what); }

bool Reader::ReadBoolean(What what, bool& out) {
  Element element;
  if (!Read(kBoolean, what, element)) return false;
  const ByteView content = element.content;
  // 11.1: TRUE is FF and nothing else.
  if (content.size() != 1 || (content[0] != 0x00 && content[0] != 0xff)) {
    return Fail(content.data(), "00 or FF", what);
  }
  out = content[0] != 0;
  return true;
}

bool CheckInteger(const Reader& in, const Element& element, What what) {
  return IsMinimalInteger(element.content) || in.Fail(element.content.data(), "a minimal INTEGER", what);
}

bool Reader::ReadInteger(Tag tag, What what, ByteView& out) {
  Element element;
  if (!Read(tag, what, element) || !CheckInteger(*this, element, what)) return false;
  out = element.content;
  return true;
}

bool Reader::ReadUnsigned(Tag tag, What what, std::uint32_t& out) {
  ByteView content;
  if (!ReadInteger(tag, what, content)) return false;
  const bool fits = content[0] < 0x80 && (content.size() <= 4 || (content.size() == 5 && content[0] == 0));
  if (!fits) return Fail(content.data(), "an INTEGER from 0 to 4294967295", what);
  out = 0;
  for (const std::uint8_t octet : content) out = (out << 8) | octet;
  return true;
}

bool Reader::ReadNull(What what) {
  Element element;
  if (!Read(kNull, what, element)) return false;
  return element.content.empty() || Fail(element.content.data(), "an empty NULL", what);
}

bool CheckBitString(const Reader& in, const Element& element, What what, BitString& out) {
  const ByteView content = element.content;
  if (content.empty()) return in.Fail(content.data(), "a number of unused bits", what);
  out.unused = content[0];
  out.octets = content.subspan(1);
  if (out.unused > (out.octets.empty() ? 0u : 7u)) return in.Fail(content.data(), "a number of unused bits", what);
  // 11.2.1: the unused bits are zero.
  if (out.unused > 0 && (out.octets.back() & ((1u << out.unused) - 1)) != 0) {
    return in.Fail(&out.octets.back(), "unused bits that are zero", what);
  }
  return true;
}

bool Reader::ReadBitString(Tag tag, What what, BitString& out) {
  Element element;
  return Read(tag, what, element) && CheckBitString(*this, element, what, out);
}

bool Reader::ReadBitStringOfOctets(What what, ByteView& out) {
  BitString bits;
  if (!ReadBitString(kBitString, what, bits)) return false;
  if (bits.unused != 0) return Fail(bits.octets.data() - 1, "a BIT STRING of whole octets", what);
  out = bits.octets;
  return true;
}

bool Reader::ReadNamedBits(Tag tag, What what, std::uint32_t& out) {
  BitString bits;
  if (!ReadBitString(tag, what, bits)) return false;
  if (!bits.octets.empty() && (bits.octets.back() & (1u << bits.unused)) == 0) {
    return Fail(&bits.octets.back(), "named bits without trailing zeros", what);
  }
  out = 0;
  for (std::size_t bit = 0; bit < 32 && bit / 8 < bits.octets.size(); ++bit) {
    if ((bits.octets[bit / 8] & (0x80u >> (bit % 8))) != 0) out |= 1u << bit;
  }
  return true;
}

}  // namespace client_cert::der
