# A header of a forbidden name that says so is found before the real one, however that would have been reached.
function(forbid_headers target)
  set(folder ${CMAKE_BINARY_DIR}/forbidden/${target})
  foreach(header IN LISTS ARGN)
    file(WRITE ${folder}/${header} "#error \"${target} must not include ${header}: see ARCHITECTURE.md\"\n")
  endforeach()
  target_include_directories(${target} BEFORE PRIVATE ${folder})
endfunction()

function(forbid_openssl target)
  file(GLOB headers RELATIVE ${OPENSSL_HEADERS} ${OPENSSL_HEADERS}/openssl/*.h)
  forbid_headers(${target} ${headers})
endfunction()
