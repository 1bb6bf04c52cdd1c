// @ts-check
'use strict';
// Files and directories as they were at one moment: what changes while it is read is read again.

const path = require('node:path');

const { MAX_ATTEMPTS, MAX_FILE_OCTETS, MAX_FILES, MAX_OCTETS } = require('./budget.js');

/**
 * @template T
 * @typedef {import('./steps.js').Steps<T>} Steps
 */
/**
 * @typedef {import('./steps.js').Stats} Stats
 *
 * @typedef {object} Look what can be told of a file or directory without reading it
 * @property {string} fingerprint another one: it has changed
 * @property {number} settled milliseconds since 1970: from then on, whatever is changed gets another fingerprint
 *
 * @typedef {object} Contents
 * @property {{ name: string, octets: Buffer }[]} files of a directory sorted by name; a file's own name is ''
 * @property {Look} look
 */

// So that a reading can be given up.
const CHUNK = 16 * 1024 * 1024;

// Two changes within one tick of the kernel's clock get one time: 10 ms at CONFIG_HZ=100. Some filesystems keep whole seconds, FAT every other.
const TICK = 20;
const COARSE_TICK = 2000;

/** @param {Stats} stats */
const fingerprintOf = ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(':');

/** @param {Stats} stats @returns {number} milliseconds since 1970 */
function settledAt({ mtimeNs, ctimeNs, ctimeMs }) {
  const isCoarse = ctimeNs % 1_000_000_000n === 0n && mtimeNs % 1_000_000_000n === 0n;
  // Its milliseconds are rounded down.
  return Number(ctimeMs) + 1 + (isCoarse ? COARSE_TICK : TICK);
}

/** @param {Stats} stats @returns {Look} */
const lookOf = (stats) => ({ fingerprint: fingerprintOf(stats), settled: settledAt(stats) });

/** @param {Stats} stats @throws {Error} */
function mustBeFile(stats) {
  if (stats.isDirectory()) throw new Error('it is a directory');
  if (!stats.isFile()) throw new Error('it is not a regular file');
  if (stats.size > MAX_FILE_OCTETS) throw new Error(`it has ${stats.size} octets, and may have ${MAX_FILE_OCTETS}`);
}

/** @param {number} file @returns {Steps<{ octets: Buffer, look: Look } | null>} null: it changed meanwhile */
function* readOpen(file) {
  const stats = yield ['fstat', file];
  mustBeFile(stats);
  const size = Number(stats.size);
  // One octet more shows whether it has grown.
  const octets = Buffer.allocUnsafeSlow(size + 1);
  let length = 0;
  while (length <= size) {
    const read = yield ['read', file, octets, length, Math.min(CHUNK, octets.length - length)];
    if (read === 0) break;
    length += read;
  }
  const look = lookOf(stats);
  if (length !== size || look.fingerprint !== fingerprintOf(yield ['fstat', file])) return null;
  return { octets: octets.subarray(0, size), look };
}

/** @param {string} file path @returns {Steps<{ octets: Buffer, look: Look } | null>} */
function* readOnce(file) {
  const descriptor = yield ['open', file];
  try {
    return yield* readOpen(descriptor);
  } finally {
    yield ['close', descriptor];
  }
}

/** @template T @param {() => Steps<T | null>} read null: something changed meanwhile @returns {Steps<T>} */
function* untilUnchanged(read) {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const contents = yield* read();
    if (contents !== null) return contents;
  }
  throw new Error('it changes while it is read');
}

/**
 * Hidden files (Kubernetes has the files of a volume in '..data'), and what editors and `rename` leave behind.
 *
 * @param {string} name
 */
const isMaterial = (name) => !name.startsWith('.') && !name.endsWith('~') && !name.endsWith('.tmp');

/** @param {string} directory @returns {Steps<string[]>} */
function* namesIn(directory) {
  const names = (yield ['readdir', directory]).filter(isMaterial).sort();
  if (names.length > MAX_FILES) throw new Error(`it has ${names.length} files, and may have ${MAX_FILES}`);
  return names;
}

/** @param {string} directory @param {string} name @returns {Steps<Stats | null>} null: it is gone, and is no dangling link */
function* statOf(directory, name) {
  try {
    return yield ['stat', path.join(directory, name)];
  } catch (error) {
    const isGone = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT' && !(yield* namesIn(directory)).includes(name);
    if (isGone) return null;
    throw error;
  }
}

/**
 * The regular files of a directory, links to them included, by name.
 *
 * @param {string} directory
 * @returns {Steps<Map<string, Stats>>}
 */
function* filesIn(directory) {
  const files = new Map();
  for (const name of yield* namesIn(directory)) {
    const stats = yield* statOf(directory, name);
    if (stats?.isFile()) files.set(name, stats);
  }
  return files;
}

/** @param {Map<string, Stats>} files @returns {Look} */
function lookOfFiles(files) {
  const fingerprint = Array.from(files, ([name, stats]) => `${name}/${fingerprintOf(stats)}`).join('/');
  const settled = Array.from(files.values(), settledAt).reduce((latest, one) => Math.max(latest, one), 0);
  return { fingerprint, settled };
}

/** @template T @param {string} name of a file in a directory @param {Steps<T>} steps @returns {Steps<T>} */
function* named(name, steps) {
  try {
    return yield* steps;
  } catch (error) {
    throw new Error(`${name}: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
}

/** @param {string} directory @param {Map<string, Stats>} listed @returns {Steps<Contents['files'] | null>} null: something changed meanwhile */
function* readListed(directory, listed) {
  const files = [];
  const read = new Set();
  for (const [name, stats] of listed) {
    // Directories for OpenSSL's -CApath have each file a second time, as a link.
    const identity = `${stats.dev}:${stats.ino}`;
    if (read.has(identity)) continue;
    read.add(identity);
    const contents = yield* named(name, readOnce(path.join(directory, name)));
    if (contents?.look.fingerprint !== fingerprintOf(stats)) return null;
    files.push({ name, octets: contents.octets });
  }
  return files;
}

/** @param {string} directory @returns {Steps<Contents | null>} null: something changed meanwhile */
function* readDirectoryOnce(directory) {
  const listed = yield* filesIn(directory);
  const octets = Array.from(listed.values()).reduce((sum, { size }) => sum + size, 0n);
  if (octets > MAX_OCTETS) throw new Error(`its files have ${octets} octets, and may have ${MAX_OCTETS}`);
  const look = lookOfFiles(listed);
  let files = null;
  let failure;
  try {
    files = yield* readListed(directory, listed);
  } catch (error) {
    failure = error;
  }
  // A file that was listed may be gone: no error, if it is not listed any more.
  if (look.fingerprint !== lookOfFiles(yield* filesIn(directory)).fingerprint) return null;
  if (failure !== undefined) throw failure;
  return files && { files, look };
}

/** @param {string} file path @returns {Steps<Contents>} */
function* readFile(file) {
  const { octets, look } = yield* untilUnchanged(() => readOnce(file));
  return { files: [{ name: '', octets }], look };
}

/** @param {string} directory @returns {Steps<Contents>} */
const readDirectory = (directory) => untilUnchanged(() => readDirectoryOnce(directory));

/** @param {string} file path @returns {Steps<Look>} */
function* lookAtFile(file) {
  const stats = yield ['stat', file];
  mustBeFile(stats);
  return lookOf(stats);
}

/** @param {string} directory @returns {Steps<Look>} */
function* lookAtDirectory(directory) {
  return lookOfFiles(yield* filesIn(directory));
}

module.exports = { lookAtDirectory, lookAtFile, readDirectory, readFile };
