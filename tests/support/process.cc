#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

extern char** environ;

namespace winnow {
namespace {

// The line that holds the `skip`-th next `part`.
std::optional<std::string> FindLine(std::string_view text, std::string_view part, size_t* skip) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;  // not yet whole
    const std::string_view line = text.substr(0, end);
    if (line.find(part) != std::string_view::npos && (*skip)-- == 0) return std::string(line);
    text.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace

Process::Process(const Options& options) {
  std::vector<char*> argv;
  for (const std::string& arg : options.argv) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  std::map<std::string, std::string> env = options.set_env;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view all = *variable;
    const size_t equals = all.find('=');
    if (equals != std::string_view::npos) {
      env.emplace(std::string(all.substr(0, equals)), std::string(all.substr(equals + 1)));
    }
  }
  std::vector<std::string> variables;
  for (const auto& [name, value] : env) variables.push_back(name + "=" + value);
  std::vector<char*> envp;
  for (std::string& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);

  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) abort();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, argv[0], &actions, /*attrp=*/nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  close(err[1]);
  if (error != 0) {
    err_ = std::string("cannot start ") + argv[0] + "\n";
    reaped_ = true;
    wait_status_ = 127 << 8;
  } else {
    pid_ = pid;
    threads_.emplace_back([this] { Reap(); });
  }
  threads_.emplace_back([this, fd = out[0]] { Read(fd, &out_); });
  threads_.emplace_back([this, fd = err[0]] { Read(fd, &err_); });
}

Process::~Process() {
  Signal(SIGKILL);
  for (std::thread& thread : threads_) thread.join();
}

void Process::Signal(int number) const {
  std::lock_guard lock(mutex_);
  if (!reaped_) kill(pid_, number);
}

void Process::Read(int fd, std::string* into) {
  char buffer[4096];
  for (;;) {
    const ssize_t n = read(fd, buffer, sizeof(buffer));
    if (n < 0 && errno == EINTR) continue;
    std::lock_guard lock(mutex_);
    if (n <= 0) {
      --open_outputs_;
      changed_.notify_all();
      break;
    }
    into->append(buffer, static_cast<size_t>(n));
    changed_.notify_all();
  }
  close(fd);
}

void Process::Reap() {
  // Left as a zombie until the lock is held, so that Signal() never meets another process's id.
  siginfo_t info;
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  std::lock_guard lock(mutex_);
  waitpid(pid_, &wait_status_, 0);
  reaped_ = true;
  changed_.notify_all();
}

std::optional<Process::Exit> Process::Wait(absl::Duration timeout) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, absl::ToChronoMilliseconds(timeout),
                         [this] { return reaped_ && open_outputs_ == 0; })) {
    return std::nullopt;
  }
  Exit exit{.out = out_, .err = err_};
  if (WIFSIGNALED(wait_status_)) {
    exit.signal = WTERMSIG(wait_status_);
  } else {
    exit.code = WEXITSTATUS(wait_status_);
  }
  return exit;
}

std::optional<std::string> Process::WaitForLine(std::string_view part, size_t skip,
                                                absl::Duration timeout) {
  std::unique_lock lock(mutex_);
  std::optional<std::string> line;
  changed_.wait_for(lock, absl::ToChronoMilliseconds(timeout), [&] {
    size_t left = skip;
    line = FindLine(out_, part, &left);
    if (!line) line = FindLine(err_, part, &left);
    return line.has_value() || (reaped_ && open_outputs_ == 0);
  });
  return line;
}

std::string Process::out() const {
  std::lock_guard lock(mutex_);
  return out_;
}

std::string Process::err() const {
  std::lock_guard lock(mutex_);
  return err_;
}

}  // namespace winnow
