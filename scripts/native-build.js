'use strict';
// Builds build/Release/client_cert_info.node with cmake-js. Downloads nothing.

const { spawnSync } = require('node:child_process');
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

module.exports = { build };

if (require.main === module) process.exitCode = build(process.argv.slice(2)) ? 0 : 1;
