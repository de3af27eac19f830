#include "tools/cli/watch.h"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>
#include <string_view>

#include "engine/base/strings.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/rule_source.h"

namespace winnow::cli {
namespace {

namespace fs = std::filesystem;

// An editor that saves several files, or renames, does it within this time.
constexpr int kSettleMs = 60;

class Watcher {
 public:
  ~Watcher() {
    if (inotify_ >= 0) close(inotify_);
    if (signals_ >= 0) close(signals_);
    if (blocked_) sigprocmask(SIG_SETMASK, &before_, nullptr);
  }

  absl::Status Start() {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    blocked_ = sigprocmask(SIG_BLOCK, &ending, &before_) == 0;
    signals_ = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
    inotify_ = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (signals_ >= 0 && inotify_ >= 0) return absl::OkStatus();
    return absl::UnavailableError(StrCat("cannot watch files: ", std::strerror(errno)));
  }

  // A folder and those below it, or the folder of a file: a file that is renamed into place is
  // another than the one that was there. Watching again what is watched changes nothing.
  absl::Status Add(const std::string& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return AddFolder(fs::path(path).parent_path());
    if (absl::Status s = AddFolder(path); !s.ok()) return s;
    auto it = fs::recursive_directory_iterator(path, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      if (!it->is_directory(error)) continue;
      // One that is gone meanwhile need not be watched.
      if (absl::Status s = AddFolder(it->path()); !s.ok() && !absl::IsNotFound(s)) return s;
    }
    return absl::OkStatus();
  }

  size_t folders() const { return folders_.size(); }

  // Waits for a change; false: to end.
  bool Wait() {
    bool changed = false;
    while (true) {
      pollfd fds[] = {{signals_, POLLIN, 0}, {inotify_, POLLIN, 0}};
      const int n = poll(fds, 2, changed ? kSettleMs : -1);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return false;
      if (fds[0].revents != 0) {
        // Taken, or it would end the program once signals are let in again.
        signalfd_siginfo taken;
        while (read(signals_, &taken, sizeof taken) > 0) {
        }
        return false;
      }
      if (n == 0) return true;
      if (fds[1].revents != 0) changed |= TakeEvents();
    }
  }

 private:
  absl::Status AddFolder(const fs::path& folder) {
    const std::string path = folder.empty() ? "." : folder.string();
    constexpr uint32_t kChanges =
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ONLYDIR;
    if (inotify_add_watch(inotify_, path.c_str(), kChanges) >= 0) {
      folders_.insert(path);
      return absl::OkStatus();
    }
    const std::string message = StrCat("cannot watch ", Harmless(path), ": ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(message) : absl::UnavailableError(message);
  }

  // Whether any of those that came concerns rules.
  bool TakeEvents() {
    bool any = false;
    alignas(inotify_event) char buffer[16 * 1024];
    for (ssize_t n; (n = read(inotify_, buffer, sizeof buffer)) > 0;) {
      for (const char* at = buffer; at < buffer + n;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        const std::string_view name = event->len > 0 ? event->name : "";
        const bool rule_file = name.ends_with(".yaml") || name.ends_with(".txt");
        // A file that is created is told again when it has been written.
        const bool written = (event->mask & (IN_CREATE | IN_ISDIR)) != IN_CREATE;
        any |= (event->mask & IN_Q_OVERFLOW) != 0 ||
               (written && (rule_file || (event->mask & IN_ISDIR) != 0));
        at += sizeof(inotify_event) + event->len;
      }
    }
    return any;
  }

  int inotify_ = -1;
  int signals_ = -1;
  bool blocked_ = false;
  sigset_t before_;
  std::set<std::string> folders_;
};

}  // namespace

int Watch(const std::vector<std::string>& paths, const Round& round) {
  Watcher watcher;
  if (const absl::Status s = watcher.Start(); !s.ok()) return Fail(s);
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  while (true) {
    // Before the round: a change that it did not see must wake it again.
    for (const std::string& path : paths) {
      const absl::Status s = watcher.Add(path);
      if (!s.ok() && !absl::IsNotFound(s)) return Fail(s);
    }
    if (terminal) Print("\x1b[H\x1b[2J\x1b[3J");
    std::vector<std::string> read;
    round(&read);
    if (const absl::Status s = FlushOutput(); !s.ok()) return Fail(s);
    for (const std::string& file : read) {
      const absl::Status s = watcher.Add(file);
      if (!s.ok() && !absl::IsNotFound(s)) return Fail(s);
    }
    if (watcher.folders() == 0) {
      Complain("there is nothing to watch");
      return kFailed;
    }
    std::fprintf(stderr, "watching %s; Ctrl-C ends\n",
                 Plural(watcher.folders(), "folder", "folders").c_str());
    if (!watcher.Wait()) return kOk;
  }
}

void AddWatch(CLI::App* command, bool* watch) {
  command->add_flag("--watch", *watch,
                    "Do it again whenever a rule file is saved; Ctrl-C ends, with exit code 0");
}

int OnceOrWatching(bool watch, const std::vector<std::string>& paths, const Round& round) {
  if (watch) return Watch(paths, round);
  std::vector<std::string> read;
  return round(&read);
}

}  // namespace winnow::cli
