'use strict';
// Programs of the system that a test needs beside Node.js. `npm test` installs them where it may.

const { spawnSync } = require('node:child_process');

/**
 * `test` where every one of the programs is there. Where one is not, says so loudly and skips; in CI nothing is skipped, since a skipped test fails
 * the run there.
 *
 * @param {...string} programs
 */
function testWith(...programs) {
  const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  if (missing.length === 0) return test;
  process.stderr.write(`\n*** SKIPPED *** tests that need ${missing.join(' and ')}, which this system lacks\n\n`);
  return test.skip;
}

module.exports = { testWith };
