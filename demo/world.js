'use strict';
// A small world for the demo: one certification authority with an intermediate, a stranger's, and the people who come along. All of it is made
// on the spot and gone afterwards.

const { extensions } = require('../test/support/certificate-builder.js');
const { Authority, SERVER_AUTH, daysFromNow } = require('../test/support/pki.js');

const EXPIRED = { notBefore: daysFromNow(-40), notAfter: daysFromNow(-10) };

function makeWorld() {
  const root = new Authority('Demo Root');
  const intermediate = new Authority('Demo Intermediate', { issuer: root });
  const stranger = new Authority("Stranger's Root");
  const issued = { present: [intermediate] };
  /** @param {string} CN @param {object} [options] */
  const person = (CN, options = {}) => intermediate.issue({ ...issued, subject: { O: 'Example', CN }, ...options });
  const people = {
    good: person('Ada'),
    expired: person('Bob', EXPIRED),
    expiredAndWrongUsage: person('Carol', {
      ...EXPIRED,
      extensions: [extensions.keyUsage(['digitalSignature']), extensions.extendedKeyUsage([SERVER_AUTH])],
    }),
    untrustedRoot: stranger.issue({ present: [stranger], subject: { CN: 'Dave' } }),
    missingIntermediate: intermediate.issue({ subject: { O: 'Example', CN: 'Erin' } }),
    revoked: person('Frank'),
    revokedLater: person('Grace'),
  };
  /** @param {any[]} credentials those that are revoked */
  const crl = (...credentials) => [root.crl(), intermediate.crl(credentials)];
  return { root, people, crl, server: root.issueServer(['localhost']) };
}

module.exports = { makeWorld };
