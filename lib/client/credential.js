// @ts-check
'use strict';
// What a client shows itself with, from the forms that people keep it in to the octets that OpenSSL takes.

const crypto = require('node:crypto');
const { types } = require('node:util');

const { ClientCertError } = require('../errors.js');
const { native } = require('../native.js');
const { ownOptions } = require('../options.js');
const { chainOf } = require('./chain.js');

/** @typedef {{ chain: Buffer[], certificates: import('../index.js').Certificate[], key: Buffer | null, sign: Sign | null, allowExpired: boolean }} Readable key: PKCS #8, to be wiped; null: sign signs */
/** @typedef {import('../index.js').ClientCertSign} Sign */

const WHERE = 'queryClientCert';
const FORMS = ['cert,key', 'cert,sign', 'pfx'];

const unreadable = (/** @type {string} */ reason, /** @type {unknown} */ cause = undefined) =>
  new ClientCertError('ERR_CLIENT_CERT_BAD_CREDENTIAL', `${WHERE}: ${reason}`, { cause });

/** @param {unknown} key @param {string | Buffer | undefined} passphrase @returns {crypto.KeyObject} */
function keyObjectOf(key, passphrase) {
  if (key instanceof crypto.KeyObject) {
    if (key.type === 'private') return key;
    throw new TypeError(`${WHERE}: key must be a private key, and is a ${key.type} one`);
  }
  if (typeof key !== 'string' && !types.isUint8Array(key)) throw new TypeError(`${WHERE}: key must be PEM (string, Buffer), DER (Buffer) or a KeyObject`);
  const octets = typeof key === 'string' ? key : Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  const isPem = typeof octets === 'string' || octets.includes('-----BEGIN');
  if (isPem) return crypto.createPrivateKey({ key: octets, format: 'pem', passphrase });
  // RFC 5958, encrypted or not; RFC 8017; RFC 5915: nothing says which.
  let failure;
  for (const type of /** @type {const} */ (['pkcs8', 'pkcs1', 'sec1'])) {
    try {
      return crypto.createPrivateKey({ key: octets, format: 'der', type, passphrase });
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** Whether it says so itself: RFC 7468 section 11, RFC 1421, RFC 5958. @param {unknown} key */
function isEncrypted(key) {
  if (key instanceof crypto.KeyObject) return false;
  const octets = Buffer.from(/** @type {any} */ (key));
  if (octets.includes('-----BEGIN')) return octets.includes('ENCRYPTED');
  // A SEQUENCE that begins with another one has an algorithm in front; keys begin with a version.
  const header = octets[1] < 0x80 ? 2 : 2 + (octets[1] & 0x7f);
  return octets[0] === 0x30 && octets[header] === 0x30;
}

/** @param {unknown} key @param {string | Buffer | undefined} passphrase @returns {Buffer} PKCS #8 */
function pkcs8Of(key, passphrase) {
  try {
    return keyObjectOf(key, passphrase).export({ type: 'pkcs8', format: 'der' });
  } catch (error) {
    if (error instanceof TypeError && /** @type {any} */ (error).code !== 'ERR_MISSING_PASSPHRASE') throw error;
    const { code, message = '' } = /** @type {any} */ (error);
    // What a wrong passphrase makes of it may look well padded, and is no key.
    if (code === 'ERR_MISSING_PASSPHRASE' || /passphrase|bad decrypt|INTERRUPTED|interrupted or cancelled/i.test(message) || isEncrypted(key)) {
      throw new ClientCertError('ERR_CLIENT_CERT_PASSPHRASE', `${WHERE}: the key is encrypted, and the passphrase is ${passphrase === undefined ? 'missing' : 'wrong'}`);
    }
    throw unreadable('key is no private key that can be read', error);
  }
}

/** @param {any} own @returns {{ chain: unknown, key: Buffer }} */
function fromPfx({ pfx, passphrase = '' }) {
  if (!types.isUint8Array(pfx)) throw new TypeError(`${WHERE}: pfx must be a Buffer`);
  const opened = native.openPfx(pfx, String(passphrase));
  if (!opened) throw new ClientCertError('ERR_CLIENT_CERT_PASSPHRASE', `${WHERE}: pfx is no PKCS #12 file with a certificate and its key, or the passphrase is wrong`);
  return opened;
}

/** The key is nobody's where its certificates cannot be read. @param {string} where @param {unknown} input @param {Buffer} [key] */
function chainOrWiped(where, input, key) {
  try {
    return chainOf(where, input);
  } catch (error) {
    key?.fill(0);
    throw error;
  }
}

/**
 * @param {unknown} credential what a callback has answered
 * @returns {Readable}
 * @throws {TypeError | ClientCertError} ERR_CLIENT_CERT_BAD_CREDENTIAL, ERR_CLIENT_CERT_PASSPHRASE, ERR_CLIENT_CERT_MALFORMED
 */
function readCredential(credential) {
  if (typeof credential !== 'object' || credential === null) {
    throw new TypeError(`${WHERE}: the callback must answer with a credential, or false for none, and has answered with ${credential === null ? 'null' : typeof credential}`);
  }
  const own = /** @type {any} */ (ownOptions(`${WHERE}: credential`, credential, ['cert', 'key', 'sign', 'pfx', 'passphrase', 'allowExpired']));
  const { allowExpired = false, passphrase } = own;
  if (typeof allowExpired !== 'boolean') throw new TypeError(`${WHERE}: allowExpired must be a boolean`);
  if (passphrase !== undefined && typeof passphrase !== 'string' && !Buffer.isBuffer(passphrase)) throw new TypeError(`${WHERE}: passphrase must be a string or a Buffer`);
  const form = ['cert', 'key', 'sign', 'pfx'].filter((name) => own[name] !== undefined).join();
  if (!FORMS.includes(form)) throw new TypeError(`${WHERE}: a credential has cert and key, cert and sign, or pfx`);
  const isPfx = form === 'pfx';
  if (own.sign !== undefined && typeof own.sign !== 'function') throw new TypeError(`${WHERE}: sign must be a function`);
  if (own.sign !== undefined && passphrase !== undefined) throw new TypeError(`${WHERE}: passphrase is for a key, and sign needs none`);
  const opened = isPfx ? fromPfx(own) : null;
  const { chain, certificates } = chainOrWiped(`${WHERE}: ${isPfx ? 'pfx' : 'cert'}`, opened ? opened.chain : own.cert, opened?.key);
  if (own.sign !== undefined) return { chain, certificates, key: null, sign: own.sign, allowExpired };
  return { chain, certificates, key: opened ? opened.key : pkcs8Of(own.key, passphrase), sign: null, allowExpired };
}

module.exports = { readCredential };
