// Calls a second through gRPC, 64 in flight, client and server on a core each: winnowd against a
// bare echo services of the same gRPC on the same transport, one that gives bytes back and one that
// reads and writes the generated messages. A server is a process of its own, pinned to one core;
// this process is pinned to the other. A 300-byte clean order is checked.
#include <benchmark/benchmark.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/strings.h"
#include "tests/bench/corpus.h"
#include "tests/bench/ratio.h"
#include "winnow/v1/check_service.grpc.pb.h"

namespace winnow::bench {
namespace {

constexpr int kClientCore = 0;
constexpr int kServerCore = 1;
constexpr int kInFlight = 64;
constexpr int kBatchInFlight = 64;
constexpr int kBatchItems = 100;
constexpr std::string_view kParent = "tenants/bench";
constexpr char kCheckContent[] = "/winnow.v1.CheckService/CheckContent";
constexpr char kBatchCheckContents[] = "/winnow.v1.CheckService/BatchCheckContents";

[[noreturn]] void Die(std::string_view what) {
  std::fprintf(stderr, "grpc_bench: %s\n", std::string(what).c_str());
  std::exit(1);
}

void PinTo(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) {
    std::fprintf(stderr, "grpc_bench: cannot pin to core %d: %s\n", core, std::strerror(errno));
  }
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    Die("no free port");
  }
  close(fd);
  return ntohs(address.sin_port);
}

// What a call costs before anybody looks at its content: the same method, taken and answered as
// bytes. No service can do less.
class BytesEcho final
    : public v1::CheckService::WithRawCallbackMethod_CheckContent<
          v1::CheckService::WithRawCallbackMethod_BatchCheckContents<v1::CheckService::Service>> {
 public:
  grpc::ServerUnaryReactor* CheckContent(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* in,
                                         grpc::ByteBuffer* out) override {
    return GiveBack(context, in, out);
  }
  grpc::ServerUnaryReactor* BatchCheckContents(grpc::CallbackServerContext* context,
                                               const grpc::ByteBuffer* in,
                                               grpc::ByteBuffer* out) override {
    return GiveBack(context, in, out);
  }

 private:
  static grpc::ServerUnaryReactor* GiveBack(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* in, grpc::ByteBuffer* out) {
    *out = *in;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

// What a reader of the API would write first: the generated messages, a reply of the size of ours
// made of the request.
class MessagesEcho final : public v1::CheckService::CallbackService {
 public:
  grpc::ServerUnaryReactor* CheckContent(grpc::CallbackServerContext* context,
                                         const v1::CheckContentRequest* request,
                                         v1::Verdict* verdict) override {
    Fill(request->parent(), *request, verdict);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerUnaryReactor* BatchCheckContents(grpc::CallbackServerContext* context,
                                               const v1::BatchCheckContentsRequest* request,
                                               v1::BatchCheckContentsResponse* response) override {
    for (const v1::CheckContentRequest& item : request->requests()) {
      Fill(request->parent(), item, response->add_results()->mutable_verdict());
    }
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  static void Fill(const std::string& parent, const v1::CheckContentRequest& request,
                   v1::Verdict* verdict) {
    const v1::Content& content = request.content();
    verdict->set_name(
        StrCat(parent, "/verdicts/", content.content_id(), "-0000-7000-8000-000000000000"));
    verdict->set_etag("\"1\"");
    verdict->set_decision(v1::DECISION_ALLOW);
    verdict->set_completeness(v1::COMPLETENESS_COMPLETE);
    verdict->set_content_id(content.content_id());
    verdict->set_account_id(content.account_id());
    verdict->set_surface(content.surface());
    verdict->set_pack_revision("packs/bundled/revisions/0123456789ab");
    verdict->set_policy_revision("policies/default/revisions/0123456789ab");
    verdict->set_detected_charset("UTF-8");
    verdict->set_offset_unit(v1::OFFSET_UNIT_BYTES);
    verdict->mutable_create_time()->set_seconds(1'700'000'000);
    verdict->mutable_create_time()->set_nanos(123'000'000);
    verdict->mutable_check_duration()->set_nanos(4'000);
  }
};

template <typename Service>
int Serve(const std::string& address) {
  Service service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  server->Wait();
  return 0;
}

// A server process on its core, ended with this object.
class ServerProcess {
 public:
  ServerProcess(std::vector<std::string> command, std::vector<std::string> environment) {
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      PinTo(kServerCore);
      for (std::string& variable : environment) putenv(variable.data());
      std::vector<char*> argv;
      for (std::string& arg : command) argv.push_back(arg.data());
      argv.push_back(nullptr);
      if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(126);
      execv(argv[0], argv.data());
      _exit(127);
    }
  }
  ~ServerProcess() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

  // CPU time it has used so far, all threads that live.
  double CpuSeconds() const {
    double nanoseconds = 0;
    const std::string tasks = StrCat("/proc/", pid_, "/task");
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
      std::ifstream stat(task.path() / "schedstat");
      double used = 0;
      if (stat >> used) nanoseconds += used;
    }
    return nanoseconds * 1e-9;
  }

 private:
  pid_t pid_ = -1;
};

enum class Kind { kEcho, kMessageEcho, kRelaxed, kDurable };

bool IsEcho(Kind kind) { return kind == Kind::kEcho || kind == Kind::kMessageEcho; }

class Target {
 public:
  explicit Target(Kind kind) {
    const std::string address = StrCat("127.0.0.1:", FreePort());
    if (IsEcho(kind)) {
      const char* const serve = kind == Kind::kEcho ? "--serve-echo=" : "--serve-message-echo=";
      process_ = std::make_unique<ServerProcess>(
          std::vector<std::string>{"/proc/self/exe", StrCat(serve, address)},
          std::vector<std::string>{});
    } else {
      std::string dir = (std::filesystem::temp_directory_path() / "winnow-bench-XXXXXX").string();
      if (mkdtemp(dir.data()) == nullptr) Die("no temporary directory");
      data_dir_ = dir;
      process_ = std::make_unique<ServerProcess>(
          std::vector<std::string>{StrCat(WINNOW_BIN_DIR, "/winnowd"), "--listen", address,
                                   "--data-dir", data_dir_},
          std::vector<std::string>{
              StrCat("WINNOW__STORE__RELAXED_CLEAN=", kind == Kind::kRelaxed ? "true" : "false")});
    }
    channel_ = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
    if (!channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(30))) {
      Die("a server does not start");
    }
    stub_ = std::make_unique<grpc::GenericStub>(channel_);
  }
  ~Target() {
    stub_.reset();
    channel_.reset();
    process_.reset();
    if (!data_dir_.empty()) std::filesystem::remove_all(data_dir_);
  }

  // One made at first use; all end before the program does.
  static Target& Of(Kind kind) {
    std::unique_ptr<Target>& target = All()[kind];
    if (target == nullptr) target = std::make_unique<Target>(kind);
    return *target;
  }
  static void EndAll() { All().clear(); }

  grpc::GenericStub* stub() { return stub_.get(); }
  const ServerProcess& process() const { return *process_; }

 private:
  static std::map<Kind, std::unique_ptr<Target>>& All() {
    static auto* all = new std::map<Kind, std::unique_ptr<Target>>;
    return *all;
  }

  std::string data_dir_;
  std::unique_ptr<ServerProcess> process_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

v1::CheckContentRequest MakeRequest(size_t i) {
  static const auto* texts =
      new std::vector<std::string>(MakeMessages(Language::kEnglish, 256, 240, 5));
  v1::CheckContentRequest request;
  request.set_parent(std::string(kParent));
  v1::Content* content = request.mutable_content();
  content->set_content_id(StrCat("order-", i));
  content->set_account_id(StrCat("account-", i % 97));
  content->set_surface(v1::SURFACE_ORDER);
  v1::TextField* field = content->add_fields();
  field->set_key("note");
  field->set_text((*texts)[i % texts->size()]);
  return request;
}

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

const std::vector<v1::BatchCheckContentsRequest>& Batches() {
  static const auto* batches = [] {
    auto* requests = new std::vector<v1::BatchCheckContentsRequest>;
    for (size_t i = 0; i < 16; ++i) {
      v1::BatchCheckContentsRequest& request = requests->emplace_back();
      request.set_parent(std::string(kParent));
      for (size_t j = 0; j < kBatchItems; ++j) {
        *request.add_requests() = MakeRequest(i * kBatchItems + j);
        request.mutable_requests(static_cast<int>(j))->clear_parent();
      }
    }
    return requests;
  }();
  return *batches;
}

// Requests are made beforehand, and of the replies one in many is read: the client's core is for
// calling. Client::kFull writes and reads the messages of each.
const std::vector<grpc::ByteBuffer>& Requests(bool batch) {
  static const auto* single = [] {
    auto* requests = new std::vector<grpc::ByteBuffer>;
    for (size_t i = 0; i < 256; ++i) requests->push_back(ToBytes(MakeRequest(i)));
    return requests;
  }();
  static const auto* batches = [] {
    auto* requests = new std::vector<grpc::ByteBuffer>;
    for (const v1::BatchCheckContentsRequest& request : Batches()) {
      requests->push_back(ToBytes(request));
    }
    return requests;
  }();
  return batch ? *batches : *single;
}

std::string ToString(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) Die("a reply cannot be read");
  std::string all;
  for (const grpc::Slice& slice : slices) {
    all.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return all;
}

// That what is measured is what is claimed: a stored verdict, clean.
void Verify(Kind kind, bool batch, const grpc::ByteBuffer& reply) {
  if (kind == Kind::kEcho) return;
  v1::Verdict verdict;
  if (batch) {
    v1::BatchCheckContentsResponse response;
    if (!response.ParseFromString(ToString(reply)) || response.results_size() != kBatchItems) {
      Die("not the reply of a batch");
    }
    verdict = response.results(0).verdict();
  } else if (!verdict.ParseFromString(ToString(reply))) {
    Die("not a verdict");
  }
  if (verdict.decision() != v1::DECISION_ALLOW || verdict.name().empty()) {
    Die(StrCat("not a stored verdict of clean content: ", verdict.ShortDebugString()));
  }
}

struct PendingCall {
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer reply;
  grpc::Status status;
};

enum class Client { kCallback, kLean, kFull };

// Makes `calls` calls, `in_flight` at a time; each one that ends starts the next.
void CallBack(Kind kind, bool batch, bool full, int calls, int in_flight) {
  struct Calling {
    grpc::ClientContext context;
    grpc::ByteBuffer request;
    grpc::ByteBuffer reply;
  };
  Target& target = Target::Of(kind);
  const std::vector<grpc::ByteBuffer>& requests = Requests(batch);
  const std::string method = batch ? kBatchCheckContents : kCheckContent;
  std::mutex mutex;
  std::condition_variable all_done;
  int started = 0, done = 0;
  std::function<void()> start = [&] {
    int i;
    {
      std::lock_guard lock(mutex);
      if (started == calls) return;
      i = started++;
    }
    auto call = std::make_shared<Calling>();
    call->request = full ? ToBytes(Batches()[i % Batches().size()]) : requests[i % requests.size()];
    target.stub()->UnaryCall(&call->context, method, {}, &call->request, &call->reply,
                             [&, call, i](const grpc::Status& status) {
                               if (!status.ok()) Die(status.error_message());
                               if (full || i % 1024 == 0) Verify(kind, batch, call->reply);
                               start();
                               std::lock_guard lock(mutex);
                               if (++done == calls) all_done.notify_one();
                             });
  };
  for (int i = 0; i < in_flight; ++i) start();
  std::unique_lock lock(mutex);
  all_done.wait(lock, [&] { return done == calls; });
}

// The same on one completion queue.
void CallLean(Kind kind, bool batch, int calls, int in_flight) {
  Target& target = Target::Of(kind);
  const std::vector<grpc::ByteBuffer>& requests = Requests(batch);
  const char* method = batch ? kBatchCheckContents : kCheckContent;
  grpc::CompletionQueue queue;
  int started = 0, done = 0;
  const auto start = [&] {
    auto* call = new PendingCall;
    call->reader = target.stub()->PrepareUnaryCall(&call->context, method,
                                                   requests[started++ % requests.size()], &queue);
    call->reader->StartCall();
    call->reader->Finish(&call->reply, &call->status, call);
  };
  while (started < std::min(calls, in_flight)) start();
  void* tag = nullptr;
  bool ok = false;
  while (done < calls && queue.Next(&tag, &ok)) {
    std::unique_ptr<PendingCall> call(static_cast<PendingCall*>(tag));
    if (!call->status.ok()) Die(call->status.error_message());
    if (done++ % 1024 == 0) Verify(kind, batch, call->reply);
    if (started < calls) start();
  }
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
}

void Calls(benchmark::State& state, Kind kind, bool batch, Client client = Client::kCallback) {
  const auto make_calls = [client](Kind kind, bool batch, int calls, int in_flight) {
    if (client == Client::kLean) return CallLean(kind, batch, calls, in_flight);
    CallBack(kind, batch, client == Client::kFull, calls, in_flight);
  };
  const int calls = batch ? 256 : 4000;
  const int in_flight = batch ? kBatchInFlight : kInFlight;
  make_calls(kind, batch, in_flight * 2, in_flight);  // warm connection, caches and pools
  int64_t items = 0;
  const ServerProcess& server = Target::Of(kind).process();
  const double cpu_before = server.CpuSeconds();
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    make_calls(kind, batch, calls, in_flight);
    state.SetIterationTime(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    items += calls * (batch ? kBatchItems : 1);
  }
  state.SetItemsProcessed(items);
  // What bounds the rate: the server's core is full when this times the rate is a second.
  state.counters["server_cpu_us"] =
      (server.CpuSeconds() - cpu_before) * 1e6 / static_cast<double>(items);
}

void Echo(benchmark::State& state) { Calls(state, Kind::kEcho, false); }
void MessageEcho(benchmark::State& state) { Calls(state, Kind::kMessageEcho, false); }
void EchoLean(benchmark::State& state) { Calls(state, Kind::kEcho, false, Client::kLean); }
void CheckRelaxedLean(benchmark::State& state) {
  Calls(state, Kind::kRelaxed, false, Client::kLean);
}
void CheckRelaxed(benchmark::State& state) { Calls(state, Kind::kRelaxed, false); }
void CheckDurable(benchmark::State& state) { Calls(state, Kind::kDurable, false); }
void BatchEcho(benchmark::State& state) { Calls(state, Kind::kEcho, true); }
void BatchMessageEcho(benchmark::State& state) { Calls(state, Kind::kMessageEcho, true); }
void BatchRelaxed(benchmark::State& state) { Calls(state, Kind::kRelaxed, true); }
void BatchRelaxedFull(benchmark::State& state) {
  Calls(state, Kind::kRelaxed, true, Client::kFull);
}
void BatchDurable(benchmark::State& state) { Calls(state, Kind::kDurable, true); }
BENCHMARK(Echo)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(MessageEcho)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(EchoLean)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(CheckRelaxedLean)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(CheckRelaxed)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(CheckDurable)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BatchEcho)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BatchMessageEcho)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BatchRelaxed)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BatchRelaxedFull)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BatchDurable)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace winnow::bench

int main(int argc, char** argv) {
  using winnow::bench::Ratio;
  const std::string_view first = argc > 1 ? argv[1] : "";
  const std::string address(first.substr(std::min(first.size(), first.find('=') + 1)));
  if (first.starts_with("--serve-echo=")) {
    return winnow::bench::Serve<winnow::bench::BytesEcho>(address);
  }
  if (first.starts_with("--serve-message-echo=")) {
    return winnow::bench::Serve<winnow::bench::MessagesEcho>(address);
  }
  winnow::bench::PinTo(winnow::bench::kClientCore);
  const int status = winnow::bench::RunWithRatios(
      argc, argv,
      {{"CheckContent, clean relaxed / bare echo, calls a second", "CheckRelaxed", "Echo",
        Ratio::Limit::kAtLeast, 0.8, true},
       {"the same / echo of generated messages", "CheckRelaxed", "MessageEcho", Ratio::Limit::kNone,
        0, true},
       {"the same / bare echo, lean client", "CheckRelaxedLean", "EchoLean", Ratio::Limit::kNone, 0,
        true},
       {"CheckContent, all durable / bare echo, calls a second", "CheckDurable", "Echo",
        Ratio::Limit::kNone, 0, true},
       {"the same / echo of generated messages", "CheckDurable", "MessageEcho", Ratio::Limit::kNone,
        0, true},
       {"batches of 100 / single calls, relaxed, items a second", "BatchRelaxed", "CheckRelaxed",
        Ratio::Limit::kAtLeast, 10, true},
       {"the same, a client that writes and reads the messages", "BatchRelaxedFull", "CheckRelaxed",
        Ratio::Limit::kNone, 0, true},
       {"batches of 100 / single calls, durable, items a second", "BatchDurable", "CheckDurable",
        Ratio::Limit::kAtLeast, 10, true},
       {"batches of 100 / their echo of bytes, relaxed, items a second", "BatchRelaxed",
        "BatchEcho", Ratio::Limit::kNone, 0, true},
       {"the same / echo of generated messages", "BatchRelaxed", "BatchMessageEcho",
        Ratio::Limit::kNone, 0, true}});
  winnow::bench::Target::EndAll();
  return status;
}
