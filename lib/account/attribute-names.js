// @ts-check
'use strict';
// What NSS and Active Directory call the attribute types of a name, as sss-certmap(5) has them.

/** @type {readonly (readonly [oid: string, nss: string, ad: string, ...others: string[]])[]} */
const TYPES = [
  ['2.5.4.3', 'CN', 'CN', 'commonName'],
  ['2.5.4.8', 'ST', 'S', 'stateOrProvinceName'],
  ['2.5.4.10', 'O', 'O', 'organizationName'],
  ['2.5.4.11', 'OU', 'OU', 'organizationalUnitName'],
  ['2.5.4.46', 'dnQualifier', 'dnQualifier'],
  ['2.5.4.6', 'C', 'C', 'countryName'],
  ['2.5.4.5', 'serialNumber', 'SERIALNUMBER'],
  ['2.5.4.7', 'L', 'L', 'localityName'],
  ['2.5.4.12', 'title', 'T'],
  ['2.5.4.4', 'SN', 'SN', 'surname'],
  ['2.5.4.42', 'givenName', 'G', 'GN'],
  ['2.5.4.43', 'initials', 'I'],
  ['2.5.4.44', 'generationQualifier', 'OID.2.5.4.44'],
  ['0.9.2342.19200300.100.1.25', 'DC', 'DC', 'domainComponent'],
  ['0.9.2342.19200300.100.1.3', 'MAIL', 'OID.0.9.2342.19200300.100.1.3', 'rfc822Mailbox'],
  ['0.9.2342.19200300.100.1.1', 'UID', 'OID.0.9.2342.19200300.100.1.1', 'userId'],
  ['2.5.4.13', 'OID.2.5.4.13', 'Description'],
  ['2.5.4.16', 'postalAddress', 'OID.2.5.4.16'],
  ['2.5.4.17', 'postalCode', 'PostalCode'],
  ['2.5.4.18', 'postOfficeBox', 'POBox'],
  ['2.5.4.51', 'houseIdentifier', 'OID.2.5.4.51'],
  ['1.2.840.113549.1.9.1', 'E', 'E', 'emailAddress'],
  ['2.5.4.9', 'STREET', 'STREET', 'streetAddress'],
  ['2.5.4.65', 'pseudonym', 'OID.2.5.4.65'],
  ['2.5.4.15', 'businessCategory', 'OID.2.5.4.15'],
  ['2.5.4.41', 'name', 'OID.2.5.4.41'],
];

const oids = new Map(TYPES.flatMap(([oid, ...names]) => names.map((name) => [name.toLowerCase(), oid])));
const namesByOid = new Map(TYPES.map(([oid, nss, ad]) => [oid, { nss, ad }]));

/** @param {string} name in any case, or 'OID.2.5.4.3', or '2.5.4.3' @returns {string | undefined} its OID */
function oidOfAttribute(name) {
  const dotted = name.replace(/^OID\./i, '');
  return /^[0-2](?:\.[0-9]{1,39}){1,32}$/.test(dotted) ? dotted : oids.get(name.toLowerCase());
}

/** @param {string} oid @param {'nss' | 'ad'} style */
const attributeName = (oid, style) => namesByOid.get(oid)?.[style] ?? `OID.${oid}`;

module.exports = { attributeName, oidOfAttribute };
