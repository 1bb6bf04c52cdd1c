// Until OCSP responses are read: nothing is known of anybody, which is denied.
#include "core/revocation/ocsp.h"
namespace client_cert {
class OcspResponse {};
Bytes OcspRequest(const KnownCertificate&, const KnownCertificate&, ByteView) { return {}; }
ParsedOcspResponse ParseOcspResponse(ByteView) { return {}; }
Bytes NonceOf(const OcspResponse&) { return {}; }
OcspSet::OcspSet(std::vector<OcspResponsePtr>) {}
RevocationFinding CheckOcsp(const RevocationQuestion&, std::span<const OcspSet* const>, const OcspSettings&,
                            std::span<const CrlSet* const>, SignerSource&) {
  return {};
}
}  // namespace client_cert
