// two-names-client PORT PEM FIRST SECOND: a TLS 1.3 client that names one server in its first ClientHello and another in the second, which the server
// has to demand by a HelloRetryRequest (groups: X25519, then P-384). Sends a request for SECOND and prints the answer.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

const char* second_name;

void OnMessage(int is_sent, int, int content_type, const void* message, size_t length, SSL* ssl, void*) {
  const auto* bytes = static_cast<const unsigned char*>(message);
  const bool is_hello = content_type == SSL3_RT_HANDSHAKE && length > 0 && bytes[0] == SSL3_MT_CLIENT_HELLO;
  if (is_sent != 0 && is_hello) SSL_set_tlsext_host_name(ssl, second_name);
}

}  // namespace

int main(int, char** arguments) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set1_groups_list(context, "X25519:P-384");
  SSL_CTX_set_msg_callback(context, OnMessage);
  if (SSL_CTX_use_certificate_chain_file(context, arguments[2]) != 1) return 2;
  if (SSL_CTX_use_PrivateKey_file(context, arguments[2], SSL_FILETYPE_PEM) != 1) return 2;
  second_name = arguments[4];

  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(arguments[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 3;

  SSL* ssl = SSL_new(context);
  SSL_set_tlsext_host_name(ssl, arguments[3]);
  SSL_set_fd(ssl, connection);
  if (SSL_connect(ssl) != 1) return 4;
  const std::string request = std::string("GET / HTTP/1.1\r\nHost: ") + second_name + "\r\nConnection: close\r\n\r\n";
  SSL_write(ssl, request.data(), static_cast<int>(request.size()));
  char answer[4096];
  for (int read = SSL_read(ssl, answer, sizeof answer); read > 0; read = SSL_read(ssl, answer, sizeof answer)) {
    std::fwrite(answer, 1, static_cast<size_t>(read), stdout);
  }
  return 0;
}
