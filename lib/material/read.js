// @ts-check
'use strict';
// Material: the certificates or CRLs of one option, wherever they come from. All or nothing: it is read whole, or there is an error that says
// which part cannot be read.

const { ClientCertError } = require('../errors.js');
const { MAX_ITEMS, MAX_OCTETS } = require('./budget.js');
const { decodeMaterial, hasOnlyOtherKind } = require('./decode.js');
const { lookAtDirectory, lookAtFile, readDirectory, readFile } = require('./files.js');
const { givenMaterial } = require('./inputs.js');
const { runAtOnce, runLater } = require('./steps.js');

/**
 * @template T
 * @typedef {import('./steps.js').Steps<T>} Steps
 */
/**
 * @typedef {import('./decode.js').Item} Item
 * @typedef {import('./inputs.js').Kind} Kind
 * @typedef {import('./inputs.js').Given} Given
 * @typedef {import('./inputs.js').Place} Place
 *
 * @typedef {object} Source a place that is to be kept fresh; frozen, the same object for as long as its option is not given anew
 * @property {string} where the option, for messages: 'ca', 'crls[2]'
 * @property {'file' | 'directory'} type
 * @property {string} name as it was given
 * @property {string} path absolute
 * @property {number | 'watch'} refresh
 * @property {string | null} fingerprint what it looked like when it was read first; null: a change may have left no trace since
 * @property {number} readAt milliseconds since 1970
 *
 * @typedef {object} Material frozen
 * @property {readonly Item[]} ders in the order in which they were given, files of directories by name
 * @property {readonly Source[]} watched
 * @property {readonly string[]} skipped files of directories that have nothing but the other kind of material
 * @property {(signal?: AbortSignal) => Promise<Material>} reread the same with its sources as they are by then; keeps no DER of theirs meanwhile
 *
 * @typedef {{ items: Item[] }} Fixed
 * @typedef {{ where: string, place: Place, source?: Source }} Changing
 * @typedef {{ option: string, kind: Kind, parts: (Fixed | Changing)[] }} Plan
 */

/** @param {string} origin @param {{ path: string }} place @param {unknown} cause */
function unreadable(origin, { path }, cause) {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ClientCertError('ERR_CLIENT_CERT_UNREADABLE', `${origin} cannot be read: ${reason}`, { path, cause });
}

/** @param {unknown} error @param {string} path lets a reader of the error find the source */
function atPath(error, path) {
  return error instanceof ClientCertError ? Object.assign(error, { path }) : error;
}

/** @param {string} where @param {Place} place @returns {Steps<import('./files.js').Contents>} */
function* contentsOf(where, place) {
  try {
    return yield* place.type === 'file' ? readFile(place.path) : readDirectory(place.path);
  } catch (error) {
    throw unreadable(`${where}: ${place.name}`, place, error);
  }
}

/**
 * @param {import('./files.js').Contents} contents
 * @param {Changing} part
 * @param {Kind} kind
 * @returns {{ items: Item[], skipped: string[] }}
 */
function decodeContents({ files }, { where, place }, kind) {
  const skipped = [];
  const items = [];
  try {
    for (const { name, octets } of files) {
      const shown = name === '' ? place.name : `${place.name.replace(/\/+$/, '')}/${name}`;
      const origin = `${where}: ${shown}`;
      if (place.type === 'directory' && hasOnlyOtherKind(octets, kind, origin)) skipped.push(shown);
      else for (const item of decodeMaterial(octets, kind, origin)) items.push(item);
    }
  } catch (error) {
    throw atPath(error, place.path);
  }
  return { items, skipped };
}

/** @param {Changing} part @param {import('./files.js').Look} look @returns {Source} */
function sourceOf({ where, place }, look) {
  const readAt = Date.now();
  const refresh = /** @type {number | 'watch'} */ (place.refresh);
  return Object.freeze({ where, ...place, refresh, fingerprint: look.settled > readAt ? null : look.fingerprint, readAt });
}

/** @param {Given} given @param {Kind} kind @returns {Fixed | Changing} */
function partOf(given, kind) {
  if ('place' in given) return given;
  if ('der' in given) return { items: [{ der: given.der, origin: given.where, auxiliary: false }] };
  return { items: decodeMaterial(given.octets, kind, given.where) };
}

/** Items, up to what one option may have. */
class Collection {
  /** @type {Item[]} */ items = [];
  #octets = 0;
  #option;

  /** @param {string} option */
  constructor(option) {
    this.#option = option;
  }

  /** @param {readonly Item[]} items */
  add(items) {
    for (const item of items) {
      this.items.push(item);
      this.#octets += item.der.length;
    }
    if (this.#octets > MAX_OCTETS) throw this.#tooMany('octets', MAX_OCTETS);
    if (this.items.length > MAX_ITEMS) throw this.#tooMany('items', MAX_ITEMS);
  }

  /** @param {string} what @param {number} limit */
  #tooMany(what, limit) {
    return new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `${this.#option}: more than ${limit} ${what}`);
  }
}

/** @param {Plan} plan @returns {Steps<Material>} */
function* read({ option, kind, parts }) {
  const collection = new Collection(option);
  /** @type {string[]} */
  const skipped = [];
  /** @type {(Fixed | Changing)[]} */
  const kept = [];
  for (const part of parts) {
    if ('items' in part) {
      collection.add(part.items);
      kept.push(part);
    } else {
      const contents = yield* contentsOf(part.where, part.place);
      const decoded = decodeContents(contents, part, kind);
      collection.add(decoded.items);
      skipped.push(...decoded.skipped);
      const isReadOnce = part.place.refresh === false;
      kept.push(isReadOnce ? { items: decoded.items } : { ...part, source: part.source ?? sourceOf(part, contents.look) });
    }
  }
  const plan = { option, kind, parts: kept };
  return Object.freeze({
    ders: Object.freeze(collection.items),
    watched: Object.freeze(kept.flatMap((part) => ('source' in part && part.source ? [part.source] : []))),
    skipped: Object.freeze(skipped),
    reread: (/** @type {AbortSignal | undefined} */ signal) => runLater(read(plan), signal),
  });
}

/** @param {string} option @param {Kind} kind @param {unknown} input @returns {Plan} */
function planOf(option, kind, input) {
  return { option, kind, parts: givenMaterial(option, kind, input).map((given) => partOf(given, kind)) };
}

/**
 * @param {string} option its name, for messages
 * @param {Kind} kind
 * @param {unknown} input see lib/material/inputs.js
 * @returns {Material}
 * @throws {TypeError | RangeError} for a caller's mistake
 * @throws {ClientCertError} ERR_CLIENT_CERT_UNREADABLE with the `path`; ERR_CLIENT_CERT_MALFORMED, with the `path` where it was read from one
 */
function readMaterial(option, kind, input) {
  return runAtOnce(read(planOf(option, kind, input)));
}

/**
 * As readMaterial, off the event loop but for decoding PEM.
 *
 * @param {string} option
 * @param {Kind} kind
 * @param {unknown} input
 * @param {AbortSignal} [signal]
 * @returns {Promise<Material>} rejects with what readMaterial throws, or with the reason of `signal`
 */
async function readMaterialAsync(option, kind, input, signal) {
  return runLater(read(planOf(option, kind, input)), signal);
}

/**
 * @param {Source} source
 * @param {AbortSignal} [signal]
 * @returns {Promise<import('./files.js').Look>} what it looks like now; rejects as readMaterialAsync does
 */
async function lookAt(source, signal) {
  try {
    return await runLater(source.type === 'file' ? lookAtFile(source.path) : lookAtDirectory(source.path), signal);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreadable(`${source.where}: ${source.name}`, source, error);
  }
}

module.exports = { lookAt, readMaterial, readMaterialAsync };
