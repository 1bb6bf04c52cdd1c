#include "core/tls/handshake_messages.h"

#include <openssl/ssl.h>

#include <optional>

#include "core/base/cursor.h"

namespace client_cert {
namespace {

constexpr std::size_t kHeader = 1 + 3;
constexpr std::size_t kVersionAndRandom = 2 + 32;
constexpr std::size_t kHostName = 0;

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

// server_name_list of one host_name: RFC 6066 permits no second one.
std::string HostNameIn(ByteView extension) {
  Cursor list(extension);
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

}  // namespace

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

}  // namespace client_cert
