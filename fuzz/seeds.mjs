// What fuzzing starts from: the octets of the corpora, cut as each target wants them. Nothing where the corpora are missing.

import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { certificatesIn, folder } = require('../test/support/corpora.js');

/** @param {string} directory @returns {string[]} */
const filesBeneath = (directory) =>
  fs.readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [path.join(entry.parentPath ?? entry.path, entry.name)] : []));

/** The elements within an element in DER, or undefined where it is none. @param {Buffer} der @returns {Buffer[] | undefined} */
function inside(der) {
  const elements = [];
  let at = headerOf(der);
  while (at < der.length) {
    const rest = der.subarray(at);
    const end = headerOf(rest) + lengthOf(rest);
    if (!(end <= rest.length)) return undefined;
    elements.push(rest.subarray(0, end));
    at += end;
  }
  return elements;
}
const headerOf = (/** @type {Buffer} */ der) => (der[1] < 0x80 ? 2 : 2 + (der[1] & 0x7f));
const lengthOf = (/** @type {Buffer} */ der) => (der[1] < 0x80 ? der[1] : Number(`0x${der.toString('hex', 2, headerOf(der))}`));
const contentOf = (/** @type {Buffer} */ der) => der.subarray(headerOf(der));
const isTagged = (/** @type {number} */ tag) => (/** @type {Buffer} */ der) => der[0] === tag;

/** Names and extensions of a certificate, as far as it can be cut. @param {Buffer} der @returns {{ names: Buffer[], extensions: Buffer[] }} */
function partsOf(der) {
  const tbs = inside(der)?.[0];
  const fields = tbs && inside(tbs);
  if (!fields) return { names: [], extensions: [] };
  const [, , issuer, , subject] = isTagged(0xa0)(fields[0]) ? fields.slice(1) : [fields[0], ...fields.slice(1)];
  const all = fields.find(isTagged(0xa3));
  return { names: [issuer, subject].filter((name) => name && isTagged(0x30)(name)), extensions: all ? [contentOf(all)] : [] };
}

/** The values of subjectAltName and crlDistributionPoints, as the target "extensions" takes them alone. @param {Buffer} extensions */
function alone(extensions) {
  return (inside(extensions) ?? []).flatMap((extension) => {
    const parts = inside(extension);
    const value = parts?.find(isTagged(0x04));
    const oid = parts?.[0]?.toString('hex');
    if (!value || !oid) return [];
    if (oid === '0603551d11') return [Buffer.concat([Buffer.from([1]), contentOf(contentOf(value))])];
    return oid === '0603551d1f' || oid === '0603551d2e' ? [Buffer.concat([Buffer.from([2]), contentOf(value)])] : [];
  });
}

/** @param {string} label of the PEM blocks, or of files in DER @param {RegExp} ending */
function blocks(label, ending) {
  return filesBeneath(folder).flatMap((file) => {
    const content = fs.readFileSync(file);
    const text = content.toString('latin1');
    if (!text.includes('-----BEGIN ')) return ending.test(file) ? [content] : [];
    return Array.from(text.matchAll(new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END`, 'g')), ([, base64]) => Buffer.from(base64, 'base64'));
  });
}

/** OpenSSL's own fuzzing corpora. @returns {Record<'x509' | 'crl', Buffer[]>} */
function opensslFuzz() {
  const archive = path.join(folder, 'openssl-fuzz.tar.xz');
  const unpacked = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-seeds-'));
  try {
    spawnSync('tar', ['-xJf', archive, '-C', unpacked], { stdio: 'inherit' });
    const read = (/** @type {string} */ name) => {
      const directory = path.join(unpacked, 'openssl-fuzz', name);
      return fs.existsSync(directory) ? filesBeneath(directory).map((file) => fs.readFileSync(file)) : [];
    };
    return { x509: read('x509'), crl: read('crl') };
  } finally {
    fs.rmSync(unpacked, { recursive: true });
  }
}

/** A session that carries certificates, as src/core/tls/carried_session.cc writes it. @param {Buffer[]} certificates */
const carried = (certificates) => Buffer.concat([Buffer.from('cci\x01\x00\x06a.test', 'latin1'), ...certificates]);

/** @returns {Record<string, Buffer[]>} by target */
export function seeds() {
  if (!fs.existsSync(folder)) {
    process.stderr.write(`\n*** SKIPPED *** seeds: no corpora in ${folder} (set CLIENT_CERT_INFO_CORPORA)\n\n`);
    return {};
  }
  const fuzzed = opensslFuzz();
  const certificates = filesBeneath(folder).flatMap((file) => certificatesIn(file));
  const parts = certificates.map(partsOf);
  const extensions = parts.flatMap((part) => part.extensions);
  const crls = [...blocks('X509 CRL', /\.crl$/), ...fuzzed.crl];
  const all = [...certificates, ...fuzzed.x509];
  return {
    certificate: all,
    certificate_openssl: all,
    crl: crls,
    crl_openssl: crls,
    name: parts.flatMap(({ names }) => names),
    extensions: [...extensions.map((value) => Buffer.concat([Buffer.from([0]), value])), ...extensions.flatMap(alone)],
    ocsp_response: filesBeneath(path.join(folder, 'openssl-ocsp')).filter((file) => file.endsWith('.der')).map((file) => fs.readFileSync(file)),
    carried_session: certificates.slice(0, 50).map((certificate) => carried([certificate, certificate])),
  };
}

/** Writes them where they are not yet, by their digest. @param {string} corpus a folder for each target */
export function plant(corpus) {
  for (const [target, inputs] of Object.entries(seeds())) {
    const directory = path.join(corpus, target);
    fs.mkdirSync(directory, { recursive: true });
    for (const input of inputs) {
      const file = path.join(directory, crypto.createHash('sha1').update(input).digest('hex'));
      if (!fs.existsSync(file)) fs.writeFileSync(file, input);
    }
  }
}
