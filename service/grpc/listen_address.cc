#include "service/grpc/listen_address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "engine/base/strings.h"

namespace winnow::rpc {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";

struct HostPort {
  std::string host, port;
};

std::optional<HostPort> Split(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = address.substr(0, colon);
  const std::string port(address.substr(colon + 1));
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || (!bracketed && host.find(':') != std::string_view::npos)) return std::nullopt;
  int number = -1;
  if (port.empty() || port.find_first_not_of("0123456789") != std::string::npos ||
      !absl::SimpleAtoi(port, &number) || number > 65535) {
    return std::nullopt;
  }
  return HostPort{std::string(host), port};
}

class Socket {
 public:
  explicit Socket(int family) : fd_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

// 0 or the errno of binding.
int TryBind(const sockaddr* address, socklen_t length) {
  const Socket socket(address->sa_family);
  if (socket.fd() < 0) return errno;
  const int on = 1;
  setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(socket.fd(), address, length) != 0 || listen(socket.fd(), 1) != 0) return errno;
  return 0;
}

absl::Status Explain(const std::string& address, int error) {
  std::string remedy;
  switch (error) {
    case EADDRINUSE:
      remedy = "another process listens there; stop it or configure another address";
      break;
    case EEXIST:
      remedy = "a file that is no socket is in the way; remove it or configure another path";
      break;
    case EACCES:
    case EPERM:
      remedy = "this user may not use it; choose a port above 1023 or grant CAP_NET_BIND_SERVICE";
      break;
    case EADDRNOTAVAIL:
      remedy = "no interface of this machine has it";
      break;
    default:
      remedy = "configure another address";
  }
  return absl::UnavailableError(
      StrCat("cannot listen on ", address, ": ", strerror(error), "; ", remedy));
}

// 0 or an errno.
int TryUnix(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.data(), path.size());
  struct stat info;
  if (lstat(address.sun_path, &info) != 0) {
    const int error = TryBind(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    if (error == 0) unlink(address.sun_path);
    return error;
  }
  // A socket that nobody listens on was left by a process that died; gRPC takes its place. One that
  // somebody listens on it would take away from them.
  if (!S_ISSOCK(info.st_mode)) return EEXIST;
  const Socket probe(AF_UNIX);
  if (probe.fd() < 0) return errno;
  if (connect(probe.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    return EADDRINUSE;
  }
  return errno == ECONNREFUSED ? 0 : errno;
}

// "127.0.0.1", not "127.example.org".
bool IsLoopbackNumber(std::string_view host) {
  return absl::StartsWith(ToAbsl(host), "127.") &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

bool IsUnixAddress(std::string_view address) {
  return absl::StartsWith(ToAbsl(address), ToAbsl(kUnixPrefix));
}

absl::Status CheckListenAddress(std::string_view address) {
  if (IsUnixAddress(address) ? address.size() > kUnixPrefix.size() : Split(address).has_value()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      StrCat("'", address,
             "' is not an address to listen on: write host:port, such as "
             "127.0.0.1:50051 or [::1]:50051, or unix:/path"));
}

bool IsLocalAddress(std::string_view address) {
  if (IsUnixAddress(address)) return true;
  const std::optional<HostPort> parts = Split(address);
  return parts &&
         (parts->host == "localhost" || parts->host == "::1" || IsLoopbackNumber(parts->host));
}

absl::Status TryListen(const std::string& address) {
  if (IsUnixAddress(address)) {
    const int error = TryUnix(std::string_view(address).substr(kUnixPrefix.size()));
    return error == 0 ? absl::OkStatus() : Explain(address, error);
  }
  const HostPort parts = Split(address).value_or(HostPort{});
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &found);
      error != 0) {
    return absl::UnavailableError(StrCat("cannot listen on ", address,
                                         ": the host name is not known (", gai_strerror(error),
                                         "); write an IP address"));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  // One that can be had is enough: a name may stand for an IPv6 address that this machine lacks.
  int error = 0;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    error = TryBind(a->ai_addr, a->ai_addrlen);
    if (error == 0 || error == EADDRINUSE) break;
  }
  return error == 0 ? absl::OkStatus() : Explain(address, error);
}

}  // namespace winnow::rpc
