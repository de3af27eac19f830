#include "engine/text/sentences.h"

#include <array>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "engine/base/cpu.h"
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
size_t FindNotableAny(std::string_view text, size_t at) {
#if defined(__x86_64__)
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

#if defined(__x86_64__)

// By the low six bits of a byte that is not ASCII: 1 for first bytes of three that are notable, 2
// for last ones of marks that end sentences.
alignas(64) constexpr std::array<uint8_t, 64> kOfMarks = [] {
  std::array<uint8_t, 64> of{};
  for (uint8_t first : {0xe0, 0xe2, 0xe3, 0xef}) of[first & 63] |= 1;
  for (uint8_t last : {0x81, 0x82, 0x89, 0x8e, 0x9f, 0xa1, 0xa4, 0xa6, 0xbc}) of[last & 63] |= 2;
  return of;
}();

// The same, but for marks that end no sentence: commas are as frequent as full stops.
WINNOW_AVX512 size_t FindNotableAvx512(std::string_view text, size_t at) {
  for (; at + 64 + 2 <= text.size(); at += 64) {
    const __m512i v = _mm512_loadu_si512(text.data() + at);
    const auto equal = [v](int c) WINNOW_AVX512_INLINE {
      return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(static_cast<char>(c)));
    };
    uint64_t notable = equal('.') | equal('!') | equal('?') | equal('\n');
    if (_mm512_movepi8_mask(v) != 0) {
      const __m512i marks = _mm512_load_si512(kOfMarks.data());
      const uint64_t first =
          _mm512_cmpge_epu8_mask(v, _mm512_set1_epi8(static_cast<char>(0xe0))) &
          _mm512_test_epi8_mask(_mm512_permutexvar_epi8(v, marks), _mm512_set1_epi8(1));
      const __m512i third = _mm512_loadu_si512(text.data() + at + 2);
      notable |= equal(0xd8) | (first & _mm512_test_epi8_mask(_mm512_permutexvar_epi8(third, marks),
                                                              _mm512_set1_epi8(2)));
    }
    if (notable != 0) return at + static_cast<size_t>(__builtin_ctzll(notable));
  }
  return FindNotableAny(text, at);
}

#endif

size_t FindNotable(std::string_view text, size_t at) {
#if defined(__x86_64__)
  if (CpuHasAvx512()) return FindNotableAvx512(text, at);
#endif
  return FindNotableAny(text, at);
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
