'use strict';
// Builds of the core alone, without Node.js, in which sanitizers look for mistakes: each in a folder of its own, never build/Release.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

const { Total, runGoogleTest } = require('./suite.js');
const { root, run } = require('./setup.js');

/** @param {string} program */
const hasProgram = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** @param {string} folder below build/ */
const folderOf = (folder) => path.join(root, 'build', folder);

/**
 * @param {string} folder below build/
 * @param {string[]} definitions for CMake: NAME=VALUE
 * @param {string[]} targets
 * @returns {boolean} whether they were built
 */
function buildChecked(folder, definitions, targets) {
  const out = folderOf(folder);
  // Warnings are the ordinary build's: with sanitizers compilers warn of their own additions. OpenSSL's headers are those of the library that is linked.
  const common = ['CMAKE_BUILD_TYPE=Release', 'WARNINGS_AS_ERRORS=OFF', 'OPENSSL_INCLUDE_DIR=/usr/include'];
  const generator = hasProgram('ninja') ? ['-G', 'Ninja'] : [];
  const configured = fs.existsSync(path.join(out, 'CMakeCache.txt')) ? [] : generator;
  const flags = [...common, ...definitions].map((definition) => `-D${definition}`);
  const quiet = { stdio: /** @type {import('node:child_process').StdioOptions} */ (['ignore', 'ignore', 'inherit']) };
  if (!run('cmake', ['-S', root, '-B', out, ...configured, ...flags], quiet)) return false;
  return run('cmake', ['--build', out, '--parallel', String(os.availableParallelism()), '--target', ...targets]);
}

/**
 * A command that starts a program of such a build. The sanitizers' memory layout has no room for addresses that are drawn from more than 28 bits.
 *
 * @param {string} program @param {string[]} args @returns {[string, string[]]}
 */
function started(program, args = []) {
  const file = '/proc/sys/vm/mmap_rnd_bits';
  const bits = fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : 0;
  return bits > 28 ? ['setarch', ['-R', program, ...args]] : [program, args];
}

/**
 * Every program of test/core that a build has.
 *
 * @param {string} folder below build/
 * @param {string} sanitizer for people
 * @param {Record<string, string>} env options of the sanitizers
 * @returns {import('./suite.js').Counts}
 */
function testCore(folder, sanitizer, env) {
  const programs = path.join(folderOf(folder), 'core-tests');
  const total = new Total();
  for (const name of fs.readdirSync(programs)) total.add(runGoogleTest(`core-${name}-${sanitizer}`, ...started(path.join(programs, name)), env));
  return total;
}

module.exports = { testCore, buildChecked, folderOf, hasProgram, started };
