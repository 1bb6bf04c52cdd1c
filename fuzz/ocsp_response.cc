// Fuzzing the decoder of OCSP responses: whatever the octets are, there is a response whose every part lies within what
// was read and which is found by each of its serial numbers, or there is none.
#include "core/revocation/ocsp_response.h"

#include <openssl/ocsp.h>

#include <algorithm>

#include "core/base/budget.h"
#include "core/openssl/error_queue.h"
#include "support/check.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;

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

// What we accept, OpenSSL reads as the same.
void CheckAgainstOpenSsl(const OcspResponse& ours, ByteView der) {
  const unsigned char* at = der.data();
  const Owned<OCSP_RESPONSE, OCSP_RESPONSE_free> theirs(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  Check(theirs && at == der.data() + der.size(), "OpenSSL reads it");
  Check(OCSP_response_status(theirs.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL, "it is successful");
  const Owned<OCSP_BASICRESP, OCSP_BASICRESP_free> basic(OCSP_response_get1_basic(theirs.get()));
  // OpenSSL also reads the certificates in it that are not the responder's; we have no use for those.
  if (!basic) return;
  const auto& singles = ours.single_responses();
  Check(singles.size() == static_cast<std::size_t>(OCSP_resp_count(basic.get())), "of how many certificates it speaks");
  for (std::size_t i = 0; i < singles.size(); ++i) {
    OCSP_SINGLERESP* single = OCSP_resp_get0(basic.get(), static_cast<int>(i));
    const int status = OCSP_single_get0_status(single, nullptr, nullptr, nullptr, nullptr);
    // Both count: good, revoked, unknown.
    Check(status == static_cast<int>(singles[i].status), "what it says of a certificate");
  }
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
