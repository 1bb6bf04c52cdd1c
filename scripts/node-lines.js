'use strict';
// The official Node.js binaries of the lines that are supported, from the npm registry. One build of the addon has to work on all of them.

const fs = require('node:fs');
const path = require('node:path');

const { root, run } = require('./setup.js');

// The oldest release that is supported, and a recent one of each line.
const VERSIONS = ['20.17.0', '20.20.2', '22.23.3', '24.21.0', '26.10.0'];

/** @returns {Array<{ version: string, executable: string }>} @throws {Error} where one cannot be had */
function nodeLines() {
  const name = `node-${process.platform}-${process.arch}`;
  return VERSIONS.map((version) => {
    const folder = path.join(root, 'build', 'node-lines', version);
    const executable = path.join(folder, 'node_modules', name, 'bin', 'node');
    if (!fs.existsSync(executable)) {
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
      const installed = run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--no-save', `${name}@${version}`], { cwd: folder });
      if (!installed || !fs.existsSync(executable)) throw new Error(`${name}@${version} could not be installed`);
    }
    return { version, executable };
  });
}

module.exports = { nodeLines };
