// Fuzzing the decoder of OCSP responses: whatever the octets are, there is a response whose every part lies within what
// was read and which is found by each of its serial numbers, or there is none.
//
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Isrc fuzz/ocsp_response_fuzz.cc src/core/der/*.cc
//     src/core/certificate/*.cc src/core/path/known_certificate.cc src/core/revocation/ocsp_response.cc
//     src/core/revocation/ocsp_set.cc -lcrypto -o ocsp_response_fuzz
//
// With -DSTANDALONE and without "fuzzer" it reads the files that it is given, for compilers that have no libFuzzer.
#include <algorithm>
#include <cstdlib>

#include "core/base/budget.h"
#include "core/revocation/ocsp_response.h"

namespace {

using namespace client_cert;

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckSingle(const OcspSingleResponse& single, const OcspSet& set, const OcspResponsePtr& response) {
  Check(!single.cert_id.serial.empty());
  Check(!single.next_update || *single.next_update >= single.this_update);
  Check(!single.reason || single.status == OcspSingleResponse::CertStatus::kRevoked);
  const auto found = set.WithSerial(single.cert_id.serial);
  Check(found.size() == 1 && found[0] == response);
}

void CheckResponse(const OcspResponsePtr& response, std::size_t size) {
  Check(response->tbs_response_data().size() + response->signature_algorithm().size() + response->signature().size() <
        size);
  Check(NonceOf(*response).size() <= response->tbs_response_data().size());
  Check(!response->single_responses().empty());
  Check(response->single_responses().size() <= budget::kOcspSingleResponses);
  Check(response->responders().size() <= budget::kOcspCertificates);
  for (const CertificatePtr& responder : response->responders()) {
    Check(responder->decoded != nullptr && response->IsBy(*responder));
  }
  const OcspSet set({response});
  for (const OcspSingleResponse& single : response->single_responses()) CheckSingle(single, set, response);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  const ParsedOcspResponse parsed = ParseOcspResponse(ByteView(first, size));
  Check((parsed.response != nullptr) == (parsed.state == OcspResponseState::kSuccessful));
  if (parsed.response) CheckResponse(parsed.response, size);
  return 0;
}

#ifdef STANDALONE
#include <fstream>
#include <iterator>

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const Bytes octets{std::istreambuf_iterator<char>(file), {}};
    LLVMFuzzerTestOneInput(octets.data(), octets.size());
  }
}
#endif
