// The part of GSSAPI that is called, as RFC 2744 and MIT's gssapi_ext.h define it for C. Declared here so that building
// needs no Kerberos; test/negotiate/abi.test.js compares it with the real headers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace client_cert::gss {

using Status = std::uint32_t;

struct Oid {
  std::uint32_t length;
  void* elements;
};

struct OidSet {
  std::size_t count;
  Oid* elements;
};

struct Buffer {
  std::size_t length;
  void* value;
};

struct ChannelBindings {
  std::uint32_t initiator_addrtype;
  Buffer initiator_address;
  std::uint32_t acceptor_addrtype;
  Buffer acceptor_address;
  Buffer application_data;
};

struct KeyValue {
  const char* key;
  const char* value;
};

struct KeyValueSet {
  std::uint32_t count;
  KeyValue* elements;
};

struct BufferSet {
  std::size_t count;
  Buffer* elements;
};

// Opaque, as the library has them.
struct NameStruct;
struct CredentialStruct;
struct ContextStruct;
using Name = NameStruct*;
using Credential = CredentialStruct*;
using Context = ContextStruct*;

inline constexpr int kAcceptOnly = 2;    // GSS_C_ACCEPT
inline constexpr int kInitiateOnly = 1;  // GSS_C_INITIATE
inline constexpr std::uint32_t kIndefinite = 0xFFFFFFFF;

// Major status: calling error in the highest octet, routine error in the next one, supplementary bits in the others.
inline constexpr Status kComplete = 0;
inline constexpr Status kContinueNeeded = 1;
inline constexpr Status kDuplicateToken = 2;
inline constexpr Status kOldToken = 4;
inline constexpr Status kErrorMask = 0xFFFF0000;
inline constexpr Status kRoutineMask = 0x00FF0000;
inline constexpr Status kBadMech = 1U << 16U;
inline constexpr Status kBadName = 2U << 16U;
inline constexpr Status kBadBindings = 4U << 16U;
inline constexpr Status kBadSignature = 6U << 16U;
inline constexpr Status kNoCredential = 7U << 16U;
inline constexpr Status kDefectiveToken = 9U << 16U;
inline constexpr Status kDefectiveCredential = 10U << 16U;
inline constexpr Status kCredentialsExpired = 11U << 16U;
inline constexpr Status kContextExpired = 12U << 16U;
inline constexpr Status kFailure = 13U << 16U;
inline constexpr Status kUnauthorized = 15U << 16U;
inline constexpr Status kUnavailable = 16U << 16U;

constexpr bool IsError(Status major) { return (major & kErrorMask) != 0; }

// Of a context.
inline constexpr std::uint32_t kDelegated = 0x1;
inline constexpr std::uint32_t kMutual = 0x2;
inline constexpr std::uint32_t kReplay = 0x4;
inline constexpr std::uint32_t kSequence = 0x8;
inline constexpr std::uint32_t kConfidentiality = 0x10;
inline constexpr std::uint32_t kIntegrity = 0x20;
inline constexpr std::uint32_t kAnonymous = 0x40;
inline constexpr std::uint32_t kTransferable = 0x100;
inline constexpr std::uint32_t kChannelBound = 0x800;
inline constexpr std::uint32_t kDceStyle = 0x1000;
inline constexpr std::uint32_t kIdentify = 0x2000;
inline constexpr std::uint32_t kExtendedError = 0x4000;

// Of gss_display_status.
inline constexpr int kMajorCode = 1;
inline constexpr int kMinorCode = 2;

// Minor statuses: the bases of krb5_err.et, asn1_err.et and gssapi_err_generic.et.
inline constexpr Status kKrb5Base = 0x96C73A00;
inline constexpr Status kAsn1Base = 0x6EDA3600;
inline constexpr Status kGenericBase = 0x861B6D00;

}  // namespace client_cert::gss
