'use strict';
// What `npm install` runs: builds the addon, unless a binary that came with the package loads here.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { build } = require('./native-build.js');

const prebuilt = path.join(__dirname, '..', 'prebuilds', `${process.platform}-${process.arch}-glibc.node`);

/** In a process of its own: a binary that does not fit could end it. */
function prebuiltLoads() {
  if (!fs.existsSync(prebuilt)) return false;
  const { status, signal, stderr } = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', prebuilt], { encoding: 'utf8' });
  if (status === 0) return true;
  const [reason = signal ?? `exit status ${status}`] = String(stderr).match(/^Error: .*/m) ?? [];
  console.log(`client-cert-info: the binary that came with the package does not load here (${reason}); building one`);
  return false;
}

if (!prebuiltLoads() && !build(['--CDWARNINGS_AS_ERRORS=OFF'])) {
  console.error(
    [
      'client-cert-info: the addon could not be built. It needs a C++20 compiler (g++ 11, clang 14 or later), CMake 3.18 or later',
      'with make or ninja, and the headers of OpenSSL 3, which Node.js brings in its include folder, else libssl-dev (Debian, Ubuntu),',
      'openssl-devel (Fedora, RHEL), openssl-dev (Alpine). What is missing stands above.',
    ].join('\n'),
  );
  process.exitCode = 1;
}
