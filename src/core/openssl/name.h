// X509_NAME out of DER. Comparing two with X509_NAME_cmp is RFC 5280 section 7.1: case and white space fold.
#pragma once

#include <openssl/x509.h>

#include "core/base/bytes.h"
#include "core/openssl/owned.h"

namespace client_cert {

using OwnedName = Owned<X509_NAME, X509_NAME_free>;

// Null where OpenSSL cannot decode the whole of it. What is not null may be compared by several threads at once.
inline OwnedName DecodeName(ByteView der) {
  const unsigned char* end = der.data();
  OwnedName name(d2i_X509_NAME(nullptr, &end, static_cast<long>(der.size())));
  if (name && end != der.data() + der.size()) return nullptr;
  return name;
}

inline bool IsSameName(const X509_NAME* a, const X509_NAME* b) {
  return a != nullptr && b != nullptr && X509_NAME_cmp(a, b) == 0;
}

}  // namespace client_cert
