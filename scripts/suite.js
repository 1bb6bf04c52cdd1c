'use strict';
// The whole suite on one Node.js, which may be another than the one that this runs on.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { root, run } = require('./setup.js');

const results = path.join(root, 'build', 'test-results');

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** What earlier runs said must not be taken for what this one says. */
function forgetResults() {
  fs.rmSync(results, { recursive: true, force: true });
  fs.mkdirSync(results, { recursive: true });
}

/**
 * @param {string} label of the run, fit for a file's name
 * @param {string} executable of Node.js
 * @param {string[]} args for Jest
 * @returns {Counts}
 */
function runSuite(label, executable, args) {
  console.log(`\n== Jest on Node.js ${label}`);
  const report = path.join(results, `${label}.json`);
  const bin = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const ended = run(executable, [bin, '--json', `--outputFile=${report}`, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (!fs.existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(fs.readFileSync(report, 'utf8'));
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return { passed: numPassedTests, failed: failed + (!ended && failed === 0 ? 1 : 0), skipped: numPendingTests };
}

/** @param {string} executable of Node.js @returns {{ version: string, openssl: string, shared: boolean }} */
function describe(executable) {
  const script = 'JSON.stringify([process.versions.node, process.versions.openssl, process.config.variables.node_shared_openssl])';
  const [version, openssl, shared] = JSON.parse(execFileSync(executable, ['-p', script], { encoding: 'utf8' }));
  return { version, openssl, shared: Boolean(shared) };
}

module.exports = { describe, forgetResults, runSuite };
