# Flags that every target of ours shares, carried by one interface library.
add_library(winnow_options INTERFACE)
target_compile_options(winnow_options INTERFACE -Wall -Wextra -Wno-unused-parameter
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)  # g++ 12 sees overlaps in std::string concatenation that are not there
if(WINNOW_SANITIZE)
  add_compile_options(-fsanitize=${WINNOW_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${WINNOW_SANITIZE})
  if(WINNOW_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
# mold and lld link the gRPC programs several times faster than ld.bfd; a missing one is no error.
find_program(WINNOW_MOLD NAMES mold)
find_program(WINNOW_LLD NAMES ld.lld)
if(WINNOW_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(WINNOW_LLD)
  add_link_options(-fuse-ld=lld)
endif()
