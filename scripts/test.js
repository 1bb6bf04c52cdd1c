'use strict';
// npm test: sets everything up, then runs all tests on this Node.js and on each line that is supported. Arguments go to Jest; with any, only
// this Node.js is used.

const { run, setUp } = require('./setup.js');
const { Total, forgetResults, runSuite } = require('./suite.js');

/** @returns {Array<{ version: string, executable: string }>} */
function otherLines() {
  if (process.platform !== 'linux') {
    console.warn(`SKIPPED: the other Node.js lines, since their binaries are installed on Linux only and this is ${process.platform}`);
    return [];
  }
  return require('./node-lines.js').nodeLines().filter(({ version }) => version !== process.versions.node);
}

function main() {
  const args = process.argv.slice(2);
  setUp('test');
  forgetResults();
  const total = new Total();
  const typed = run('npm', ['run', '--silent', 'test:types']);
  total.add({ passed: Number(typed), failed: Number(!typed), skipped: 0 });
  total.add(runSuite(process.versions.node, process.execPath, args));
  if (args.length === 0) {
    try {
      for (const { version, executable } of otherLines()) total.add(runSuite(version, executable, []));
    } catch (error) {
      console.error(`FAILED: the other Node.js lines: ${error instanceof Error ? error.message : error}`);
      total.add({ passed: 0, failed: 1, skipped: 0 });
    }
  }
  total.end();
}

main();
