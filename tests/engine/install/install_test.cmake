# Installs the component `engine` into an empty prefix, compiles every installed header alone, builds
# examples/embed against the prefix and runs it.
set(prefix ${WORK_DIR}/prefix)
# Where the build found its libraries, Vectorscan's for instance, is where the example must.
set(ENV{PKG_CONFIG_PATH} "${PKG_CONFIG_PATH}")
file(REMOVE_RECURSE ${WORK_DIR})

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed (${status}):\n${out}${err}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

run("install" ${CMAKE_COMMAND} --install ${BINARY_DIR} --component engine --prefix ${prefix})

# Nothing of the source tree is seen here, so a header that needs one that is not installed fails.
file(STRINGS ${BINARY_DIR}/install_manifest_engine.txt headers REGEX "\\.h$")
list(TRANSFORM headers REPLACE ".*/include/winnow/" "")
list(LENGTH headers count)
if(count LESS 15)
  message(FATAL_ERROR "only ${count} headers are installed: ${headers}")
endif()
set(all "")
foreach(header ${headers})
  file(WRITE ${WORK_DIR}/headers/${header}.cc "#include \"${header}\"\n")
  list(APPEND all ${WORK_DIR}/headers/${header}.cc)
endforeach()
run("compiling the headers alone" ${CXX} -std=c++20 -fsyntax-only -Wall -Werror
    -I${prefix}/include/winnow ${all})

file(COPY ${SOURCE_DIR}/examples/embed DESTINATION ${WORK_DIR})
set(flags "")
if(SANITIZE)
  set(flags "-DCMAKE_CXX_FLAGS=-fsanitize=${SANITIZE}")
endif()
run("configuring the example" ${CMAKE_COMMAND} -S ${WORK_DIR}/embed -B ${WORK_DIR}/build -G Ninja
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${prefix}
    # A sanitizer's run-time comes with the link, not with the package.
    ${flags})
run("building the example" ${CMAKE_COMMAND} --build ${WORK_DIR}/build)

function(expect text expected)
  run("the example" ${WORK_DIR}/build/embed ${WORK_DIR}/embed/rules.yaml "${text}")
  if(NOT output STREQUAL "${expected}")
    message(FATAL_ERROR "the example says of \"${text}\":\n${output}instead of:\n${expected}")
  endif()
endfunction()
expect("a chair, please" "allow\n")
expect("our l o t t e r y winner" "block\nunsolicited_ads.lottery our l o t t e r y winner\n")
expect("You are our lottery winner" "block\nunsolicited_ads.lottery You are our lottery winner\n")
