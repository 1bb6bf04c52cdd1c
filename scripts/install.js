'use strict';
// What `npm install` runs: builds the addon, unless a binary for this platform came with the package.

const fs = require('node:fs');
const path = require('node:path');

const { build } = require('./native-build.js');

const prebuilt = path.join(__dirname, '..', 'prebuilds', `${process.platform}-${process.arch}`, 'client_cert_info.node');

if (!fs.existsSync(prebuilt) && !build(['--CDWARNINGS_AS_ERRORS=OFF'])) {
  console.error(
    [
      'client-cert-info: the addon could not be built. It needs a C++20 compiler (g++ 11, clang 14 or later), CMake 3.18 or later',
      'with make or ninja, and the headers of OpenSSL 3, which Node.js brings in its include folder, else libssl-dev (Debian, Ubuntu),',
      'openssl-devel (Fedora, RHEL), openssl-dev (Alpine). What is missing stands above.',
    ].join('\n'),
  );
  process.exitCode = 1;
}
