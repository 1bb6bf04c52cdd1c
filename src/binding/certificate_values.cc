#include "binding/certificate_values.h"

#include "binding/js_values.h"

namespace client_cert_binding {
namespace {

using client_cert::AlternativeName;
using client_cert::ByteView;
using client_cert::der::IsSingleOctet;
using client_cert::der::ObjectIdentifier;
using client_cert::der::StringType;
using client_cert::der::ToUtf8;

Napi::Value OidText(Napi::Env env, const ObjectIdentifier& oid) { return Text(env, oid.Text()); }

Napi::Value StringText(Napi::Env env, StringType type, ByteView content) {
  if (!IsSingleOctet(type)) return Text(env, ToUtf8(type, content));
  napi_value text = nullptr;
  if (napi_create_string_latin1(env, reinterpret_cast<const char*>(content.data()), content.size(), &text) != napi_ok) {
    return env.Undefined();
  }
  return Napi::Value(env, text);
}

const char* StringTypeName(StringType type) {
  switch (type) {
    case StringType::kUtf8:
      return "utf8";
    case StringType::kPrintable:
      return "printable";
    case StringType::kTeletex:
      return "teletex";
    case StringType::kBmp:
      return "bmp";
    case StringType::kUniversal:
      return "universal";
    case StringType::kIa5:
      return "ia5";
    case StringType::kNumeric:
      return "numeric";
    case StringType::kVisible:
      return "visible";
    case StringType::kOther:
      return "other";
  }
  return "other";
}

// `base`: where the octets of the name begin; `start` and `end` are counted from there.
Napi::Value AttributeValue(Napi::Env env, const client_cert::NameAttribute& attribute, const std::uint8_t* base) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("type", OidText(env, attribute.type));
  value.Set("stringType", StringTypeName(attribute.string_type));
  const bool is_string = attribute.string_type != StringType::kOther;
  value.Set("value", is_string ? StringText(env, attribute.string_type, attribute.content) : env.Null());
  const auto start = static_cast<double>(attribute.der.data() - base);
  value.Set("start", start);
  value.Set("end", start + static_cast<double>(attribute.der.size()));
  return value;
}

Napi::Value AltNameValue(Napi::Env env, const AlternativeName& name) {
  const Napi::Object value = Napi::Object::New(env);
  using Type = AlternativeName::Type;
  const auto set_text = [&](const char* type) {
    value.Set("type", type);
    value.Set("value", StringText(env, StringType::kIa5, name.value));
  };
  const auto set_other = [&](const char* type) {
    value.Set("type", type);
    value.Set("oid", OidText(env, name.oid));
    value.Set("value",
              name.string_type != StringType::kOther ? StringText(env, name.string_type, name.value) : env.Null());
    value.Set("der", Octets(env, name.der));
  };
  const auto set_opaque = [&](const char* type) {
    value.Set("type", type);
    value.Set("value", env.Null());
    value.Set("der", Octets(env, name.der));
  };
  switch (name.type) {
    case Type::kDns:
      set_text("dns");
      break;
    case Type::kEmail:
      set_text("email");
      break;
    case Type::kUri:
      set_text("uri");
      break;
    case Type::kUserPrincipalName:
      set_other("upn");
      break;
    case Type::kOtherName:
      set_other("otherName");
      break;
    case Type::kX400Address:
      set_opaque("x400Address");
      break;
    case Type::kEdiPartyName:
      set_opaque("ediPartyName");
      break;
    case Type::kIp:
      value.Set("type", "ip");
      value.Set("value", Text(env, client_cert::IpText(name.value)));
      break;
    case Type::kRegisteredId:
      value.Set("type", "registeredId");
      value.Set("value", OidText(env, ObjectIdentifier{name.value}));
      break;
    case Type::kDirectoryName:
      value.Set("type", "dirName");
      value.Set("value", NameValue(env, client_cert::DirectoryNameOf(name)));
      break;
  }
  return value;
}

Napi::Value AlgorithmValue(Napi::Env env, const client_cert::AlgorithmIdentifier& algorithm) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("oid", OidText(env, algorithm.oid));
  const std::string_view name = client_cert::SignatureAlgorithmName(algorithm.oid);
  value.Set("name", name.empty() ? env.Null() : Napi::Value(Text(env, name)));
  value.Set("parameters", algorithm.parameters.empty() ? env.Null() : Octets(env, algorithm.parameters));
  return value;
}

Napi::Value QualifierValue(Napi::Env env, const client_cert::PolicyQualifier& qualifier) {
  const Napi::Object value = Napi::Object::New(env);
  using Type = client_cert::PolicyQualifier::Type;
  const bool has_text = qualifier.string_type != StringType::kOther;
  value.Set("type", qualifier.type == Type::kCps          ? "cps"
                    : qualifier.type == Type::kUserNotice ? "userNotice"
                                                          : "other");
  value.Set("oid", OidText(env, qualifier.oid));
  value.Set("value", has_text ? StringText(env, qualifier.string_type, qualifier.text) : env.Null());
  value.Set("der", Octets(env, qualifier.der));
  return value;
}

Napi::Value SubtreesValue(Napi::Env env, const std::vector<client_cert::NameSubtree>& subtrees) {
  return ArrayOf(env, subtrees, [](Napi::Env inner, const client_cert::NameSubtree& subtree) {
    const Napi::Object value = Napi::Object::New(inner);
    value.Set("base", AltNameValue(inner, subtree.base));
    value.Set("minimum", Napi::Number::New(inner, subtree.minimum));
    value.Set("maximum", NumberOrNull(inner, subtree.maximum));
    return value;
  });
}

Napi::Value MillisecondsOf(Napi::Env env, std::int64_t seconds) {
  return Napi::Number::New(env, static_cast<double>(seconds) * 1000);
}

}  // namespace

Napi::Value NameValue(Napi::Env env, const client_cert::DistinguishedName& name) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("der", Octets(env, name.der));
  const Napi::Array rdns = Napi::Array::New(env);
  Napi::Array rdn;
  std::uint32_t within = 0;
  for (std::size_t i = 0; i < name.attributes.size(); ++i) {
    const client_cert::NameAttribute& attribute = name.attributes[i];
    if (i == 0 || attribute.rdn != name.attributes[i - 1].rdn) {
      rdn = Napi::Array::New(env);
      rdns.Set(attribute.rdn, rdn);
      within = 0;
    }
    rdn.Set(within++, AttributeValue(env, attribute, name.der.data()));
  }
  value.Set("rdns", rdns);
  return value;
}

Napi::Value AltNamesValue(Napi::Env env, const client_cert::AlternativeNames& names) {
  return ArrayOf(env, names, [](Napi::Env inner, const AlternativeName& name) { return AltNameValue(inner, name); });
}

Napi::Value HeaderValue(Napi::Env env, const client_cert::Certificate& certificate) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("version", certificate.version());
  value.Set("serialNumber", Text(env, client_cert::SerialText(certificate.serial())));
  value.Set("notBefore", MillisecondsOf(env, certificate.validity().not_before));
  value.Set("notAfter", MillisecondsOf(env, certificate.validity().not_after));
  value.Set("signatureAlgorithm", AlgorithmValue(env, certificate.signature_algorithm()));
  return value;
}

Napi::Value PublicKeyValue(Napi::Env env, const client_cert::PublicKey& key) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("algorithm", OidText(env, key.algorithm.oid));
  value.Set("type", key.type.empty() ? env.Null() : Napi::Value(Text(env, key.type)));
  value.Set("bits", NumberOrNull(env, key.bits));
  value.Set("curve", key.curve.octets.empty() ? env.Null() : OidText(env, key.curve));
  value.Set("curveName", key.curve_name.empty() ? env.Null() : Napi::Value(Text(env, key.curve_name)));
  value.Set("exponent", key.exponent.empty() ? env.Null() : Octets(env, key.exponent));
  value.Set("der", Octets(env, key.der));
  return value;
}

Napi::Value UsagesValue(Napi::Env env, const client_cert::Extensions& extensions) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("keyUsage", NumberOrNull(env, extensions.key_usage));
  value.Set("extendedKeyUsage",
            extensions.extended_key_usage ? ArrayOf(env, *extensions.extended_key_usage, OidText) : env.Null());
  value.Set("basicConstraints", env.Null());
  if (extensions.basic_constraints) {
    const Napi::Object constraints = Napi::Object::New(env);
    constraints.Set("ca", extensions.basic_constraints->ca);
    constraints.Set("pathLength", NumberOrNull(env, extensions.basic_constraints->path_length));
    value.Set("basicConstraints", constraints);
  }
  return value;
}

Napi::Value PoliciesValue(Napi::Env env, const client_cert::Extensions& extensions) {
  if (!extensions.policies) return env.Null();
  return ArrayOf(env, *extensions.policies, [](Napi::Env inner, const client_cert::PolicyInformation& policy) {
    const Napi::Object value = Napi::Object::New(inner);
    value.Set("oid", OidText(inner, policy.oid));
    value.Set("qualifiers", ArrayOf(inner, policy.qualifiers, QualifierValue));
    return value;
  });
}

Napi::Value NameConstraintsValue(Napi::Env env, const client_cert::Extensions& extensions) {
  if (!extensions.name_constraints) return env.Null();
  const Napi::Object value = Napi::Object::New(env);
  value.Set("permitted", SubtreesValue(env, extensions.name_constraints->permitted));
  value.Set("excluded", SubtreesValue(env, extensions.name_constraints->excluded));
  return value;
}

Napi::Value DistributionPointsValue(Napi::Env env, const client_cert::Extensions& extensions) {
  if (!extensions.crl_distribution_points) return env.Null();
  const auto convert = [](Napi::Env inner, const client_cert::DistributionPoint& point) {
    const Napi::Object value = Napi::Object::New(inner);
    value.Set("fullName", AltNamesValue(inner, point.full_name));
    value.Set("relativeName", inner.Null());
    if (!point.relative_name.empty()) {
      const client_cert::NameAttribute& first = point.relative_name.front();
      const client_cert::NameAttribute& last = point.relative_name.back();
      const ByteView octets(first.der.data(), last.der.data() + last.der.size());
      const Napi::Object relative = Napi::Object::New(inner);
      relative.Set("der", Octets(inner, octets));
      relative.Set("attributes", ArrayOf(inner, point.relative_name, [&](Napi::Env e, const auto& attribute) {
                     return AttributeValue(e, attribute, octets.data());
                   }));
      value.Set("relativeName", relative);
    }
    value.Set("reasons", NumberOrNull(inner, point.reasons));
    value.Set("crlIssuer", AltNamesValue(inner, point.crl_issuer));
    return value;
  };
  return ArrayOf(env, *extensions.crl_distribution_points, convert);
}

Napi::Value AccessDescriptionsValue(Napi::Env env, const client_cert::Extensions& extensions) {
  if (!extensions.authority_info_access) return env.Null();
  const auto convert = [](Napi::Env inner, const client_cert::AccessDescription& description) {
    const Napi::Object value = Napi::Object::New(inner);
    value.Set("method", OidText(inner, description.method));
    value.Set("location", AltNameValue(inner, description.location));
    return value;
  };
  return ArrayOf(env, *extensions.authority_info_access, convert);
}

Napi::Value IdentifiersValue(Napi::Env env, const client_cert::Extensions& extensions) {
  const Napi::Object value = Napi::Object::New(env);
  value.Set("subjectKeyIdentifier", OctetsOrNull(env, extensions.subject_key_identifier));
  value.Set("authorityKeyIdentifier", env.Null());
  if (const auto& authority = extensions.authority_key_identifier) {
    const Napi::Object identifier = Napi::Object::New(env);
    identifier.Set("keyIdentifier", OctetsOrNull(env, authority->key_identifier));
    identifier.Set("issuer", AltNamesValue(env, authority->issuer));
    identifier.Set("serialNumber", authority->serial
                                       ? Napi::Value(Text(env, client_cert::SerialText(*authority->serial)))
                                       : env.Null());
    value.Set("authorityKeyIdentifier", identifier);
  }
  const auto& sid = extensions.security_identifier;
  value.Set("sid", sid ? Napi::Value(Text(env, *sid)) : env.Null());
  return value;
}

Napi::Value ExtensionsValue(Napi::Env env, const client_cert::Extensions& extensions) {
  return ArrayOf(env, extensions.all, [](Napi::Env inner, const client_cert::Extension& extension) {
    const Napi::Object value = Napi::Object::New(inner);
    value.Set("oid", OidText(inner, extension.oid));
    value.Set("critical", extension.critical);
    value.Set("value", Octets(inner, extension.value));
    return value;
  });
}

}  // namespace client_cert_binding
