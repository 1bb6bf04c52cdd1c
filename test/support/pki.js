'use strict';
// Certification authorities for tests and for the demo: made on the spot, never stored.

const crypto = require('node:crypto');
const { altName, extensions, keyIdentifier, makeCertificate, makeCrl, toPem } = require('./certificate-builder.js');

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const DAY = 24 * 60 * 60 * 1000;

const newKey = () => crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
let lastSerial = 0x1000;

/** @param {number} days from now; negative: ago @returns {Date} on a whole second */
const daysFromNow = (days) => new Date(Math.floor((Date.now() + days * DAY) / 1000) * 1000);

/**
 * @typedef {object} Credential
 * @property {string} cert PEM of the certificate, followed by the intermediates to present with it
 * @property {string} key PEM
 * @property {Buffer} der
 * @property {crypto.KeyObject} privateKey
 * @property {number} serial
 * @property {string} pem of the certificate alone
 */

/**
 * @typedef {import('./certificate-builder.js').CertificateOptions} CertificateOptions
 * @typedef {Partial<CertificateOptions> & { privateKey?: crypto.KeyObject, present?: Authority[], extensions?: Buffer[], more?: Buffer[] }}
 *   IssueOptions `extensions` replaces those that issue() would make, `more` adds to them; `present`: the intermediates to present
 */

class Authority {
  /**
   * @param {string} commonName
   * @param {{ issuer?: Authority, privateKey?: crypto.KeyObject, pathLength?: number, extensions?: Buffer[], more?: Buffer[] }
   *   & Partial<CertificateOptions>} [options] without an issuer it is a root
   */
  constructor(commonName, { issuer, privateKey = newKey(), pathLength, extensions: replaced, more = [], ...options } = {}) {
    this.privateKey = privateKey;
    this.subject = options.subject ?? { O: 'Example', CN: commonName };
    this.keyIdentifier = keyIdentifier(privateKey);
    this.serial = ++lastSerial;
    this.der = makeCertificate({
      subject: this.subject,
      issuer: issuer?.subject ?? this.subject,
      subjectPublicKey: privateKey,
      signingKey: issuer?.privateKey ?? privateKey,
      serial: this.serial,
      notBefore: daysFromNow(-1000),
      notAfter: daysFromNow(1000),
      ...options,
      extensions: replaced ?? [
        extensions.basicConstraints({ ca: true, pathLength }),
        extensions.keyUsage(['keyCertSign', 'cRLSign']),
        extensions.subjectKeyIdentifier(this.keyIdentifier),
        ...(issuer ? [extensions.authorityKeyIdentifier({ keyIdentifier: issuer.keyIdentifier })] : []),
        ...more,
      ],
    });
    this.pem = toPem(this.der);
  }

  /** @param {IssueOptions} [options] @returns {Credential} a client's, unless the options say otherwise */
  issue({ privateKey = newKey(), present = [], extensions: replaced, more = [], ...options } = {}) {
    const serial = Number(options.serial ?? ++lastSerial);
    const der = makeCertificate({
      subject: { O: 'Example', CN: 'client' },
      issuer: this.subject,
      subjectPublicKey: privateKey,
      signingKey: this.privateKey,
      serial,
      notBefore: daysFromNow(-10),
      notAfter: daysFromNow(10),
      ...options,
      extensions: replaced ?? [
        extensions.keyUsage(['digitalSignature']),
        extensions.extendedKeyUsage([CLIENT_AUTH]),
        extensions.authorityKeyIdentifier({ keyIdentifier: this.keyIdentifier }),
        ...more,
      ],
    });
    const pem = toPem(der);
    return {
      cert: [pem, ...present.map((authority) => authority.pem)].join(''),
      key: /** @type {string} */ (privateKey.export({ type: 'pkcs8', format: 'pem' })),
      der,
      privateKey,
      serial,
      pem,
    };
  }

  /** @param {string[]} names DNS names of the server @param {IssueOptions} [options] */
  issueServer(names, options = {}) {
    return this.issue({
      subject: { CN: names[0] },
      extensions: [
        extensions.keyUsage(['digitalSignature']),
        extensions.extendedKeyUsage([SERVER_AUTH]),
        extensions.subjectAltName([...names.map((name) => altName.dns(name)), altName.ip('127.0.0.1')]),
        extensions.authorityKeyIdentifier({ keyIdentifier: this.keyIdentifier }),
      ],
      ...options,
    });
  }

  /** @param {Credential[]} revoked @param {object} [options] as makeCrl @returns {string} PEM */
  crl(revoked = [], options = {}) {
    const der = makeCrl({
      issuer: this.subject,
      signingKey: this.privateKey,
      thisUpdate: daysFromNow(-1),
      nextUpdate: daysFromNow(30),
      revoked: revoked.map(({ serial }) => ({ serial, date: daysFromNow(-1), reason: 'keyCompromise' })),
      extensions: [extensions.authorityKeyIdentifier({ keyIdentifier: this.keyIdentifier })],
      ...options,
    });
    return toPem(der, 'X509 CRL');
  }
}

module.exports = { Authority, CLIENT_AUTH, SERVER_AUTH, daysFromNow, newKey };
