'use strict';
// Makes a fresh clone ready: the packages of package-lock.json, and the addon. Needs nothing but Node.js and npm itself.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

/** @param {string} command @param {string[]} args @param {import('node:child_process').SpawnSyncOptions} [options] */
function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) throw error;
  return status === 0;
}

/** npm writes this file when it has installed everything; one that is older than the lock file is out of date. */
function packagesAreCurrent() {
  const installed = path.join(root, 'node_modules', '.package-lock.json');
  const locked = path.join(root, 'package-lock.json');
  return fs.existsSync(installed) && fs.statSync(installed).mtimeMs >= fs.statSync(locked).mtimeMs;
}

/**
 * Ends the process where it cannot be done; npm and CMake have said why.
 *
 * @param {'build' | 'test' | 'lint'} purpose what tools of the system are needed for
 */
function setUp(purpose) {
  if (!run('bash', ['scripts/install-tools.sh', purpose])) process.exit(1);
  // --ignore-scripts: the addon is built below, once.
  if (!packagesAreCurrent() && !run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])) process.exit(1);
  if (!require('./native-build.js').buildForClone()) process.exit(1);
}

module.exports = { root, run, setUp };
