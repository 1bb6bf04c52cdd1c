'use strict';
// A Node.js that uses the system's OpenSSL, as distributions build it: Debian 13's, run beside this machine's own libraries.

const fs = require('node:fs');
const path = require('node:path');

const { output, unpackDebian } = require('./debian.js');

const folder = path.join(__dirname, '..', 'build', 'shared-node');

/** Finds its loader and its libraries below the folder, wherever it is started. @param {string} tree */
function prepare(tree) {
  const libraries = path.join(folder, 'usr', 'lib', 'x86_64-linux-gnu');
  const loader = path.join(libraries, 'ld-linux-x86-64.so.2');
  const executable = path.join(tree, 'usr', 'bin', 'node');
  // RPATH: it holds for the libraries of the libraries, too. Debian's nodejs is /usr/bin/node itself.
  output('patchelf', ['--set-interpreter', loader, '--force-rpath', '--set-rpath', libraries, executable]);
  // Parts of Debian's Node.js are files of /usr/share/nodejs: they are put over this machine's, for this process and its children only.
  const script = [
    '#!/bin/sh',
    `exec unshare --mount sh -c 'mount -t overlay overlay -o "lowerdir=$0/usr/share:/usr/share" /usr/share && exec "$0/usr/bin/node" "$@"' '${folder}' "$@"`,
  ];
  fs.writeFileSync(path.join(tree, 'node'), `${script.join('\n')}\n`, { mode: 0o755 });
}

/** @param {string} [mirror] of Debian @returns {string} an executable; it needs to be root for its mount @throws {Error} where it cannot be had */
function sharedNode(mirror) {
  if (!fs.existsSync(folder)) unpackDebian({ folder, release: 'trixie', packages: ['nodejs'], dependencies: true, mirror, prepare });
  return path.join(folder, 'node');
}

module.exports = { sharedNode };
