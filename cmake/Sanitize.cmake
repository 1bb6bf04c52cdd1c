# Builds that look for mistakes, each in a folder of its own (build/asan, build/tsan, build/fuzz); nothing of them is shipped.
# SANITIZE: for all that is built. CORE_TESTS, FUZZ_TARGETS: programs of the core without Node.js.
set(SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread; none where it is empty")
option(CORE_TESTS "Whether test/core is built" OFF)
option(FUZZ_TARGETS "Whether fuzz/ is built, which needs Clang" OFF)

if(SANITIZE)
  # A finding ends the process: nothing that was undefined goes on to pass a test.
  add_compile_options(-fsanitize=${SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1)
  add_link_options(-fsanitize=${SANITIZE})
endif()
if(FUZZ_TARGETS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# As a function of its own: "now" and the rest are as in what is shipped, but the sanitizers' libraries have to be shared with the program that loads.
function(static_runtime target)
  if(NOT SANITIZE)
    target_link_options(${target} PRIVATE -static-libgcc -static-libstdc++)
  endif()
endfunction()
