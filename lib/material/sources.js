// @ts-check
'use strict';
// Keeps sources fresh: looks at them, and says when they have changed. What they hold is read by whoever is told, all or nothing; until that
// has succeeded, a source counts as changed.

const fs = require('node:fs');

const { ClientCertError } = require('../errors.js');
const { DirectoryWatches } = require('./directory-watches.js');
const { lookAt } = require('./read.js');

/**
 * @typedef {import('./read.js').Source} Source
 * @typedef {import('./files.js').Look} Look
 *
 * @typedef {object} State of one source
 * @property {Source} source
 * @property {string | null} loaded the fingerprint of what is in force; null: not known
 * @property {number} loadedAt
 * @property {number} failures
 * @property {Error | null} lastError
 * @property {Set<string>} reported
 * @property {any} timer
 * @property {any} pause timer between an event and the look
 * @property {DirectoryWatches | null} directories
 *
 * @typedef {object} SourceStats frozen
 * @property {string} where the option
 * @property {string} path
 * @property {Date} loadedAt
 * @property {number} failures since then
 * @property {Error | null} lastError null: what is in force is what is there
 *
 * @typedef {object} Environment for tests
 * @property {() => number} now
 * @property {(callback: () => void, milliseconds: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {typeof fs.watch} watch
 */

// After an event in a directory: whoever replaces one file often replaces another.
const PAUSE = 50;
// Watching misses what happens elsewhere: the targets of links of links, filesystems of other machines.
const SLOW_POLL = 10_000;
// How often a source that is still being written is looked at before it is read nevertheless.
const MAX_LOOKS = 50;
// No clock of a filesystem is that coarse: it is another machine's, and wrong.
const MAX_SETTLING = 2000;
// A message may have a number in it that is another one each time.
const MAX_REPORTED = 100;

/** @type {Environment} */
const REAL = { now: Date.now, setTimeout, clearTimeout, watch: fs.watch };

/** @param {unknown} value */
const asError = (value) => (value instanceof Error ? value : new Error(String(value)));

class SourceWatcher {
  #onChange;
  #onFailure;
  /** @type {Environment} */ #environment;
  /** @type {Map<Source, State>} */ #states = new Map();
  /** @type {Set<State>} */ #due = new Set();
  /** @type {Promise<void> | null} */ #working = null;
  #closing = new AbortController();
  /** @type {(() => void) | null} */ #wake = null;

  /**
   * @param {object} options
   * @param {readonly Source[]} options.sources
   * @param {(changed: Source[], signal: AbortSignal) => Promise<void>} options.onChange reads every source anew, not only the changed ones, and
   *   puts into force what they hold, or rejects. Never called while an earlier call is under way. `signal`: close() was called.
   * @param {(error: Error, source: Source) => void} options.onFailure once for each distinct failure, until the source is fresh again
   * @param {Partial<Environment>} [options.environment]
   */
  constructor({ sources, onChange, onFailure, environment = {} }) {
    this.#onChange = onChange;
    this.#onFailure = onFailure;
    this.#environment = { ...REAL, ...environment };
    this.watch(sources);
  }

  /**
   * From now on, these are the sources. Those that it has already stay as they are.
   *
   * @param {readonly Source[]} sources
   */
  watch(sources) {
    if (this.#isClosed) return;
    const wanted = new Set(sources);
    for (const [source, state] of this.#states) if (!wanted.has(source)) this.#forget(state);
    for (const source of wanted) if (!this.#states.has(source)) this.#add(source);
  }

  /** Looks at all sources now. Resolves when what was found is in force, or was reported to onFailure; never rejects. @returns {Promise<void>} */
  check() {
    return this.#request(this.#states.values());
  }

  /** @returns {SourceStats[]} */
  stats() {
    return Array.from(this.#states.values(), ({ source: { where, path }, loadedAt, failures, lastError }) =>
      Object.freeze({ where, path, loadedAt: new Date(loadedAt), failures, lastError }),
    );
  }

  /** Nothing is called any more, not even for what is being read at the moment. May be called again. */
  close() {
    this.#closing.abort(new ClientCertError('ERR_CLIENT_CERT_CLOSED', 'the sources are not watched any more'));
    for (const state of this.#states.values()) this.#forget(state);
    this.#wake?.();
  }

  get #isClosed() {
    return this.#closing.signal.aborted;
  }

  /** @param {Source} source */
  #add(source) {
    /** @type {State} */
    const state = {
      source,
      loaded: source.fingerprint,
      loadedAt: source.readAt,
      failures: 0,
      lastError: null,
      reported: new Set(),
      timer: null,
      pause: null,
      directories: null,
    };
    this.#states.set(source, state);
    if (source.refresh !== 'watch') {
      this.#schedule(state);
      return;
    }
    state.directories = new DirectoryWatches(source, () => this.#pause(state), this.#environment.watch);
    // What was changed between reading and watching shows only to who looks.
    this.#request([state]);
  }

  /** @param {State} state */
  #forget(state) {
    this.#states.delete(state.source);
    this.#due.delete(state);
    this.#environment.clearTimeout(state.timer);
    this.#environment.clearTimeout(state.pause);
    state.directories?.close();
  }

  /** @param {State} state */
  #isWatched(state) {
    return this.#states.get(state.source) === state;
  }

  /** @param {State} state */
  #schedule(state) {
    if (!this.#isWatched(state)) return;
    this.#environment.clearTimeout(state.timer);
    const { refresh } = state.source;
    state.timer = this.#environment.setTimeout(() => this.#request([state]), refresh === 'watch' ? SLOW_POLL : refresh);
    state.timer?.unref?.();
  }

  /** @param {State} state */
  #pause(state) {
    // Further events do not prolong it: there may be no end of them.
    if (state.pause !== null || !this.#isWatched(state)) return;
    state.pause = this.#environment.setTimeout(() => {
      state.pause = null;
      this.#request([state]);
    }, PAUSE);
    state.pause?.unref?.();
  }

  /** @param {Iterable<State>} states @returns {Promise<void>} resolves once they were looked at */
  #request(states) {
    for (const state of states) this.#due.add(state);
    if (this.#due.size === 0) return Promise.resolve();
    // One look at a time, so one reading of each source.
    this.#working ??= this.#work();
    return this.#working;
  }

  async #work() {
    while (this.#due.size > 0) {
      const due = [...this.#due];
      this.#due.clear();
      await this.#lookAt(due);
      due.forEach((state) => this.#schedule(state));
    }
    // At once: whatever is due from here on needs work of its own.
    this.#working = null;
  }

  /** @param {State[]} due */
  async #lookAt(due) {
    for (const state of due) {
      const error = await state.directories?.arm();
      if (error) this.#tell(state, error);
    }
    const found = await this.#looks(due);
    const current = due.filter((state) => this.#isWatched(state));
    if (current.some((state) => found.get(state).fingerprint !== state.loaded)) await this.#reload();
    else current.forEach((state) => this.#succeeded(state));
  }

  /** @param {Iterable<State>} states @returns {Promise<Map<State, any>>} the Look at each, or the Error why it cannot be looked at */
  async #looks(states) {
    const found = new Map();
    for (const state of states) found.set(state, await lookAt(state.source, this.#closing.signal).catch(asError));
    return found;
  }

  /** What is read after a look is not older than it; all of it is read, so all is looked at. */
  async #reload() {
    const found = await this.#settledLooks();
    if (this.#isClosed) return;
    const failed = [...found].filter(([, look]) => look instanceof Error);
    const changed = [...found.keys()].filter((state) => found.get(state).fingerprint !== state.loaded);
    for (const [state, error] of failed) this.#failed([state], error);
    if (failed.length > 0) {
      this.#failed(changed.filter((state) => !(found.get(state) instanceof Error)), failed[0][1]);
      return;
    }
    if (changed.length > 0 && !(await this.#putIntoForce(changed))) return;
    for (const [state, { fingerprint }] of found) {
      if (changed.length > 0) state.loadedAt = this.#environment.now();
      state.loaded = fingerprint;
      this.#succeeded(state);
    }
  }

  /** @param {State[]} changed @returns {Promise<boolean>} false: what was in force still is */
  async #putIntoForce(changed) {
    try {
      await this.#onChange(changed.map(({ source }) => source), this.#closing.signal);
      return true;
    } catch (error) {
      this.#failed(changed, asError(error));
      return false;
    }
  }

  /** Looks that a later change cannot have left as they are. @returns {Promise<Map<State, any>>} */
  async #settledLooks() {
    for (let look = 1; ; look++) {
      const found = await this.#looks(this.#states.values());
      const now = this.#environment.now();
      const waits = Array.from(found.values(), ({ settled }) => settled - now).filter((wait) => wait > 0 && wait <= MAX_SETTLING);
      if (waits.length === 0 || look === MAX_LOOKS || this.#isClosed) return found;
      await this.#sleep(Math.max(...waits));
    }
  }

  /** Part of a reading, so it keeps the process as a reading does. @param {number} milliseconds @returns {Promise<void>} */
  async #sleep(milliseconds) {
    let timer;
    await new Promise((resolve) => {
      this.#wake = () => resolve(undefined);
      timer = this.#environment.setTimeout(this.#wake, milliseconds);
    });
    this.#wake = null;
    this.#environment.clearTimeout(timer);
  }

  /** @param {State} state */
  #succeeded(state) {
    state.failures = 0;
    state.lastError = null;
    state.reported.clear();
  }

  /** @param {State[]} states what they hold is not in force @param {Error} error with the `path` of the source that it is about, if of one */
  #failed(states, error) {
    const { path, code } = /** @type {{ path?: unknown, code?: unknown }} */ (error);
    for (const state of states) {
      state.failures += 1;
      state.lastError = error;
    }
    const state = [...this.#states.values()].find(({ source }) => source.path === path) ?? states[0];
    if (state === undefined) return;
    const failure = `${code} ${error.message}`;
    if (state.reported.has(failure)) return;
    if (state.reported.size >= MAX_REPORTED) state.reported.clear();
    state.reported.add(failure);
    this.#tell(state, error);
  }

  /** @param {State} state @param {Error} error */
  #tell(state, error) {
    if (!this.#isWatched(state)) return;
    try {
      this.#onFailure(error, state.source);
    } catch (thrown) {
      // Not a reason to stop watching, and not to be kept from whom it concerns.
      process.nextTick(() => {
        throw thrown;
      });
    }
  }
}

/** What was collected without being closed wants to know nothing any more. @type {FinalizationRegistry<SourceWatcher>} */
const abandoned = new FinalizationRegistry((watcher) => watcher.close());

/**
 * A watcher that does not keep its owner, whom timers and the system would keep for ever, and ends with it.
 *
 * @template {object} Owner
 * @param {Owner} owner
 * @param {object} options as of SourceWatcher
 * @param {readonly Source[]} options.sources
 * @param {(owner: Owner, signal: AbortSignal) => Promise<void>} options.onChange
 * @param {(owner: Owner, error: Error, source: Source) => void} options.onFailure
 */
function watchFor(owner, { sources, onChange, onFailure }) {
  const weak = new WeakRef(owner);
  const watcher = new SourceWatcher({
    sources,
    async onChange(_, signal) {
      const alive = weak.deref();
      if (alive) await onChange(alive, signal);
    },
    onFailure(error, source) {
      const alive = weak.deref();
      if (alive) onFailure(alive, error, source);
    },
  });
  abandoned.register(owner, watcher);
  return watcher;
}

module.exports = { watchFor, SourceWatcher };
