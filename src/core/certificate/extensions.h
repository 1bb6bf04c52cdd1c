// The extensions of a certificate: all of them as they are, and those that we know decoded (RFC 5280 4.2).
//
// The others that only path verification needs (policy mappings, policy constraints, inhibitAnyPolicy, freshestCRL)
// stay raw: OpenSSL reads them when it verifies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/certificate/alternative_name.h"

namespace client_cert {

struct Extension {
  der::ObjectIdentifier oid;
  bool critical = false;
  ByteView value;  // the content of extnValue
};

// Bits of KeyUsage by their number in RFC 5280: bit 0 is digitalSignature, bit 8 decipherOnly. Never 0.
using KeyUsageBits = std::uint32_t;

struct BasicConstraints {
  bool ca = false;
  std::optional<std::uint32_t> path_length;
};

struct PolicyQualifier {
  enum class Type : std::uint8_t { kCps, kUserNotice, kOther };
  Type type = Type::kOther;
  der::ObjectIdentifier oid;
  ByteView der;                                           // the qualifier, tag included
  der::StringType string_type = der::StringType::kOther;  // of the text; kOther: there is none
  ByteView text;                                          // the URI of a CPS pointer, the explicitText of a notice
};

struct PolicyInformation {
  der::ObjectIdentifier oid;
  std::vector<PolicyQualifier> qualifiers;
};

// GeneralSubtree. RFC 5280 wants minimum 0 and no maximum; others are kept, so that a verifier can refuse them.
struct NameSubtree {
  AlternativeName base;
  std::uint32_t minimum = 0;
  std::optional<std::uint32_t> maximum;
};

struct NameConstraints {
  std::vector<NameSubtree> permitted;
  std::vector<NameSubtree> excluded;
};

// Bits of ReasonFlags by their number in RFC 5280: bit 1 is keyCompromise, bit 8 aACompromise.
using ReasonBits = std::uint32_t;

// One of the two; neither: there is no name.
struct DistributionPointName {
  AlternativeNames full_name;
  std::vector<NameAttribute> relative_name;  // to the name of the CRL's issuer
  ByteView relative_der;                     // of relative_name: the content of the RelativeDistinguishedName
};

struct DistributionPoint : DistributionPointName {
  std::optional<ReasonBits> reasons;  // nullopt: all reasons
  AlternativeNames crl_issuer;
};

struct AccessDescription {
  der::ObjectIdentifier method;
  AlternativeName location;
};

struct AuthorityKeyIdentifier {
  std::optional<ByteView> key_identifier;
  AlternativeNames issuer;
  std::optional<ByteView> serial;  // two's complement
};

struct Extensions {
  std::vector<Extension> all;  // in the order of the certificate, no OID twice

  // nullopt: the extension is absent.
  std::optional<AlternativeNames> subject_alt_names;
  std::optional<AlternativeNames> issuer_alt_names;
  std::optional<KeyUsageBits> key_usage;
  std::optional<std::vector<der::ObjectIdentifier>> extended_key_usage;
  std::optional<BasicConstraints> basic_constraints;
  std::optional<std::vector<PolicyInformation>> policies;
  std::optional<NameConstraints> name_constraints;
  std::optional<std::vector<DistributionPoint>> crl_distribution_points;
  std::optional<std::vector<AccessDescription>> authority_info_access;
  std::optional<ByteView> subject_key_identifier;
  std::optional<AuthorityKeyIdentifier> authority_key_identifier;
  std::optional<std::string_view> security_identifier;  // Microsoft's: 'S-1-5-21-...'

  // nullptr where the certificate has no extension of that kind.
  const Extension* Find(const der::ObjectIdentifier& oid) const;
};

// Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension, no OID twice; appended to `out` as they are.
bool ReadExtensionList(der::Reader& in, std::vector<Extension>& out);

// The same of a certificate, with those that we know decoded.
bool ReadExtensions(der::Reader& in, Extensions& out);

// The content of [0] DistributionPointName, as distribution points of certificates and of CRLs have it.
bool ReadDistributionPointName(der::Reader inside, std::string_view field, DistributionPointName& out);

// CRLDistributionPoints, which is what freshestCRL is, too. Appended to `out`.
bool ReadDistributionPoints(der::Reader& in, std::string_view field, std::vector<DistributionPoint>& out);

}  // namespace client_cert
