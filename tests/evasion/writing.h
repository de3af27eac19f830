// A term on its way to a hidden form: what stands for each of its characters and between them.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::evasion {

// The same numbers on every machine for the same seed.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(engine_() % n); }
  bool OneIn(uint32_t n) { return Below(n) == 0; }
  template <typename T>
  const auto& Of(const T& items) {
    return items[Below(static_cast<uint32_t>(std::size(items)))];
  }

 private:
  std::mt19937_64 engine_;
};

struct Writing {
  struct Cell {
    char32_t plain;        // the term's character
    std::u32string shown;  // what is written for it
    std::u32string after;  // and behind it; nothing behind the last
  };
  std::vector<Cell> cells;

  static Writing Of(std::string_view utf8);
  std::string Utf8() const;
};

bool IsLatin(char32_t c);  // ASCII letters
bool IsDigit(char32_t c);  // ASCII digits
bool IsHan(char32_t c);    // ideographs

}  // namespace winnow::evasion
