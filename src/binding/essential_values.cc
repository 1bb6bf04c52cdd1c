#include "binding/essential_values.h"

#include <span>
#include <string>
#include <string_view>

namespace client_cert_binding {
namespace {

using client_cert::AlternativeName;
using client_cert::ByteView;
using client_cert::der::IsSingleOctet;
using client_cert::der::ObjectIdentifier;
using client_cert::der::StringType;
using client_cert::der::ToUtf8;

// Collects texts and numbers; counts those that do not fit any more.
class Packer {
 public:
  explicit Packer(std::span<double> numbers) : numbers_(numbers) {}

  void Number(double number) {
    if (count_ < numbers_.size()) numbers_[count_] = number;
    ++count_;
  }

  void Count(std::size_t number) { Number(static_cast<double>(number)); }

  void Ascii(std::string_view text) {
    Count(text.size());
    text_.append(text.begin(), text.end());
  }

  void String(StringType type, ByteView content) {
    if (!IsSingleOctet(type)) {
      Utf8(ToUtf8(type, content));
      return;
    }
    Count(content.size());
    for (const std::uint8_t octet : content) Unit(octet);
  }

  // What did not fit was not written.
  std::size_t missing() const { return count_ > numbers_.size() ? count_ : 0; }

  Napi::Value Text(Napi::Env env) const {
    napi_value text = nullptr;
    napi_status status = napi_ok;
    if (is_latin1_) {
      const std::string narrow(text_.begin(), text_.end());
      status = napi_create_string_latin1(env, narrow.data(), narrow.size(), &text);
    } else {
      status = napi_create_string_utf16(env, text_.data(), text_.size(), &text);
    }
    return status == napi_ok ? Napi::Value(env, text) : env.Undefined();
  }

 private:
  void Unit(std::uint32_t unit) {
    if (unit > 0xff) is_latin1_ = false;
    text_.push_back(static_cast<char16_t>(unit));
  }

  // Of a string that the decoder has checked: nothing in it is malformed.
  void Utf8(std::string_view utf8) {
    const std::size_t before = text_.size();
    for (std::size_t i = 0; i < utf8.size();) {
      const auto octet = [&](std::size_t at) -> std::uint32_t {
        return at < utf8.size() ? static_cast<std::uint8_t>(utf8[at]) : 0;
      };
      const std::uint32_t first = octet(i);
      const std::size_t octets = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
      std::uint32_t character = octets == 1 ? first : first & (0xffu >> (octets + 1));
      for (std::size_t k = 1; k < octets; ++k) character = (character << 6) | (octet(i + k) & 0x3f);
      i += octets;
      if (character < 0x10000) {
        Unit(character);
      } else {
        Unit(0xd800 + ((character - 0x10000) >> 10));
        Unit(0xdc00 + ((character - 0x10000) & 0x3ff));
      }
    }
    Count(text_.size() - before);
  }

  std::span<double> numbers_;
  std::size_t count_ = 0;
  std::u16string text_;
  bool is_latin1_ = true;
};

void PackOid(Packer& out, const ObjectIdentifier& oid) { out.Ascii(oid.Text()); }

// Where it is no character string, the type says so, and the text is empty.
void PackString(Packer& out, StringType type, ByteView content) {
  const bool is_string = type != StringType::kOther;
  out.Number(static_cast<double>(type));
  out.String(is_string ? type : StringType::kIa5, is_string ? content : ByteView());
}

void PackName(Packer& out, const client_cert::DistinguishedName& name) {
  out.Count(name.attributes.size());
  for (const client_cert::NameAttribute& attribute : name.attributes) {
    out.Number(attribute.rdn);
    const auto start = static_cast<std::size_t>(attribute.der.data() - name.der.data());
    out.Count(start);
    out.Count(start + attribute.der.size());
    PackOid(out, attribute.type);
    PackString(out, attribute.string_type, attribute.content);
  }
}

void PackAlternativeName(Packer& out, const AlternativeName& name) {
  using Type = AlternativeName::Type;
  out.Number(static_cast<double>(name.type));
  switch (name.type) {
    case Type::kDns:
    case Type::kEmail:
    case Type::kUri:
      out.String(StringType::kIa5, name.value);
      break;
    case Type::kIp:
      out.Ascii(client_cert::IpText(name.value));
      break;
    case Type::kRegisteredId:
      PackOid(out, ObjectIdentifier{name.value});
      break;
    case Type::kUserPrincipalName:
    case Type::kOtherName:
      PackOid(out, name.oid);
      PackString(out, name.string_type, name.value);
      break;
    default:  // of these subjectAltNames() tells
      break;
  }
}

}  // namespace

Napi::Value EssentialsValue(Napi::Env env, const client_cert::Certificate& certificate, Napi::Value numbers) {
  napi_typedarray_type type = napi_int8_array;
  std::size_t length = 0;
  void* data = nullptr;
  const napi_status status = napi_get_typedarray_info(env, numbers, &type, &length, &data, nullptr, nullptr);
  if (status != napi_ok || type != napi_float64_array) {
    Napi::TypeError::New(env, "essentials takes a Float64Array").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  Packer out({static_cast<double*>(data), length});
  const client_cert::Extensions& extensions = certificate.extensions();
  out.Number(certificate.version());
  out.Number(static_cast<double>(certificate.validity().not_before) * 1000);
  out.Number(static_cast<double>(certificate.validity().not_after) * 1000);
  out.Ascii(client_cert::SerialText(certificate.serial()));
  PackName(out, certificate.subject());
  PackName(out, certificate.issuer());
  out.Number(extensions.key_usage ? static_cast<double>(*extensions.key_usage) : 0);
  const auto& purposes = extensions.extended_key_usage;
  out.Count(purposes ? purposes->size() : 0);
  if (purposes) {
    for (const ObjectIdentifier& purpose : *purposes) PackOid(out, purpose);
  }
  const auto& names = extensions.subject_alt_names;
  const bool has_names = names.has_value();
  out.Count(has_names ? names->size() : 0);
  if (has_names) {
    for (const AlternativeName& name : *names) PackAlternativeName(out, name);
  }
  if (out.missing() > 0) return Napi::Number::New(env, static_cast<double>(out.missing()));
  return out.Text(env);
}

}  // namespace client_cert_binding
