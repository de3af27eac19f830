// A program under test: started, listened to, signalled, waited for.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/time/time.h"

namespace winnow {

// Thread safe. The program is killed when the object goes.
class Process {
 public:
  struct Options {
    std::vector<std::string> argv;               // argv[0]: the program's path
    std::map<std::string, std::string> set_env = {};  // beside what this process has
  };
  explicit Process(const Options& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int pid() const { return pid_; }
  void Signal(int number) const;

  struct Exit {
    int code = -1;    // -1: ended by a signal
    int signal = 0;   // 0: ended by itself
    std::string out;  // all of standard output
    std::string err;  // all of standard error
  };
  // Waits for the program's end; nullopt, and the program goes on, when `timeout` has passed.
  std::optional<Exit> Wait(absl::Duration timeout = absl::Minutes(2));

  // Waits until a line that holds `part` was written to either output after the first `skip` such
  // lines; that line. nullopt when the program has ended or `timeout` has passed without one.
  std::optional<std::string> WaitForLine(std::string_view part, size_t skip = 0,
                                         absl::Duration timeout = absl::Minutes(2));

  // What was written so far.
  std::string out() const;
  std::string err() const;

 private:
  void Read(int fd, std::string* into);
  void Reap();

  int pid_ = -1;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string out_, err_;
  int open_outputs_ = 2;
  bool reaped_ = false;
  int wait_status_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace winnow
