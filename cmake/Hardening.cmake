include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-fcf-protection=full HAVE_CF_PROTECTION)
check_cxx_compiler_flag(-fstack-clash-protection HAVE_STACK_CLASH_PROTECTION)

function(hardened target)
  target_compile_options(${target} PRIVATE -fstack-protector-strong
    $<$<BOOL:${HAVE_CF_PROTECTION}>:-fcf-protection=full>
    $<$<BOOL:${HAVE_STACK_CLASH_PROTECTION}>:-fstack-clash-protection>)
  target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
  # Its checked functions would be called in place of those that sanitizers watch.
  if(NOT SANITIZE)
    target_compile_definitions(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
  endif()
  # "now": a symbol that this Node's OpenSSL lacks is an error when the addon is loaded, not a crash when it is called.
  target_link_options(${target} PRIVATE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endfunction()
