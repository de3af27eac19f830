#include "engine/text/sentences.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "engine/text/ascii.h"
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

// The first notable byte of text[at, ...), or its size.
size_t FindNotable(std::string_view text, size_t at) {
#if defined(__SSE2__)
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const auto equal = [v](int c) {
      return _mm_cmpeq_epi8(v, _mm_set1_epi8(static_cast<char>(c)));
    };
    __m128i notable =
        _mm_or_si128(_mm_or_si128(equal('.'), equal('!')), _mm_or_si128(equal('?'), equal('\n')));
    if (_mm_movemask_epi8(v) != 0) {
      notable = _mm_or_si128(notable, _mm_or_si128(equal(0xd8), equal(0xe0)));
      notable = _mm_or_si128(notable, _mm_or_si128(equal(0xe2), equal(0xe3)));
      notable = _mm_or_si128(notable, equal(0xef));
    }
    const int found = _mm_movemask_epi8(notable);
    if (found != 0) return at + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(found)));
  }
#endif
  while (at < text.size() && !Notable(text[at])) ++at;
  return at;
}

}  // namespace

uint32_t SentenceScanner::Scan(std::string_view text, std::vector<uint32_t>* begins) {
  uint32_t count = 0;
  const auto byte_before = [&](size_t at, size_t n) {
    return at >= n ? text[at - n] : last_[n - 1 - at];
  };
  size_t at = 0;
  while (at < text.size()) {
    if (state_ == State::kInside) {
      const size_t from = at;
      at = FindNotable(text, at);
      line_bytes_ += at - from;
      if (at == text.size()) break;
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
    if (state_ == State::kEnded && !space && c != '\n' && !Closes(c)) {
      ++count;
      if (begins != nullptr) begins->push_back(static_cast<uint32_t>(at));
      state_ = State::kInside;
    }
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
          const bool initial = IsAsciiLetter(static_cast<uint8_t>(byte_before(at, 1))) &&
                               !IsAsciiLetter(static_cast<uint8_t>(byte_before(at, 2)));
          if (!initial) state_ = State::kMaybe;
        }
      }
    }
    at += width;
  }
  const size_t size = text.size();
  if (size > 0) {
    const char before_last = byte_before(size, 2);
    last_[0] = text[size - 1];
    last_[1] = before_last;
  }
  return count;
}

}  // namespace winnow::text
