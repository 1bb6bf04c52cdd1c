#include "core/revocation/ocsp_response.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "core/base/budget.h"
#include "core/certificate/oids.h"
#include "core/der/time.h"
#include "core/openssl/error_queue.h"

namespace client_cert {
namespace {

using der::ContextConstructed;
using der::ContextPrimitive;
using der::Element;
using der::Reader;
using oid::kLiteral;

// id-pkix-ocsp, 1.3.6.1.5.5.7.48.1.n
constexpr auto kBasic = kLiteral<0x2b, 6, 1, 5, 5, 7, 48, 1, 1>;
constexpr auto kNonce = kLiteral<0x2b, 6, 1, 5, 5, 7, 48, 1, 2>;
constexpr auto kCrlReferences = kLiteral<0x2b, 6, 1, 5, 5, 7, 48, 1, 3>;
constexpr auto kArchiveCutoff = kLiteral<0x2b, 6, 1, 5, 5, 7, 48, 1, 6>;
constexpr auto kExtendedRevoke = kLiteral<0x2b, 6, 1, 5, 5, 7, 48, 1, 9>;
// id-ce: of CRL entries, which a SingleResponse may have too (RFC 6960 section 4.4.5)
constexpr auto kReasonCode = kLiteral<0x55, 0x1d, 21>;
constexpr auto kInvalidityDate = kLiteral<0x55, 0x1d, 24>;

// What changes nothing of what a response says, so that it may be critical: a nonce is compared by who asked with one,
// the others are information. certificateIssuer of CRL entries is not here: it says that another CA is meant.
constexpr std::array kResponseExtensions{kNonce, kExtendedRevoke};
constexpr std::array kSingleExtensions{kCrlReferences, kArchiveCutoff, kReasonCode, kInvalidityDate};

// RFC 5280 section 4.1.2.5.2, to which RFC 6960 section 4.2.2.1 refers: no fractions, Greenwich.
bool ReadGeneralizedTime(Reader& in, der::What what, std::int64_t& out) {
  if (!in.Next(der::kGeneralizedTime)) return in.Fail(in.position(), "a GeneralizedTime", what);
  return der::ReadTime(in, what, out);
}

const EVP_MD* DigestOf(const AlgorithmIdentifier& algorithm) {
  constexpr std::array<std::uint8_t, 2> kNull{0x05, 0x00};
  if (!algorithm.parameters.empty() && !std::ranges::equal(algorithm.parameters, kNull)) return nullptr;
  if (algorithm.oid == kLiteral<0x2b, 14, 3, 2, 26>) return EVP_sha1();
  if (algorithm.oid == kLiteral<0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1>) return EVP_sha256();
  if (algorithm.oid == kLiteral<0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2>) return EVP_sha384();
  if (algorithm.oid == kLiteral<0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3>) return EVP_sha512();
  return nullptr;
}

// CertID ::= SEQUENCE { hashAlgorithm, issuerNameHash OCTET STRING, issuerKeyHash OCTET STRING, serialNumber }
bool ReadCertId(Reader& in, OcspCertId& out) {
  Reader inside;
  AlgorithmIdentifier algorithm;
  Element name_hash;
  Element key_hash;
  if (!in.Enter(der::kSequence, "certID", inside) || !ReadAlgorithmIdentifier(inside, "hashAlgorithm", algorithm) ||
      !inside.Read(der::kOctetString, "issuerNameHash", name_hash) ||
      !inside.Read(der::kOctetString, "issuerKeyHash", key_hash) ||
      !inside.ReadInteger(der::kInteger, "serialNumber", out.serial) || !inside.End("certID")) {
    return false;
  }
  out.hash = DigestOf(algorithm);
  out.issuer_name_hash = name_hash.content;
  out.issuer_key_hash = key_hash.content;
  return true;
}

// RevokedInfo ::= SEQUENCE { revocationTime GeneralizedTime, revocationReason [0] EXPLICIT CRLReason OPTIONAL }
bool ReadRevokedInfo(Reader& in, OcspSingleResponse& out) {
  Reader inside;
  if (!in.Enter(ContextConstructed(1), "revoked", inside) ||
      !ReadGeneralizedTime(inside, "revocationTime", out.revoked_at)) {
    return false;
  }
  Reader reason;
  if (inside.Next(ContextConstructed(0)) &&
      !(inside.Enter(ContextConstructed(0), "revocationReason", reason) &&
        reason.ReadUnsigned(der::kEnumerated, "revocationReason", out.reason.emplace()) &&
        reason.End("revocationReason"))) {
    return false;
  }
  return inside.End("revoked");
}

// CertStatus ::= CHOICE { good [0] NULL, revoked [1] RevokedInfo, unknown [2] NULL }, all IMPLICIT.
bool ReadCertStatus(Reader& in, OcspSingleResponse& out) {
  using CertStatus = OcspSingleResponse::CertStatus;
  if (in.Next(ContextConstructed(1))) {
    out.status = CertStatus::kRevoked;
    return ReadRevokedInfo(in, out);
  }
  const bool good = in.Next(ContextPrimitive(0));
  out.status = good ? CertStatus::kGood : CertStatus::kUnknown;
  Element element;
  if (!in.Read(ContextPrimitive(good ? 0 : 2), "certStatus", element)) return false;
  return element.content.empty() || in.Fail(element.content.data(), "an empty NULL", "certStatus");
}

bool ReadNextUpdate(Reader& in, OcspSingleResponse& out) {
  if (!in.Next(ContextConstructed(0))) return true;
  Reader inside;
  if (!in.Enter(ContextConstructed(0), "nextUpdate", inside)) return false;
  const std::uint8_t* const start = inside.position();
  std::int64_t& next_update = out.next_update.emplace();
  if (!ReadGeneralizedTime(inside, "nextUpdate", next_update) || !inside.End("nextUpdate")) return false;
  return next_update >= out.this_update || in.Fail(start, "a time that is not before thisUpdate", "nextUpdate");
}

// [1] EXPLICIT Extensions OPTIONAL. A critical one that is not in `understood` makes the response unusable (RFC 6960
// section 4.4), which OpenSSL leaves to its caller.
bool ReadOptionalExtensions(Reader& in, der::What what, std::span<const der::ObjectIdentifier> understood,
                            std::vector<Extension>& out) {
  if (!in.Next(ContextConstructed(1))) return true;
  Reader inside;
  if (!in.Enter(ContextConstructed(1), what, inside) || !ReadExtensionList(inside, out) || !inside.End(what)) {
    return false;
  }
  for (const Extension& extension : out) {
    if (extension.critical && std::ranges::find(understood, extension.oid) == understood.end()) {
      return in.Fail(extension.oid.octets.data(), "an extension that is known, since it is critical,", what);
    }
  }
  return true;
}

// SingleResponse ::= SEQUENCE { certID, certStatus, thisUpdate, nextUpdate [0] EXPLICIT OPTIONAL,
//   singleExtensions [1] EXPLICIT OPTIONAL }
bool ReadSingleResponse(Reader& in, OcspSingleResponse& out) {
  Reader inside;
  std::vector<Extension> extensions;
  return in.Enter(der::kSequence, "a SingleResponse", inside) && ReadCertId(inside, out.cert_id) &&
         ReadCertStatus(inside, out) && ReadGeneralizedTime(inside, "thisUpdate", out.this_update) &&
         ReadNextUpdate(inside, out) &&
         ReadOptionalExtensions(inside, "singleExtensions", kSingleExtensions, extensions) &&
         inside.End("a SingleResponse");
}

// Version ::= INTEGER { v1(0) }, DEFAULT v1: DER leaves it out, some responders write it, and it has one meaning only.
bool ReadVersion(Reader& in) {
  if (!in.Next(ContextConstructed(0))) return true;
  Reader inside;
  std::uint32_t version = 0;
  if (!in.Enter(ContextConstructed(0), "version", inside)) return false;
  const std::uint8_t* const start = inside.position();
  if (!inside.ReadUnsigned(der::kInteger, "version", version) || !inside.End("version")) return false;
  return version == 0 || in.Fail(start, "v1", "version");
}

// RFC 9654: an OCTET STRING within extnValue. RFC 2560 left the form open; what is not one is taken as it is.
ByteView NonceIn(ByteView extension_value) {
  der::Decoding decoding(extension_value, 1);
  Reader in(decoding, extension_value);
  Element element;
  return in.Read(der::kOctetString, "nonce", element) && in.AtEnd() ? element.content : extension_value;
}

}  // namespace

class OcspDecoder {
 public:
  static ParsedOcspResponse Decode(ByteView der);

 private:
  explicit OcspDecoder(OcspResponse& out) : out_(out) {}

  bool ReadBasicResponse(Reader& in);
  bool ReadResponseData(Reader& in);
  bool ReadResponderId(Reader& in);
  bool ReadResponses(Reader& in);
  bool ReadCertificates(Reader& in);

  OcspResponse& out_;
};

// ResponderID ::= CHOICE { byName [1] Name, byKey [2] KeyHash }, both EXPLICIT.
bool OcspDecoder::ReadResponderId(Reader& in) {
  Reader inside;
  if (in.Next(ContextConstructed(2))) {
    Element key_hash;
    if (!in.Enter(ContextConstructed(2), "byKey", inside) || !inside.Read(der::kOctetString, "byKey", key_hash)) {
      return false;
    }
    out_.responder_key_hash_ = key_hash.content;
    return inside.End("byKey");
  }
  DistinguishedName name;
  if (!in.Enter(ContextConstructed(1), "responderID", inside) || !ReadDistinguishedName(inside, "byName", name) ||
      !inside.End("byName")) {
    return false;
  }
  // OpenSSL makes the canonical form, by which names are compared, when it reads a name: on this thread.
  const unsigned char* end = name.der.data();
  out_.responder_name_.reset(d2i_X509_NAME(nullptr, &end, static_cast<long>(name.der.size())));
  const bool whole = out_.responder_name_ != nullptr && end == name.der.data() + name.der.size();
  return whole || in.Fail(name.der.data(), "a Name", "byName");
}

bool OcspDecoder::ReadResponses(Reader& in) {
  Reader responses;
  if (!in.EnterNonEmpty(der::kSequence, "responses", responses)) return false;
  while (!responses.AtEnd()) {
    if (out_.single_responses_.size() == budget::kOcspSingleResponses) {
      return in.Fail(responses.position(), "up to 256 elements", "responses");
    }
    if (!ReadSingleResponse(responses, out_.single_responses_.emplace_back())) return false;
  }
  return true;
}

// ResponseData ::= SEQUENCE { version [0] EXPLICIT DEFAULT v1, responderID, producedAt, responses,
//   responseExtensions [1] EXPLICIT OPTIONAL }
bool OcspDecoder::ReadResponseData(Reader& in) {
  Element element;
  if (!in.Read(der::kSequence, "tbsResponseData", element)) return false;
  out_.tbs_response_data_ = element.whole;
  Reader inside = in.Inside(element);
  std::vector<Extension> extensions;
  if (!ReadVersion(inside) || !ReadResponderId(inside) ||
      !ReadGeneralizedTime(inside, "producedAt", out_.produced_at_) || !ReadResponses(inside) ||
      !ReadOptionalExtensions(inside, "responseExtensions", kResponseExtensions, extensions) ||
      !inside.End("tbsResponseData")) {
    return false;
  }
  const auto nonce = std::ranges::find(extensions, kNonce, &Extension::oid);
  if (nonce != extensions.end()) out_.nonce_ = NonceIn(nonce->value);
  return true;
}

// certs [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL: not signed, so whoever passed the response on may have chosen
// them. Kept are those that ResponderID names and that our decoder accepts.
bool OcspDecoder::ReadCertificates(Reader& in) {
  if (!in.Next(ContextConstructed(0))) return true;
  Reader inside;
  Reader certificates;
  if (!in.Enter(ContextConstructed(0), "certs", inside) || !inside.Enter(der::kSequence, "certs", certificates) ||
      !inside.End("certs")) {
    return false;
  }
  for (std::size_t count = 0; !certificates.AtEnd(); ++count) {
    Element element;
    if (count == budget::kOcspCertificates) return in.Fail(certificates.position(), "up to 8 elements", "certs");
    if (!certificates.Read(der::kSequence, "certs", element)) return false;
    CertificatePtr known = Know(element.whole);
    if (known && known->decoded && out_.IsBy(*known)) out_.responders_.push_back(std::move(known));
  }
  return true;
}

// BasicOCSPResponse ::= SEQUENCE { tbsResponseData, signatureAlgorithm, signature BIT STRING, certs }
bool OcspDecoder::ReadBasicResponse(Reader& in) {
  Reader inside;
  return in.Enter(der::kSequence, "BasicOCSPResponse", inside) && ReadResponseData(inside) &&
         ReadAlgorithmIdentifier(inside, "signatureAlgorithm", out_.signature_algorithm_) &&
         inside.ReadBitStringOfOctets("signature", out_.signature_) && ReadCertificates(inside) &&
         inside.End("BasicOCSPResponse");
}

namespace {

struct Envelope {
  std::uint32_t status = 0;
  ByteView basic;  // BasicOCSPResponse; empty where there are no responseBytes
};

// OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED, responseBytes [0] EXPLICIT ResponseBytes OPTIONAL }
// ResponseBytes ::= SEQUENCE { responseType OBJECT IDENTIFIER, response OCTET STRING }
bool ReadEnvelope(Reader& in, Envelope& out) {
  Reader inside;
  if (!in.Enter(der::kSequence, "OCSPResponse", inside) || !in.End("OCSPResponse") ||
      !inside.ReadUnsigned(der::kEnumerated, "responseStatus", out.status)) {
    return false;
  }
  if (inside.AtEnd()) return true;
  Reader tagged;
  Reader bytes;
  der::ObjectIdentifier type;
  Element response;
  if (!inside.Enter(ContextConstructed(0), "responseBytes", tagged) || !inside.End("OCSPResponse") ||
      !tagged.Enter(der::kSequence, "responseBytes", bytes) || !tagged.End("responseBytes") ||
      !der::ReadOid(bytes, "responseType", type) || !bytes.Read(der::kOctetString, "response", response) ||
      !bytes.End("responseBytes")) {
    return false;
  }
  out.basic = response.content;
  return type == kBasic || in.Fail(type.octets.data(), "id-pkix-ocsp-basic", "responseType");
}

// OCSPResponseStatus; 4 is not used.
OcspResponseState StateOf(std::uint32_t status) {
  switch (status) {
    case 0:
      return OcspResponseState::kSuccessful;
    case 2:  // internalError
    case 3:  // tryLater
      return OcspResponseState::kTryLater;
    case 1:  // malformedRequest
    case 5:  // sigRequired
    case 6:  // unauthorized
      return OcspResponseState::kRefused;
    default:
      return OcspResponseState::kMalformed;
  }
}

}  // namespace

ParsedOcspResponse OcspDecoder::Decode(ByteView der) {
  const auto response = std::make_shared<OcspResponse>(OcspResponse::Token{}, der);
  der::Decoding decoding(response->der_, budget::kOcspElements);
  Reader in(decoding, response->der_);
  Envelope envelope;
  if (!ReadEnvelope(in, envelope)) return {};
  const OcspResponseState state = StateOf(envelope.status);
  const bool successful = state == OcspResponseState::kSuccessful;
  // Section 4.2.1: responseBytes are there in the case of success and in no other.
  if (successful == envelope.basic.empty()) return {};
  if (!successful) return {state, nullptr};
  Reader basic = in.Within(envelope.basic);
  if (!OcspDecoder(*response).ReadBasicResponse(basic) || !basic.End("response")) return {};
  return {state, response};
}

bool OcspResponse::IsBy(const KnownCertificate& certificate) const {
  const ErrorQueueGuard guard;
  if (responder_name_) return X509_NAME_cmp(responder_name_.get(), certificate.subject()) == 0;
  // KeyHash: SHA-1 of the subjectPublicKey's octets, whatever CertIDs are made with.
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  return X509_pubkey_digest(certificate.x509.get(), EVP_sha1(), hash.data(), &size) == 1 &&
         std::ranges::equal(responder_key_hash_, ByteView(hash).first(size));
}

ParsedOcspResponse ParseOcspResponse(ByteView der) {
  const ErrorQueueGuard guard;
  if (der.size() > budget::kOcspOctets) return {};
  return OcspDecoder::Decode(der);
}

Bytes NonceOf(const OcspResponse& response) { return {response.nonce().begin(), response.nonce().end()}; }

}  // namespace client_cert
