#!/usr/bin/env bash
# install-tools.sh build|test|lint: installs from the distribution's packages what that needs and is not there yet. Where it may not install, it says
# what is missing, and fails only in CI: the suites that need it say what they skip.
set -euo pipefail

# command:package
needed=(g++:g++ cmake:cmake make:make)
case "${1:?build, test or lint}" in
  test) needed+=(openssl:openssl curl:curl xz:xz-utils redis-server:redis-server setpriv:util-linux useradd:passwd slapd:slapd softhsm2-util:softhsm2 pkcs11-tool:opensc patchelf:patchelf readelf:binutils clang++:clang krb5kdc:krb5-kdc kadmin.local:krb5-admin-server kinit:krb5-user) ;;
  lint) needed+=(clang-format:clang-format clang-tidy:clang-tidy) ;;
esac
missing=()
for pair in "${needed[@]}"; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done

# One test builds a client of its own with the system's OpenSSL, and the core's test programs are linked with it: programs of tests alone.
[ "$1" != test ] || [ -e /usr/include/openssl/ssl.h ] || missing+=(libssl-dev)

# Tests of the core, and Clang's libFuzzer and sanitizers, which Debian keeps in a package of their own.
[ "$1" != test ] || [ -e /usr/include/gtest/gtest.h ] || missing+=(libgtest-dev)
if [ "$1" = test ] && ! compgen -G '/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a' >/dev/null; then missing+=(libclang-rt-dev); fi

# A client of GSSAPI that is told each step, NTLM, and the headers that our declarations are compared with.
if [ "$1" = test ]; then
  /usr/bin/python3 -c 'import gssapi' 2>/dev/null || missing+=(python3-gssapi)
  [ -e /etc/gss/mech.d/mech.ntlmssp.conf ] || missing+=(gss-ntlmssp)
  [ -e /usr/include/gssapi/gssapi_ext.h ] || missing+=(libkrb5-dev)
fi

# Debian's own: Ubuntu's package of that name installs a snap. The tests say what they skip without it.
if [ "$1" = test ] && ! command -v chromium >/dev/null && grep -qs '^ID=debian' /etc/os-release; then missing+=(chromium); fi

# OpenSSL's headers: those that Node.js brings, else the system's.
node_headers="$(dirname "$(dirname "$(node -p process.execPath)")")/include/node/openssl/core.h"
[ -e "$node_headers" ] || [ -e /usr/include/openssl/core.h ] || missing+=(libssl-dev)

[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # Servers among them are for tests, which start their own: none is to be started by being installed.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
  fi
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "MISSING and not installed, since this is not root on Debian or Ubuntu: ${missing[*]}" >&2
  [ -z "${CI:-}" ]
fi
