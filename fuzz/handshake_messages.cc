// What is read of handshake messages as they pass, before OpenSSL has looked at them, and what is kept of them.
#include "core/tls/handshake_messages.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "core/base/budget.h"
#include "core/base/cursor.h"
#include "core/tls/transcript.h"
#include "support/check.h"

namespace {

using namespace client_cert;
using client_cert_fuzz::Check;

void CheckReaders(ByteView message) {
  const std::string name = ServerNameIn(message);
  Check(name.size() <= message.size(), "a server name is within");
  Check(std::ranges::none_of(name, [](char letter) { return letter >= 'A' && letter <= 'Z'; }), "a name in lower case");
  static_cast<void>(HasExtendedMasterSecret(message));
  static_cast<void>(HoldsCertificates(message, TLS1_2_VERSION));
  static_cast<void>(HoldsCertificates(message, TLS1_3_VERSION));
  const Bytes context = CertificateRequestContextIn(message);
  Check(context.size() <= message.size() && context.size() <= 255, "a context is within");
  const Bytes certificate = CertificateMessage(context, {Bytes(message.begin(), message.end())});
  Check(HoldsCertificates(certificate, TLS1_3_VERSION), "what was written holds a certificate");
}

// Each message: its length in two octets, then as much; one without any says that the handshake has ended.
void CheckTranscript(ByteView octets) {
  HandshakeTranscript transcript;
  Cursor messages(octets);
  while (messages.Ok() && !messages.Rest().empty()) {
    const ByteView message = messages.TakeVector(2);
    if (!messages.Ok()) break;
    if (message.empty()) {
      transcript.Keep(EVP_sha256());
    } else {
      transcript.Add(message);
    }
    Check(transcript.Messages().size() <= budget::kTranscriptOctets, "within the budget");
  }
  const std::optional<Bytes> hash = transcript.Hash(EVP_sha256(), {});
  Check(!hash || hash->size() == 32, "a hash has its length");
  Check(hash == transcript.Hash(EVP_sha256(), {}), "the same is hashed the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* first, std::size_t size) {
  const ByteView octets(first, size);
  CheckReaders(octets);
  CheckTranscript(octets);
  return 0;
}
