// Names that many results carry: kept once for the life of the process, a copy is a pointer.
#pragma once

#include <concepts>
#include <ostream>
#include <string>
#include <string_view>

namespace winnow {

// A string of which equal ones share their storage, which is never given back. For values of which
// there are few in all, such as names of revisions. Making one from text takes a lock and a
// look-up; copying and reading do not. Any thread.
class Interned {
 public:
  Interned() = default;  // empty
  Interned(std::string_view text) : text_(Store(text)) {}       // NOLINT(runtime/explicit)
  Interned(const std::string& text) : text_(Store(text)) {}     // NOLINT(runtime/explicit)
  Interned(const char* text) : text_(Store(text)) {}            // NOLINT(runtime/explicit)

  operator std::string_view() const { return text_; }  // NOLINT(runtime/explicit)
  std::string_view view() const { return text_; }
  std::string str() const { return std::string(text_); }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const Interned& a, const Interned& b) { return a.text_ == b.text_; }
  template <typename T>
    requires(std::convertible_to<const T&, std::string_view> && !std::same_as<T, Interned>)
  friend bool operator==(const Interned& a, const T& b) {
    return a.text_ == std::string_view(b);
  }
  friend std::ostream& operator<<(std::ostream& out, const Interned& name) {
    return out << name.text_;
  }

 private:
  static std::string_view Store(std::string_view text);

  std::string_view text_;
};

}  // namespace winnow
