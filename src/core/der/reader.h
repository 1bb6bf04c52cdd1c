// A strict reader of DER (X.690 clauses 8, 10 and 11). It accepts one encoding of each value and no other, allocates
// nothing, and hands out views of its input.
//
// Every Read returns false where the input is not what it was asked for; what and where is then kept in the Decoding,
// which keeps the first such failure only. So decoders are chains of && that can be read like the ASN.1 that they
// implement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace client_cert::der {

// A tag as its identifier octet: class, constructed bit, number. Those of X.509 all have numbers under 31.
using Tag = std::uint8_t;

inline constexpr Tag kBoolean = 0x01;
inline constexpr Tag kInteger = 0x02;
inline constexpr Tag kBitString = 0x03;
inline constexpr Tag kOctetString = 0x04;
inline constexpr Tag kNull = 0x05;
inline constexpr Tag kObjectIdentifier = 0x06;
inline constexpr Tag kEnumerated = 0x0a;
inline constexpr Tag kUtf8String = 0x0c;
inline constexpr Tag kNumericString = 0x12;
inline constexpr Tag kPrintableString = 0x13;
inline constexpr Tag kTeletexString = 0x14;
inline constexpr Tag kIa5String = 0x16;
inline constexpr Tag kUtcTime = 0x17;
inline constexpr Tag kGeneralizedTime = 0x18;
inline constexpr Tag kVisibleString = 0x1a;
inline constexpr Tag kUniversalString = 0x1c;
inline constexpr Tag kBmpString = 0x1e;
inline constexpr Tag kSequence = 0x30;
inline constexpr Tag kSet = 0x31;

constexpr Tag ContextPrimitive(unsigned number) { return static_cast<Tag>(0x80u | number); }
constexpr Tag ContextConstructed(unsigned number) { return static_cast<Tag>(0xa0u | number); }

// What is being read, for failures: What("serialNumber") or What("issuer", "an attribute type").
struct What {
  constexpr What(const char* field_name) : field(field_name) {}
  constexpr What(std::string_view field_name, std::string_view part_name = {}) : field(field_name), part(part_name) {}
  std::string_view field;
  std::string_view part;
};

// One input being decoded: where it begins, how many elements may still be read, the first failure.
class Decoding {
 public:
  Decoding(ByteView input, std::size_t elements) : first_(input.data()), elements_(elements) {}
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;

  // Notes that `expected`, a noun phrase, should have been at `at`, and returns false.
  bool Fail(const std::uint8_t* at, std::string_view expected, What what);

  // False where the budget of elements has run out.
  bool Spend() { return elements_ > 0 && elements_-- > 0; }

  bool has_failed() const { return failure_.has_value(); }
  // Only after something returned false.
  Malformed failure() const { return *failure_; }

 private:
  const std::uint8_t* first_;
  std::size_t elements_;
  std::optional<Malformed> failure_;
};

struct Element {
  Tag tag = 0;  // the first identifier octet; its low five bits are all ones where the number is over 30
  ByteView whole;
  ByteView content;
};

// BIT STRING: the octets, and how many bits of the last one do not count (they are zero).
struct BitString {
  ByteView octets;
  unsigned unused = 0;
};

// Reads elements one after another. A view: cheap to copy, never outlives the input or the Decoding.
class Reader {
 public:
  Reader() = default;
  Reader(Decoding& decoding, ByteView octets)
      : decoding_(&decoding), at_(octets.data()), end_(octets.data() + octets.size()) {}

  bool AtEnd() const { return at_ == end_; }
  // Whether an element of this tag comes next: for OPTIONAL and CHOICE.
  bool Next(Tag tag) const { return at_ != end_ && *at_ == tag; }
  const std::uint8_t* position() const { return at_; }
  ByteView Rest() const { return {at_, end_}; }

  bool Read(Tag tag, What what, Element& out);
  // An element of any tag; only its own header is checked.
  bool ReadAny(What what, Element& out);
  // An element of any tag that is kept as it is: whatever is nested within it is DER too.
  bool ReadValue(What what, Element& out);
  // A constructed element, to be read from `inside`.
  bool Enter(Tag tag, What what, Reader& inside);
  // As Enter, for SEQUENCE SIZE (1..MAX) and SET SIZE (1..MAX).
  bool EnterNonEmpty(Tag tag, What what, Reader& inside);
  // Nothing is left.
  bool End(What what);
  // As if the next `octets` of Rest(), which somebody has looked at, had been read.
  void Skip(std::size_t octets) { at_ += octets; }

  bool ReadBoolean(What what, bool& out);
  // Two's complement, in the fewest octets that hold it.
  bool ReadInteger(Tag tag, What what, ByteView& out);
  // An INTEGER from 0 to 2^32 - 1.
  bool ReadUnsigned(Tag tag, What what, std::uint32_t& out);
  bool ReadNull(What what);
  bool ReadBitString(Tag tag, What what, BitString& out);
  // A BIT STRING that holds octets: public keys.
  bool ReadBitStringOfOctets(What what, ByteView& out);
  // A BIT STRING with named bits, which has no trailing zero bits (X.690 11.2.2). Bit n of `out` is the ASN.1 bit n;
  // bits from 32 on are checked and dropped.
  bool ReadNamedBits(Tag tag, What what, std::uint32_t& out);

  bool Fail(const std::uint8_t* at, std::string_view expected, What what) const {
    return decoding_->Fail(at, expected, what);
  }
  // Reads what is within a part of the same input.
  Reader Within(ByteView part) const { return Reader(*decoding_, part); }
  Reader Inside(const Element& element) const { return Within(element.content); }

 private:
  bool CheckValue(const Element& element, What what, std::size_t nesting) const;
  bool CheckUniversal(const Element& element, What what) const;
  bool CheckContent(Tag number, const Element& element, What what) const;

  Decoding* decoding_ = nullptr;
  const std::uint8_t* at_ = nullptr;
  const std::uint8_t* end_ = nullptr;
};

// 8.3.2: the content of an INTEGER, whose first nine bits are neither all zero nor all one.
constexpr bool IsMinimalInteger(ByteView content) {
  if (content.empty()) return false;
  return content.size() == 1 ||
         !((content[0] == 0x00 && content[1] < 0x80) || (content[0] == 0xff && content[1] >= 0x80));
}

// Each checks the content of one element, whose tag the caller knows.
bool CheckInteger(const Reader& in, const Element& element, What what);
bool CheckBitString(const Reader& in, const Element& element, What what, BitString& out);

}  // namespace client_cert::der
