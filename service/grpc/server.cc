#include "service/grpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/grpc/check_service.h"
#include "service/grpc/listen_address.h"
#include "service/grpc/pack_service.h"
#include "service/grpc/tls_files.h"

namespace winnow::rpc {
namespace {

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> Credentials(const ServerOptions& options) {
  const TlsFiles& tls = options.tls;
  if (tls.certificate_chain.empty() && tls.private_key.empty() && tls.client_ca.empty()) {
    if (!options.allow_plaintext_anywhere && !IsLocalAddress(options.listen)) {
      return absl::FailedPreconditionError(
          StrCat("refusing to listen on ", options.listen,
                 " without TLS: configure a certificate, listen on 127.0.0.1, or allow plaintext "
                 "where something in front of the server does TLS"));
    }
    return grpc::InsecureServerCredentials();
  }
  grpc::SslServerCredentialsOptions ssl(
      tls.client_ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                            : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  ASSIGN_OR_RETURN(TlsMaterial material, ReadTlsFiles(tls));
  ssl.pem_key_cert_pairs.push_back(
      {std::move(material.private_key), std::move(material.certificate_chain)});
  ssl.pem_root_certs = std::move(material.client_ca);
  return grpc::SslServerCredentials(ssl);
}

int Milliseconds(absl::Duration d) { return static_cast<int>(absl::ToInt64Milliseconds(d)); }

}  // namespace

absl::Status CheckServerOptions(const ServerOptions& options) {
  RETURN_IF_ERROR(CheckListenAddress(options.listen));
  return Credentials(options).status();
}

struct Server::Impl {
  Impl(const ServerOptions& options, const ServerPorts& ports, LogHook log)
      : runtime{ports, options, std::move(log)}, checks(&runtime), packs(&runtime) {}

  // Keeps the health answer in step with what it depends on. Store::Health() may take its time,
  // which is why no gRPC thread asks for it.
  void WatchHealth() {
    std::unique_lock lock(mutex);
    while (!stop) {
      const bool want = wanted;
      lock.unlock();
      const bool serving =
          want && runtime.ports.packs->Current() != nullptr && runtime.ports.store->Health().ok();
      lock.lock();
      if (wanted != want) continue;
      server->GetHealthCheckService()->SetServingStatus(serving);
      changed.wait_for(lock, absl::ToChronoMilliseconds(runtime.options.health_interval),
                       [&] { return stop || wanted != want; });
    }
  }

  const Runtime runtime;
  CheckServiceHandlers checks;
  PackServiceHandlers packs;
  std::unique_ptr<grpc::Server> server;
  int port = 0;

  std::mutex mutex;
  std::condition_variable changed;
  bool wanted = false;
  bool stop = false;
  std::thread health;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const ServerPorts& ports, LogHook log) {
  RETURN_IF_ERROR(CheckListenAddress(options.listen));
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::ServerCredentials> credentials, Credentials(options));
  // Asked first, since gRPC logs why it cannot but does not say.
  RETURN_IF_ERROR(TryListen(options.listen));
  auto impl = std::make_unique<Impl>(options, ports, std::move(log));

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen, credentials, &impl->port);
  builder.RegisterService(&impl->checks);
  builder.RegisterService(&impl->packs);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.message_bytes_max));
  // Two servers that share a port by mistake would each get half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Replies are not compressed, and nobody asks for channelz' counts: both cost each call.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_interval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             Milliseconds(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(options.client_ping_interval_min));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             Milliseconds(options.connection_age_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Milliseconds(options.connection_age_grace));
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr) {
    RETURN_IF_ERROR(TryListen(options.listen));
    return absl::UnavailableError(StrCat("cannot listen on ", options.listen,
                                         ", though a moment ago it was free: try again"));
  }
  if (IsUnixAddress(options.listen)) impl->port = 0;
  grpc::HealthCheckServiceInterface* health = impl->server->GetHealthCheckService();
  health->SetServingStatus("", false);
  health->SetServingStatus(v1::CheckService::service_full_name(), false);
  health->SetServingStatus(v1::PackService::service_full_name(), false);
  impl->health = std::thread([impl = impl.get()] { impl->WatchHealth(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { Shutdown(absl::ZeroDuration()); }

int Server::port() const { return impl_->port; }

void Server::SetServing(bool wanted) {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->wanted = wanted;
    // At once, so that a drain that begins now is seen by whoever asks next.
    if (!wanted) impl_->server->GetHealthCheckService()->SetServingStatus(false);
  }
  impl_->changed.notify_one();
}

void Server::Shutdown(absl::Duration timeout) {
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->stop) return;
    impl_->stop = true;
  }
  impl_->changed.notify_one();
  impl_->health.join();
  impl_->server->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
  impl_->server->Wait();
}

}  // namespace winnow::rpc
