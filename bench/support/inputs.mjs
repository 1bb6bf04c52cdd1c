// The same inputs for everybody: certificates and CRLs, made on the spot.

import crypto from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const builder = require('../../test/support/certificate-builder.js');
const der = require('../../test/support/der.js');

const { Authority, daysFromNow, newKey } = require('../../test/support/pki.js');
const { altName, extensions, toPem } = builder;
export { Authority, altName, extensions, newKey, toPem };
export const library = require('../../lib/index.js');

export const root = new Authority('Root');
export const intermediate = new Authority('Intermediate', { issuer: root });

export const names = [altName.dns('ada.example.test'), altName.email('ada@example.test'), altName.upn('ada@example.test')];
export const client = intermediate.issue({ present: [intermediate], more: [extensions.subjectAltName(names)] });

/** Different certificates of one key. @param {number} count @param {object} [options] as Authority.issue @returns {Buffer[]} DER */
export function leaves(count, { issuer = intermediate, ...options } = {}) {
  const privateKey = newKey();
  return Array.from({ length: count }, () => issuer.issue({ privateKey, more: [extensions.subjectAltName(names)], ...options }).der);
}

/** @template T @param {readonly T[]} list @returns {() => T} one after the other, and from the beginning again */
export function inTurn(list) {
  let next = 0;
  return () => {
    const element = list[next];
    next = next + 1 === list.length ? 0 : next + 1;
    return element;
  };
}

/** A serial number as CAs choose them: 16 octets that look random. @param {number} i @returns {Buffer} */
export function serialOf(i) {
  const serial = Buffer.alloc(16);
  let state = (i + 1) >>> 0;
  for (let at = 0; at < 16; at += 4) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    state = (state ^ (state >>> 12)) >>> 0;
    serial.writeUInt32BE(state, at);
  }
  serial[0] = (serial[0] & 0x3f) | 0x40;
  return serial;
}

/** @param {number} count of entries, each with a reason @returns {Buffer} DER */
export function crlOf(count, issuer = root) {
  const reason = builder.extension('2.5.29.21', der.enumerated(1));
  const entry = der.seq(der.int(serialOf(0)), der.time(daysFromNow(-1)), der.seq(reason));
  const at = entry.indexOf(serialOf(0));
  const entries = Buffer.alloc(entry.length * count);
  for (let i = 0; i < count; i += 1) {
    entry.copy(entries, i * entry.length);
    serialOf(i).copy(entries, i * entry.length + at);
  }
  const algorithm = builder.signatureAlgorithm(issuer.privateKey, 'sha256');
  const tbs = der.seq(
    der.int(1), algorithm.identifier, builder.name(issuer.subject), der.time(daysFromNow(-1)), der.time(daysFromNow(30)), der.seq(entries),
    der.ctx(0, der.seq(builder.extension('2.5.29.20', der.int(1)), extensions.authorityKeyIdentifier({ keyIdentifier: issuer.keyIdentifier }))),
  );
  return der.seq(tbs, algorithm.identifier, der.bitString(crypto.sign('sha256', tbs, issuer.privateKey)));
}
