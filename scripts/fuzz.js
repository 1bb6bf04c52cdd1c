'use strict';
// npm run fuzz -- [--seconds 60] [TARGET ...]: fuzzes each target for so long, as many at a time as there are processors. What was found of interest is kept in
// build/fuzz/corpus and the next run goes on from there; findings are in build/fuzz/findings.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { parseArgs } = require('node:util');

const { buildChecked, folderOf, hasProgram, started, testCore } = require('./checked-build.js');
const { Total, failedWhole } = require('./suite.js');
const { root, setUp } = require('./setup.js');

const built = folderOf('fuzz');
const findings = path.join(built, 'findings');
const targets = path.join(built, 'targets');

// libFuzzer: the longest input, the slowest in seconds, the most memory in MB. A certificate in a handshake has 100 KB at most, and mutations of smaller ones
// are found faster.
const LIMITS = ['-max_len=16384', '-timeout=20', '-rss_limit_mb=4096', '-print_final_stats=1'];
const OPTIONS = { ASAN_OPTIONS: 'detect_leaks=1:strict_string_checks=1', UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1' };

/** Whether the targets, and test/core with the same sanitizers, were built. */
const build = () => buildChecked('fuzz', ['SANITIZE=address,undefined', 'CMAKE_CXX_COMPILER=clang++', 'FUZZ_TARGETS=ON', 'CORE_TESTS=ON'], ['fuzz_targets', 'core_tests']);

/** test/core under AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer. */
const testCoreMemory = () => testCore('fuzz', 'address', OPTIONS);

const regressionsOf = (/** @type {string} */ target) => path.join(root, 'fuzz', 'regressions', target);

/** @param {string} target @param {string[]} args @returns {Promise<{ ended: boolean, output: string }>} */
function start(target, args) {
  const [command, words] = started(path.join(targets, target), args);
  const child = spawn(command, words, { env: { ...process.env, ...OPTIONS }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('latin1').on('data', (/** @type {string} */ text) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ ended: status === 0, output }));
  });
}

/** What was found once, and must not come back. @param {string} target */
async function replay(target) {
  const folder = regressionsOf(target);
  const inputs = fs.existsSync(folder) ? fs.readdirSync(folder).map((name) => path.join(folder, name)) : [];
  if (inputs.length === 0) return true;
  const { ended, output } = await start(target, inputs);
  if (!ended) console.error(output);
  return ended;
}

/** @param {string} target @param {number} seconds */
async function fuzz(target, seconds) {
  const corpus = path.join(built, 'corpus', target);
  for (const folder of [corpus, findings]) fs.mkdirSync(folder, { recursive: true });
  const more = fs.existsSync(regressionsOf(target)) ? [regressionsOf(target)] : [];
  const { ended, output } = await start(target, [...LIMITS, `-max_total_time=${seconds}`, `-artifact_prefix=${path.join(findings, `${target}-`)}`, corpus, ...more]);
  const [executions] = /(?<=number_of_executed_units: )\d+/.exec(output) ?? ['?'];
  const [, edges, features] = Array.from(output.matchAll(/cov: (\d+) ft: (\d+)/g)).at(-1) ?? ['', '?', '?'];
  console.log(`${target}: ${executions} executions, ${edges} edges covered, ${features} features, ${fs.readdirSync(corpus).length} inputs kept${ended ? '' : ': FOUND SOMETHING'}`);
  if (!ended) console.error(output.split('\n').slice(-60).join('\n'));
  return ended;
}

/**
 * @param {number} seconds for each
 * @param {string[]} [names] of targets; all where it is empty
 * @returns {Promise<import('./suite.js').Counts>}
 */
async function fuzzAll(seconds, names = []) {
  const all = fs.readdirSync(targets).sort();
  const unknown = names.find((name) => !all.includes(name));
  if (unknown) throw new RangeError(`no target ${unknown}; there are ${all.join(', ')}`);
  const { plant } = await import('../fuzz/seeds.mjs');
  plant(path.join(built, 'corpus'));
  const total = new Total();
  const waiting = names.length > 0 ? [...names] : all;
  const work = async () => {
    for (let target = waiting.shift(); target; target = waiting.shift()) {
      for (const [what, ended] of [['what was found once', await replay(target)], ['new inputs', await fuzz(target, seconds)]]) {
        total.add(ended ? { passed: 1, failed: 0, skipped: 0 } : failedWhole(`fuzz/${target}: ${what}`));
      }
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, work));
  return total;
}

module.exports = { build, fuzzAll, testCoreMemory };

async function main() {
  const { values, positionals } = parseArgs({ options: { seconds: { type: 'string', default: '60' } }, allowPositionals: true });
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < 1) throw new RangeError('--seconds is a whole number of seconds, 1 at least');
  setUp('test');
  if (!hasProgram('clang++')) throw new Error('libFuzzer comes with Clang, which is not installed');
  const total = new Total();
  total.add(build() ? await fuzzAll(seconds, positionals) : failedWhole('the build of the targets'));
  total.end();
}

if (require.main === module) main();
