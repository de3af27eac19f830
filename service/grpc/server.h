// The gRPC server: winnow.v1's services over the domain's use cases, health and reflection.
//
// Handlers parse, call and print; they never block: what takes CPU or disk runs on the domain's
// pools, and replies are sent from whatever thread completes them. gRPC itself stays behind this
// header.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/domain/checks.h"
#include "service/domain/packs_in_use.h"
#include "service/domain/ports/executor.h"
#include "service/domain/rollouts.h"
#include "service/domain/ports/clock.h"
#include "service/domain/ports/store.h"

namespace winnow::rpc {

// PEM files, read once by Server::Start(). All empty: no TLS.
struct TlsFiles {
  std::string certificate_chain;  // the server's, leaf first
  std::string private_key;
  // Authorities of client certificates. When given, a client without a certificate signed by one of
  // them cannot connect (mutual TLS).
  std::string client_ca;
};

struct ServerOptions {
  // "host:port" ("[::1]:50051" for IPv6) or "unix:/path"; port 0 takes a free one.
  std::string listen = "127.0.0.1:50051";
  TlsFiles tls;
  // Without TLS only loopback addresses and Unix sockets are listened on, unless this is set.
  bool allow_plaintext_anywhere = false;
  // Larger than the domain's limits, so that the refusal the caller sees is ours, with its details.
  size_t message_bytes_max = 16 << 20;
  // Checks of one CheckStream that may be in flight; the stream is not read further while it has as
  // many.
  size_t stream_in_flight_max = 64;
  // Connections are closed in turn so that load spreads over servers added later; the grace lets a
  // file check that has just begun reach its deadline.
  absl::Duration connection_age_max = absl::Minutes(5);
  absl::Duration connection_age_grace = absl::Seconds(150);
  // How often a client may ping, and how often the server pings an idle client.
  absl::Duration client_ping_interval_min = absl::Seconds(30);
  absl::Duration keepalive_interval = absl::Minutes(2);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  // How often the health answer is brought up to date with the store and the pack.
  absl::Duration health_interval = absl::Seconds(1);
};

// What Server::Start() would refuse of the options alone, without touching address or port:
// INVALID_ARGUMENT and FAILED_PRECONDITION as there.
absl::Status CheckServerOptions(const ServerOptions& options);

// One finished call, for the access log and metrics. Never holds user text. The views live during
// the call of the hook only.
struct CallRecord {
  std::string_view method;        // "winnow.v1.CheckService/CheckContent"
  std::string_view tenant;        // empty where the call has none or did not get that far
  std::string_view request_id;    // the caller's, as sent; may be empty or ill-formed
  std::string_view trace_parent;  // W3C traceparent header, as sent
  std::string_view peer;          // "ipv4:127.0.0.1:40112"
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string_view reason;  // of a refusal, e.g. "TEXT_TOO_LARGE"
  absl::Duration duration;  // from the handler's begin to the reply
  size_t items = 1;         // contents: of a batch, or checks of a stream
};
// Called once a call, from any thread, possibly concurrently; must not block. May be empty.
using LogHook = std::function<void(const CallRecord&)>;

// What the services call. All must outlive the Server.
struct ServerPorts {
  domain::Checks* checks = nullptr;
  domain::PacksInUse* packs = nullptr;
  domain::Rollouts* rollouts = nullptr;
  domain::Executor* admin_pool = nullptr;  // what administers packs runs here
  const domain::Store* store = nullptr;  // asked for its health only
  const domain::Clock* clock = nullptr;
};

// A running server. Thread safe.
class Server {
 public:
  // Binds and serves; health answers NOT_SERVING until SetServing(true).
  // INVALID_ARGUMENT: `listen` is not an address, or TLS files are missing or unreadable.
  // FAILED_PRECONDITION: plaintext outside loopback was not allowed.
  // UNAVAILABLE: the address cannot be had, for example since another process listens there. Each
  // message names address or file and the remedy.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const ServerPorts& ports, LogHook log);
  // Shuts down at once if Shutdown() was not called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port that is listened on; 0 for a Unix socket.
  int port() const;

  // What health answers for "" and for every service: SERVING when wanted, a pack is in use and the
  // store is well; else NOT_SERVING. Set it to false first when draining.
  void SetServing(bool wanted);

  // Takes no more calls, waits up to `timeout` for those in flight and then cancels the rest.
  // Returns when every handler has finished. Further calls do nothing.
  void Shutdown(absl::Duration timeout);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace winnow::rpc
