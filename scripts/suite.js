'use strict';
// The whole suite on one Node.js, which may be another than the one that this runs on; programs of GoogleTest; and how many tests of each passed, failed and were
// skipped.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { stripVTControlCharacters } = require('node:util');

const { root, run } = require('./setup.js');

const results = path.join(root, 'build', 'test-results');

/** @typedef {{ passed: number, failed: number, skipped: number, failures?: string[] }} Counts failures: what failed, each with the lines that say why */

// Of what failed, as much as a reader of the last page of a log needs.
const TOLD = { failures: 20, lines: 16, columns: 300 };

/** @param {string} title @param {string} [details] @returns {string} */
function failure(title, details = '') {
  const lines = stripVTControlCharacters(`${title}\n${details}`.trimEnd()).split('\n');
  return lines.slice(0, TOLD.lines).map((line) => line.slice(0, TOLD.columns)).join('\n    ');
}

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

/** What has no counts to give. @param {string} title @param {string} [details] @returns {Counts} */
const failedWhole = (title, details) => ({ passed: 0, failed: 1, skipped: 0, failures: [failure(title, details)] });

/** What reported no failure and yet ended badly has failed. @param {Counts} counts @param {boolean} ended well @param {string} label @returns {Counts} */
function withEnd(counts, ended, label) {
  if (ended || counts.failed > 0) return counts;
  return { ...counts, failed: 1, failures: [failure(`${label}: reported no failure, and ended badly`)] };
}

/** @typedef {{ status: string, fullName: string, failureMessages: string[] | null }} Assertion */

/** What failed in Jest: tests, and files that had none since they could not be run. @param {Array<{ name: string, message: string, status: string, assertionResults: Assertion[] }>} testResults */
const failedTests = (testResults) =>
  testResults.flatMap(({ name: file, message, status: all, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    if (all === 'failed' && failed.length === 0) return [{ file, name: '', details: message }];
    return failed.map(({ fullName, failureMessages }) => ({ file, name: fullName, details: failureMessages?.join('\n') ?? '' }));
  });

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
  if (!fs.existsSync(report)) return failedWhole(`${label}: Jest wrote no report`);
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites, testResults } = JSON.parse(fs.readFileSync(report, 'utf8'));
  const told = failedTests(testResults).map((test) => ({ ...test, file: path.relative(String(options.cwd ?? root), test.file) }));
  const counting = told.filter(({ file, name }) => !isExcused(file, name));
  const excused = told.length - counting.length;
  const failures = counting.map(({ file, name, details }) => failure(`${label}: ${file}: ${name}`, details));
  const counts = { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites - excused, skipped: numPendingTests, failures };
  return excused > 0 ? counts : withEnd(counts, ended, label);
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
  if (!fs.existsSync(report)) return failedWhole(`${label}: wrote no report`);
  /** @type {{ testsuites: Array<{ testsuite: Array<{ name: string, result: string, failures?: Array<{ failure: string }> }> }> }} */
  const { testsuites } = JSON.parse(fs.readFileSync(report, 'utf8'));
  const tests = testsuites.flatMap(({ testsuite }) => testsuite);
  const failures = tests.flatMap(({ name, failures: why }) => (why ? [failure(`${label}: ${name}`, why.map((one) => one.failure).join('\n'))] : []));
  const failed = failures.length;
  const skipped = tests.filter(({ result }) => result === 'SKIPPED').length;
  return withEnd({ passed: tests.length - failed - skipped, failed, skipped, failures }, ended, label);
}

/** Adds up counts. */
class Total {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** @type {string[]} */
  failures = [];

  /** @param {Counts} counts */
  add({ passed, failed, skipped, failures = [] }) {
    this.passed += passed;
    this.failed += failed;
    this.skipped += skipped;
    this.failures.push(...failures);
  }

  /** Prints again what failed, then the last line, and says by the exit code whether all is well: in CI what was skipped was not tested. */
  end() {
    for (const text of this.failures.slice(0, TOLD.failures)) console.log(`\nFAILED ${text}`);
    if (this.failures.length > TOLD.failures) console.log(`\n... and ${this.failures.length - TOLD.failures} more`);
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

module.exports = { Total, describe, failedWhole, failure, forgetResults, runGoogleTest, runSuite };
