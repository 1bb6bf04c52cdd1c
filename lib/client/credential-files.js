// @ts-check
'use strict';
// Credentials in files and folders, read again where they have changed since. Nothing is watched: whoever needs one looks, so that what was just put there
// is found, and nothing has to be closed.

const fs = require('node:fs/promises');
const path = require('node:path');

const { ClientCertError } = require('../errors.js');
const { lookAtFile, readFile } = require('../material/files.js');
const { runLater } = require('../material/steps.js');
const { native } = require('../native.js');
const { chainOf } = require('./chain.js');

/**
 * @typedef {import('../index.js').ClientCredential} ClientCredential
 * @typedef {{ credential: ClientCredential, certificates: import('../index.js').Certificate[] }} Candidate
 */

const MAX_FILE = 1024 * 1024;
const MAX_FILES = 1000;
const PFX = new Set(['.pfx', '.p12']);
const PEM = new Set(['.pem', '.crt', '.cer']);

/** @param {string} file @param {unknown} cause */
const unreadable = (file, cause) => new ClientCertError('ERR_CLIENT_CERT_UNREADABLE', `createCredentialStore: ${file} cannot be read`, { path: file, cause });

/** @param {string} file */
const keyMissing = (file) => new ClientCertError('ERR_CLIENT_CERT_BAD_CREDENTIAL', `createCredentialStore: there is no private key in ${file}: keyFile says where it is`, { path: file });

/** PEM of something else: a certificate, most often. @param {Buffer | undefined} octets */
const hasNoKey = (octets) => octets !== undefined && octets.includes('-----BEGIN') && !octets.includes('PRIVATE KEY-----');

/**
 * @param {any} credential in octets or texts
 * @returns {Candidate}
 * @throws {ClientCertError | TypeError}
 */
function candidateOf(credential) {
  if (credential.pfx === undefined) return { credential, certificates: chainOf('createCredentialStore: cert', credential.cert).certificates };
  const opened = native.openPfx(credential.pfx, String(credential.passphrase ?? ''));
  if (!opened) throw new ClientCertError('ERR_CLIENT_CERT_PASSPHRASE', 'createCredentialStore: pfx is no PKCS #12 file with a certificate and its key, or the passphrase is wrong');
  // Opened anew where it is chosen.
  opened.key.fill(0);
  return { credential, certificates: chainOf('createCredentialStore: pfx', opened.chain).certificates };
}

/** @param {string} file @returns {import('../material/steps.js').Steps<import('../material/files.js').Look>} */
function* lookAtSmall(file) {
  const { size } = yield ['stat', file];
  if (size > BigInt(MAX_FILE)) throw new RangeError(`more than ${MAX_FILE} octets`);
  return yield* lookAtFile(file);
}

/** Of one file, and what it was read from. Read as trust material is: whole, as it was at one moment, and only where it is a file. */
class KnownFile {
  /** @type {string | null} */ #fingerprint = null;
  /** @type {Buffer | null} */ #octets = null;

  /** @param {string} file */
  constructor(file) {
    this.file = file;
  }

  /** @returns {Promise<{ octets: Buffer, hasChanged: boolean }>} */
  async read() {
    try {
      const { fingerprint } = await runLater(lookAtSmall(this.file));
      if (this.#octets !== null && fingerprint === this.#fingerprint) return { octets: this.#octets, hasChanged: false };
      const { files: [{ octets }], look } = await runLater(readFile(this.file));
      const hasChanged = this.#octets === null || !octets.equals(this.#octets);
      this.#octets = octets;
      // Until then, another change may leave no trace.
      this.#fingerprint = look.settled > Date.now() ? null : look.fingerprint;
      return { octets, hasChanged };
    } catch (cause) {
      throw unreadable(this.file, cause);
    }
  }
}

/** The files that one credential is in. */
class FileSource {
  /** @type {Record<string, KnownFile>} */ #files;
  #passphrase;
  /** @type {Candidate | null} */ #candidate = null;

  /** @param {Record<string, string>} files by the name of the member that they hold @param {string | Buffer | undefined} passphrase */
  constructor(files, passphrase) {
    this.#files = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, new KnownFile(file)]));
    this.#passphrase = passphrase;
  }

  /** @returns {Promise<Candidate[]>} */
  async candidates() {
    const read = await Promise.all(Object.entries(this.#files).map(async ([name, file]) => ({ name, ...(await file.read()) })));
    if (this.#candidate === null || read.some(({ hasChanged }) => hasChanged)) {
      const members = Object.fromEntries(read.map(({ name, octets }) => [name, octets]));
      this.#candidate = null;
      if (hasNoKey(members.key)) throw keyMissing(this.#files.key.file);
      this.#candidate = candidateOf({ ...members, ...(this.#passphrase === undefined ? {} : { passphrase: this.#passphrase }) });
    }
    return [this.#candidate];
  }
}

/** @param {string} directory @param {readonly string[]} names @returns {Record<string, string>[]} the files of each credential */
function credentialsIn(directory, names) {
  const there = new Set(names);
  /** @param {string} name @returns {Record<string, string>[]} */
  const ofFile = (name) => {
    const extension = path.extname(name);
    const base = name.slice(0, name.length - extension.length);
    if (PFX.has(extension)) return [{ pfx: path.join(directory, name) }];
    if (!PEM.has(extension) || base.endsWith('-key')) return [];
    // Its key is beside it, or with it.
    const key = [`${base}.key`, `${base}-key.pem`].find((candidate) => there.has(candidate)) ?? name;
    return [{ cert: path.join(directory, name), key: path.join(directory, key) }];
  };
  return names.flatMap(ofFile);
}

class DirectorySource {
  #directory;
  #passphrase;
  /** @type {Map<string, FileSource>} */ #sources = new Map();
  /** @type {Map<string, string>} what was wrong with it when somebody was told */ #told = new Map();

  /** @param {string} directory @param {string | Buffer | undefined} passphrase */
  constructor(directory, passphrase) {
    this.#directory = directory;
    this.#passphrase = passphrase;
  }

  /** @returns {Promise<Candidate[]>} */
  async candidates() {
    let names;
    try {
      names = (await fs.readdir(this.#directory)).sort().slice(0, MAX_FILES);
    } catch (cause) {
      throw unreadable(this.#directory, cause);
    }
    const sources = new Map();
    const found = [];
    for (const files of credentialsIn(this.#directory, names)) {
      const key = JSON.stringify(files);
      const source = this.#sources.get(key) ?? new FileSource(files, this.#passphrase);
      sources.set(key, source);
      found.push(source.candidates().catch((error) => this.#leaveOut(key, error)));
    }
    this.#sources = sources;
    return (await Promise.all(found)).flat();
  }

  /** Others may be in the folder. @param {string} key @param {Error} error @returns {Candidate[]} */
  #leaveOut(key, error) {
    if (this.#told.get(key) !== error.message) process.emitWarning(`a credential is left out: ${error.message}`, { code: 'CLIENT_CERT_LEFT_OUT' });
    this.#told.set(key, error.message);
    return [];
  }
}

module.exports = { DirectorySource, FileSource, candidateOf };
