'use strict';
// Builds build/Release/client_cert_info.node with cmake-js. Downloads nothing.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** @param {string[]} [flags] further words for cmake-js */
function build(flags = []) {
  const cmakeJs = path.join(path.dirname(require.resolve('cmake-js/package.json')), 'bin', 'cmake-js');
  const { status, error } = spawnSync(
    process.execPath,
    [cmakeJs, 'build', '--CDNODE_EXECUTABLE=' + process.execPath, ...flags],
    { cwd: path.join(__dirname, '..'), stdio: 'inherit' },
  );
  if (error) throw error;
  return status === 0;
}

/** For a clone: afterwards what was built is what is loaded, not a binary of `npm run prebuild`, which would come first. @param {string[]} [flags] */
function buildForClone(flags = []) {
  const built = build(flags);
  fs.rmSync(path.join(__dirname, '..', 'prebuilds'), { recursive: true, force: true });
  return built;
}

module.exports = { build, buildForClone };

if (require.main === module) process.exitCode = buildForClone(process.argv.slice(2)) ? 0 : 1;
