// @ts-check
'use strict';
// The directories in which a change of one source shows, watched. That of a file, not the file itself: files are replaced by renaming, and a
// watched file would be the old one. Where it is reached by a link, that of the link's target too.

const fs = require('node:fs');
const path = require('node:path');

const { stat, realpath } = fs.promises;

/** @typedef {import('./read.js').Source} Source */

/** @param {Source} source @returns {Promise<string[]>} */
async function directoriesOf({ type, path: place }) {
  const directories = [path.dirname(place)];
  try {
    const target = await realpath(place);
    directories.push(path.dirname(target));
    if (type === 'directory') directories.push(target);
  } catch {
    // It is not there. Whoever reads it says so.
  }
  return directories;
}

/** @param {string} directory @returns {Promise<string | null>} null: there is none */
async function identityOf(directory) {
  try {
    const { dev, ino, birthtimeNs } = await stat(directory, { bigint: true });
    // Inode numbers are used again.
    return [dev, ino, birthtimeNs].join(':');
  } catch {
    return null;
  }
}

class DirectoryWatches {
  #source;
  #onEvent;
  #watch;
  /** @type {Map<string, fs.FSWatcher>} by identity */
  #watchers = new Map();
  #isClosed = false;
  /** @type {string | null} */ #lastFailure = null;

  /** @param {Source} source @param {() => void} onEvent @param {typeof fs.watch} watch */
  constructor(source, onEvent, watch) {
    this.#source = source;
    this.#onEvent = onEvent;
    this.#watch = watch;
  }

  /**
   * Watches what there is to be watched now. Directories come, go and are replaced, so it is called before each look.
   *
   * @returns {Promise<Error | null>} why one of them cannot be watched; null where that was said before
   */
  async arm() {
    /** @type {Map<string, string>} */
    const wanted = new Map();
    for (const directory of await directoriesOf(this.#source)) {
      const identity = await identityOf(directory);
      if (identity !== null) wanted.set(identity, directory);
    }
    if (this.#isClosed) return null;
    for (const identity of this.#watchers.keys()) if (!wanted.has(identity)) this.#drop(identity);
    /** @type {Error | null} */
    let failure = null;
    for (const [identity, directory] of wanted) failure = this.#add(identity, directory) ?? failure;
    const isNew = failure !== null && failure.message !== this.#lastFailure;
    this.#lastFailure = failure && failure.message;
    return isNew ? failure : null;
  }

  /** @param {string} identity @param {string} directory @returns {Error | null} */
  #add(identity, directory) {
    if (this.#watchers.has(identity)) return null;
    try {
      const watcher = this.#watch(directory, { persistent: false });
      watcher.on('change', (event, name) => {
        // Its own name: it was moved or removed, and perhaps there is another one now.
        if (event === 'rename' && name === path.basename(directory)) this.#drop(identity);
        this.#onEvent();
      });
      watcher.on('error', () => {
        this.#drop(identity);
        this.#onEvent();
      });
      this.#watchers.set(identity, watcher);
      return null;
    } catch (error) {
      return /** @type {Error} */ (error);
    }
  }

  /** @param {string} identity */
  #drop(identity) {
    this.#watchers.get(identity)?.close();
    this.#watchers.delete(identity);
  }

  close() {
    this.#isClosed = true;
    for (const identity of this.#watchers.keys()) this.#drop(identity);
  }
}

module.exports = { DirectoryWatches };
