'use strict';
// npm test: sets everything up, then runs all tests on this Node.js and on each line that is supported. Arguments go to Jest; with any, only
// this Node.js is used.

const { hasProgram } = require('./checked-build.js');
const { build, fuzzAll, testCoreMemory } = require('./fuzz.js');
const { run, setUp } = require('./setup.js');
const { Total, failedWhole, forgetResults, runSuite } = require('./suite.js');
const { testAddon } = require('./test-asan.js');
const { testThreads } = require('./test-tsan.js');

// Of what the sanitizers look for in the addon, what is about ends: of handles, threads and processes. npm run test:asan has all.
const LIFETIMES = ['test/certificate/handle', 'test/lifetimes/', 'test/package/worker', 'test/token/handles'];
const FUZZ_SECONDS = 5;
// It loads its binary on each line by itself.
const ONCE = ['--testPathIgnorePatterns', 'test/package/tarball'];

/**
 * The core under all sanitizers, the addon under those that Node.js can carry, and each fuzz target for a moment.
 *
 * @returns {Promise<import('./suite.js').Counts>}
 */
async function sanitized() {
  const total = new Total();
  const missing = ['clang++', 'patchelf'].filter((program) => !hasProgram(program));
  if (missing.length > 0) {
    process.stderr.write(`\n*** SKIPPED *** sanitizers and fuzzing, which need ${missing.join(' and ')}\n\n`);
    total.add({ passed: 0, failed: 0, skipped: 1 });
    return total;
  }
  total.add(testThreads());
  if (build()) {
    total.add(testCoreMemory());
    total.add(await fuzzAll(FUZZ_SECONDS));
  } else {
    total.add(failedWhole('the build of the core with sanitizers'));
  }
  total.add(testAddon(LIFETIMES));
  return total;
}

/** @returns {Array<{ version: string, executable: string }>} */
function otherLines() {
  if (process.platform !== 'linux') {
    console.warn(`SKIPPED: the other Node.js lines, since their binaries are installed on Linux only and this is ${process.platform}`);
    return [];
  }
  return require('./node-lines.js').nodeLines().filter(({ version }) => version !== process.versions.node);
}

async function main() {
  const args = process.argv.slice(2);
  setUp('test');
  forgetResults();
  const total = new Total();
  const typed = run('npm', ['run', '--silent', 'test:types']);
  total.add(typed ? { passed: 1, failed: 0, skipped: 0 } : failedWhole('npm run test:types'));
  total.add(runSuite(process.versions.node, process.execPath, args));
  if (args.length === 0) {
    total.add(await sanitized());
    try {
      for (const { version, executable } of otherLines()) total.add(runSuite(version, executable, ONCE));
    } catch (error) {
      total.add(failedWhole('the other Node.js lines', error instanceof Error ? error.message : String(error)));
    }
  }
  total.end();
}

main();
