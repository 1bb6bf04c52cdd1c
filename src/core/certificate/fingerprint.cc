#include "core/certificate/fingerprint.h"

namespace client_cert {

std::optional<Bytes> Fingerprint(Digest digest, ByteView octets) {
  Bytes out(DigestOctets(digest));
  if (!MakeDigest(digest, octets, out)) return std::nullopt;
  return out;
}

}  // namespace client_cert
