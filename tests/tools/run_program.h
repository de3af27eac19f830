// Running the built programs as their users do.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace winnow::test {

struct RunResult {
  int exit_code = -1;  // 128 + N when signal N ended it
  std::string out;
  std::string err;
};

struct RunInput {
  std::vector<std::string> args;  // the program's path first
  std::string stdin_bytes = {};
  std::vector<std::pair<std::string, std::string>> env = {};  // set beside the test's own
  std::string stdout_path = {};  // where standard output goes instead of RunResult::out
};

// Runs a program to its end. The standard streams are files, so that nothing can block.
RunResult RunProgram(const RunInput& input);

// Runs a program on a terminal of `columns` columns and gives what it shows there. Standard error
// is the terminal too; line ends are "\r\n", as terminals have them.
std::string RunOnTerminal(const RunInput& input, unsigned short columns);

// A program that is talked to through pipes.
class Conversation {
 public:
  // With `stdout_path`, what it says goes there and is not heard.
  explicit Conversation(const std::vector<std::string>& args, const std::string& stdout_path = "");
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // Waits while the program is busy with what was said before.
  void Say(std::string_view bytes);
  // The next line of its standard output, with its line end; what there is of it when the program
  // ends or is silent for a minute.
  std::string HearLine();
  // The most memory it had so far, in KiB.
  long MemoryMax() const;
  // Sends it a signal, such as SIGINT: Ctrl-C.
  void Signal(int signal);
  // Closes its standard input and waits for its end; its exit code.
  int End();

 private:
  int pid_ = -1;
  int to_ = -1;
  int from_ = -1;
};

}  // namespace winnow::test
