'use strict';
// The third-party certificates that tests compare against. They are not part of the repository: $CLIENT_CERT_INFO_CORPORA names
// their folder, else ../shared/corpora beside the checkout.

const fs = require('node:fs');
const path = require('node:path');

const folder = process.env.CLIENT_CERT_INFO_CORPORA ?? path.join(__dirname, '..', '..', '..', 'shared', 'corpora');

/**
 * `describe` where the corpora are there. Where they are not, says so loudly and skips; in CI (`CI` set) it fails.
 *
 * @param {string} title @param {() => void} body
 */
function describeCorpora(title, body) {
  if (fs.existsSync(folder)) {
    describe(title, body);
    return;
  }
  const reason = `${title}: no corpora in ${folder} (set CLIENT_CERT_INFO_CORPORA)`;
  if (process.env.CI) {
    test(title, () => {
      throw new Error(reason);
    });
    return;
  }
  process.stderr.write(`\n*** SKIPPED *** ${reason}\n\n`);
  test.skip(title, () => {});
}

/** @param {string} directory @returns {string[]} every file beneath, sorted */
function filesBeneath(directory) {
  return fs
    .readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** The first DER element: OpenSSL's TRUSTED CERTIFICATE has settings after the certificate. @param {Buffer} der */
function firstElement(der) {
  const lengthOctets = der[1] < 0x80 ? 0 : der[1] & 0x7f;
  const length = lengthOctets === 0 ? der[1] : der.readUIntBE(2, lengthOctets);
  return der.subarray(0, 2 + lengthOctets + length);
}

/** @param {string} file @returns {Buffer[]} the certificates of a PEM or DER file, none where it holds something else */
function certificatesIn(file) {
  const content = fs.readFileSync(file);
  const text = content.toString('latin1');
  if (!text.includes('-----BEGIN ')) return /\.(crt|cer|der)$/.test(file) ? [content] : [];
  const blocks = text.matchAll(/-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END/g);
  return Array.from(blocks, ([, , base64]) => firstElement(Buffer.from(base64, 'base64')));
}

/**
 * @param {string} corpus 'pkits', 'gsa-piv', ...
 * @returns {Array<{ id: string, der: Buffer }>} each distinct certificate once; id is the file's path below the corpora and, after
 *   '#', its place in the file where there are several
 */
function certificatesOf(corpus) {
  const seen = new Set();
  return filesBeneath(path.join(folder, corpus)).flatMap((file) => {
    const all = certificatesIn(file);
    return all.flatMap((der, index) => {
      const key = der.toString('base64');
      if (seen.has(key)) return [];
      seen.add(key);
      const name = path.relative(folder, file).split(path.sep).join('/');
      return [{ id: all.length > 1 ? `${name}#${index}` : name, der }];
    });
  });
}

/** @param {string} file below the corpora */
const readCorpus = (file) => fs.readFileSync(path.join(folder, file));

module.exports = { folder, describeCorpora, certificatesOf, certificatesIn, readCorpus };
