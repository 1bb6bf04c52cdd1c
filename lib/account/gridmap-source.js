// @ts-check
'use strict';
// Where a gridmap comes from, and that it stays fresh. What cannot be read does not replace what was read before.

const path = require('node:path');

const { ClientCertError } = require('../errors.js');
const { readFile } = require('../material/files.js');
const { watchFor } = require('../material/sources.js');
const { runAtOnce, runLater } = require('../material/steps.js');
const { ownOptions } = require('../options.js');
const { MAX_OCTETS, parseGridmap } = require('./gridmap.js');

/**
 * @typedef {import('./gridmap.js').Gridmap} Gridmap
 * @typedef {import('../material/read.js').Source} Source
 *
 * @typedef {object} GridmapStats frozen
 * @property {number} reloads that succeeded
 * @property {number} failedReloads distinct failures
 * @property {Error | null} lastError null: what is in force is what is there
 */

const WHERE = 'AccountMapper: gridmap';
// What a timer can hold.
const MAX_REFRESH = 2 ** 31 - 1;

/** @param {unknown} refresh @returns {false | number | 'watch'} */
function checkedRefresh(refresh) {
  if (refresh === undefined || refresh === 'watch') return 'watch';
  if (refresh === false || refresh === 0) return false;
  if (typeof refresh !== 'number') throw new TypeError(`${WHERE}: refresh must be a number of milliseconds, 'watch' or false`);
  if (Number.isInteger(refresh) && refresh > 0 && refresh <= MAX_REFRESH) return refresh;
  throw new RangeError(`${WHERE}: refresh must be an integer from 0 to ${MAX_REFRESH}, in milliseconds`);
}

/** @param {unknown} value @returns {{ text: string } | { file: string, refresh: false | number | 'watch' }} */
function checkedGridmap(value) {
  const { file, refresh, text } = ownOptions(WHERE, typeof value === 'string' ? { file: value } : value, ['file', 'refresh', 'text']);
  if (text !== undefined) {
    if (file !== undefined || refresh !== undefined) throw new TypeError(`${WHERE}: a text has neither file nor refresh`);
    if (typeof text !== 'string') throw new TypeError(`${WHERE}: text must be a string`);
    return { text };
  }
  if (typeof file !== 'string' || file === '' || file.includes('\0')) throw new TypeError(`${WHERE}: file must be a path, a string`);
  return { file, refresh: checkedRefresh(refresh) };
}

/** @param {string} file @returns {import('../material/steps.js').Steps<import('../material/files.js').Contents>} */
function* smallFile(file) {
  const { size } = yield ['stat', file];
  // Before it is read: readFile() itself would take very much more.
  if (size > BigInt(MAX_OCTETS)) throw new Error(`it has ${size} octets, and may have ${MAX_OCTETS}`);
  return yield* readFile(file);
}

/** @param {string} file @param {unknown} cause @returns {Error} */
function unreadable(file, cause) {
  if (cause instanceof ClientCertError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ClientCertError('ERR_CLIENT_CERT_UNREADABLE', `${WHERE}: ${file} cannot be read: ${reason}`, { path: file, cause });
}

class GridmapSource {
  /** @type {Gridmap} */ #gridmap;
  /** @type {import('../material/sources.js').SourceWatcher | null} */ #watcher = null;
  #reloads = 0;
  #failedReloads = 0;

  /**
   * @param {unknown} option
   * @throws {TypeError | RangeError | ClientCertError} ERR_CLIENT_CERT_UNREADABLE, ERR_CLIENT_CERT_MALFORMED
   */
  constructor(option) {
    const given = checkedGridmap(option);
    if ('text' in given) {
      this.#gridmap = parseGridmap(Buffer.from(given.text));
      return;
    }
    const absolute = path.resolve(given.file);
    const { gridmap, look } = this.#readAtOnce(absolute);
    this.#gridmap = gridmap;
    if (given.refresh !== false) this.#watch({ name: given.file, path: absolute, refresh: given.refresh }, look);
  }

  /** @param {string} name as DistinguishedName.toOneline() writes it */
  find(name) {
    return this.#gridmap.get(name);
  }

  /** Looks now. Resolves when what was found is in force, or has failed. @returns {Promise<void>} */
  async check() {
    await this.#watcher?.check();
  }

  /** @returns {GridmapStats} */
  stats() {
    const lastError = this.#watcher?.stats()[0]?.lastError ?? null;
    return Object.freeze({ reloads: this.#reloads, failedReloads: this.#failedReloads, lastError });
  }

  close() {
    this.#watcher?.close();
  }

  /** @param {string} file */
  #readAtOnce(file) {
    try {
      const { files, look } = runAtOnce(smallFile(file));
      return { gridmap: parseGridmap(files[0].octets, file), look };
    } catch (error) {
      throw unreadable(file, error);
    }
  }

  /** @param {{ name: string, path: string, refresh: number | 'watch' }} place @param {import('../material/files.js').Look} look */
  #watch(place, look) {
    const readAt = Date.now();
    const fingerprint = look.settled > readAt ? null : look.fingerprint;
    /** @type {Source} */
    const source = Object.freeze({ where: 'gridmap', type: 'file', ...place, fingerprint, readAt });
    this.#watcher = watchFor(/** @type {GridmapSource} */ (this), {
      sources: [source],
      onChange: (gridmap, signal) => gridmap.#reload(place.path, signal),
      onFailure: (gridmap) => {
        gridmap.#failedReloads += 1;
      },
    });
  }

  /** @param {string} file @param {AbortSignal} signal */
  async #reload(file, signal) {
    try {
      const { files } = await runLater(smallFile(file), signal);
      this.#gridmap = parseGridmap(files[0].octets, file);
      this.#reloads += 1;
    } catch (error) {
      throw unreadable(file, error);
    }
  }
}

module.exports = { GridmapSource };
