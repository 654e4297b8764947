// The CPU features that the including file is compiled with, by the compiler's own macros, so that the list is right
// whatever `-march` was. Include it from the generated file; `kBuiltFor` is different in differently compiled files.
#pragma once

namespace gress::engine {

/// Names of features, each followed by a space.
static constexpr const char kBuiltFor[] =
#ifdef GRESS_BUILT_FOR
    GRESS_BUILT_FOR
#else
#ifdef __SSE3__
    "sse3 "
#endif
#ifdef __SSSE3__
    "ssse3 "
#endif
#ifdef __SSE4_1__
    "sse4.1 "
#endif
#ifdef __SSE4_2__
    "sse4.2 "
#endif
#ifdef __POPCNT__
    "popcnt "
#endif
#ifdef __PCLMUL__
    "pclmul "
#endif
#ifdef __AES__
    "aes "
#endif
#ifdef __AVX__
    "avx "
#endif
#ifdef __F16C__
    "f16c "
#endif
#ifdef __FMA__
    "fma "
#endif
#ifdef __AVX2__
    "avx2 "
#endif
#ifdef __BMI__
    "bmi "
#endif
#ifdef __BMI2__
    "bmi2 "
#endif
#ifdef __LZCNT__
    "lzcnt "
#endif
#ifdef __MOVBE__
    "movbe "
#endif
#ifdef __AVX512F__
    "avx512f "
#endif
#ifdef __AVX512DQ__
    "avx512dq "
#endif
#ifdef __AVX512IFMA__
    "avx512ifma "
#endif
#ifdef __AVX512CD__
    "avx512cd "
#endif
#ifdef __AVX512BW__
    "avx512bw "
#endif
#ifdef __AVX512VL__
    "avx512vl "
#endif
#ifdef __AVX512VBMI__
    "avx512vbmi "
#endif
#ifdef __AVX512VBMI2__
    "avx512vbmi2 "
#endif
#ifdef __AVX512VNNI__
    "avx512vnni "
#endif
#ifdef __AVX512BITALG__
    "avx512bitalg "
#endif
#ifdef __AVX512VPOPCNTDQ__
    "avx512vpopcntdq "
#endif
#ifdef __AVX512BF16__
    "avx512bf16 "
#endif
#ifdef __GFNI__
    "gfni "
#endif
#ifdef __VAES__
    "vaes "
#endif
#ifdef __VPCLMULQDQ__
    "vpclmulqdq "
#endif
#ifdef __AVXVNNI__
    "avxvnni "
#endif
    ""
#endif
    ;

/// Ends the process with exit code 70 and a clear message when this CPU lacks one of `features`. Uses nothing that
/// needs to be initialised, so that it may run before the constructors of globals.
void require_cpu(const char* features);

namespace {
/// Runs before the including file's globals are constructed, which may use those features already.
[[gnu::constructor(101), gnu::used]] void require_built_for() { require_cpu(kBuiltFor); }
}  // namespace

}  // namespace gress::engine
