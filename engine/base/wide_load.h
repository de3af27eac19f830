// 64 bytes at a time, for functions that CpuHasAvx512() lets be called.
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "engine/base/cpu.h"

namespace winnow {

// The bytes at `p`, of which there are `n`; zeros behind them, where nothing is read.
WINNOW_AVX512 inline __m512i LoadUpTo64(const void* p, size_t n) {
  if (n >= 64) return _mm512_loadu_si512(p);
  return _mm512_maskz_loadu_epi8((uint64_t{1} << n) - 1, p);
}

}  // namespace winnow

#endif
