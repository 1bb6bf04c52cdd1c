// Channel bindings: octets that name a TLS connection, or its server, for protocols above it (RFC 5056).
#pragma once

#include <openssl/x509.h>

#include <optional>
#include <string_view>

#include "core/base/bytes.h"
#include "core/tls/connection.h"

namespace client_cert {

struct ChannelBinding {
  std::string_view type;  // as IANA registers it, of static storage
  Bytes token;
};

// Of this connection alone: tls-exporter (RFC 9266) of TLS 1.3; tls-unique (RFC 5929) of TLS 1.2, where the extended
// master secret (RFC 7627) keeps two connections from having the same. Nothing for any other.
std::optional<ChannelBinding> UniqueBindingOf(const Connection& connection);

// Of the server's certificate: tls-server-end-point (RFC 5929). Nothing where its signature algorithm has no digest,
// for which the RFC defines none.
std::optional<ChannelBinding> EndPointBindingOf(const X509* server_certificate);

}  // namespace client_cert
