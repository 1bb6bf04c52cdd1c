'use strict';
// npm run prebuild: makes prebuilds/linux-x64-glibc.node, the one binary for all Node.js lines, and the launcher beside it.
// --mirror URL: where Debian 11 is had from, if not from the mirror that apt is configured with.

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { output, unpackDebian } = require('./debian.js');
const { build } = require('./native-build.js');

const root = path.join(__dirname, '..');

// Debian 11's C library (glibc 2.31), and the unwinder of its GCC 10; the last two are for Node.js, to try the result there.
const OLD_GLIBC = { release: 'bullseye', packages: ['libc6', 'libc6-dev', 'linux-libc-dev', 'libgcc-10-dev', 'libgcc-s1', 'libstdc++6'] };
// A build folder is for one of them: cmake-js configures it once.
const cache = path.join(root, 'build', 'prebuild', OLD_GLIBC.release);
const oldGlibc = path.join(cache, 'system');
const UNWINDER = 'usr/lib/gcc/x86_64-linux-gnu/10/libgcc_eh.a';

// What the official Node.js 20 asks for itself: older would gain nobody anything.
const NEWEST_GLIBC = [2, 28];
const SYSTEM_LIBRARIES = new Set(['libc.so.6', 'libpthread.so.0', 'libdl.so.2', 'libm.so.6', 'ld-linux-x86-64.so.2']);
const FILES = { 'client_cert_info.node': 'linux-x64-glibc.node', 'client-cert-info-launcher': 'linux-x64-glibc-launcher' };

/** @param {string} file @returns {{ libraries: string[], glibc: string[] }} what an ELF file asks the system for */
function needs(file) {
  const libraries = [...output('readelf', ['--wide', '--dynamic', file]).matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name);
  const versions = output('readelf', ['--wide', '--version-info', file]).matchAll(/Name: GLIBC_([0-9.]+)/g);
  return { libraries, glibc: [...new Set(Array.from(versions, ([, version]) => version))] };
}

/** @param {string} version */
function isTooNew(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > NEWEST_GLIBC[0] || (major === NEWEST_GLIBC[0] && minor > NEWEST_GLIBC[1]);
}

/** @param {string} file @throws {Error} where it would not run everywhere that the official Node.js 20 runs */
function check(file) {
  const { libraries, glibc } = needs(file);
  const strangers = libraries.filter((name) => !SYSTEM_LIBRARIES.has(name));
  if (strangers.length > 0) throw new Error(`${file} must not need ${strangers.join(', ')}`);
  const newer = glibc.filter(isTooNew);
  if (glibc.length === 0 || newer.length > 0) throw new Error(`${file} needs glibc ${newer.join(', ')}, and ${NEWEST_GLIBC.join('.')} is the newest that it may`);
  if (/\.symtab|\.debug/.test(output('readelf', ['--wide', '--sections', file]))) throw new Error(`${file} is not stripped`);
}

/**
 * Builds what has changed.
 *
 * @param {string} folder where the files are put
 * @param {string} [mirror] of Debian
 */
function prebuild(folder, mirror) {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('binaries are made on Linux x64 only');
  const prepare = (/** @type {string} */ tree) => {
    fs.mkdirSync(path.join(tree, 'unwinder'));
    fs.copyFileSync(path.join(tree, UNWINDER), path.join(tree, 'unwinder', path.basename(UNWINDER)));
  };
  if (!fs.existsSync(oldGlibc)) unpackDebian({ folder: oldGlibc, ...OLD_GLIBC, mirror, prepare });
  const flags = { CMAKE_TOOLCHAIN_FILE: path.join(root, 'toolchain', 'toolchain.cmake'), OLD_GLIBC: oldGlibc };
  const built = build(['--out', path.join(cache, 'tree'), ...Object.entries(flags).map(([name, value]) => `--CD${name}=${value}`)]);
  if (!built) throw new Error('the binary could not be built');
  fs.mkdirSync(folder, { recursive: true });
  for (const [from, to] of Object.entries(FILES)) {
    const file = path.join(cache, 'tree', 'Release', from);
    check(file);
    // Put in place as a whole: another process may have the old one loaded.
    fs.copyFileSync(file, path.join(folder, `${to}.new`));
    fs.renameSync(path.join(folder, `${to}.new`), path.join(folder, to));
  }
}

module.exports = { needs, oldGlibc, prebuild };

if (require.main === module) {
  const { mirror } = parseArgs({ options: { mirror: { type: 'string' } } }).values;
  prebuild(path.join(root, 'prebuilds'), mirror);
}
