// Files and standard input, read piece by piece.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace winnow::cli {

// An open file; "-" is standard input. Movable; not thread safe.
class Input {
 public:
  // NOT_FOUND, PERMISSION_DENIED, or FAILED_PRECONDITION for a folder. Messages name the path.
  static absl::StatusOr<Input> Open(const std::string& path);
  ~Input();
  Input(Input&& other) noexcept;
  Input& operator=(Input&& other) noexcept;

  // What messages call it: the path made harmless, or "standard input".
  const std::string& name() const { return name_; }

  // At most `size` bytes, as soon as there are any; 0 at the end only. UNAVAILABLE when reading
  // fails.
  absl::StatusOr<size_t> Read(char* to, size_t size);

  // False when Read() would wait for a writer at the other end of a pipe.
  bool ReadyNow() const;

 private:
  Input(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  int fd_ = -1;
  std::string name_;
};

// All of a file, for small files of ours. As Open() and Read(); RESOURCE_EXHAUSTED beyond
// `bytes_max`.
absl::StatusOr<std::string> ReadWhole(const std::string& path, size_t bytes_max);

}  // namespace winnow::cli
