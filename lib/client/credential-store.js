// @ts-check
'use strict';
// createCredentialStore: a callback for queryClientCert that chooses as a browser would.

const { ownOptions } = require('../options.js');
const { readCredential } = require('./credential.js');
const { DirectorySource, FileSource, candidateOf } = require('./credential-files.js');

/**
 * @typedef {import('../index.js').ClientCertQuery} ClientCertQuery
 * @typedef {import('./credential-files.js').Candidate} Candidate
 * @typedef {{ candidates(): Candidate[] | Promise<Candidate[]> }} Source
 */

const WHERE = 'createCredentialStore';
const MEMBERS = ['cert', 'key', 'sign', 'pfx', 'passphrase', 'allowExpired', 'certFile', 'keyFile', 'pfxFile', 'directory', 'list'];
const MAX_REMEMBERED = 1000;

/** @param {unknown} value @param {string} name @returns {string} */
function pathOf(value, name) {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${WHERE}: ${name} must be a path`);
  return value;
}

/** @param {any} own @returns {Source} */
function listSource({ list }) {
  if (typeof list !== 'function') throw new TypeError(`${WHERE}: list must be a function`);
  return {
    async candidates() {
      const entries = await list();
      if (!Array.isArray(entries)) throw new TypeError(`${WHERE}: list must give an array`);
      return (await Promise.all(entries.map((entry) => sourceOf(entry).candidates()))).flat();
    },
  };
}

const KINDS = /** @type {const} */ (['list', 'directory', 'pfxFile', 'certFile', 'pfx', 'cert']);

/** @param {unknown} entry @returns {Source} */
function sourceOf(entry) {
  const own = /** @type {any} */ (ownOptions(`${WHERE}: entry`, entry, MEMBERS));
  const kinds = KINDS.filter((kind) => own[kind] !== undefined);
  if (kinds.length !== 1) throw new TypeError(`${WHERE}: an entry has one of ${KINDS.join(', ')}`);
  switch (kinds[0]) {
    case 'list':
      return listSource(own);
    case 'directory':
      return new DirectorySource(pathOf(own.directory, 'directory'), own.passphrase);
    case 'pfxFile':
      return new FileSource({ pfx: pathOf(own.pfxFile, 'pfxFile') }, own.passphrase);
    case 'certFile':
      return new FileSource({ cert: pathOf(own.certFile, 'certFile'), key: pathOf(own.keyFile ?? own.certFile, 'keyFile') }, own.passphrase);
    default: {
      // Read again where it is chosen.
      readCredential(own).key?.fill(0);
      const candidate = candidateOf(own);
      return { candidates: () => [candidate] };
    }
  }
}

/** Whom a choice is remembered for. @param {ClientCertQuery} query */
const hostOf = ({ servername, connection }) => `${servername ?? connection.remoteAddress ?? ''}:${connection.remotePort ?? ''}`;

/** @param {Candidate} candidate */
const nameOf = ({ certificates: [leaf] }) => leaf.fingerprints.sha256;

/** The one that lasts longest. @param {Candidate} a @param {Candidate} b */
const longestFirst = ({ certificates: [a] }, { certificates: [b] }) => b.notAfter.getTime() - a.notAfter.getTime();

/**
 * @param {unknown} entries
 * @param {{ remember?: boolean }} [options]
 */
function createCredentialStore(entries, options = {}) {
  const { remember = false } = /** @type {any} */ (ownOptions(WHERE, options, ['remember']));
  if (typeof remember !== 'boolean') throw new TypeError(`${WHERE}: remember must be a boolean`);
  if (!Array.isArray(entries)) throw new TypeError(`${WHERE}: entries must be an array`);
  const sources = entries.map(sourceOf);
  /** @type {Map<string, string>} host to the fingerprint of what was chosen for it */
  const remembered = new Map();

  /** @param {string} host @param {Candidate} choice */
  function keep(host, choice) {
    remembered.delete(host);
    remembered.set(host, nameOf(choice));
    if (remembered.size > MAX_REMEMBERED) remembered.delete(/** @type {string} */ (remembered.keys().next().value));
  }

  /** @param {ClientCertQuery} query */
  async function choose(query) {
    const candidates = (await Promise.all(sources.map((source) => source.candidates()))).flat();
    const fitting = candidates.filter(({ certificates }) => query.supports(certificates) === true).sort(longestFirst);
    const host = hostOf(query);
    const before = remembered.get(host);
    const choice = fitting.find((candidate) => nameOf(candidate) === before) ?? fitting[0];
    if (choice === undefined) return false;
    if (remember) keep(host, choice);
    return choice.credential;
  }

  return Object.assign(choose, {
    /** @param {string} [servername] whose choices are forgotten; default: all */
    forget(servername) {
      for (const host of remembered.keys()) if (servername === undefined || host.startsWith(`${servername}:`)) remembered.delete(host);
    },
  });
}

module.exports = { createCredentialStore };
