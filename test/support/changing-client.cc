// changing-client PORT 1.2|1.3 CREDENTIAL...: a client that shows another credential (PEM of certificate and key, `none`, `stall`: never answers, or `stolen:FILE`: the certificate in it, without its key) each time that it is asked
// for one; the last one again and again. Prints what the server sends, and at the end what OpenSSL says of it. Does what it reads line by line:
//   send TEXT          TEXT is sent as a line
//   renegotiate        begins a renegotiation
//                      (nothing may be on its way from the server then)
//   repeat COUNT       as many connections, one after the other: sends a request of HTTP on each, and reads until it ends
//   take-over          the same, resuming the session of a connection of its own that the last credential was shown on
#include <arpa/inet.h>
#include <netinet/in.h>
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

// Somebody's certificate, on P-256, and a key that OpenSSL takes for its own until it is used.
int ShowStolen(SSL* ssl, const std::string& file) {
  BIO* in = BIO_new_file(file.c_str(), "r");
  X509* certificate = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
  EC_KEY* key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
  EC_KEY_generate_key(key);
  EC_KEY_set_public_key(key, EC_KEY_get0_public_key(EVP_PKEY_get0_EC_KEY(X509_get0_pubkey(certificate))));
  EVP_PKEY* own = EVP_PKEY_new();
  EVP_PKEY_set1_EC_KEY(own, key);
  return SSL_use_certificate(ssl, certificate) == 1 && SSL_use_PrivateKey(ssl, own) == 1 ? 1 : 0;
}

int Show(SSL* ssl, void* argument) {
  auto& credentials = *static_cast<std::vector<std::string>*>(argument);
  const std::string credential = credentials.front();
  if (credentials.size() > 1) credentials.erase(credentials.begin());
  SSL_certs_clear(ssl);
  if (credential == "none") return 1;
  while (credential == "stall") pause();
  if (credential.rfind("stolen:", 0) == 0) return ShowStolen(ssl, credential.substr(7));
  if (SSL_use_certificate_file(ssl, credential.c_str(), SSL_FILETYPE_PEM) != 1) return 0;
  return SSL_use_PrivateKey_file(ssl, credential.c_str(), SSL_FILETYPE_PEM);
}

SSL* Connect(int port, int version, std::vector<std::string>& credentials) {
  // Of one version only: SSL_set_session would begin anew with that of the context where an SSL has come to another.
  SSL_CTX* context = SSL_CTX_new(version == TLS1_2_VERSION ? TLSv1_2_client_method() : TLS_client_method());
  SSL_CTX_set_min_proto_version(context, version);
  SSL_CTX_set_max_proto_version(context, version);
  SSL_CTX_set_post_handshake_auth(context, 1);
  SSL_CTX_set_cert_cb(context, Show, &credentials);
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::exit(3);
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, connection);
  // What is no data must not keep it from its commands.
  SSL_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
  if (SSL_connect(ssl) != 1) std::exit(4);
  return ssl;
}

void Request(SSL* ssl) {
  const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  SSL_write(ssl, request.data(), static_cast<int>(request.size()));
  char bytes[4096];
  int read = 0;
  do {
    read = SSL_read(ssl, bytes, sizeof bytes);
  } while (read > 0 || SSL_get_error(ssl, read) == SSL_ERROR_WANT_READ);
  close(SSL_get_fd(ssl));
  SSL_CTX_free(SSL_get_SSL_CTX(ssl));
  SSL_free(ssl);
}

int End(const char* what) {
  const unsigned long error = ERR_peek_error();
  const char* reason = ERR_reason_error_string(error);
  std::printf("\n%s: %s\n", what, error == 0 || reason == nullptr ? "closed" : reason);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const int port = std::atoi(arguments[1]);
  const int version = std::string(arguments[2]) == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION;
  std::vector<std::string> credentials(arguments + 3, arguments + count);
  std::vector<std::string> last{credentials.back()};
  SSL* ssl = Connect(port, version, credentials);
  std::string commands;
  pollfd waited[] = {{SSL_get_fd(ssl), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  while (poll(waited, 2, -1) > 0) {
    char bytes[16384];
    if (waited[0].revents != 0) {
      const int read = SSL_read(ssl, bytes, sizeof bytes);
      if (read <= 0 && SSL_get_error(ssl, read) == SSL_ERROR_WANT_READ) continue;
      if (read <= 0) return End("read");
      std::fwrite(bytes, 1, static_cast<std::size_t>(read), stdout);
      std::fflush(stdout);
    }
    if (waited[1].revents == 0) continue;
    const ssize_t read = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (read <= 0) return 0;
    commands.append(bytes, static_cast<std::size_t>(read));
    for (std::size_t end = commands.find('\n'); end != std::string::npos; end = commands.find('\n')) {
      const std::string command = commands.substr(0, end);
      commands.erase(0, end + 1);
      if (command.rfind("send ", 0) == 0) {
        const std::string line = command.substr(5) + "\r\n";
        if (SSL_write(ssl, line.data(), static_cast<int>(line.size())) <= 0) return End("write");
      } else if (command == "renegotiate") {
        SSL_renegotiate(ssl);
        if (SSL_do_handshake(ssl) != 1) return End("renegotiation");
      } else if (command.rfind("repeat ", 0) == 0) {
        for (int i = std::atoi(command.c_str() + 7); i > 0; i--) Request(Connect(port, version, credentials));
        std::printf("repeated\n");
        std::fflush(stdout);
      } else if (command == "take-over") {
        SSL* other = Connect(port, version, last);
        while (SSL_read(other, bytes, 1) <= 0) continue;
        SSL_set_session(ssl, SSL_get1_session(other));
        SSL_renegotiate_abbreviated(ssl);
        if (SSL_do_handshake(ssl) != 1) return End("renegotiation");
      }
    }
  }
}
