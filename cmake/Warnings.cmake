# Off where somebody installs the package: a compiler of tomorrow may warn of what none of today does.
option(WARNINGS_AS_ERRORS "Whether a warning ends the build" ON)

function(strict_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic $<$<BOOL:${WARNINGS_AS_ERRORS}>:-Werror> -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
    -Wcast-qual -Wformat=2 -Wimplicit-fallthrough -Wundef)
endfunction()
