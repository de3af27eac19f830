// An array that is either made here or lies in a pack's stored bytes. For this room only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace winnow::match {

// Read-only once set. Stored bytes that it points into must outlive it: a large pack's tables are
// then neither copied nor does memory for them have to be touched.
template <typename T>
class StoredTable {
 public:
  StoredTable() = default;
  explicit StoredTable(std::vector<T> made) : made_(std::move(made)), view_(made_) {}
  // A moved vector keeps its place, so that `view_` stays right.
  StoredTable(StoredTable&&) = default;
  StoredTable& operator=(StoredTable&&) = default;

  // `count` values at `bytes`, in place where they are aligned.
  static StoredTable At(const char* bytes, size_t count) {
    if (reinterpret_cast<uintptr_t>(bytes) % alignof(T) == 0) {
      StoredTable table;
      table.view_ = {reinterpret_cast<const T*>(bytes), count};
      return table;
    }
    std::vector<T> copy(count);
    if (count > 0) std::memcpy(copy.data(), bytes, count * sizeof(T));
    return StoredTable(std::move(copy));
  }

  const T* data() const { return view_.data(); }
  size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  const T& operator[](size_t i) const { return view_[i]; }
  auto begin() const { return view_.begin(); }
  auto end() const { return view_.end(); }
  // Beyond stored bytes.
  size_t memory_bytes() const { return made_.capacity() * sizeof(T); }

 private:
  std::vector<T> made_;
  std::span<const T> view_;
};

// Writes tables one behind the other: each as a count of eight bytes and the values, both aligned
// to eight bytes from the first on.
class TableWriter {
 public:
  template <typename T>
  void Put(const T* values, size_t count) {
    bytes_.resize((bytes_.size() + 7) / 8 * 8, '\0');
    const uint64_t size = count;
    bytes_.append(reinterpret_cast<const char*>(&size), sizeof size);
    bytes_.append(reinterpret_cast<const char*>(values), count * sizeof(T));
  }
  std::string Finish() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads what TableWriter wrote. `bytes` must outlive the tables.
class TableReader {
 public:
  explicit TableReader(std::string_view bytes) : bytes_(bytes) {}

  // False when what is left is shorter than it says.
  template <typename T>
  bool Take(StoredTable<T>* out) {
    uint64_t count = 0;
    const size_t at = (at_ + 7) / 8 * 8;
    if (at > bytes_.size() || bytes_.size() - at < sizeof count) return false;
    std::memcpy(&count, bytes_.data() + at, sizeof count);
    const size_t begin = at + sizeof count;
    if (count > (bytes_.size() - begin) / sizeof(T)) return false;
    *out = StoredTable<T>::At(bytes_.data() + begin, count);
    at_ = begin + count * sizeof(T);
    return true;
  }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

}  // namespace winnow::match
