'use strict';
// npm run lint: every linter, each told to be strict. The C++ ones need the addon's build folder for its compile commands.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');

const { root, run, setUp } = require('./setup.js');

/** @param {string} folder @param {RegExp} ending @returns {string[]} */
function filesIn(folder, ending) {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
}

/** clang-tidy takes seconds for each file: one process for each core. @param {string[]} files @returns {Promise<boolean>} */
async function clangTidy(files) {
  const waiting = [...files];
  let clean = true;
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const status = await new Promise((resolve) => {
        const child = spawn('clang-tidy', ['-p', 'build', '--quiet', file], { cwd: root, stdio: ['ignore', 'inherit', 'ignore'] });
        child.on('error', () => resolve(1));
        child.on('close', resolve);
      });
      if (status !== 0) clean = false;
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, work));
  return clean;
}

async function main() {
  setUp('lint');
  const sources = filesIn('src', /\.(cc|h)$/);
  const programs = ['fuzz', 'test/core', 'toolchain'].flatMap((folder) => filesIn(folder, /\.(cc|h)$/));
  // Both pack; the binary that belongs into the tarball is nothing that they look at.
  const env = { ...process.env, npm_config_ignore_scripts: 'true' };
  /** @type {Array<[string, () => boolean | Promise<boolean>]>} */
  const linters = [
    ['clang-format', () => run('clang-format', ['--dry-run', '--Werror', ...sources, ...programs])],
    ['clang-tidy', () => clangTidy(sources.filter((file) => file.endsWith('.cc')))],
    ['eslint', () => run('npx', ['--no-install', 'eslint', '--max-warnings=0', '.'])],
    ['tsc', () => run('npm', ['run', '--silent', 'test:types'])],
    ['publint', () => run('npx', ['--no-install', 'publint', '--strict'], { env })],
    ['attw', () => run('npx', ['--no-install', 'attw', '--pack', '.'], { env })],
    ['contract', () => run(process.execPath, ['scripts/check-contract.js'])],
    ['generated parts', () => run(process.execPath, ['scripts/generate.js', '--check'])],
  ];
  const failed = [];
  for (const [name, lint] of linters) {
    console.log(`== ${name}`);
    if (!(await lint())) failed.push(name);
  }
  if (failed.length > 0) console.error(`not clean: ${failed.join(', ')}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

main();
