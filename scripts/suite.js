'use strict';
// The whole suite on one Node.js, which may be another than the one that this runs on; programs of GoogleTest; and how many tests of each passed, failed and were
// skipped.

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

/** Where the run called `label` writes its report; nothing is there yet. @param {string} label */
function reportOf(label) {
  fs.mkdirSync(results, { recursive: true });
  const report = path.join(results, `${label}.json`);
  fs.rmSync(report, { force: true });
  return report;
}

/** What reported no failure and yet ended badly has failed. @param {Counts} counts @param {boolean} ended well @returns {Counts} */
const withEnd = (counts, ended) => ({ ...counts, failed: counts.failed + Number(!ended && counts.failed === 0) });

/** @param {Array<{ name: string, assertionResults: Array<{ status: string, fullName: string }> }>} testResults of Jest */
const failedTests = (testResults) =>
  testResults.flatMap(({ name: file, assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => ({ file, name: fullName })),
  );

/**
 * @param {string} label of the run, fit for a file's name
 * @param {string} executable of Node.js
 * @param {string[]} args for Jest
 * @param {import('node:child_process').SpawnSyncOptions} [options] `cwd`: a folder with the package and its packages
 * @param {(file: string, name: string) => boolean} [isExcused] whether a test's failure counts for nothing: the file below `cwd`, the full name
 * @returns {Counts}
 */
function runSuite(label, executable, args, options = {}, isExcused = () => false) {
  console.log(`\n== Jest on Node.js ${label}`);
  const report = reportOf(label);
  const bin = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const ended = run(executable, [bin, '--json', `--outputFile=${report}`, ...args], { stdio: ['ignore', 'ignore', 'inherit'], ...options });
  if (!fs.existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites, testResults } = JSON.parse(fs.readFileSync(report, 'utf8'));
  const excused = failedTests(testResults).filter(({ file, name }) => isExcused(path.relative(String(options.cwd ?? root), file), name)).length;
  const counts = { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites - excused, skipped: numPendingTests };
  return excused > 0 ? counts : withEnd(counts, ended);
}

/**
 * @param {string} label fit for a file's name
 * @param {string} command a program of GoogleTest, and what comes before its own arguments
 * @param {string[]} args
 * @param {Record<string, string>} env beside this process's own
 * @returns {Counts}
 */
function runGoogleTest(label, command, args, env) {
  console.log(`\n== ${label}`);
  const report = reportOf(label);
  const ended = run(command, [...args, '--gtest_brief=1', `--gtest_output=json:${report}`], { env: { ...process.env, ...env } });
  if (!fs.existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  /** @type {{ testsuites: Array<{ testsuite: Array<{ result: string, failures?: unknown[] }> }> }} */
  const { testsuites } = JSON.parse(fs.readFileSync(report, 'utf8'));
  const tests = testsuites.flatMap(({ testsuite }) => testsuite);
  const failed = tests.filter(({ failures }) => failures).length;
  const skipped = tests.filter(({ result }) => result === 'SKIPPED').length;
  return withEnd({ passed: tests.length - failed - skipped, failed, skipped }, ended);
}

/** Adds up counts. */
class Total {
  passed = 0;
  failed = 0;
  skipped = 0;

  /** @param {Counts} counts */
  add({ passed, failed, skipped }) {
    this.passed += passed;
    this.failed += failed;
    this.skipped += skipped;
  }

  /** Prints the last line, and says by the exit code whether all is well: in CI what was skipped was not tested. */
  end() {
    console.log(`\n${this.passed} passed, ${this.failed} failed${this.skipped ? `, ${this.skipped} skipped` : ''}`);
    process.exitCode = this.failed > 0 || (process.env.CI && this.skipped > 0) ? 1 : 0;
  }
}

/** @param {string} executable of Node.js @returns {{ version: string, openssl: string, shared: boolean }} */
function describe(executable) {
  const script = 'JSON.stringify([process.versions.node, process.versions.openssl, process.config.variables.node_shared_openssl])';
  const [version, openssl, shared] = JSON.parse(execFileSync(executable, ['-p', script], { encoding: 'utf8' }));
  return { version, openssl, shared: Boolean(shared) };
}

module.exports = { Total, describe, forgetResults, runGoogleTest, runSuite };
