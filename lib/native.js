// @ts-check
'use strict';
// Finds and loads the .node file; before that, looks whether this runtime can carry it, since a foreign one would crash on it.

const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

const { ClientCertError } = require('./errors.js');

const NAME = 'client-cert-info';

// What came with the package, then what was built where it is installed: each with the launcher that belongs to it.
const CANDIDATES = [
  { binary: `prebuilds/${process.platform}-${process.arch}-glibc.node`, launcher: `prebuilds/${process.platform}-${process.arch}-glibc-launcher` },
  { binary: 'build/Release/client_cert_info.node', launcher: 'build/Release/client-cert-info-launcher' },
  { binary: 'build/Debug/client_cert_info.node', launcher: 'build/Debug/client-cert-info-launcher' },
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

/** @param {string} folder */
function isPackage(folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).name === NAME;
  } catch {
    return false; // whatever is there, it is not the package
  }
}

/**
 * The folder below which the binary is. In a bundle this file's code is the application's: then `prebuilds` is beside the bundle, or the package is
 * installed where the bundle finds it. No bundler takes a name out of this: a binary cannot be put into a bundle.
 *
 * @param {string} folder of the file that this code is in
 */
function packageRoot(folder) {
  const own = path.join(folder, '..');
  if (isPackage(own)) return own;
  if (fs.existsSync(path.join(folder, CANDIDATES[0].binary))) return folder;
  try {
    return path.dirname(createRequire(path.join(folder, 'bundle.js')).resolve(`${NAME}/package.json`));
  } catch (error) {
    throw unsupported(`from a bundle in ${folder} it finds neither a folder "prebuilds" beside it nor the package in a node_modules folder`, error);
  }
}

/**
 * @param {string} root the folder of the package
 * @returns {{ native: typeof import('../binding.js'), binary: string, launcher: string }} from the first file that loads
 * @throws {ClientCertError} ERR_CLIENT_CERT_UNSUPPORTED_RUNTIME
 */
function loadFirst(root) {
  const present = CANDIDATES.map(({ binary, launcher }) => ({ binary: path.join(root, binary), launcher: path.join(root, launcher) })).filter(
    ({ binary }) => fs.existsSync(binary),
  );
  if (present.length === 0) throw unsupported(`there is no binary for ${process.platform}-${process.arch}; "npm rebuild ${NAME}" builds it`);
  const failures = [];
  for (const { binary, launcher } of present) {
    try {
      return { native: require(binary), binary, launcher };
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === 'ERR_DLOPEN_DISABLED') {
        throw unsupported('the permission model forbids addons; start Node.js with --allow-addons', error);
      }
      // Made for another C library, perhaps: what was built here comes next. Whatever else went wrong would go wrong there too.
      failures.push(error);
      if (code !== 'ERR_DLOPEN_FAILED') break;
    }
  }
  const reasons = failures.map((error) => (error instanceof Error ? error.message : String(error))).join('; ');
  throw unsupported(`its binary could not be loaded: ${reasons}; "npm rebuild ${NAME}" builds one for this system`, failures[0]);
}

/**
 * @param {string} root the folder of the package
 * @throws {ClientCertError} ERR_CLIENT_CERT_UNSUPPORTED_RUNTIME, ERR_CLIENT_CERT_ALREADY_LOADED
 */
function load(root) {
  const reason = obstacle(process.versions, process.features);
  if (reason) throw unsupported(reason);
  const loaded = loadFirst(root);
  const { observer } = loaded.native;
  if (observer === 'anotherCopy') {
    throw new ClientCertError(
      'ERR_CLIENT_CERT_ALREADY_LOADED',
      `another copy of ${NAME} is loaded in this process; "npm ls ${NAME}" shows who brings it, "npm dedupe" unites them`,
    );
  }
  if (observer !== 'installed') throw unsupported('OpenSSL refused to register its callbacks');
  return loaded;
}

const { native, binary, launcher } = load(packageRoot(__dirname));

module.exports = { obstacle, load, native, binaryPath: binary, launcherPath: launcher };
