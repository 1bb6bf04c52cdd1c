'use strict';
// npm run test:matrix: the suite with the binary that is shipped, on each Node.js line and on one that uses the system's OpenSSL; what ran is told in
// a table. --node PATH (more than once, if wished) adds an executable. Other words go to Jest: `npm run test:matrix -- test/package`.

const path = require('node:path');
const { parseArgs } = require('node:util');

const { nodeLines } = require('./node-lines.js');
const { prebuild } = require('./prebuild.js');
const { root, setUp } = require('./setup.js');
const { sharedNode } = require('./shared-node.js');
const { describe, forgetResults, runSuite } = require('./suite.js');

/** @typedef {{ line: string, version: string, openssl: string, shared: string, passed: number, failed: number, skipped: number, note: string }} Row */

/** @param {string} line @param {() => string} find its executable @param {string[]} args for Jest @returns {Row} */
function runOn(line, find, args) {
  try {
    const executable = find();
    const { version, openssl, shared } = describe(executable);
    const counts = runSuite(`${line}-${version}`, executable, args);
    return { line, version, openssl, shared: shared ? 'shared' : 'its own', ...counts, note: '' };
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    console.error(`${line}: ${note}`);
    return { line, version: '-', openssl: '-', shared: '-', passed: 0, failed: 1, skipped: 0, note: `NOT RUN: ${note.split('\n', 1)[0]}` };
  }
}

/** @param {Row[]} rows */
function print(rows) {
  const table = rows.map(({ line, version, openssl, shared, passed, failed, skipped, note }) => [
    line, version, openssl, shared, String(passed), String(failed), String(skipped), note || (failed > 0 ? 'FAILED' : 'ok'),
  ]);
  table.unshift(['line', 'Node.js', 'OpenSSL', 'which is', 'passed', 'failed', 'skipped', 'result']);
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  console.log('');
  for (const row of table) console.log(row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd());
}

function main() {
  const { values, positionals } = parseArgs({ options: { node: { type: 'string', multiple: true } }, allowPositionals: true });
  setUp('test');
  prebuild(path.join(root, 'prebuilds'));
  forgetResults();
  const rows = nodeLines().map(({ version, executable }) => runOn(version.split('.', 1)[0], () => executable, positionals));
  rows.push(runOn('shared', () => sharedNode(), positionals));
  for (const executable of values.node ?? []) rows.push(runOn('given', () => path.resolve(executable), positionals));
  print(rows);
  process.exitCode = rows.some(({ failed, skipped }) => failed > 0 || (process.env.CI && skipped > 0)) ? 1 : 0;
}

main();
