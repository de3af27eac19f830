# Everything we link comes from the distribution's packages; tools/dev setup names them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-uc icu-i18n)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)

# Hyperscan and Vectorscan install the same file names, so a system holds one of them. Point
# PKG_CONFIG_PATH at the other to build against it (tools/dev does so for `--regex vectorscan`).
pkg_check_modules(HS REQUIRED IMPORTED_TARGET libhs)
if(WINNOW_REGEX STREQUAL "vectorscan")
  if(NOT HS_VERSION VERSION_GREATER_EQUAL 5.4.1)
    message(FATAL_ERROR "WINNOW_REGEX=vectorscan, but pkg-config finds libhs ${HS_VERSION}, which is Hyperscan. "
                        "Run `tools/dev build --regex vectorscan`, which fetches Debian's package beside the system's.")
  endif()
elseif(NOT WINNOW_REGEX STREQUAL "hyperscan")
  message(FATAL_ERROR "WINNOW_REGEX must be hyperscan or vectorscan, not '${WINNOW_REGEX}'")
endif()

if(WINNOW_BUILD_SERVICE)
  find_package(gRPC REQUIRED)
  find_package(RocksDB REQUIRED)
  # Checks and RocksDB allocate on some threads and free on others, which glibc's allocator is slow at.
  pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
  find_package(CLI11 2.1 REQUIRED)
endif()
if(WINNOW_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
