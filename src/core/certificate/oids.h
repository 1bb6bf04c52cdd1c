// The OBJECT IDENTIFIERs that the decoder knows, as content octets.
#pragma once

#include "core/der/oid.h"

namespace client_cert::oid {

template <std::uint8_t... Octets>
struct Literal {
  static constexpr std::uint8_t kOctets[] = {Octets...};
  static constexpr der::ObjectIdentifier kOid{kOctets};
};

template <std::uint8_t... Octets>
inline constexpr der::ObjectIdentifier kLiteral = Literal<Octets...>::kOid;

// id-at-commonName, 2.5.4.3; emailAddress of PKCS #9, 1.2.840.113549.1.9.1
inline constexpr auto kCommonName = kLiteral<0x55, 4, 3>;
inline constexpr auto kEmailAddress = kLiteral<0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 9, 1>;

// id-ce, 2.5.29.n
inline constexpr auto kSubjectKeyIdentifier = kLiteral<0x55, 0x1d, 14>;
inline constexpr auto kKeyUsage = kLiteral<0x55, 0x1d, 15>;
inline constexpr auto kSubjectAltName = kLiteral<0x55, 0x1d, 17>;
inline constexpr auto kIssuerAltName = kLiteral<0x55, 0x1d, 18>;
inline constexpr auto kBasicConstraints = kLiteral<0x55, 0x1d, 19>;
inline constexpr auto kCrlNumber = kLiteral<0x55, 0x1d, 20>;
inline constexpr auto kReasonCode = kLiteral<0x55, 0x1d, 21>;
inline constexpr auto kInvalidityDate = kLiteral<0x55, 0x1d, 24>;
inline constexpr auto kDeltaCrlIndicator = kLiteral<0x55, 0x1d, 27>;
inline constexpr auto kIssuingDistributionPoint = kLiteral<0x55, 0x1d, 28>;
inline constexpr auto kCertificateIssuer = kLiteral<0x55, 0x1d, 29>;
inline constexpr auto kNameConstraints = kLiteral<0x55, 0x1d, 30>;
inline constexpr auto kCrlDistributionPoints = kLiteral<0x55, 0x1d, 31>;
inline constexpr auto kCertificatePolicies = kLiteral<0x55, 0x1d, 32>;
inline constexpr auto kAuthorityKeyIdentifier = kLiteral<0x55, 0x1d, 35>;
inline constexpr auto kExtendedKeyUsage = kLiteral<0x55, 0x1d, 37>;
inline constexpr auto kFreshestCrl = kLiteral<0x55, 0x1d, 46>;

// id-pe-authorityInfoAccess, id-qt-cps, id-qt-unotice: 1.3.6.1.5.5.7.x
inline constexpr auto kAuthorityInfoAccess = kLiteral<0x2b, 6, 1, 5, 5, 7, 1, 1>;
inline constexpr auto kCpsQualifier = kLiteral<0x2b, 6, 1, 5, 5, 7, 2, 1>;
inline constexpr auto kUserNoticeQualifier = kLiteral<0x2b, 6, 1, 5, 5, 7, 2, 2>;

// id-ad-ocsp, 1.3.6.1.5.5.7.48.1
inline constexpr auto kOcsp = kLiteral<0x2b, 6, 1, 5, 5, 7, 48, 1>;

// id-on-SmtpUTF8Mailbox, 1.3.6.1.5.5.7.8.9
inline constexpr auto kSmtpUtf8Mailbox = kLiteral<0x2b, 6, 1, 5, 5, 7, 8, 9>;

// Microsoft, 1.3.6.1.4.1.311.x: szOID_NT_PRINCIPAL_NAME, szOID_NTDS_CA_SECURITY_EXT, szOID_NTDS_OBJECTSID
inline constexpr auto kUserPrincipalName = kLiteral<0x2b, 6, 1, 4, 1, 0x82, 0x37, 20, 2, 3>;
inline constexpr auto kSecurityIdentifier = kLiteral<0x2b, 6, 1, 4, 1, 0x82, 0x37, 25, 2>;
inline constexpr auto kSecurityIdentifierName = kLiteral<0x2b, 6, 1, 4, 1, 0x82, 0x37, 25, 2, 1>;

}  // namespace client_cert::oid
