#include "tests/tools/run_program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "tests/support/golden.h"
#include "tests/support/temp_dir.h"

namespace winnow::test {
namespace {

std::vector<std::string> Environment(
    const std::vector<std::pair<std::string, std::string>>& extra) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view set = *entry;
    const std::string_view name = set.substr(0, set.find('='));
    // What the developer's shell may hold must not reach the program.
    if (name.substr(0, 7) == "WINNOW_" || name == "NO_COLOR") continue;
    if (std::any_of(extra.begin(), extra.end(),
                    [name](const auto& e) { return e.first == name; })) {
      continue;
    }
    out.emplace_back(set);
  }
  for (const auto& [name, value] : extra) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (const std::string& s : strings) out.push_back(const_cast<char*>(s.c_str()));
  out.push_back(nullptr);
  return out;
}

int ExitCode(int pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int Spawn(const std::vector<std::string>& args,
          const std::vector<std::pair<std::string, std::string>>& env,
          posix_spawn_file_actions_t* actions) {
  const std::vector<std::string> environment = Environment(env);
  int pid = -1;
  const int error = posix_spawn(&pid, args[0].c_str(), actions, nullptr, Pointers(args).data(),
                                Pointers(environment).data());
  EXPECT_EQ(error, 0) << "cannot run " << args[0] << ": " << std::strerror(error);
  return error == 0 ? pid : -1;
}

}  // namespace

RunResult RunProgram(const RunInput& input) {
  const TempDir dir;
  std::ofstream(dir.Sub("in"), std::ios::binary) << input.stdin_bytes;
  const std::string out = input.stdout_path.empty() ? dir.Sub("out") : input.stdout_path;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, dir.Sub("in").c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, dir.Sub("err").c_str(), O_WRONLY | O_CREAT, 0600);
  RunResult result;
  const int pid = Spawn(input.args, input.env, &actions);
  posix_spawn_file_actions_destroy(&actions);
  if (pid < 0) return result;
  result.exit_code = ExitCode(pid);
  if (input.stdout_path.empty()) result.out = ReadFileOrFail(out);
  result.err = ReadFileOrFail(dir.Sub("err"));
  return result;
}

std::string RunOnTerminal(const RunInput& input, unsigned short columns) {
  const TempDir dir;
  std::ofstream(dir.Sub("in"), std::ios::binary) << input.stdin_bytes;
  int terminal = -1;
  int program_side = -1;
  winsize size{.ws_row = 40, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  if (openpty(&terminal, &program_side, nullptr, nullptr, &size) != 0) {
    ADD_FAILURE() << "no terminal: " << std::strerror(errno);
    return "";
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, dir.Sub("in").c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, program_side, 1);
  posix_spawn_file_actions_adddup2(&actions, program_side, 2);
  const int pid = Spawn(input.args, input.env, &actions);
  posix_spawn_file_actions_destroy(&actions);
  close(program_side);
  // The terminal says EIO when the program has closed it.
  std::string shown;
  char buffer[4096];
  for (ssize_t n; (n = read(terminal, buffer, sizeof buffer)) > 0;) {
    shown.append(buffer, static_cast<size_t>(n));
  }
  close(terminal);
  if (pid > 0) ExitCode(pid);
  return shown;
}

Conversation::Conversation(const std::vector<std::string>& args, const std::string& stdout_path) {
  signal(SIGPIPE, SIG_IGN);
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
    ADD_FAILURE() << "no pipe: " << std::strerror(errno);
    return;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  if (stdout_path.empty()) {
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  } else {
    posix_spawn_file_actions_addopen(&actions, 1, stdout_path.c_str(), O_WRONLY, 0);
  }
  pid_ = Spawn(args, {}, &actions);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  to_ = in[1];
  from_ = out[0];
}

Conversation::~Conversation() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    End();
  }
  if (from_ >= 0) close(from_);
}

void Conversation::Say(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(to_, bytes.data(), bytes.size());
    ASSERT_GT(n, 0) << std::strerror(errno);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

long Conversation::MemoryMax() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  constexpr std::string_view kKey = "VmHWM:";
  for (std::string line; std::getline(status, line);) {
    if (line.compare(0, kKey.size(), kKey) == 0) return std::stol(line.substr(kKey.size()));
  }
  ADD_FAILURE() << "no VmHWM of process " << pid_;
  return 0;
}

std::string Conversation::HearLine() {
  std::string line;
  while (line.empty() || line.back() != '\n') {
    pollfd waiting{from_, POLLIN, 0};
    char c;
    if (poll(&waiting, 1, 60'000) != 1 || read(from_, &c, 1) != 1) break;
    line.push_back(c);
  }
  return line;
}

void Conversation::Signal(int signal) {
  EXPECT_EQ(pid_ > 0 ? kill(pid_, signal) : -1, 0) << std::strerror(errno);
}

int Conversation::End() {
  if (to_ >= 0) close(to_);
  to_ = -1;
  const int code = pid_ > 0 ? ExitCode(pid_) : -1;
  pid_ = -1;
  return code;
}

}  // namespace winnow::test
