// Fuzzing the decoder of OCSP responses: whatever the octets are, there is a response whose every part lies within what
// was read and which is found by each of its serial numbers, or there is none.
#include "core/revocation/ocsp_response.h"

#include <openssl/evp.h>
#include <openssl/ocsp.h>

#include <cstdint>
#include <limits>

#include "core/base/budget.h"
#include "core/openssl/error_queue.h"
#include "support/check.h"
#include "support/differences.h"
#include "support/theirs.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;
using client_cert_fuzz::CheckAccepted;
using client_cert_fuzz::ContentOf;
using client_cert_fuzz::IsSame;
using client_cert_fuzz::IsTime;
using client_cert_fuzz::OctetsOf;

void CheckSingle(const OcspSingleResponse& single, const OcspSet& set, const OcspResponsePtr& response) {
  Check(!single.cert_id.serial.empty(), "a certificate has a serial number");
  Check(!single.next_update || *single.next_update >= single.this_update, "nextUpdate is not before thisUpdate");
  Check(!single.reason || single.status == OcspSingleResponse::CertStatus::kRevoked,
        "only what is revoked has a reason");
  const auto found = set.WithSerial(single.cert_id.serial);
  Check(found.size() == 1 && found[0] == response, "a response is found by each serial number");
}

void CheckResponse(const OcspResponsePtr& response, std::size_t size) {
  Check(response->tbs_response_data().size() + response->signature_algorithm().size() + response->signature().size() <
            size,
        "its parts lie apart from each other");
  Check(NonceOf(*response).size() <= response->tbs_response_data().size(), "the nonce is signed");
  Check(!response->single_responses().empty(), "it speaks of a certificate");
  Check(response->single_responses().size() <= budget::kOcspSingleResponses,
        "within the budget of certificates that it speaks of");
  Check(response->responders().size() <= budget::kOcspCertificates,
        "within the budget of certificates that it carries");
  for (const CertificatePtr& responder : response->responders()) {
    Check(responder->decoded != nullptr && response->IsBy(*responder), "a responder is the one that is named");
  }
  const OcspSet set({response});
  for (const OcspSingleResponse& single : response->single_responses()) CheckSingle(single, set, response);
}

void CompareCertId(const OcspCertId& ours, const OCSP_SINGLERESP* single) {
  ASN1_OCTET_STRING* name_hash = nullptr;
  ASN1_OBJECT* digest = nullptr;
  ASN1_OCTET_STRING* key_hash = nullptr;
  ASN1_INTEGER* serial = nullptr;
  auto* const theirs = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single));
  Check(OCSP_id_get0_info(&name_hash, &digest, &key_hash, &serial, theirs) == 1, "which certificate it speaks of");
  // Null is a digest that we do not take, or one with parameters, which OpenSSL has no function for.
  Check(ours.hash == nullptr || EVP_MD_get_type(ours.hash) == OBJ_obj2nid(digest), "hashAlgorithm");
  Check(IsSame(ours.issuer_name_hash, OctetsOf(name_hash)), "issuerNameHash");
  Check(IsSame(ours.issuer_key_hash, OctetsOf(key_hash)), "issuerKeyHash");
  Check(IsSame(ours.serial, ContentOf(serial)), "serialNumber");
}

void CompareSingle(const OcspSingleResponse& ours, OCSP_SINGLERESP* theirs) {
  int reason = -1;
  ASN1_GENERALIZEDTIME* revoked_at = nullptr;
  ASN1_GENERALIZEDTIME* this_update = nullptr;
  ASN1_GENERALIZEDTIME* next_update = nullptr;
  const int status = OCSP_single_get0_status(theirs, &reason, &revoked_at, &this_update, &next_update);
  // Both count: good, revoked, unknown.
  Check(status == static_cast<int>(ours.status), "what it says of a certificate");
  CompareCertId(ours.cert_id, theirs);
  Check(IsTime(ours.this_update, this_update), "thisUpdate");
  Check(ours.next_update.has_value() == (next_update != nullptr), "nextUpdate");
  Check(!ours.next_update || IsTime(*ours.next_update, next_update), "nextUpdate: when");
  if (ours.status != OcspSingleResponse::CertStatus::kRevoked) return;
  Check(IsTime(ours.revoked_at, revoked_at), "revocationTime");
  // OpenSSL keeps 32 bits of the number, and -1 where there is none.
  Check(ours.reason.value_or(std::numeric_limits<std::uint32_t>::max()) == static_cast<std::uint32_t>(reason),
        "revocationReason");
}

void CompareBasic(const OcspResponse& ours, const OCSP_BASICRESP* theirs) {
  Check(IsTime(ours.produced_at(), OCSP_resp_get0_produced_at(theirs)), "producedAt");
  Check(IsSame(ours.signature(), OctetsOf(OCSP_resp_get0_signature(theirs))), "signature");
  const ASN1_OCTET_STRING* key_hash = nullptr;
  const X509_NAME* name = nullptr;
  Check(OCSP_resp_get0_id(theirs, &key_hash, &name) == 1, "responderID");
  Check((ours.responder_name() != nullptr) == (name != nullptr), "responderID: which kind");
  Check(name == nullptr || X509_NAME_cmp(ours.responder_name(), name) == 0, "responderID: byName");
}

// What we accept, OpenSSL reads as the same.
void CheckAgainstOpenSsl(const OcspResponse& ours, ByteView der) {
  const unsigned char* at = der.data();
  const Owned<OCSP_RESPONSE, OCSP_RESPONSE_free> theirs(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  Check(theirs && at == der.data() + der.size(), "OpenSSL reads it");
  Check(OCSP_response_status(theirs.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL, "it is successful");
  const Owned<OCSP_BASICRESP, OCSP_BASICRESP_free> basic(OCSP_response_get1_basic(theirs.get()));
  if (!basic) return CheckAccepted();
  CompareBasic(ours, basic.get());
  const auto& singles = ours.single_responses();
  Check(singles.size() == static_cast<std::size_t>(OCSP_resp_count(basic.get())), "of how many certificates it speaks");
  int index = 0;
  for (const OcspSingleResponse& single : singles) CompareSingle(single, OCSP_resp_get0(basic.get(), index++));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  const ErrorQueueGuard guard;
  const ParsedOcspResponse parsed = ParseOcspResponse(ByteView(first, size));
  Check((parsed.response != nullptr) == (parsed.state == OcspResponseState::kSuccessful),
        "there is a response where it is successful");
  if (parsed.response) {
    CheckResponse(parsed.response, size);
    CheckAgainstOpenSsl(*parsed.response, ByteView(first, size));
  }
  return 0;
}
