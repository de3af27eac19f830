#include "engine/text/sentences.h"

#include "engine/text/utf8.h"

namespace winnow::text {
namespace {

// Lines at least this long may have been broken to fit a width.
constexpr uint32_t kWrappedLineBytes = 60;

bool IsSpace(char32_t c) { return c == ' ' || c == '\t' || c == '\r' || c == 0xa0 || c == 0x3000; }

bool EndsAlways(char32_t c) {
  return c == 0x3002 || c == 0xff01 || c == 0xff1f || c == 0xff0e || c == 0xff61 || c == 0x2026 ||
         c == 0x203c || c == 0x2049 || c == 0x0964 || c == 0x061f;
}

bool Closes(char32_t c) {
  switch (c) {
    case '"':
    case '\'':
    case ')':
    case ']':
    case '}':
    case '.':
    case '!':
    case '?':
    case 0x201d:
    case 0x2019:
    case 0xff09:
    case 0x300d:
    case 0x300f:
    case 0x300b:
    case 0x3011:
      return true;
    default:
      return EndsAlways(c);
  }
}

bool IsAsciiLetter(char c) { return (static_cast<uint8_t>(c) | 0x20) - unsigned{'a'} < 26u; }

// True for bytes that may end a sentence: . ! ? newline, and lead bytes of other marks that do.
bool Notable(char c) {
  switch (static_cast<uint8_t>(c)) {
    case '.':
    case '!':
    case '?':
    case '\n':
    case 0xd8:
    case 0xe0:
    case 0xe2:
    case 0xe3:
    case 0xef:
      return true;
    default:
      return false;
  }
}

}  // namespace

uint32_t SentenceScanner::Scan(std::string_view text, size_t begin, size_t end,
                               std::vector<uint32_t>* begins) {
  uint32_t count = 0;
  const auto begin_at = [&](size_t at) {
    ++count;
    if (begins != nullptr) begins->push_back(static_cast<uint32_t>(at));
    state_ = State::kInside;
  };
  size_t at = begin;
  while (at < end) {
    if (state_ == State::kInside) {
      const size_t from = at;
      while (at < end && !Notable(text[at])) ++at;
      line_bytes_ += static_cast<uint32_t>(at - from);
      if (at == end) break;
    }
    const char32_t c = CharAt(&text[at]);
    const uint32_t width = CharWidth(text[at]);
    const bool space = IsSpace(c);
    if (state_ == State::kMaybe && !Closes(c)) {
      state_ = space || c == '\n' || c >= 0x80 ? State::kEnded : State::kInside;
    }
    if (state_ == State::kNewLine && !space) {
      state_ = c == '\n' ? State::kEnded : State::kInside;
    }
    if (state_ == State::kEnded && !space && c != '\n' && !Closes(c)) begin_at(at);
    if (c == '\n') {
      if (state_ == State::kInside) {
        state_ = line_bytes_ < kWrappedLineBytes ? State::kEnded : State::kNewLine;
      }
      line_bytes_ = 0;
    } else {
      line_bytes_ += width;
      if (state_ == State::kInside) {
        if (EndsAlways(c)) {
          state_ = State::kEnded;
        } else if (c == '!' || c == '?') {
          state_ = State::kMaybe;
        } else if (c == '.') {
          // An initial, as in J. R. Smith.
          const bool initial =
              at >= 1 && IsAsciiLetter(text[at - 1]) && (at < 2 || !IsAsciiLetter(text[at - 2]));
          if (!initial) state_ = State::kMaybe;
        }
      }
    }
    at += width;
  }
  return count;
}

}  // namespace winnow::text
