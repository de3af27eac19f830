#include "engine/match/gap_reader.h"

#include <algorithm>
#include <bit>

#include "engine/base/cpu.h"
#include "engine/base/wide_load.h"
#include "engine/text/utf8.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace winnow::match {
namespace {

bool IsBreak(char c) { return static_cast<uint8_t>(c - '\t') < 5; }
bool IsWhite(char c) { return c == ' ' || IsBreak(c); }
bool IsVisibleAscii(char c) { return c > ' ' && c < '\x7f'; }

// The first place from `at` on of white space other than one space alone, or further inside such a
// run; npos when there is none.
size_t NextPortable(std::string_view view, size_t at) {
  for (; at < view.size(); ++at) {
    if (IsBreak(view[at]) || (view[at] == ' ' && at + 1 < view.size() && IsWhite(view[at + 1]))) {
      return at;
    }
  }
  return view.npos;
}

#if defined(__x86_64__)
WINNOW_AVX512 size_t NextAvx512(std::string_view view, size_t at) {
  uint64_t space_before = 0;
  for (; at < view.size(); at += 64) {
    const __m512i v = LoadUpTo64(view.data() + at, view.size() - at);
    const uint64_t space = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(' '));
    const uint64_t breaks =
        _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8('\t')), _mm512_set1_epi8(5));
    const uint64_t found = breaks | (space & (space << 1 | space_before));
    if (found != 0) return at + static_cast<size_t>(std::countr_zero(found));
    space_before = space >> 63;
  }
  return view.npos;
}

WINNOW_AVX2 size_t NextAvx2(std::string_view view, size_t at) {
  uint32_t space_before = 0;
  for (; at + 32 <= view.size(); at += 32) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(view.data() + at));
    const uint32_t space =
        static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(' '))));
    const __m256i from_tab = _mm256_sub_epi8(v, _mm256_set1_epi8('\t'));
    const uint32_t breaks = static_cast<uint32_t>(_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(_mm256_min_epu8(from_tab, _mm256_set1_epi8(4)), from_tab)));
    const uint32_t found = breaks | (space & (space << 1 | space_before));
    if (found != 0) return at + static_cast<size_t>(std::countr_zero(found));
    space_before = space >> 31;
  }
  return NextPortable(view, at - (space_before != 0 ? 1 : 0));
}
#endif

using Finder = size_t (*)(std::string_view, size_t);

Finder BestFinder() {
#if defined(__x86_64__)
  if (CpuHasAvx512()) return NextAvx512;
  if (CpuHasAvx2()) return NextAvx2;
#endif
  return NextPortable;
}

// On the next border of characters at or behind `at`.
size_t Forward(std::string_view view, size_t at) {
  while (at < view.size() && text::IsContinuation(view[at])) ++at;
  return std::min(at, view.size());
}

}  // namespace

bool GapReader::Read(std::string_view view, size_t reach) {
  static const Finder next = BestFinder();
  size_t at = next(view, 0);
  if (at == view.npos) return false;
  pieces_.clear();
  text_.clear();
  size_t behind = view.npos;  // where the last gap ends
  for (; at < view.size(); at = next(view, at)) {
    size_t begin = at, end = at;
    while (begin > 0 && IsWhite(view[begin - 1])) --begin;
    while (end < view.size() && IsWhite(view[end])) ++end;
    at = end;
    if (begin == 0 || end == view.size() || end - begin > kGapBytesMax ||
        !IsVisibleAscii(view[begin - 1]) || !IsVisibleAscii(view[end])) {
      continue;
    }
    if (behind != view.npos && begin - behind <= 2 * reach) {
      Add(view, behind, begin);
    } else {
      if (behind != view.npos) {
        Add(view, behind, Forward(view, behind + reach));
        text_.back() = '\n';
      }
      Add(view, Forward(view, begin - std::min(begin, reach)), begin);
    }
    behind = end;
  }
  if (behind == view.npos) return false;
  Add(view, behind, Forward(view, behind + reach));
  text_.back() = '\n';
  return true;
}

void GapReader::Add(std::string_view view, size_t begin, size_t end) {
  pieces_.push_back({static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(begin)});
  text_.append(view, begin, end - begin);
  text_.push_back(' ');
}

std::optional<text::ViewSpan> GapReader::Locate(uint32_t begin, uint32_t end) const {
  const auto piece_of = [this](uint32_t at) {
    return std::upper_bound(pieces_.begin(), pieces_.end(), at,
                            [](uint32_t a, const Piece& piece) { return a < piece.at; }) -
           1;
  };
  const auto first = piece_of(begin), last = piece_of(end - 1);
  if (first == last) return std::nullopt;
  return text::ViewSpan{first->begin + (begin - first->at), last->begin + (end - last->at)};
}

}  // namespace winnow::match
