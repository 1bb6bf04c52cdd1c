'use strict';
// The package as npm would publish it, and an empty project that it is installed into.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '../..');

/** @param {string[]} words for npm @param {string} folder @param {NodeJS.ProcessEnv} [env] @returns {string} what it printed */
function npm(words, folder, env = process.env) {
  return execFileSync('npm', words, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** @returns {string[]} the files that npm would pack from a folder; no script is run */
function listFiles(folder = root) {
  const [{ files }] = JSON.parse(npm(['pack', '--dry-run', '--json', '--ignore-scripts'], folder));
  return files.map((file) => file.path).sort();
}

/**
 * Packs what is in the working tree, with binaries from elsewhere: those of the working tree itself would be loaded by the tests that run meanwhile.
 *
 * @param {string} folder an empty one
 * @param {string} binaries a folder that is packed as prebuilds/
 * @returns {string} the tarball
 */
function pack(folder, binaries) {
  const stage = path.join(folder, 'stage');
  for (const file of listFiles().filter((name) => !name.startsWith('prebuilds/'))) {
    fs.mkdirSync(path.dirname(path.join(stage, file)), { recursive: true });
    fs.copyFileSync(path.join(root, file), path.join(stage, file));
  }
  fs.cpSync(binaries, path.join(stage, 'prebuilds'), { recursive: true });
  const [{ filename }] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], stage));
  return path.join(folder, filename);
}

/** @param {string} folder of the project; is made @param {string[]} words for npm @param {NodeJS.ProcessEnv} [env] */
function installInto(folder, words, env) {
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  npm(['install', '--prefer-offline', '--no-audit', '--no-fund', ...words], folder, env);
}

module.exports = { installInto, listFiles, pack };
