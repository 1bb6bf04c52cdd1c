# Sets OPENSSL_HEADERS to a folder that holds openssl/ and nothing else, so that Node's headers beside it stay out of reach.
# Looked for in: -DOPENSSL_INCLUDE_DIR, the include folder of the Node that builds, the system's.
get_filename_component(node_prefix "${NODE_EXECUTABLE}" DIRECTORY)
find_path(openssl_include openssl/x509_vfy.h
  PATHS ${OPENSSL_INCLUDE_DIR} ${node_prefix}/../include/node NO_DEFAULT_PATH)
find_path(openssl_include openssl/x509_vfy.h)

set(openssl_hint "Install the headers of OpenSSL 3: libssl-dev (Debian, Ubuntu), openssl-devel (Fedora, RHEL), "
  "openssl-dev (Alpine). Or take a Node.js that brings its include folder, or say -DOPENSSL_INCLUDE_DIR=FOLDER.")
if(NOT openssl_include)
  message(FATAL_ERROR "client-cert-info: no OpenSSL headers found. " ${openssl_hint})
endif()
if(NOT EXISTS ${openssl_include}/openssl/core.h)
  message(FATAL_ERROR "client-cert-info: the headers in ${openssl_include}/openssl are not those of OpenSSL 3. " ${openssl_hint})
endif()

set(OPENSSL_HEADERS ${CMAKE_BINARY_DIR}/openssl-headers)
file(REMOVE_RECURSE ${OPENSSL_HEADERS})
file(MAKE_DIRECTORY ${OPENSSL_HEADERS}/openssl)
# Debian keeps its architecture's configuration elsewhere, among headers of the C library.
file(GLOB openssl_files ${openssl_include}/openssl/*)
if(NOT EXISTS ${openssl_include}/openssl/opensslconf.h AND CMAKE_LIBRARY_ARCHITECTURE)
  file(GLOB openssl_configuration /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}/openssl/*.h)
endif()
foreach(file IN LISTS openssl_files openssl_configuration)
  get_filename_component(name ${file} NAME)
  file(CREATE_LINK ${file} ${OPENSSL_HEADERS}/openssl/${name} SYMBOLIC)
endforeach()
message(STATUS "OpenSSL headers: ${openssl_include}/openssl")
