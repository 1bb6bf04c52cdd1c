# For the binary that is shipped: the machine's compiler, and an older C library than the machine's (in OLD_GLIBC: scripts/prebuild.js fetches it).
# docs/decisions/0020-the-binary-that-is-shipped.md says why it is so.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES OLD_GLIBC)

set(CMAKE_SYSROOT ${OLD_GLIBC})
add_compile_options("SHELL:-include ${CMAKE_CURRENT_LIST_DIR}/glibc-2.28.h")

# Before the compiler's own folders, which lead to the machine's C library. "unwinder" holds GCC 10's: GCC 12's asks for glibc 2.35.
set(old_libraries "-B${OLD_GLIBC}/usr/lib/x86_64-linux-gnu -L${OLD_GLIBC}/unwinder -L${OLD_GLIBC}/usr/lib/x86_64-linux-gnu -L${OLD_GLIBC}/lib/x86_64-linux-gnu")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "${old_libraries} -Wl,--strip-all")
set(CMAKE_EXE_LINKER_FLAGS_INIT "${old_libraries} -Wl,--strip-all")
set(CMAKE_CXX_STANDARD_LIBRARIES "-lpthread")
