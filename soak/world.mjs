// Who there is: an authority, clients of every kind, and what each of them really is.

import crypto from 'node:crypto';
import { createRequire } from 'node:module';

import { WAY_NAMES } from './responder.mjs';

const require = createRequire(import.meta.url);
const { extensions } = require('../test/support/certificate-builder.js');
const { Authority, daysFromNow } = require('../test/support/pki.js');

export const PER_KIND = 8;
// Of the questions, those that the server answers as a user; of the new connections, those that are asked for a certificate later.
export const ACTING_ONE_IN = 10;
export const LATER_ONE_IN = 4;

/**
 * By kind: what is true of such a client. `codes`: the problems that its verdict must name; `online`: asked about online only, since no CRL speaks of it.
 *
 * @type {Record<string, { valid: boolean | null, codes: string[], online?: boolean }>}
 */
export const TRUTH = {
  good: { valid: true, codes: [] },
  // Revoked by every other CRL: the server says which was in force.
  changing: { valid: null, codes: [] },
  revoked: { valid: false, codes: ['CERT_REVOKED'] },
  expired: { valid: false, codes: ['CERT_EXPIRED'] },
  ofServers: { valid: false, codes: ['USAGE_NOT_ALLOWED'] },
  stranger: { valid: false, codes: ['ISSUER_NOT_FOUND'] },
  // Only a responder could say, and it answers with rubbish, too late, or not at all.
  unknown: { valid: false, codes: ['REVOCATION_UNKNOWN'], online: true },
  anonymous: { valid: null, codes: [] },
};

/** @param {string} responder its URL */
export function makeWorld(responder) {
  const root = new Authority('Soak root');
  const intermediate = new Authority('Soak intermediate', { issuer: root });
  const unlisted = new Authority('Soak unlisted', { issuer: root });
  const stranger = new Authority('Stranger');
  const present = [intermediate];
  const aia = (/** @type {number} */ i) => [extensions.authorityInfoAccess({ ocsp: [`${responder}/${WAY_NAMES[i % WAY_NAMES.length]}`] })];
  /** @type {Record<string, (i: number) => any>} */
  const issue = {
    good: (i) => intermediate.issue({ present, subject: { CN: `good ${i}` } }),
    changing: (i) => intermediate.issue({ present, subject: { CN: `changing ${i}` } }),
    revoked: (i) => intermediate.issue({ present, subject: { CN: `revoked ${i}` } }),
    expired: (i) => intermediate.issue({ present, subject: { CN: `expired ${i}` }, notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) }),
    ofServers: (i) => intermediate.issueServer([`server-${i}.example`], { present }),
    stranger: (i) => stranger.issue({ subject: { CN: `stranger ${i}` } }),
    unknown: (i) => unlisted.issue({ present: [unlisted], subject: { CN: `unknown ${i}` }, more: aia(i) }),
  };
  const clients = Object.fromEntries(
    Object.entries(issue).map(([kind, one]) => [kind, Array.from({ length: PER_KIND }, (_, i) => one(i))]),
  );
  const other = clients.revoked;
  return {
    server: root.issueServer(['localhost']),
    ca: root.pem,
    clients: Object.fromEntries(Object.entries(clients).map(([kind, all]) => [kind, all.map(({ cert, key }) => ({ cert, key }))])),
    // Many entries, so that a reload is work.
    crls: [false, true].map((isRevoked) => {
      const filler = Array.from({ length: 5000 }, (_, i) => ({ serial: 1_000_000 + i }));
      const revoked = [...other, ...(isRevoked ? clients.changing : []), ...filler];
      return [root.crl([]), intermediate.crl(revoked)].map((crl) => Buffer.from(crl).toString('base64'));
    }),
    secret: crypto.randomBytes(8).toString('hex'),
  };
}
