'use strict';
// npm run test:asan [-- JEST ARGUMENTS]: the addon and the core under AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer.
//
// The addon is built into a second tree of the package, build/asan/package: lib/ loads the binary beside it and nothing can make it load another, in tests as in
// production. Its tests run there, on a copy of this Node.js that loads the sanitizer's library before all others; a variable of the environment (LD_PRELOAD)
// would reach every other program that tests start. Tests of how long something takes, or how much memory, are no judges here: test/sanitizers/excused.json.

const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');

const excused = require('../test/sanitizers/excused.json');
const { folderOf } = require('./checked-build.js');
const { build, testCoreMemory } = require('./fuzz.js');
const { root, run, setUp } = require('./setup.js');
const { Total, failedWhole, failure, runSuite } = require('./suite.js');

const NOT_COPIED = new Set(['.git', 'build', 'coverage', 'node_modules', 'prebuilds']);
// LeakSanitizer stops all threads of a process that ends, and crashes now and then where some of them act as users: there it does not look, and sees what
// those threads do in test/core.
/** @type {Array<[label: string, leaks: 0 | 1, others: string]>} others: the tests of the other pass */
const PASSES = [
  ['asan', 1, '/test/token/'],
  ['asan-token', 0, '^(?!.*/test/token/)'],
];
// It installs the binary that is shipped, which is built without sanitizers.
const SHIPPED = 'test/package/tarball';
const tree = path.join(folderOf('asan'), 'package');

/** What is built there stays, and with it all that is up to date. */
function copyPackage() {
  fs.mkdirSync(tree, { recursive: true });
  for (const name of fs.readdirSync(tree)) if (!NOT_COPIED.has(name)) fs.rmSync(path.join(tree, name), { recursive: true });
  for (const name of fs.readdirSync(root)) {
    if (!NOT_COPIED.has(name)) fs.cpSync(path.join(root, name), path.join(tree, name), { recursive: true, preserveTimestamps: true });
  }
  const packages = path.join(tree, 'node_modules');
  fs.rmSync(packages, { force: true });
  fs.symlinkSync(path.join(root, 'node_modules'), packages);
}

/** A copy of this Node.js that begins with the library of AddressSanitizer. @returns {string} */
function makeNode() {
  const executable = path.join(folderOf('asan'), `node-${process.versions.node}`);
  if (fs.existsSync(executable)) return executable;
  const library = execFileSync('c++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
  const made = `${executable}.made`;
  fs.copyFileSync(process.execPath, made);
  execFileSync('patchelf', ['--add-needed', fs.realpathSync(library), made]);
  fs.renameSync(made, executable);
  return executable;
}

/**
 * @param {string[]} args for Jest
 * @returns {import('./suite.js').Counts}
 */
function testAddon(args) {
  copyPackage();
  const words = [path.join(tree, 'scripts', 'native-build.js'), '--CDSANITIZE=address,undefined', '--CDWARNINGS_AS_ERRORS=OFF'];
  if (!run(process.execPath, words, { cwd: tree })) return failedWhole('the build with sanitizers');
  const reports = path.join(folderOf('asan'), 'reports');
  fs.rmSync(reports, { recursive: true, force: true });
  fs.mkdirSync(reports);
  // Programs that act as users write theirs, too.
  fs.chmodSync(reports, 0o1777);
  /** @type {Array<{ file: string, name?: string, begins?: string }>} */
  const tests = excused.tests;
  const isExcused = (/** @type {string} */ where, /** @type {string} */ full) =>
    tests.some(({ file, name, begins }) => file === where && (name === full || (begins !== undefined && full.startsWith(begins))));
  const total = new Total();
  for (const [label, leaks, others] of PASSES) {
    // What was freed is kept for so long that tests of growing memory still measure the package. Not strict_string_checks: strndup of a text that has no end,
    // as plugins of GSSAPI do it, is right. Tests of the clock put a library of theirs before the sanitizer's.
    const options = [`detect_leaks=${leaks}`, 'quarantine_size_mb=16', 'verify_asan_link_order=0', `log_path=${path.join(reports, 'report')}`];
    const env = {
      ...process.env,
      ASAN_OPTIONS: options.join(':'),
      LSAN_OPTIONS: `suppressions=${path.join(tree, 'test', 'sanitizers', 'lsan.supp')}:print_suppressions=0`,
      UBSAN_OPTIONS: `print_stacktrace=1:halt_on_error=1:log_path=${path.join(reports, 'report')}`,
    };
    const flags = [`--testPathIgnorePatterns=/node_modules/|${SHIPPED}|${others}`, '--passWithNoTests', '--testTimeout=300000'];
    total.add(runSuite(`${process.versions.node}-${label}`, makeNode(), [...flags, ...args], { cwd: tree, env }, isExcused));
  }
  // Also of programs whose end no test looked at. Without an error in it a report only notes that a thread's stack is not the one that it began with: in the fibre
  // of openssl/connection_lock.
  const found = fs.readdirSync(reports).map((name) => fs.readFileSync(path.join(reports, name), 'utf8')).filter((report) => /ERROR: |runtime error: /.test(report));
  for (const report of found) console.error(report);
  total.add({ passed: 0, failed: found.length, skipped: 0, failures: found.map((report) => failure('a sanitizer found:', report.trimStart())) });
  return total;
}

module.exports = { testAddon };

if (require.main === module) {
  const args = process.argv.slice(2);
  setUp('test');
  const total = new Total();
  if (args.length === 0) total.add(build() ? testCoreMemory() : failedWhole('the build of the core with sanitizers'));
  total.add(testAddon(args));
  total.end();
}
