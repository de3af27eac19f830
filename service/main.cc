// winnowd: the only place that names every concrete class.
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "engine/base/read_file.h"
#include "engine/base/shared_files.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "engine/base/write_file.h"
#include "engine/rules/diagnostics.h"
#include "engine/rules/yaml_reader.h"
#include "service/access_log.h"
#include "service/domain/checks.h"
#include "service/domain/packs_in_use.h"
#include "service/domain/rollouts.h"
#include "service/domain/shadow_runs.h"
#include "service/grpc/library_log.h"
#include "service/grpc/listen_address.h"
#include "service/grpc/reply_group.h"
#include "service/grpc/server.h"
#include "service/options.h"
#include "service/rocks/rocks_store.h"
#include "service/rule_files.h"
#include "service/system/clock.h"
#include "service/system/config.h"
#include "service/system/logger.h"
#include "service/system/secret_file.h"
#include "service/system/signals.h"
#include "service/system/thread_pool.h"
#include "service/system/uuid_v7.h"

extern char** environ;

namespace winnow {
namespace {

using system::Config;

// Of packs that are uploaded, downloaded or loaded at a time.
constexpr size_t kAdminBytesMax = 512 << 20;
// Of contents that wait for the shadow; those beyond are not compared, and counted.
constexpr size_t kShadowWaitingMax = 4096, kShadowBytesMax = 64 << 20;

int Refuse(ExitCode code, std::string_view message) {
  std::fprintf(stderr, "winnowd: %.*s\n", static_cast<int>(message.size()), message.data());
  return code;
}

// Prints what is wrong with the configuration; false then.
bool ReadAllConfig(const Options& options, system::ConfigResult* out) {
  system::ConfigInput input;
  input.flags = options.flags;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    input.environment.emplace_back(*variable);
  }
  if (!options.config_path.empty()) {
    absl::StatusOr<std::string> text = ReadRegularFile(options.config_path, rules::kMaxYamlBytes);
    if (!text.ok()) {
      Refuse(kExitConfig, StrCat("cannot read the configuration ", options.config_path, ": ",
                                 ToStd(text.status().message()),
                                 "; name a readable file with --config, or none"));
      return false;
    }
    input.file = rules::SourceFile{options.config_path, *std::move(text)};
  }
  *out = system::ReadConfig(input);
  if (!out->diagnostics.empty()) {
    const std::string rendered =
        rules::Render(out->diagnostics, out->sources, isatty(STDERR_FILENO) != 0);
    std::fputs(rendered.c_str(), stderr);
  }
  return !rules::HasErrors(out->diagnostics);
}

RuleFiles RuleFilesOf(const Config& config) {
  const Config::Rules& rules = config.rules;
  RuleFiles files;
  files.pack = rules.pack.empty() ? SharedFilePath(kBundledPackFile) : rules.pack;
  files.policy = rules.policy.empty() ? SharedFilePath(kDefaultPolicyFile) : rules.policy;
  files.trusted_keys = rules.trusted_keys;
  // Whoever could exchange the bundled pack could exchange this program.
  files.bundled = rules.pack.empty();
  files.any_unsigned_ok = rules.accept_unsigned;
  return files;
}

rpc::ServerOptions ServerOptionsOf(const Config::Server& config) {
  rpc::ServerOptions out;
  out.listen = config.listen;
  out.tls = {config.tls.certificate_file, config.tls.private_key_file, config.tls.client_ca_file};
  out.allow_plaintext_anywhere = config.allow_plaintext_anywhere;
  out.message_bytes_max = config.message_bytes_max;
  out.stream_in_flight_max = static_cast<size_t>(config.stream_in_flight_max);
  out.connection_age_max = config.connection_age_max;
  out.connection_age_grace = config.connection_age_grace;
  return out;
}

domain::Limits LimitsOf(const Config::Limits& config) {
  domain::Limits out;
  out.field_bytes_max = config.field_bytes_max;
  out.content_bytes_max = config.content_bytes_max;
  out.batch_items_max = static_cast<size_t>(config.batch_items_max);
  out.file_bytes_max = config.file_bytes_max;
  out.chunk_bytes_max = config.chunk_bytes_max;
  out.fields_max = static_cast<size_t>(config.fields_max);
  out.findings_max = static_cast<uint32_t>(config.findings_max);
  out.text_deadline_max = config.text_deadline_max;
  out.file_deadline_max = config.file_deadline_max;
  return out;
}

system::ThreadPool::Options PoolOptionsOf(std::string name, const Config::Pool& config) {
  system::ThreadPool::Options out;
  out.name = std::move(name);
  out.threads = config.threads > 0 ? static_cast<int>(config.threads) : system::UsableProcessors();
  out.waiting_max = static_cast<size_t>(config.waiting_max);
  out.bytes_max = config.bytes_max;
  return out;
}

AccessLog AccessLogOf(const Config::Log& config) {
  if (config.access == "none") return AccessLog::kNone;
  return config.access == "failed" ? AccessLog::kFailed : AccessLog::kAll;
}

// Makes the data directory, for its owner only.
absl::Status MakeDataDir(const std::string& path) {
  std::error_code error;
  if (std::filesystem::create_directories(path, error)) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  }
  if (!error && std::filesystem::is_directory(path, error)) return absl::OkStatus();
  const std::string why = error ? error.message() : "it is not a directory";
  return absl::FailedPreconditionError(StrCat("cannot make the data directory ", path, ": ", why,
                                              ". Name another one (`data_dir`, --data-dir)"));
}

// "127.0.0.1:0" and 41234 to "127.0.0.1:41234".
std::string ActualAddress(const std::string& listen, int port) {
  if (rpc::IsUnixAddress(listen)) return listen;
  return StrCat(listen.substr(0, listen.rfind(':') + 1), port);
}

void LogRules(std::string_view message, const Checker& checker, system::Logger* log) {
  const pack::PackInfo& info = checker.pack().info();
  const std::optional<pack::Release>& release = info.release;
  log->Info(message, {{"pack_revision", info.revision},
                      {"policy_revision", checker.policy().revision()},
                      {"sequence", release ? release->sequence : 0},
                      {"signed_by", release ? absl::StrJoin(release->signer_ids, " ") : ""},
                      {"expires", release ? absl::FormatTime(release->expire_time) : ""},
                      {"rules", info.rule_count},
                      {"terms", info.term_count},
                      {"regexes", info.regex_count},
                      {"engine", info.engine},
                      {"recompiled", info.recompiled}});
}

int Serve(const Config& config) {
  // What needs no store is refused before the store is touched.
  const rpc::ServerOptions server_options = ServerOptionsOf(config.server);
  if (const absl::Status checked = rpc::CheckServerOptions(server_options); !checked.ok()) {
    return Refuse(kExitConfig, ToStd(checked.message()));
  }
  if (const absl::Status free = rpc::TryListen(server_options.listen); !free.ok()) {
    return Refuse(kExitListen, ToStd(free.message()));
  }
  system::SystemClock clock;
  system::Logger log({.level = *system::LogLevelFromName(config.log.level)}, &clock);
  rpc::SetLibraryLog([&log](bool is_error, std::string_view message) {
    // What gRPC calls an error is most often a caller's: a handshake that failed.
    log.Log(is_error ? system::LogLevel::kWarning : system::LogLevel::kDebug, "gRPC says",
            {system::LogPair{"text", message}});
  });
  const absl::Cleanup drop_library_log = [] { rpc::SetLibraryLog({}); };

  // Before the server runs a refusal ends the process and is printed instead.
  std::atomic<bool> serving = false;
  const RuleFiles rule_files = RuleFilesOf(config);
  domain::PacksInUse packs(&clock, [&](const domain::PacksInUse::Outcome& outcome) {
    if (!serving) return;
    if (outcome.ok()) {
      LogRules("rules loaded", *(*outcome)->checker, &log);
    } else {
      log.Error("rules refused, those in use stay in use", {{"why", outcome.status().message()}});
    }
  });
  const auto file_policy = ReadPolicy(rule_files);
  if (!file_policy.ok()) return Refuse(kExitRules, ToStd(file_policy.status().message()));
  auto file_pack = ReadPack(rule_files, clock.Now());
  const std::string store_path = StrCat(config.data_dir, "/store");
  // The store may say that a pack of the archive is live instead, once one has been promoted. That
  // is noted beside it, so that a refusal need not open it, which writes.
  const std::string left_files = StrCat(config.data_dir, "/live_from_archive");
  if (std::error_code error; !file_pack.ok() && !std::filesystem::exists(left_files, error)) {
    return Refuse(kExitRules, ToStd(file_pack.status().message()));
  }

  if (const absl::Status made = MakeDataDir(config.data_dir); !made.ok()) {
    return Refuse(kExitStore, ToStd(made.message()));
  }
  absl::StatusOr<std::string> page_token_key =
      system::ReadOrMakeSecretFile(StrCat(config.data_dir, "/page_token.key"), 32);
  if (!page_token_key.ok()) return Refuse(kExitStore, ToStd(page_token_key.status().message()));
  rocks::RocksOptions store_options;
  store_options.path = store_path;
  store_options.created_by = StrCat("winnowd ", Version());
  store_options.relaxed_sync_interval = config.store.relaxed_sync_interval;
  store_options.block_cache_bytes = config.store.block_cache_bytes;
  auto opened = rocks::RocksStore::Open(std::move(store_options));
  if (!opened.ok()) return Refuse(kExitStore, ToStd(opened.status().message()));
  const std::unique_ptr<rocks::RocksStore> store = *std::move(opened);
  system::UuidV7Generator ids(&clock);
  // One thread that gives way to those that answer.
  system::ThreadPool shadow_pool({.name = "shadow",
                                  .threads = 1,
                                  .waiting_max = kShadowWaitingMax,
                                  .nice = 10,
                                  .bytes_max = kShadowBytesMax});
  auto shadow = std::make_unique<
      domain::ShadowRuns>(store.get(), &shadow_pool, &clock, [&log](uint64_t dropped) {
    log.Warning("the shadow does not keep up, contents are not compared", {{"dropped", dropped}});
  });
  domain::Rollouts rollouts({.read_pack = [&] { return ReadPack(rule_files, clock.Now()); },
                             .read_policy = [&] { return ReadPolicy(rule_files); },
                             .open_pack =
                                 [&](std::string bytes, std::string_view name, bool unsigned_ok) {
                                   return OpenPack(rule_files, std::move(bytes), name, unsigned_ok,
                                                   clock.Now());
                                 },
                             .leave_files = [&left_files]() -> absl::Status {
                               std::error_code error;
                               if (std::filesystem::exists(left_files, error)) {
                                 return absl::OkStatus();
                               }
                               return WriteFileWhole(left_files,
                                                     "A pack of the archive has been live; see "
                                                     "`winnow pack list --history`.\n");
                             }},
                            {.store = store.get(),
                             .clock = &clock,
                             .ids = &ids,
                             .packs = &packs,
                             .shadow = shadow.get()});
  if (const absl::Status begun =
          rollouts.Start(file_pack, *file_policy, config.rules.allow_rollback);
      !begun.ok()) {
    return Refuse(kExitRules, ToStd(begun.message()));
  }
  for (const domain::ChannelState& channel : rollouts.Channels()) {
    if (channel.problem.empty()) continue;
    log.Error("a channel is not in use",
              {{"channel", domain::Name(channel.channel)}, {"why", channel.problem}});
  }
  file_pack = absl::StatusOr<domain::IncomingPack>();  // its bytes are needed no more

  const system::ThreadPool::Options scan_options = PoolOptionsOf("scan", config.pools.scan);
  system::ThreadPool scan_pool(scan_options);
  system::ThreadPool io_pool(PoolOptionsOf("io", config.pools.io));
  // Loading packs takes its time and memory, and nobody waits for the next one meanwhile but who
  // asked for it.
  system::ThreadPool admin_pool(
      {.name = "admin", .threads = 2, .waiting_max = 64, .bytes_max = kAdminBytesMax});
  domain::Checks checks({.limits = LimitsOf(config.limits),
                         .relaxed_clean = config.store.relaxed_clean,
                         .request_id_ttl = config.limits.request_id_ttl,
                         .scan_threads = static_cast<size_t>(scan_options.threads),
                         .page_token_key = *std::move(page_token_key)},
                        {.store = store.get(),
                         .scan_pool = &scan_pool,
                         .io_pool = &io_pool,
                         .clock = &clock,
                         .ids = &ids,
                         .packs = &packs,
                         .shadow = shadow.get(),
                         .together = rpc::SendTogether});

  auto started = rpc::Server::Start(server_options,
                                    {.checks = &checks,
                                     .packs = &packs,
                                     .rollouts = &rollouts,
                                     .admin_pool = &admin_pool,
                                     .store = store.get(),
                                     .clock = &clock},
                                    MakeAccessLog(&log, AccessLogOf(config.log)));
  if (!started.ok()) {
    return Refuse(absl::IsUnavailable(started.status()) ? kExitListen : kExitConfig,
                  ToStd(started.status().message()));
  }
  const std::unique_ptr<rpc::Server> server = *std::move(started);
  LogRules("rules in use", *packs.Current()->checker, &log);
  serving = true;
  server->SetServing(true);
  const std::string address = ActualAddress(config.server.listen, server->port());
  log.Info("serving", {{"address", address}, {"version", Version()}});
  std::printf("listening on %s\n", address.c_str());
  std::fflush(stdout);

  for (int signal = system::WaitForSignal(); signal != SIGTERM && signal != SIGINT;
       signal = system::WaitForSignal()) {
    // Either outcome is logged.
    (void)rollouts.Reload({}, false, {"winnowd", "", "SIGHUP"});
  }

  system::ReleaseStopSignals();
  log.Info("stopping", {{"drain_timeout_ms", config.server.drain_timeout}});
  server->SetServing(false);
  const absl::Status drained = checks.Drain(config.server.drain_timeout);
  if (!drained.ok()) log.Warning("calls are cut off", {{"why", drained.message()}});
  // What remains after a drain waits for its caller or for its last reply to be sent.
  server->Shutdown(drained.ok() ? absl::Seconds(1) : absl::ZeroDuration());
  scan_pool.Shutdown();
  io_pool.Shutdown();
  admin_pool.Shutdown();
  shadow_pool.Shutdown();
  shadow.reset();
  if (const absl::Status closed = store->Close(); !closed.ok()) {
    log.Error("the store was not closed cleanly", {{"why", closed.message()}});
    return kExitFailed;
  }
  log.Info("stopped");
  return kExitOk;
}

// What a start would refuse, short of opening the store and the port.
int CheckConfig(const Config& config) {
  const absl::Status checked = rpc::CheckServerOptions(ServerOptionsOf(config.server));
  if (!checked.ok()) return Refuse(kExitConfig, ToStd(checked.message()));
  const auto loaded = LoadRuleFiles(RuleFilesOf(config), system::SystemClock().Now());
  if (!loaded.ok()) return Refuse(kExitRules, ToStd(loaded.status().message()));
  std::printf("the configuration is valid; %s, %s\n", (*loaded)->pack().info().revision.c_str(),
              (*loaded)->policy().revision().c_str());
  return kExitOk;
}

// A check passes through several threads, and by default each that is woken takes the processor
// from the one that woke it, so that every call costs as many changes of thread. Batch scheduling
// leaves the waker running until it has nothing more to do: where cores are busy a call costs a
// third less. Threads inherit it; idle cores take up work as before.
void PreferThroughput() {
  // A policy that whoever started it chose stays. Without ours all is as well, only slower.
  const sched_param param = {};
  if (sched_getscheduler(0) == SCHED_OTHER) (void)sched_setscheduler(0, SCHED_BATCH, &param);
  // Debian builds Abseil so that each of its mutexes, of which gRPC locks dozens a call, looks for
  // deadlocks: a means of development that costs every call.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

int Main(int argc, char** argv) {
  system::HoldSignals();
  Options options;
  if (const std::optional<int> code = ParseOptions(argc, argv, &options)) return *code;
  if (options.action == Options::Action::kPrintDefaultConfig) {
    std::fputs(system::PrintConfig(Config(), nullptr).c_str(), stdout);
    return kExitOk;
  }
  system::ConfigResult read;
  if (!ReadAllConfig(options, &read)) return kExitConfig;
  switch (options.action) {
    case Options::Action::kPrintConfig:
      std::fputs(system::PrintConfig(read.config, &read.origins).c_str(), stdout);
      return kExitOk;
    case Options::Action::kCheckConfig:
      return CheckConfig(read.config);
    default:
      PreferThroughput();
      return Serve(read.config);
  }
}

}  // namespace
}  // namespace winnow

int main(int argc, char** argv) { return winnow::Main(argc, argv); }
