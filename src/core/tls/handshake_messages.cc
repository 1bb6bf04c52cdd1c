#include "core/tls/handshake_messages.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "core/base/cursor.h"

namespace client_cert {
namespace {

constexpr std::size_t kHeader = 1 + 3;
constexpr std::size_t kVersionAndRandom = 2 + 32;
constexpr std::size_t kHostName = 0;

// The random of a ServerHello that is one: SHA-256 of "HelloRetryRequest".
constexpr std::array<std::uint8_t, 32> kHelloRetryRequest{
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

// A big-endian number of `octets` octets.
void Append(Bytes& message, std::size_t number, std::size_t octets) {
  for (std::size_t left = octets; left > 0; --left) {
    message.push_back(static_cast<std::uint8_t>(number >> (8 * (left - 1))));
  }
}

// Of the extensions that come next.
std::optional<ByteView> FindExtension(Cursor& hello, std::size_t wanted) {
  Cursor extensions(hello.TakeVector(2));
  while (extensions.Ok() && !extensions.Rest().empty()) {
    const std::size_t type = extensions.TakeNumber(2);
    const ByteView content = extensions.TakeVector(2);
    if (extensions.Ok() && type == wanted) return content;
  }
  return std::nullopt;
}

}  // namespace

// server_name_list of one host_name: RFC 6066 permits no second one.
std::string HostNameIn(ByteView server_name_extension) {
  Cursor list(server_name_extension);
  Cursor names(list.TakeVector(2));
  const bool is_host_name = names.TakeNumber(1) == kHostName;
  const ByteView host = names.TakeVector(2);
  if (!names.Ok() || !is_host_name) return {};
  std::string name(host.begin(), host.end());
  for (char& letter : name) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return name;
}

std::string ServerNameIn(ByteView client_hello) {
  Cursor hello(client_hello);
  hello.Take(kHeader);
  hello.Take(kVersionAndRandom);
  hello.TakeVector(1);  // session id
  hello.TakeVector(2);  // cipher suites
  hello.TakeVector(1);  // compression methods
  const std::optional<ByteView> extension = FindExtension(hello, TLSEXT_TYPE_server_name);
  return extension ? HostNameIn(*extension) : std::string();
}

bool HasExtendedMasterSecret(ByteView server_hello) {
  Cursor hello(server_hello);
  hello.Take(kHeader);
  hello.Take(kVersionAndRandom);
  hello.TakeVector(1);  // session id
  hello.Take(2);        // cipher suite
  hello.Take(1);        // compression method
  return FindExtension(hello, TLSEXT_TYPE_extended_master_secret).has_value();
}

bool HoldsCertificates(ByteView certificate, int version) {
  Cursor message(certificate);
  message.Take(kHeader);
  if (version == TLS1_3_VERSION) message.TakeVector(1);  // certificate_request_context
  const std::size_t length = message.TakeNumber(3);
  return message.Ok() && length > 0;
}

bool IsHelloRetryRequest(ByteView message) {
  Cursor hello(message);
  if (hello.TakeNumber(1) != SSL3_MT_SERVER_HELLO) return false;
  hello.Take(3);  // length
  hello.Take(2);  // version
  const ByteView random = hello.Take(kHelloRetryRequest.size());
  return hello.Ok() && std::ranges::equal(random, kHelloRetryRequest);
}

Bytes CertificateRequestContextIn(ByteView messages) {
  Cursor cursor(messages);
  while (cursor.Ok() && !cursor.Rest().empty()) {
    const std::size_t type = cursor.TakeNumber(1);
    Cursor content(cursor.TakeVector(3));
    if (type != SSL3_MT_CERTIFICATE_REQUEST) continue;
    const ByteView context = content.TakeVector(1);
    return {context.begin(), context.end()};
  }
  return {};
}

Bytes CertificateMessage(ByteView request_context, const std::vector<Bytes>& chain) {
  Bytes list;
  for (const Bytes& der : chain) {
    Append(list, der.size(), 3);
    list.insert(list.end(), der.begin(), der.end());
    Append(list, 0, 2);  // extensions
  }
  Bytes message;
  Append(message, SSL3_MT_CERTIFICATE, 1);
  Append(message, 1 + request_context.size() + 3 + list.size(), 3);
  Append(message, request_context.size(), 1);
  message.insert(message.end(), request_context.begin(), request_context.end());
  Append(message, list.size(), 3);
  message.insert(message.end(), list.begin(), list.end());
  return message;
}

}  // namespace client_cert
