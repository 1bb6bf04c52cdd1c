#include "core/tls/client_hello.h"

#include "core/base/cursor.h"

namespace client_cert {
namespace {

constexpr std::size_t kServerNameExtension = 0;
constexpr std::size_t kHostName = 0;

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

std::string ServerNameIn(ByteView message) {
  Cursor hello(message);
  hello.Take(1 + 3);    // type and length
  hello.Take(2 + 32);   // version and random
  hello.TakeVector(1);  // session id
  hello.TakeVector(2);  // cipher suites
  hello.TakeVector(1);  // compression methods
  Cursor extensions(hello.TakeVector(2));
  while (extensions.Ok() && !extensions.Rest().empty()) {
    const std::size_t type = extensions.TakeNumber(2);
    const ByteView content = extensions.TakeVector(2);
    if (extensions.Ok() && type == kServerNameExtension) return HostNameIn(content);
  }
  return {};
}

}  // namespace client_cert
