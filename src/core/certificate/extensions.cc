#include "core/certificate/extensions.h"

#include "core/certificate/oids.h"

namespace client_cert {
namespace {

using der::ContextConstructed;
using der::ContextPrimitive;
using der::Element;
using der::Reader;

// cA and critical are BOOLEAN DEFAULT FALSE. DER leaves a default value out (X.690 11.5); OpenSSL and deployed
// certificates also write FALSE, which has one meaning only, so it is accepted.
bool ReadDefaultFalse(Reader& in, der::What what, bool& out) {
  out = false;
  return !in.Next(der::kBoolean) || in.ReadBoolean(what, out);
}

bool ReadSubjectAltNames(Reader& in, Extensions& out) {
  Reader names;
  return in.Enter(der::kSequence, "subjectAltName", names) &&
         ReadAlternativeNames(names, "subjectAltName", out.subject_alt_names.emplace());
}

bool ReadIssuerAltNames(Reader& in, Extensions& out) {
  Reader names;
  return in.Enter(der::kSequence, "issuerAltName", names) &&
         ReadAlternativeNames(names, "issuerAltName", out.issuer_alt_names.emplace());
}

bool ReadKeyUsage(Reader& in, Extensions& out) {
  const std::uint8_t* const start = in.position();
  KeyUsageBits& bits = out.key_usage.emplace();
  if (!in.ReadNamedBits(der::kBitString, "keyUsage", bits)) return false;
  // 4.2.1.3: at least one bit is set. Bits from 9 on have no meaning yet.
  bits &= 0x1ff;
  return bits != 0 || in.Fail(start, "one usage or more", "keyUsage");
}

bool ReadExtendedKeyUsage(Reader& in, Extensions& out) {
  Reader usages;
  if (!in.EnterNonEmpty(der::kSequence, "extKeyUsage", usages)) return false;
  auto& oids = out.extended_key_usage.emplace();
  while (!usages.AtEnd()) {
    if (!der::ReadOid(usages, {"extKeyUsage", "a usage"}, oids.emplace_back())) return false;
  }
  return true;
}

bool ReadBasicConstraints(Reader& in, Extensions& out) {
  BasicConstraints& constraints = out.basic_constraints.emplace();
  Reader inside;
  if (!in.Enter(der::kSequence, "basicConstraints", inside) ||
      !ReadDefaultFalse(inside, {"basicConstraints", "cA"}, constraints.ca)) {
    return false;
  }
  if (inside.AtEnd()) return true;
  return inside.ReadUnsigned(der::kInteger, {"basicConstraints", "pathLenConstraint"},
                             constraints.path_length.emplace()) &&
         inside.End("basicConstraints");
}

// UserNotice ::= SEQUENCE { noticeRef NoticeReference OPTIONAL, explicitText DisplayText OPTIONAL }
bool ReadUserNotice(Reader inside, PolicyQualifier& out) {
  Element element;
  if (inside.Next(der::kSequence) && !inside.ReadAny({"certificatePolicies", "noticeRef"}, element)) return false;
  if (inside.AtEnd()) return true;
  if (!inside.ReadAny({"certificatePolicies", "explicitText"}, element)) return false;
  out.string_type = der::StringTypeOf(element.tag);
  if (out.string_type == der::StringType::kOther) {
    return inside.Fail(element.whole.data(), "a character string", {"certificatePolicies", "explicitText"});
  }
  out.text = element.content;
  return der::CheckString(inside, out.string_type, out.text, {"certificatePolicies", "explicitText"}) &&
         inside.End({"certificatePolicies", "a user notice"});
}

bool ReadPolicyQualifier(Reader& in, PolicyQualifier& out) {
  Reader inside;
  Element value;
  if (!in.Enter(der::kSequence, {"certificatePolicies", "a qualifier"}, inside) ||
      !der::ReadOid(inside, {"certificatePolicies", "a qualifier type"}, out.oid) ||
      !inside.ReadValue({"certificatePolicies", "a qualifier"}, value) ||
      !inside.End({"certificatePolicies", "a qualifier"})) {
    return false;
  }
  out.der = value.whole;
  if (out.oid == oid::kCpsQualifier) {
    out.type = PolicyQualifier::Type::kCps;
    out.string_type = der::StringType::kIa5;
    out.text = value.content;
    if (value.tag != der::kIa5String) {
      return in.Fail(value.whole.data(), "an IA5String", {"certificatePolicies", "a CPS pointer"});
    }
    return der::CheckString(in, out.string_type, out.text, {"certificatePolicies", "a CPS pointer"});
  }
  if (out.oid == oid::kUserNoticeQualifier) {
    out.type = PolicyQualifier::Type::kUserNotice;
    if (value.tag != der::kSequence) {
      return in.Fail(value.whole.data(), "a SEQUENCE", {"certificatePolicies", "a user notice"});
    }
    return ReadUserNotice(in.Inside(value), out);
  }
  return true;
}

bool ReadPolicies(Reader& in, Extensions& out) {
  Reader inside;
  if (!in.EnterNonEmpty(der::kSequence, "certificatePolicies", inside)) return false;
  auto& policies = out.policies.emplace();
  std::vector<der::ObjectIdentifier> oids;
  while (!inside.AtEnd()) {
    PolicyInformation& policy = policies.emplace_back();
    Reader information;
    if (!inside.Enter(der::kSequence, {"certificatePolicies", "a policy"}, information) ||
        !der::ReadOid(information, {"certificatePolicies", "a policy"}, policy.oid)) {
      return false;
    }
    oids.push_back(policy.oid);
    if (information.AtEnd()) continue;
    Reader qualifiers;
    if (!information.EnterNonEmpty(der::kSequence, {"certificatePolicies", "qualifiers"}, qualifiers) ||
        !information.End({"certificatePolicies", "a policy"})) {
      return false;
    }
    while (!qualifiers.AtEnd()) {
      if (!ReadPolicyQualifier(qualifiers, policy.qualifiers.emplace_back())) return false;
    }
  }
  // 4.2.1.4: no policy twice.
  const auto repeated = der::FirstRepeated(oids);
  return !repeated || in.Fail(oids[*repeated].octets.data(), "another policy", "certificatePolicies");
}

bool ReadSubtrees(Reader& in, unsigned number, std::string_view part, std::vector<NameSubtree>& out) {
  if (!in.Next(ContextConstructed(number))) return true;
  Reader subtrees;
  if (!in.EnterNonEmpty(ContextConstructed(number), {"nameConstraints", part}, subtrees)) return false;
  while (!subtrees.AtEnd()) {
    NameSubtree& subtree = out.emplace_back();
    Reader inside;
    if (!subtrees.Enter(der::kSequence, {"nameConstraints", "a subtree"}, inside) ||
        !ReadAlternativeName(inside, "nameConstraints", IpForm::kRange, subtree.base)) {
      return false;
    }
    // An explicit minimum of 0 is written by some CAs, as with cA.
    if (inside.Next(ContextPrimitive(0)) &&
        !inside.ReadUnsigned(ContextPrimitive(0), {"nameConstraints", "minimum"}, subtree.minimum)) {
      return false;
    }
    if (inside.Next(ContextPrimitive(1)) &&
        !inside.ReadUnsigned(ContextPrimitive(1), {"nameConstraints", "maximum"}, subtree.maximum.emplace())) {
      return false;
    }
    if (!inside.End({"nameConstraints", "a subtree"})) return false;
  }
  return true;
}

bool ReadNameConstraints(Reader& in, Extensions& out) {
  NameConstraints& constraints = out.name_constraints.emplace();
  Reader inside;
  // 4.2.1.10: one of the two at least.
  return in.EnterNonEmpty(der::kSequence, "nameConstraints", inside) &&
         ReadSubtrees(inside, 0, "permittedSubtrees", constraints.permitted) &&
         ReadSubtrees(inside, 1, "excludedSubtrees", constraints.excluded) && inside.End("nameConstraints");
}

bool ReadDistributionPoint(Reader& in, std::string_view field, DistributionPoint& out) {
  Reader point;
  Reader inside;
  if (!in.Enter(der::kSequence, {field, "a distribution point"}, point)) return false;
  if (point.Next(ContextConstructed(0)) && !(point.Enter(ContextConstructed(0), {field, "distributionPoint"}, inside) &&
                                             ReadDistributionPointName(inside, field, out))) {
    return false;
  }
  if (point.Next(ContextPrimitive(1)) &&
      !point.ReadNamedBits(ContextPrimitive(1), {field, "reasons"}, out.reasons.emplace())) {
    return false;
  }
  if (point.Next(ContextConstructed(2)) && !(point.Enter(ContextConstructed(2), {field, "cRLIssuer"}, inside) &&
                                             ReadAlternativeNames(inside, field, out.crl_issuer))) {
    return false;
  }
  return point.End({field, "a distribution point"});
}

bool ReadCrlDistributionPoints(Reader& in, Extensions& out) {
  return ReadDistributionPoints(in, "cRLDistributionPoints", out.crl_distribution_points.emplace());
}

bool ReadAuthorityKeyIdentifier(Reader& in, Extensions& out) {
  constexpr std::string_view kField = "authorityKeyIdentifier";
  AuthorityKeyIdentifier& identifier = out.authority_key_identifier.emplace();
  Reader inside;
  Reader names;
  Element element;
  if (!in.Enter(der::kSequence, kField, inside)) return false;
  if (inside.Next(ContextPrimitive(0))) {
    if (!inside.Read(ContextPrimitive(0), {kField, "keyIdentifier"}, element)) return false;
    identifier.key_identifier = element.content;
  }
  if (inside.Next(ContextConstructed(1)) &&
      !(inside.Enter(ContextConstructed(1), {kField, "authorityCertIssuer"}, names) &&
        ReadAlternativeNames(names, kField, identifier.issuer))) {
    return false;
  }
  if (inside.Next(ContextPrimitive(2)) &&
      !inside.ReadInteger(ContextPrimitive(2), {kField, "authorityCertSerialNumber"}, identifier.serial.emplace())) {
    return false;
  }
  return inside.End(kField);
}

bool ReadAuthorityInfoAccess(Reader& in, Extensions& out) {
  Reader descriptions;
  if (!in.EnterNonEmpty(der::kSequence, "authorityInfoAccess", descriptions)) return false;
  auto& all = out.authority_info_access.emplace();
  while (!descriptions.AtEnd()) {
    AccessDescription& description = all.emplace_back();
    Reader inside;
    if (!descriptions.Enter(der::kSequence, {"authorityInfoAccess", "a description"}, inside) ||
        !der::ReadOid(inside, {"authorityInfoAccess", "accessMethod"}, description.method) ||
        !ReadAlternativeName(inside, "authorityInfoAccess", IpForm::kAddress, description.location) ||
        !inside.End({"authorityInfoAccess", "a description"})) {
      return false;
    }
  }
  return true;
}

bool ReadSubjectKeyIdentifier(Reader& in, Extensions& out) {
  Element element;
  if (!in.Read(der::kOctetString, "subjectKeyIdentifier", element)) return false;
  out.subject_key_identifier = element.content;
  return true;
}

// S-1-authority(-subauthority){1,15} in decimal ([MS-DTYP] 2.4.2.1).
bool IsSecurityIdentifier(std::string_view text) {
  constexpr std::string_view kPrefix = "S-1-";
  if (!text.starts_with(kPrefix)) return false;
  std::size_t numbers = 0;
  std::size_t digits = 0;
  for (const char c : text.substr(kPrefix.size())) {
    if (c == '-') {
      if (digits == 0) return false;
      digits = 0;
    } else if (c < '0' || c > '9' || ++digits > 15) {  // an authority has 48 bits: fifteen digits
      return false;
    } else if (digits == 1) {
      ++numbers;
    }
  }
  return digits > 0 && numbers >= 2 && numbers <= 16;
}

// [MS-WCCE] 2.2.2.7.7.4: GeneralNames with one otherName, whose value is an OCTET STRING of the identifier's
// characters. Two of them would leave it to chance which account is meant.
bool ReadSecurityIdentifier(Reader& in, Extensions& out) {
  constexpr std::string_view kField = "szOID_NTDS_CA_SECURITY_EXT";
  Reader names;
  AlternativeName name;
  if (!in.EnterNonEmpty(der::kSequence, kField, names)) return false;
  const std::uint8_t* const start = names.position();
  if (!ReadAlternativeName(names, kField, IpForm::kAddress, name) || !names.End(kField)) return false;
  if (name.type != AlternativeName::Type::kOtherName || !(name.oid == oid::kSecurityIdentifierName)) {
    return in.Fail(start, "an otherName of type szOID_NTDS_OBJECTSID", kField);
  }
  Reader value = in.Within(name.der);
  Element element;
  if (!value.Read(der::kOctetString, kField, element)) return false;
  const ByteView content = element.content;
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  if (!IsSecurityIdentifier(text)) return in.Fail(content.data(), "a security identifier (S-1-...)", kField);
  out.security_identifier = text;
  return true;
}

struct KnownExtension {
  der::ObjectIdentifier oid;
  std::string_view name;
  bool (*read)(Reader&, Extensions&);
};

constexpr KnownExtension kKnownExtensions[] = {
    {oid::kKeyUsage, "keyUsage", ReadKeyUsage},
    {oid::kBasicConstraints, "basicConstraints", ReadBasicConstraints},
    {oid::kSubjectKeyIdentifier, "subjectKeyIdentifier", ReadSubjectKeyIdentifier},
    {oid::kAuthorityKeyIdentifier, "authorityKeyIdentifier", ReadAuthorityKeyIdentifier},
    {oid::kSubjectAltName, "subjectAltName", ReadSubjectAltNames},
    {oid::kIssuerAltName, "issuerAltName", ReadIssuerAltNames},
    {oid::kExtendedKeyUsage, "extKeyUsage", ReadExtendedKeyUsage},
    {oid::kCertificatePolicies, "certificatePolicies", ReadPolicies},
    {oid::kNameConstraints, "nameConstraints", ReadNameConstraints},
    {oid::kCrlDistributionPoints, "cRLDistributionPoints", ReadCrlDistributionPoints},
    {oid::kAuthorityInfoAccess, "authorityInfoAccess", ReadAuthorityInfoAccess},
    {oid::kSecurityIdentifier, "szOID_NTDS_CA_SECURITY_EXT", ReadSecurityIdentifier},
};

bool ReadExtension(Reader& in, Extension& out) {
  Reader inside;
  Element value;
  if (!in.Enter(der::kSequence, {"extensions", "an extension"}, inside) ||
      !der::ReadOid(inside, {"extensions", "extnID"}, out.oid) ||
      !ReadDefaultFalse(inside, {"extensions", "critical"}, out.critical) ||
      !inside.Read(der::kOctetString, {"extensions", "extnValue"}, value) ||
      !inside.End({"extensions", "an extension"})) {
    return false;
  }
  out.value = value.content;
  return true;
}

// 4.2: no extension twice.
bool CheckDistinct(const Reader& in, const std::vector<Extension>& extensions) {
  std::vector<der::ObjectIdentifier> oids;
  oids.reserve(extensions.size());
  for (const Extension& extension : extensions) oids.push_back(extension.oid);
  const auto repeated = der::FirstRepeated(oids);
  return !repeated || in.Fail(oids[*repeated].octets.data(), "another extension", "extensions");
}

}  // namespace

const Extension* Extensions::Find(const der::ObjectIdentifier& oid) const {
  for (const Extension& extension : all) {
    if (extension.oid == oid) return &extension;
  }
  return nullptr;
}

bool ReadExtensionList(Reader& in, std::vector<Extension>& out) {
  Reader inside;
  if (!in.EnterNonEmpty(der::kSequence, "extensions", inside)) return false;
  while (!inside.AtEnd()) {
    if (!ReadExtension(inside, out.emplace_back())) return false;
  }
  return CheckDistinct(in, out);
}

bool ReadExtensions(Reader& in, Extensions& out) {
  out.all.reserve(10);
  // All of them before any is decoded, so that each is decoded once.
  if (!ReadExtensionList(in, out.all)) return false;
  for (const Extension& extension : out.all) {
    for (const KnownExtension& known : kKnownExtensions) {
      if (!(known.oid == extension.oid)) continue;
      Reader value = in.Within(extension.value);
      if (!known.read(value, out) || !value.End(known.name)) return false;
    }
  }
  return true;
}

bool ReadDistributionPointName(Reader inside, std::string_view field, DistributionPointName& out) {
  Reader choice;
  if (inside.Next(ContextConstructed(1))) {
    Element relative;
    if (!inside.Read(ContextConstructed(1), {field, "nameRelativeToCRLIssuer"}, relative)) return false;
    out.relative_der = relative.content;
    choice = inside.Inside(relative);
    if (choice.AtEnd())
      return choice.Fail(choice.position(), "one element or more", {field, "nameRelativeToCRLIssuer"});
    return ReadAttributes(choice, field, 0, out.relative_name) && inside.End({field, "distributionPoint"});
  }
  return inside.Enter(ContextConstructed(0), {field, "fullName"}, choice) &&
         ReadAlternativeNames(choice, field, out.full_name) && inside.End({field, "distributionPoint"});
}

bool ReadDistributionPoints(Reader& in, std::string_view field, std::vector<DistributionPoint>& out) {
  Reader points;
  if (!in.EnterNonEmpty(der::kSequence, field, points)) return false;
  while (!points.AtEnd()) {
    if (!ReadDistributionPoint(points, field, out.emplace_back())) return false;
  }
  return true;
}

}  // namespace client_cert
