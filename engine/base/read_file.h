// Reading a file whole, with a bound and without surprises: no folder, no pipe that nobody writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace winnow {

// The bytes of the regular file at `path`, of which a link may be the last part. The message says
// what is wrong but not with which file ("No such file or directory"): the caller names it. A file
// that is cut short meanwhile is read as far as it goes. Thread safe.
//   NOT_FOUND            there is no such file
//   PERMISSION_DENIED    it may not be read
//   INVALID_ARGUMENT     it is not a regular file
//   OUT_OF_RANGE         it has more than `bytes_max` bytes; none were read
//   UNAVAILABLE          reading failed
absl::StatusOr<std::string> ReadRegularFile(const std::string& path, uint64_t bytes_max);

// Bytes of a large file: pages of their own, huge ones where the kernel offers them, since touching
// small ones for the first time takes longer than reading into them.
class FileBytes {
 public:
  FileBytes() = default;
  FileBytes(FileBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        mapped_(std::exchange(other.mapped_, 0)) {}
  FileBytes& operator=(FileBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(mapped_, other.mapped_);
    return *this;
  }
  ~FileBytes();

  std::string_view view() const { return {data_, size_}; }

 private:
  friend absl::StatusOr<FileBytes> ReadLargeFile(const std::string& path, uint64_t bytes_max);
  char* data_ = nullptr;
  size_t size_ = 0;
  size_t mapped_ = 0;
};

// As ReadRegularFile(). RESOURCE_EXHAUSTED when there is no memory for it.
absl::StatusOr<FileBytes> ReadLargeFile(const std::string& path, uint64_t bytes_max);

// What `error` (an errno) says, as a status of the kinds above; RESOURCE_EXHAUSTED where a disk or
// a quota is full.
absl::Status FileStatus(int error);

}  // namespace winnow
