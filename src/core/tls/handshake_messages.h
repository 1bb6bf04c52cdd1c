// What is read of handshake messages as they pass (RFC 8446 section 4, RFC 5246 section 7.4). Each begins with the
// handshake header: its type and length.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace client_cert {

// Of a ClientHello: the host_name of its server_name extension (RFC 6066 section 3), in lower case; empty where it
// names none or is malformed, which OpenSSL then refuses itself.
std::string ServerNameIn(ByteView client_hello);

// The same of that extension's content alone.
std::string HostNameIn(ByteView server_name_extension);

// Of a ServerHello: whether the session has the extended master secret (RFC 7627).
bool HasExtendedMasterSecret(ByteView server_hello);

// Of a Certificate message: whether it holds one. False for one that is cut short. `version` is OpenSSL's number of the
// protocol.
bool HoldsCertificates(ByteView certificate, int version);

// Of a ServerHello: whether it asks for another ClientHello (RFC 8446 section 4.1.4). False for any other message.
bool IsHelloRetryRequest(ByteView message);

// Of the messages of a handshake in TLS 1.3, in order: the certificate_request_context of its CertificateRequest. Empty
// where there is none.
Bytes CertificateRequestContextIn(ByteView messages);

// The Certificate message of TLS 1.3 (RFC 8446 section 4.4.2) with these certificates, in DER and leaf first, none of
// which has extensions.
Bytes CertificateMessage(ByteView request_context, const std::vector<Bytes>& chain);

}  // namespace client_cert
