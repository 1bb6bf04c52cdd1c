// @ts-check
'use strict';
// Verifier: trust, and what is decided by it. The deciding is native; here are its inputs, their freshness, and whoever wants to be told.

const { X509Certificate } = require('node:crypto');
const { performance } = require('node:perf_hooks');

const { encodedOf, isCertificate } = require('./certificate.js');
const { channels, publish } = require('./diagnostics.js');
const { ClientCertError } = require('./errors.js');
const { watchFor } = require('./material/sources.js');
const { native } = require('./native.js');
const { nativeSettings, settingsError } = require('./native-settings.js');
const { ownOptions } = require('./options.js');
const { decodePem, isPem } = require('./pem.js');
const { Protection } = require('./protection.js');
const { OnlineEvidence } = require('./revocation/online.js');
const { checkedRevocationOptions } = require('./revocation/options.js');
const { checkedChanges, checkedVerifierOptions, timeOf } = require('./verifier-options.js');
const { rereadMaterial, sourcesOf } = require('./verifier-material.js');
const { inTurn } = require('./turns.js');
const { verdictOf } = require('./verdict.js');

/**
 * @typedef {import('../binding.js').NativeOutcome} NativeOutcome
 * @typedef {import('./index.js').Verdict} Verdict
 * @typedef {import('./verifier-options.js').CheckedVerifierOptions} CheckedVerifierOptions
 * @typedef {import('./verifier-material.js').VerifierMaterial} VerifierMaterial
 * @typedef {import('./revocation/options.js').CheckedRevocationOptions} CheckedRevocationOptions
 * @typedef {{ mode: 'none' | 'cached' | 'online' }} Mode
 * @typedef {{ outcome: NativeOutcome, attempts?: Map<string, import('./index.js').FetchAttempt[]> }} Found
 */

/** @param {CheckedRevocationOptions} options @param {VerifierMaterial} material */
function modeOf(options, material) {
  if (options.mode !== undefined) return options.mode;
  return material.crls !== undefined || options.ocsp.responses.length > 0 ? 'cached' : 'none';
}

/** @param {string} where @param {unknown} value @returns {Buffer[]} DER: one, or as many as a PEM text has */
function certificatesOf(where, value) {
  if (isCertificate(value)) return [encodedOf(value)];
  if (value instanceof X509Certificate) return [value.raw];
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw new TypeError(`${where} must be a Certificate, DER or PEM`);
  }
  const octets = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value !== 'string' && !isPem(octets)) return [octets];
  const blocks = decodePem(octets);
  if (blocks.length > 0) return blocks;
  throw new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `${where}: there is no certificate in it; what stands in a file has to be read first`, {
    offset: 0,
    expected: 'a block CERTIFICATE',
  });
}

/** @param {any} input @returns {Buffer[]} the leaf first */
function chainOf(input) {
  const isPlain = input !== null && typeof input === 'object' && !isCertificate(input) && !(input instanceof Uint8Array) &&
    !(input instanceof X509Certificate);
  if (!isPlain) return certificatesOf('input', input);
  const { leaf, chain = [] } = ownOptions('verify: input', input, ['leaf', 'chain']);
  if (leaf === undefined) throw new TypeError('input.leaf is needed: what is to be verified?');
  const rest = Array.isArray(chain) ? chain : [chain];
  return [...certificatesOf('input.leaf', leaf), ...rest.flatMap((value, i) => certificatesOf(`input.chain[${i}]`, value))];
}

const closed = () => new ClientCertError('ERR_CLIENT_CERT_CLOSED', 'the verifier is closed');

// What the rest of this package may do with a verifier, and nobody else.
/** @typedef {import('./index.js').Verifier} PublicVerifier */
/** @type {(verifier: PublicVerifier) => import('../binding.js').Verifier} */
let nativeOf;
/** @type {(value: unknown) => value is PublicVerifier} */
let isVerifier;
/** @type {(verifier: PublicVerifier) => number} milliseconds since 1970, by the verifier's clock */
let clockOf;
/** @type {(verifier: PublicVerifier) => readonly Buffer[]} DER of the certificates in `ca` */
let authoritiesOf;
/** @type {(verifier: PublicVerifier, listener: () => void) => () => void} */
let onChange;
/** @type {(verifier: PublicVerifier) => boolean} whether asking asynchronously may find out more than asking */
let isOnline;
/** @type {(verifier: PublicVerifier, chain: Buffer[], signal?: AbortSignal) => Promise<Found>} */
let findOnline;
/** @type {(verifier: PublicVerifier | undefined) => void} throws where somebody has closed the verifier that is asked */
let checkOpen;

// Verdicts that one verifier has at hand, as many as its native half keeps outcomes; and the octets of the largest chain among them. Larger
// ones are not even looked for: that takes a digest of them, on this thread.
const KNOWN_VERDICTS = 1000;
const KNOWN_CHAIN_OCTETS = 16 * 1024;

/** @param {readonly Buffer[]} chain */
const mayBeKnown = (chain) => chain.reduce((octets, der) => octets + der.length, 0) <= KNOWN_CHAIN_OCTETS;

class Verifier {
  /** By the id of the outcome, the oldest first. @type {Map<number, Verdict>} */ #verdicts = new Map();
  /** @type {CheckedVerifierOptions} */ #options;
  /** @type {CheckedRevocationOptions} */ #revocation;
  /** @type {VerifierMaterial} */ #material;
  /** @type {readonly Buffer[]} */ #responses;
  /** @type {import('../binding.js').Verifier} */ #native;
  /** @type {import('./material/sources.js').SourceWatcher} */ #sources;
  /** @type {OnlineEvidence | null} */ #online = null;
  /** @type {Protection} */ #protection;
  /** @type {Set<() => void>} */ #listeners = new Set();
  /** @type {Promise<unknown>} */ #reloading = Promise.resolve();
  #closing = new AbortController();
  #reloads = 0;
  #failedReloads = 0;
  #recalled = 0;
  #recalledRefused = 0;
  #generationTold = 0;

  static {
    const own = (/** @type {any} */ verifier) => /** @type {Verifier} */ (verifier);
    nativeOf = (verifier) => own(verifier).#native;
    isVerifier = /** @type {(value: unknown) => value is PublicVerifier} */ (
      (value) => typeof value === 'object' && value !== null && #native in value
    );
    clockOf = (verifier) => own(verifier).#options.clock();
    authoritiesOf = (verifier) => own(verifier).#material.ca.ders.map(({ der }) => der);
    onChange = (verifier, listener) => {
      own(verifier).#listeners.add(listener);
      return () => own(verifier).#listeners.delete(listener);
    };
    isOnline = (verifier) => own(verifier).#online !== null && !own(verifier).#closing.signal.aborted;
    checkOpen = (verifier) => {
      if (verifier !== undefined && own(verifier).#closing.signal.aborted) throw closed();
    };
    findOnline = (verifier, chain, signal) => own(verifier).#find(chain, clockOf(verifier), signal);
  }

  /** @param {import('./index.js').VerifierOptions} options */
  constructor(options) {
    this.#options = checkedVerifierOptions(options);
    this.#revocation = checkedRevocationOptions(this.#options.revocation);
    this.#material = this.#options.material;
    this.#responses = this.#revocation.ocsp.responses;
    const created = native.Verifier.create(this.#settings(this.#material, this.#responses));
    if (!(created instanceof native.Verifier)) throw settingsError(created, this.#material);
    this.#native = created;
    this.#generationTold = created.generation();
    if (modeOf(this.#revocation, this.#material) === 'online') {
      this.#online = new OnlineEvidence(this, created, this.#revocation, () => this.#tellOfChange());
    }
    this.#protection = new Protection(this, created, this.#options.clock);
    this.#sources = Verifier.#watching(this, sourcesOf(this.#material));
    Object.freeze(this);
  }

  /** Apart from where `this` is at hand: what the watcher has must not keep the verifier. @param {Verifier} owner @param {import('./material/read.js').Source[]} sources */
  static #watching(owner, sources) {
    return watchFor(owner, {
      sources,
      onChange: (verifier, signal) => verifier.#reread(signal),
      onFailure: (verifier, error, { where, path }) => {
        verifier.#failedReloads += 1;
        publish(channels.revocation, () => ({ type: 'sourceFailed', verifier, source: where, path, error }));
      },
    });
  }

  /** @param {VerifierMaterial} material @param {readonly Buffer[]} responses */
  #settings(material, responses) {
    return nativeSettings(this.#options, material, this.#revocation, { mode: modeOf(this.#revocation, material), responses });
  }

  /** All or nothing. @param {VerifierMaterial} material @param {readonly Buffer[]} responses */
  async #putIntoForce(material, responses) {
    const fault = await this.#native.replace(this.#settings(material, responses));
    if (fault) throw settingsError(fault, material);
    this.#material = material;
    this.#responses = responses;
    this.#verdicts.clear();
    this.#reloads += 1;
    this.#tellOfChange();
  }

  #tellOfChange() {
    const generation = this.#native.generation();
    if (generation === this.#generationTold) return;
    this.#generationTold = generation;
    for (const listener of [...this.#listeners]) listener();
  }

  /** One after the other: what is put into force last is what was asked for last. @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  #inTurn(work) {
    const turn = this.#reloading.then(work);
    this.#reloading = turn.catch(() => {});
    return turn;
  }

  /** What the files and directories hold now. @param {AbortSignal} signal */
  #reread(signal) {
    return this.#inTurn(async () => {
      const material = await rereadMaterial(this.#material, signal);
      signal.throwIfAborted();
      await this.#putIntoForce(material, this.#responses);
      publish(channels.revocation, () => ({ type: 'reloaded', verifier: this }));
    });
  }

  /** @param {unknown} options @param {readonly string[]} known @param {string} where */
  #timeAndSignal(options = {}, known, where) {
    if (this.#closing.signal.aborted) throw closed();
    const { at, signal } = /** @type {any} */ (ownOptions(where, options, known));
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError(`${where}: signal must be an AbortSignal`);
    return { at: at === undefined ? this.#options.clock() : timeOf(at, `${where}: at`), signal };
  }

  /** @param {NativeOutcome | number} found */
  #outcomeOf(found) {
    if (typeof found !== 'number') return found;
    throw new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `certificate ${found + 1} of the input is none that OpenSSL can read`, {
      offset: 0,
      expected: 'a certificate',
      index: found,
    });
  }

  /** @param {Buffer[]} chain @param {number} at milliseconds since 1970 @param {AbortSignal} [signal] @returns {Promise<Found>} */
  async #find(chain, at, signal) {
    const seconds = Math.floor(at / 1000);
    const outcome = this.#outcomeOf(
      await inTurn(() => {
        signal?.throwIfAborted();
        return this.#native.verifyAsync(chain, seconds, []);
      }),
    );
    if (this.#online === null || outcome.wishes.length === 0) return { outcome };
    const found = await this.#online.settle(outcome, { chain, at: seconds, signal });
    return { outcome: this.#outcomeOf(found.outcome), attempts: found.attempts };
  }

  /** What was found before about the same chain and still holds. @param {Buffer[]} chain @param {number} at milliseconds since 1970 */
  #recall(chain, at) {
    if (this.#verdicts.size === 0 || !mayBeKnown(chain)) return undefined;
    const verdict = this.#verdicts.get(this.#native.recall(chain, Math.floor(at / 1000)));
    if (verdict === undefined) return undefined;
    this.#recalled += 1;
    if (!verdict.valid) this.#recalledRefused += 1;
    return verdict;
  }

  /** @param {Found} found @param {Buffer[]} chain that it is about */
  #verdictOf({ outcome, attempts }, chain) {
    const verdict = verdictOf(outcome, attempts);
    // Where there is something to be fetched, asking again may find out more.
    if (outcome.wishes.length > 0 || attempts !== undefined || !mayBeKnown(chain)) return verdict;
    this.#verdicts.set(outcome.id, verdict);
    if (this.#verdicts.size > KNOWN_VERDICTS) this.#verdicts.delete(/** @type {number} */ (this.#verdicts.keys().next().value));
    return verdict;
  }

  /** @param {Verdict} verdict @param {string} by @param {number} began */
  #publish(verdict, by, began) {
    publish(channels.verify, () => ({ verifier: this, verdict, by, ms: performance.now() - began }));
    return verdict;
  }

  /** @param {any} input @param {{ at?: Date }} [options] @returns {Verdict} */
  verify(input, options) {
    const { at } = this.#timeAndSignal(options, ['at'], 'verify');
    const began = performance.now();
    const chain = chainOf(input);
    const verify = () => this.#outcomeOf(this.#native.verify(chain, Math.floor(at / 1000)));
    const verdict = this.#recall(chain, at) ?? this.#verdictOf({ outcome: verify() }, chain);
    return this.#publish(verdict, 'verify', began);
  }

  /** @param {any} input @param {{ at?: Date, signal?: AbortSignal }} [options] @returns {Promise<Verdict>} */
  async verifyAsync(input, options) {
    const { at, signal } = this.#timeAndSignal(options, ['at', 'signal'], 'verifyAsync');
    const chain = chainOf(input);
    signal?.throwIfAborted();
    const began = performance.now();
    const verdict = this.#recall(chain, at) ?? this.#verdictOf(await abortable(this.#find(chain, at, signal), signal), chain);
    return this.#publish(verdict, 'verifyAsync', began);
  }

  /** @param {import('./index.js').VerifierChanges} changes @returns {Promise<void>} */
  async reload(changes) {
    if (this.#closing.signal.aborted) throw closed();
    return this.#inTurn(async () => {
      const { material: changed, responses } = await checkedChanges(changes, this.#closing.signal);
      const checkedResponses =
        responses === undefined ? this.#responses : checkedRevocationOptions({ ocsp: { responses } }).ocsp.responses;
      await this.#putIntoForce(Object.freeze({ ...this.#material, ...changed }), checkedResponses);
      this.#sources.watch(sourcesOf(this.#material));
    });
  }

  /** @param {import('node:tls').Server} server */
  protect(server) {
    if (this.#closing.signal.aborted) throw closed();
    const { onUnknown } = this.#revocation;
    if (this.#online !== null && (onUnknown.leaf === 'deny' || onUnknown.ca === 'deny')) {
      throw new ClientCertError(
        'ERR_CLIENT_CERT_NOT_SUPPORTED',
        "a handshake does no I/O: with revocation.mode 'online' and onUnknown 'deny' every client would be refused at first; use mode " +
          "'cached', or let the middleware decide",
      );
    }
    this.#protection.add(server);
  }

  /** @returns {import('./index.js').VerifierStats} */
  stats() {
    const { generation, ...counts } = this.#native.counts();
    return Object.freeze({
      ...counts,
      verifications: counts.verifications + this.#recalled,
      known: counts.known + this.#recalled,
      refused: counts.refused + this.#recalledRefused,
      generation,
      reloads: this.#reloads,
      failedReloads: this.#failedReloads,
      sources: Object.freeze(this.#sources.stats()),
      fetches: Object.freeze(this.#online?.stats() ?? { attempts: 0, failures: 0, storeErrors: 0 }),
      closed: this.#closing.signal.aborted,
    });
  }

  /** Handshakes of protected servers are judged further on, by what was in force last. */
  close() {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(closed());
    this.#sources.close();
    this.#listeners.clear();
    this.#verdicts.clear();
  }

  [Symbol.dispose]() {
    this.close();
  }
}

/** @template T @param {Promise<T>} promise @param {AbortSignal} [signal] @returns {Promise<T>} rejects with its reason at once */
function abortable(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** @param {string} where @param {unknown} value @returns {PublicVerifier | undefined} @throws {TypeError} */
function checkedVerifier(where, value) {
  if (value === undefined || isVerifier(value)) return value;
  throw new TypeError(`${where}: verifier must be a Verifier`);
}

module.exports = { Verifier, authoritiesOf, checkedVerifier, nativeOf, clockOf, onChange, isOnline, findOnline, checkOpen, chainOf };
