// @ts-check
'use strict';
// What node:fs/promises does, as a user. Each operation is one turn on a thread of the addon that has that user's identity.

const fs = require('node:fs');

const { ownOptions } = require('../options.js');
const { accessModeOf, dataOf, encodingOf, flagsOf, modeOf, pathOf } = require('./file-arguments.js');
const { fileError, systemError } = require('./failures.js');

/**
 * @typedef {import('../../binding.js').NativeFileOperation} NativeFileOperation
 * @typedef {import('../../binding.js').NativeFileRequest} NativeFileRequest
 * @typedef {{ octets: Buffer, text: string }} Path
 * @typedef {{ identity: import('../../binding.js').Identity, umask: number }} Acting as whom
 */

// Of the answers of readdir(3), by number: what fs.Dirent takes.
const { UV_DIRENT_UNKNOWN, UV_DIRENT_FILE, UV_DIRENT_DIR, UV_DIRENT_LINK, UV_DIRENT_FIFO, UV_DIRENT_SOCKET, UV_DIRENT_CHAR, UV_DIRENT_BLOCK } =
  /** @type {any} */ (fs.constants);
/** @type {Record<number, number>} */
const ENTRY_TYPES = { 1: UV_DIRENT_FIFO, 2: UV_DIRENT_CHAR, 4: UV_DIRENT_DIR, 6: UV_DIRENT_BLOCK, 8: UV_DIRENT_FILE, 10: UV_DIRENT_LINK, 12: UV_DIRENT_SOCKET };

/** @param {Record<string, number>} status @returns {fs.Stats} */
function statsOf(status) {
  // Its constructor is not public; its methods need nothing but these. The dates are rounded as those of node:fs are.
  const stats = Object.assign(Object.create(fs.Stats.prototype), status);
  for (const name of ['atime', 'mtime', 'ctime', 'birthtime']) {
    Object.defineProperty(stats, name, { value: new Date(Math.round(status[`${name}Ms`])), enumerable: true, writable: true, configurable: true });
  }
  return stats;
}

/** @param {Buffer} octets @param {BufferEncoding | 'buffer' | null} encoding */
const textOf = (octets, encoding) => (encoding === 'buffer' ? octets : octets.toString(encoding ?? 'utf8'));

/** A string instead of options is the encoding. @param {string} where @param {unknown} options @param {string[]} known @returns {any} */
function optionsOf(where, options, known) {
  if (options === undefined || options === null) return {};
  if (typeof options === 'string') return { encoding: options };
  const own = /** @type {any} */ (ownOptions(where, options, known));
  if (own.signal !== undefined && !(own.signal instanceof AbortSignal)) throw new TypeError(`${where}: signal must be an AbortSignal`);
  return own;
}

/** Its methods are those of node:fs/promises, and so are their errors. */
class ImpersonatedFs {
  /** @type {() => Acting} */ #acting;

  /** @param {() => Acting} acting throws where nobody may act */
  constructor(acting) {
    this.#acting = acting;
    Object.freeze(this);
  }

  /**
   * @param {NativeFileOperation} operation
   * @param {Path} path
   * @param {Omit<NativeFileRequest, 'path' | 'umask'>} [request]
   * @param {{ dest?: string, signal?: AbortSignal }} [more]
   * @returns {Promise<any>}
   */
  #perform(operation, { octets, text }, request, { dest, signal } = {}) {
    return new Promise((resolve, reject) => {
      const { identity, umask } = this.#acting();
      signal?.throwIfAborted();
      const abort = () => reject(/** @type {AbortSignal} */ (signal).reason);
      const isAccepted = identity.perform(operation, { path: octets, umask, ...request }, (failure, value) => {
        signal?.removeEventListener('abort', abort);
        if (failure) reject(fileError(failure, { path: text, dest }));
        else resolve(value);
      });
      if (!isAccepted) throw systemError(11, operation, { path: text });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** @param {any} path @param {any} [flags] @param {any} [mode] @returns {Promise<number>} */
  async open(path, flags, mode) {
    return this.#perform('open', pathOf(path), { flags: flagsOf(flags, 'r'), mode: modeOf(mode, 0o666) });
  }

  /** @param {any} path @param {any} [options] @returns {Promise<any>} */
  async readFile(path, options) {
    const { encoding, flag, signal } = optionsOf('readFile', options, ['encoding', 'flag', 'signal']);
    const checked = encodingOf(encoding);
    const octets = await this.#perform('readFile', pathOf(path), { flags: flagsOf(flag, 'r') }, { signal });
    return checked === null ? octets : textOf(octets, checked);
  }

  /** @param {any} path @param {any} data @param {any} [options] @returns {Promise<void>} */
  async writeFile(path, data, options) {
    const { encoding, flag, mode, flush = false, signal } = optionsOf('writeFile', options, ['encoding', 'flag', 'mode', 'flush', 'signal']);
    if (typeof flush !== 'boolean') throw new TypeError('writeFile: flush must be a boolean');
    const checked = encodingOf(encoding);
    const octets = dataOf(data, checked === 'buffer' ? null : checked);
    await this.#perform('writeFile', pathOf(path), { octets, flags: flagsOf(flag, 'w'), mode: modeOf(mode, 0o666), flush }, { signal });
  }

  /** @param {any} path @returns {Promise<fs.Stats>} */
  async stat(path) {
    return statsOf(await this.#perform('stat', pathOf(path)));
  }

  /** @param {any} path @returns {Promise<fs.Stats>} */
  async lstat(path) {
    return statsOf(await this.#perform('lstat', pathOf(path)));
  }

  /** @param {any} path @param {any} [mode] @returns {Promise<void>} */
  async access(path, mode) {
    await this.#perform('access', pathOf(path), { flags: accessModeOf(mode) });
  }

  /** @param {any} path @param {any} [options] @returns {Promise<any[]>} */
  async readdir(path, options) {
    const { encoding, withFileTypes = false } = optionsOf('readdir', options, ['encoding', 'withFileTypes']);
    if (typeof withFileTypes !== 'boolean') throw new TypeError('readdir: withFileTypes must be a boolean');
    const checked = encodingOf(encoding);
    const folder = pathOf(path);
    /** @type {{ name: Buffer, type: number }[]} */
    const entries = await this.#perform('readdir', folder);
    if (!withFileTypes) return entries.map(({ name }) => textOf(name, checked));
    const Dirent = /** @type {any} */ (fs.Dirent);
    return entries.map(({ name, type }) => new Dirent(textOf(name, checked), ENTRY_TYPES[type] ?? UV_DIRENT_UNKNOWN, folder.text));
  }

  /** @param {any} path @param {any} [options] @returns {Promise<any>} the first folder that was made, where `recursive` */
  async mkdir(path, options) {
    const isMode = typeof options === 'number' || typeof options === 'string';
    const { recursive = false, mode } = isMode ? { mode: options } : optionsOf('mkdir', options, ['recursive', 'mode']);
    if (typeof recursive !== 'boolean') throw new TypeError('mkdir: recursive must be a boolean');
    /** @type {Buffer | undefined} */
    const created = await this.#perform('mkdir', pathOf(path), { recursive, mode: modeOf(mode, 0o777) });
    return recursive ? created?.toString() : undefined;
  }

  /** @param {any} path @returns {Promise<void>} */
  async rmdir(path) {
    await this.#perform('rmdir', pathOf(path));
  }

  /** @param {any} path @returns {Promise<void>} */
  async unlink(path) {
    await this.#perform('unlink', pathOf(path));
  }

  /** @param {any} from @param {any} to @returns {Promise<void>} */
  async rename(from, to) {
    const dest = pathOf(to, 'newPath');
    await this.#perform('rename', pathOf(from, 'oldPath'), { to: dest.octets }, { dest: dest.text });
  }
}

module.exports = { ImpersonatedFs };
