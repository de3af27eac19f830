// The program rocks_crash_child as a child of the test.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace winnow::rocks {

class CrashProcess {
 public:
  explicit CrashProcess(const std::vector<std::string>& arguments);
  // Kill().
  ~CrashProcess();
  CrashProcess(const CrashProcess&) = delete;
  CrashProcess& operator=(const CrashProcess&) = delete;

  // Its next line, without the end of the line; waits for it. nullopt: it has ended and said no
  // more.
  std::optional<std::string> ReadLine();

  // kill -9, and waits until it is gone. Its lines can still be read.
  void Kill();

 private:
  pid_t pid_ = -1;
  int input_ = -1;   // ours to write
  int output_ = -1;  // ours to read
  std::string read_;
};

}  // namespace winnow::rocks
