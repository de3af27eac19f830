// Which vectors this CPU has: two steps, so that each function for a CPU has at most two forms
// beside the portable one. No function here costs more than a load after its first call.
#pragma once

namespace winnow {

#if defined(__x86_64__)

// For functions that are only called where the one of the two that they name says so.
#define WINNOW_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#define WINNOW_AVX512    \
  __attribute__((target( \
      "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,gfni,bmi,bmi2,lzcnt,popcnt")))

// The latter for lambdas inside such a function.
#define WINNOW_AVX512_INLINE __attribute__((target("avx512f,avx512bw"), always_inline))

// AVX2 and what came with it: Haswell and Zen.
inline bool CpuHasAvx2() {
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                          __builtin_cpu_supports("bmi2");
  return has;
}

// AVX-512 with the permutations and products of bytes: Ice Lake and Zen 4 were the first to have
// them all; Cascade Lake has not.
inline bool CpuHasAvx512() {
  static const bool has =
      CpuHasAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
      __builtin_cpu_supports("gfni");
  return has;
}

#else

inline bool CpuHasAvx2() { return false; }
inline bool CpuHasAvx512() { return false; }

#endif

}  // namespace winnow
