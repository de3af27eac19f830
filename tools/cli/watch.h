// Doing something again whenever rule files change.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace winnow::cli {

// A round of a command. It fills `read` with the paths of the files that it read, so that lists
// that lie elsewhere are watched as well, and gives its exit code.
using Round = std::function<int(std::vector<std::string>* read)>;

// Calls `round` at once, and again after each change of a .yaml or .txt file in the folders of
// `paths` and of the files of earlier rounds, however an editor writes: in place, or beside and
// renamed. Changes that come together are one. On a terminal the screen is cleared before a round;
// between rounds standard error says what is waited for. What `round` prints is flushed.
//
// Returns at SIGINT or SIGTERM: kOk, since the author has seen each round's outcome; kFailed when
// the kernel gives no watch, or when output fails.
int Watch(const std::vector<std::string>& paths, const Round& round);

// Adds --watch. `watch` must outlive `command`.
void AddWatch(CLI::App* command, bool* watch);

// Watch(), or one round and its exit code.
int OnceOrWatching(bool watch, const std::vector<std::string>& paths, const Round& round);

}  // namespace winnow::cli
