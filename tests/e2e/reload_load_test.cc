// Packs change once a second while calls run at 70 % of what the server can do: no call fails, and
// each verdict names a pack that was live at some time of its call.
//
//   e2e_reload_load_test --seconds=60     the full minute; CI runs a few seconds
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "tests/support/test_rules.h"
#include "tests/support/winnowd.h"

namespace winnow {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;

double seconds_of_load = 6;

constexpr int kCallers = 8;
constexpr double kOfCapacity = 0.7;
constexpr auto kBetweenChanges = std::chrono::seconds(1);

struct Called {
  Clock::time_point begin, end;
  std::string revision;  // empty: it failed
  std::string why;
};

// The time in which a revision may have been live: from when the change to it was asked for to when
// the change away from it was answered.
struct Reign {
  std::string revision;
  Clock::time_point from, until = Clock::time_point::max();
};

class Caller {
 public:
  Caller(Winnowd& server, int number) : number_(number) {
    // A connection of its own, as each of many clients has one.
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    checks_ = v1::CheckService::NewStub(
        grpc::CreateCustomChannel(server.address(), grpc::InsecureChannelCredentials(), arguments));
  }

  // One call. `text` is an order as callers write them.
  void Call() {
    Called called;
    v1::CheckContentRequest request = ContentRequest(
        StrCat("order-", number_, "-", calls.size()),
        calls.size() % 50 == 0 ? StrCat("加微信 ", kBlockedWord) : std::string(kOrder));
    v1::Verdict verdict;
    const auto context = NewContext(absl::Seconds(20));
    called.begin = Clock::now();
    const grpc::Status status = checks_->CheckContent(context.get(), request, &verdict);
    called.end = Clock::now();
    if (status.ok()) {
      called.revision = verdict.pack_revision();
    } else {
      called.why = StrCat(status.error_code(), " ", status.error_message());
    }
    calls.push_back(std::move(called));
  }

  std::vector<Called> calls;

 private:
  static constexpr std::string_view kOrder =
      "两把木椅, 一张餐桌, 送货上门; please ring twice and leave the parcel with the neighbour at "
      "number 12, thank you very much. 发票抬头写公司名称。";
  const int number_;
  std::unique_ptr<v1::CheckService::Stub> checks_;
};

TEST(ReloadUnderLoad, FailsNoCallAndNamesAPackThatWasLive) {
  Winnowd server;
  server.Start({"--set", "log.access=none"});
  // A large pack and a small one: the large one takes its time to load.
  const std::string file_a = ReadWholeFile(WINNOW_BIN_DIR "/../share/winnow/bundled.pack");
  const std::string file_b = ReadWholeFile(server.pack_path());
  ASSERT_GT(file_a.size(), 1u << 20);
  const auto put = [&](const std::string& bytes) {
    WriteWholeFile(server.dir() + "/next", bytes);
    ASSERT_EQ(std::rename((server.dir() + "/next").c_str(), server.pack_path().c_str()), 0);
  };
  v1::ActivePack active;
  // With the large one live: capacity is measured where a call costs most.
  put(file_a);
  ASSERT_TRUE(server.packs().ReloadPack(NewContext().get(), {}, &active).ok());
  const std::string revision_a = active.pack_revision();

  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < kCallers; ++i) callers.push_back(std::make_unique<Caller>(server, i));
  const auto run_all = [&](const std::function<void(Caller&, int)>& run) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kCallers; ++i) threads.emplace_back([&, i] { run(*callers[i], i); });
    for (std::thread& thread : threads) thread.join();
  };
  const auto measure = [&](duration<double> time) {
    const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(time);
    size_t before = 0, after = 0;
    for (const auto& caller : callers) before += caller->calls.size();
    run_all([&](Caller& caller, int) {
      while (Clock::now() < end) caller.Call();
    });
    for (const auto& caller : callers) after += caller->calls.size();
    return static_cast<double>(after - before) / time.count();
  };
  measure(duration<double>(0.3));  // connects
  const double capacity = measure(duration<double>(1.5));
  for (const auto& caller : callers) {
    for (const Called& called : caller->calls) ASSERT_EQ(called.revision, revision_a) << called.why;
    caller->calls.clear();
  }

  std::vector<Reign> reigns{{revision_a, Clock::now()}};
  const Clock::time_point begin = Clock::now();
  const Clock::time_point end =
      begin + std::chrono::duration_cast<Clock::duration>(duration<double>(seconds_of_load));
  std::atomic<bool> failed_change = false;
  // By files and by the archive in turn: every way that a pack comes into use.
  std::thread changer([&] {
    v1::RollbackPackRequest rollback;
    v1::ReloadPackRequest reload;
    reload.set_from_files(true);
    for (int i = 0;; ++i) {
      const Clock::time_point due = begin + (i + 1) * kBetweenChanges;
      if (due >= end) return;
      std::this_thread::sleep_until(due);  // the pace is what is tested
      const Clock::time_point asked = Clock::now();
      grpc::Status status;
      v1::Channels channels;
      v1::ActivePack pack;
      switch (i % 4) {
        case 0:
          put(file_b);
          status = server.packs().ReloadPack(NewContext().get(), reload, &pack);
          break;
        case 1:
        case 3:
          status = server.packs().RollbackPack(NewContext().get(), rollback, &channels);
          break;
        case 2: {
          v1::PromotePackRequest promote;
          promote.set_name(reigns[reigns.size() - 2].revision);
          promote.set_channel(v1::CHANNEL_LIVE);
          status = server.packs().PromotePack(NewContext().get(), promote, &channels);
          break;
        }
      }
      if (!status.ok()) {
        ADD_FAILURE() << "change " << i << ": " << status.error_message();
        failed_change = true;
        return;
      }
      const Clock::time_point answered = Clock::now();
      reigns.back().until = answered;
      reigns.push_back(
          {i % 4 == 0 ? pack.pack_revision() : channels.channels(0).pack_revision(), asked});
      EXPECT_NE(reigns.back().revision, reigns[reigns.size() - 2].revision) << "change " << i;
    }
  });
  const double pace = capacity * kOfCapacity / kCallers;
  run_all([&](Caller& caller, int number) {
    // Each in its own place of the second, and behind its time it does not wait.
    for (int i = 0;; ++i) {
      const auto due = begin + std::chrono::duration_cast<Clock::duration>(duration<double>(
                                   (i + static_cast<double>(number) / kCallers) / pace));
      if (due >= end) return;
      std::this_thread::sleep_until(due);
      caller.Call();
    }
  });
  changer.join();
  ASSERT_FALSE(failed_change);

  size_t calls = 0, failed = 0, wrong = 0;
  std::vector<double> milliseconds;
  std::map<std::string, size_t> by_revision;
  for (const auto& caller : callers) {
    for (const Called& called : caller->calls) {
      ++calls;
      milliseconds.push_back(duration<double, std::milli>(called.end - called.begin).count());
      if (called.revision.empty()) {
        if (++failed <= 5) ADD_FAILURE() << called.why;
        continue;
      }
      ++by_revision[called.revision];
      const bool was_live = std::any_of(reigns.begin(), reigns.end(), [&](const Reign& reign) {
        return reign.revision == called.revision && reign.from <= called.end &&
               reign.until >= called.begin;
      });
      wrong += !was_live;
    }
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  const auto at = [&](double part) {
    return milliseconds[std::min(milliseconds.size() - 1,
                                 static_cast<size_t>(part * milliseconds.size()))];
  };
  std::string answered;
  for (const auto& [revision, count] : by_revision)
    StrAppend(&answered, "  ", revision, ": ", count, "\n");
  std::printf("%s",
              absl::StrFormat(
                  "capacity %.0f calls/s; asked %.0f calls/s for %.0f s: %d calls, %d failed, %d "
                  "by a pack that was not live; %d changes\n"
                  "latency ms: median %.2f, 99 %% %.2f, 99.9 %% %.2f, greatest %.2f\n%s",
                  capacity, capacity * kOfCapacity, seconds_of_load, calls, failed, wrong,
                  reigns.size() - 1, at(0.5), at(0.99), at(0.999), milliseconds.back(), answered)
                  .c_str());
  EXPECT_EQ(failed, 0u);
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(by_revision.size(), 2u) << "both were live";
  EXPECT_EQ(reigns.size(), static_cast<size_t>(std::ceil(seconds_of_load)));
  EXPECT_GT(calls, 100u);
  server.Stop();
}

}  // namespace
}  // namespace winnow

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::sscanf(argv[i], "--seconds=%lf", &winnow::seconds_of_load) != 1 ||
        winnow::seconds_of_load < 5) {
      std::fprintf(stderr, "usage: %s [--seconds=N]   N at least 5\n", argv[0]);
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
