// CrlEntryReader: revokedCertificates of a CRL, entry by entry (RFC 5280 section 5.3).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/certificate/extensions.h"
#include "core/revocation/crl_entries.h"

namespace client_cert {

class CrlEntryReader {
 public:
  enum class ExtensionsAllowed : std::uint8_t { kNo, kYes };

  explicit CrlEntryReader(ExtensionsAllowed allowed) : allowed_(allowed) {}

  // The next entry, which is then in the members below.
  bool Read(der::Reader& in);

  ByteView serial;  // two's complement
  CrlEntry entry;
  // certificateIssuer: GeneralNames, tag included; empty where this entry has none.
  ByteView certificate_issuer;
  // Whether any entry so far has a critical extension that is not known.
  bool has_unknown_critical = false;

 private:
  // False where the next entry is of another form, or wrong.
  bool ReadCommonForm(der::Reader& in);
  bool ReadEntryExtensions(der::Reader& in);
  bool ReadEntryExtension(const der::Reader& in, const Extension& extension);

  ExtensionsAllowed allowed_;
  std::vector<Extension> extensions_;  // of this entry; kept for its memory
};

}  // namespace client_cert
