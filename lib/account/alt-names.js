// @ts-check
'use strict';
// The subject alternative names of a certificate by the keywords of sss-certmap(5), as text.

const { PKINIT_OID, kerberosPrincipal } = require('./kerberos-principal.js');

/** @typedef {import('../index.js').AltName} AltName */
/** @typedef {import('../index.js').Certificate} Certificate */

/** @type {Record<string, (name: AltName) => boolean>} */
const KINDS = Object.assign(Object.create(null), {
  rfc822name: (/** @type {AltName} */ { type }) => type === 'email',
  dnsname: (/** @type {AltName} */ { type }) => type === 'dns',
  directoryname: (/** @type {AltName} */ { type }) => type === 'dirName',
  uniformresourceidentifier: (/** @type {AltName} */ { type }) => type === 'uri',
  ipaddress: (/** @type {AltName} */ { type }) => type === 'ip',
  registeredid: (/** @type {AltName} */ { type }) => type === 'registeredId',
  pkinit: isPkinit,
  pkinitsan: isPkinit,
  ntprincipalname: isUserPrincipalName,
  principal: (/** @type {AltName} */ name) => isUserPrincipalName(name) || isPkinit(name),
});

const UPN_OID = '1.3.6.1.4.1.311.20.2.3';

/** Also where it is of another type than UTF8String, and so no text: it is there. @param {AltName} name */
function isUserPrincipalName(name) {
  return name.type === 'upn' || (name.type === 'otherName' && name.oid === UPN_OID);
}

/** @param {AltName} name */
function isPkinit(name) {
  return name.type === 'otherName' && name.oid === PKINIT_OID;
}

/** @param {AltName} name @returns {string | null} null: it is no text */
function textOf(name) {
  if (name.type === 'otherName' && name.oid === PKINIT_OID) return kerberosPrincipal(name.der);
  if (name.type === 'otherName' && name.oid === UPN_OID) return null;
  return name.value === null ? null : String(name.value);
}

/** @param {string} keyword @returns {boolean} */
const isAltNameKeyword = (keyword) => keyword.toLowerCase() in KINDS;

/** @param {Certificate} certificate @param {string} keyword @returns {AltName[]} */
const altNamesOf = (certificate, keyword) => certificate.subjectAltNames.filter(KINDS[keyword.toLowerCase()]);

/** @param {Certificate} certificate @param {string} oid @returns {AltName[]} other names of that type */
const otherNamesOf = (certificate, oid) => certificate.subjectAltNames.filter((name) => 'oid' in name && name.oid === oid);

module.exports = { altNamesOf, isAltNameKeyword, otherNamesOf, textOf };
