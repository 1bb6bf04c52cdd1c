// @ts-check
'use strict';
// Finds and loads the .node file; before that, looks whether this runtime can carry it, since a foreign one would crash on it.

const fs = require('node:fs');
const path = require('node:path');

const { ClientCertError } = require('./errors.js');

const BINARY = 'client_cert_info.node';
const CANDIDATES = [
  path.join('prebuilds', `${process.platform}-${process.arch}`, BINARY),
  path.join('build', 'Release', BINARY),
  path.join('build', 'Debug', BINARY),
];

/** @param {string} reason @param {unknown} [cause] */
function unsupported(reason, cause) {
  return new ClientCertError('ERR_CLIENT_CERT_UNSUPPORTED_RUNTIME', `client-cert-info cannot run here: ${reason}`, { cause });
}

/**
 * Why this runtime cannot carry the binary; undefined where it can.
 *
 * @param {Record<string, string | undefined>} versions as process.versions
 * @param {{ readonly tls?: boolean, openssl_is_boringssl?: unknown }} features as process.features
 */
function obstacle(versions, features) {
  const foreign = ['electron', 'bun'].find((name) => versions[name]);
  if (foreign || features.openssl_is_boringssl || versions.boringssl) {
    return `${foreign ?? 'this Node.js'} brings BoringSSL, and the package needs the OpenSSL 3 that Node.js brings`;
  }
  if (!versions.openssl) return 'this runtime has no OpenSSL';
  if (!versions.openssl.startsWith('3.')) return `it needs OpenSSL 3, and this runtime has ${versions.openssl}`;
  return undefined;
}

/** @param {string} root the folder of the package */
function locate(root) {
  return CANDIDATES.map((candidate) => path.join(root, candidate)).find((file) => fs.existsSync(file));
}

/**
 * @param {string} root the folder of the package
 * @returns {typeof import('../binding.js')}
 * @throws {ClientCertError} ERR_CLIENT_CERT_UNSUPPORTED_RUNTIME, ERR_CLIENT_CERT_ALREADY_LOADED
 */
function load(root) {
  const reason = obstacle(process.versions, process.features);
  if (reason) throw unsupported(reason);
  const file = locate(root);
  if (!file) throw unsupported(`its binary ${BINARY} is missing; "npm rebuild client-cert-info" builds it`);
  let native;
  try {
    native = require(file);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ERR_DLOPEN_DISABLED') {
      throw unsupported('the permission model forbids addons; start Node.js with --allow-addons', error);
    }
    throw unsupported(`its binary could not be loaded: ${error instanceof Error ? error.message : error}`, error);
  }
  if (native.observer === 'anotherCopy') {
    throw new ClientCertError(
      'ERR_CLIENT_CERT_ALREADY_LOADED',
      'another copy of client-cert-info is loaded in this process; "npm ls client-cert-info" shows who brings it, "npm dedupe" unites them',
    );
  }
  if (native.observer !== 'installed') throw unsupported('OpenSSL refused to register its callbacks');
  return native;
}

const root = path.join(__dirname, '..');
const native = load(root);

module.exports = { obstacle, load, native, binaryPath: /** @type {string} */ (locate(root)) };
