'use strict';
// What is not DER, or not a certificate of RFC 5280, is refused with the octet at which it stops being one and what should be there.

const crypto = require('node:crypto');

const { parseCertificate } = require('../../lib/certificate.js');
const { altName, extension, extensions, makeCertificate, name, toPem } = require('../support/certificate-builder.js');
const der = require('../support/der.js');

const signingKey = crypto.generateKeyPairSync('ed25519').privateKey;
const rsaKey = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ecKey = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const { hex } = der;

/** The error of parsing; undefined where there is none. @param {Uint8Array | string} input */
function errorOf(input) {
  try {
    parseCertificate(input);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** @param {string} field of the tbsCertificate @param {Buffer} bad in its place */
const withField = (field, bad) => () => makeCertificate({ signingKey, version: 3, tbsPatch: (tbs) => ({ ...tbs, [field]: bad }) });

/** @param {Buffer} bad an extension's content @param {string} oid */
const withExtension = (oid, bad) => () => makeCertificate({ signingKey, extensions: [extension(oid, bad)] });

/** @param {Buffer} value of an attribute in subject */
const withValue = (value) => () => makeCertificate({ signingKey, issuer: 'Issuer', subject: [{ CN: value }] });

/** @param {Buffer} time */
const withNotBefore = (time) => withField('validity', der.seq(time, der.utcTime('400101000000Z')));

const spki = (oid, parameters, key) => der.seq(der.seq(der.oid(oid), ...parameters), der.bitString(key));
const OID = {
  keyUsage: '2.5.29.15', subjectAltName: '2.5.29.17', basicConstraints: '2.5.29.19', nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31', certificatePolicies: '2.5.29.32', authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37', subjectKeyIdentifier: '2.5.29.14', authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  sid: '1.3.6.1.4.1.311.25.2', sidName: '1.3.6.1.4.1.311.25.2.1', rsa: '1.2.840.113549.1.1.1', ec: '1.2.840.10045.2.1',
  p256: '1.2.840.10045.3.1.7', ed25519: '1.3.101.112', dsa: '1.2.840.10040.4.1', upn: '1.3.6.1.4.1.311.20.2.3',
};

// Each row: what is wrong; a certificate with `bad` in it; how far into `bad` the offset is; what was expected there.
const rows = [
  // identifier and length octets, tried on the serial number and on an attribute value
  ['a wrong tag', 'serial', hex('0401 7e'), 0, 'an INTEGER for serialNumber'],
  ['a constructed INTEGER', 'serial', hex('2203 02017e'), 0, 'an INTEGER for serialNumber'],
  ['a length in more octets than needed', 'serial', hex('028101 7e'), 1, 'a minimal length for serialNumber'],
  ['a length with a leading zero octet', 'serial', hex('02820001 7e'), 1, 'a minimal length for serialNumber'],
  ['the reserved length FF', 'serial', hex('02ff01 7e'), 1, 'a length of up to four octets for serialNumber'],
  ['a length of five octets', 'serial', hex('02850000000001 7e'), 1, 'a length of up to four octets for serialNumber'],
  ['a length beyond the end', 'serial', hex('02847fffffff 7e'), 1, 'a length within the data for serialNumber'],
  ['an indefinite length', 'validity', hex('3080 7e7e 0000'), 1, 'a definite length for validity'],
  ['an empty INTEGER', 'serial', hex('0200'), 2, 'a minimal INTEGER for serialNumber'],
  ['an INTEGER with a leading 00', 'serial', hex('0202 007e'), 2, 'a minimal INTEGER for serialNumber'],
  ['an INTEGER with a leading FF', 'serial', hex('0202 ff8e'), 2, 'a minimal INTEGER for serialNumber'],
  ['a serial number of 257 octets', 'serial', der.int(Buffer.alloc(257, 0x7e)), 4, 'an INTEGER of up to 256 octets for serialNumber'],

  // version
  ['version 1 written out', 'version', hex('a003 020100'), 2, 'v2 or v3 for version'],
  ['version 4', 'version', hex('a003 020103'), 2, 'v2 or v3 for version'],
  ['a version of two octets', 'version', hex('a004 02020100'), 2, 'v2 or v3 for version'],
  ['something after the version', 'version', hex('a006 020102 020102'), 5, 'nothing more for version'],

  // signature algorithm
  ['no algorithm', 'signature', hex('3000'), 2, 'an OBJECT IDENTIFIER for algorithm of signature'],

  // OBJECT IDENTIFIER
  ['an empty OID', 'signature', hex('3002 0600'), 4, 'one arc or more for algorithm of signature'],
  ['an arc with a leading 80', 'signature', hex('3005 06032b8001'), 5, 'a minimal arc for algorithm of signature'],
  ['an arc that does not end', 'signature', hex('3005 06032b6581'), 6, 'a complete arc for algorithm of signature'],
  ['an arc of 20 octets', 'signature', der.seq(der.tlv(6, hex('2b'), Buffer.alloc(19, 0xff), hex('7f'))), 5,
    'an arc of up to 128 bits for algorithm of signature'],

  // any value
  ['a BOOLEAN parameter of 01', 'signature', hex('3008 06032b6570 010101'), 9, '00 or FF for parameters of signature'],
  ['a NULL that is not empty', 'signature', hex('3008 06032b6570 050100'), 9, 'an empty NULL for parameters of signature'],
  ['something after the parameters', 'signature', hex('3009 06032b6570 0500 0500'), 9, 'nothing more for signature'],
  ['a primitive SEQUENCE', 'signature', hex('3007 06032b6570 1000'), 7, 'a constructed element for parameters of signature'],
  ['a constructed OCTET STRING', 'signature', hex('3007 06032b6570 2400'), 7, 'a primitive element for parameters of signature'],
  ['half a character of a BMPString', 'signature', hex('300a 06032b6570 1e03 00417e'), 9, 'whole characters for parameters of signature'],
  ['three quarters of a character of a UniversalString', 'signature', hex('300a 06032b6570 1c03 00007e'), 9, 'whole characters for parameters of signature'],
  ['an end-of-contents', 'signature', hex('3007 06032b6570 0000'), 7, 'a tag other than end-of-contents for parameters of signature'],
  ['a high tag number that is low', 'signature', hex('3008 06032b6570 9f1e00'), 8, 'a minimal tag number for parameters of signature'],
  ['a high tag number with a leading 80', 'signature', hex('3009 06032b6570 9f807f00'), 8,
    'a minimal tag number for parameters of signature'],
  ['a tag number that does not end', 'signature', hex('3007 06032b6570 9f81'), 8, 'a minimal tag number for parameters of signature'],
  ['a minimal INTEGER nested in parameters', 'signature', hex('300b 06032b6570 3004 0202007e'), 11,
    'a minimal INTEGER for parameters of signature'],

  // names
  ['a name that is a SET', 'subject', hex('3102 3000'), 0, 'a SEQUENCE for subject'],
  ['an empty relative name', 'subject', hex('3002 3100'), 4, 'one element or more for a relative name of subject'],
  ['an attribute without a value', 'subject', hex('3009 3107 3005 0603550403'), 11, 'an element for an attribute value of subject'],
  ['a third element in an attribute', 'subject', hex('300e 310c 300a 0603550403 0c017e 0500'), 14,
    'nothing more for an attribute of subject'],

  // time
  ['a time of another type', 'notBefore', der.tlv(0x16, Buffer.from('200101000000Z')), 0, 'a UTCTime or GeneralizedTime for notBefore'],
  ['a UTCTime without seconds', 'notBefore', der.utcTime('2001010000Z'), 2, 'YYMMDDHHMMSSZ for notBefore'],
  ['a UTCTime with an offset', 'notBefore', der.utcTime('200101000000+0100'), 2, 'YYMMDDHHMMSSZ for notBefore'],
  ['a UTCTime without Z', 'notBefore', der.utcTime('2001010000007'), 14, 'YYMMDDHHMMSSZ for notBefore'],
  ['a UTCTime with a letter', 'notBefore', der.utcTime('2001o1000000Z'), 6, 'YYMMDDHHMMSSZ for notBefore'],
  ['a GeneralizedTime with a fraction', 'notBefore', der.generalizedTime('20200101000000.5Z'), 2, 'YYYYMMDDHHMMSSZ for notBefore'],
  ['a thirteenth month', 'notBefore', der.utcTime('201301000000Z'), 2, 'a time of the calendar for notBefore'],
  ['month 0', 'notBefore', der.utcTime('200001000000Z'), 2, 'a time of the calendar for notBefore'],
  ['the 29th of February of another year', 'notBefore', der.utcTime('210229000000Z'), 2, 'a time of the calendar for notBefore'],
  ['the 29th of February 2100', 'notBefore', der.generalizedTime('21000229000000Z'), 2, 'a time of the calendar for notBefore'],
  ['hour 24', 'notBefore', der.utcTime('200101240000Z'), 2, 'a time of the calendar for notBefore'],
  ['second 60', 'notBefore', der.utcTime('200101000060Z'), 2, 'a time of the calendar for notBefore'],

  // character strings
  ['an overlong UTF-8 character', 'value', der.tlv(0x0c, hex('7ec0af')), 3, 'well-formed UTF-8 for an attribute value of subject'],
  ['an overlong UTF-8 NUL', 'value', der.tlv(0x0c, hex('7ec080')), 3, 'well-formed UTF-8 for an attribute value of subject'],
  ['an overlong character of three octets', 'value', der.tlv(0x0c, hex('7ee08080')), 3,
    'well-formed UTF-8 for an attribute value of subject'],
  ['a UTF-8 surrogate', 'value', der.tlv(0x0c, hex('7eeda080')), 3, 'well-formed UTF-8 for an attribute value of subject'],
  ['a character over U+10FFFF', 'value', der.tlv(0x0c, hex('7ef4908080')), 3, 'well-formed UTF-8 for an attribute value of subject'],
  ['a UTF-8 character cut short', 'value', der.tlv(0x0c, hex('7ee282')), 3, 'well-formed UTF-8 for an attribute value of subject'],
  ['a PrintableString over 7F', 'value', der.tlv(0x13, hex('7e80')), 3, 'a 7-bit character for an attribute value of subject'],
  ['an IA5String over 7F', 'value', der.tlv(0x16, hex('7eff')), 3, 'a 7-bit character for an attribute value of subject'],
  ['a BMPString of an odd length', 'value', der.tlv(0x1e, hex('007e7e')), 2, 'whole characters for an attribute value of subject'],
  ['a BMPString with surrogates', 'value', der.tlv(0x1e, hex('007ed83ddc00')), 4, 'a Unicode character for an attribute value of subject'],
  ['a UniversalString of five octets', 'value', der.tlv(0x1c, hex('0000007e7e')), 2, 'whole characters for an attribute value of subject'],
  ['a UniversalString over U+10FFFF', 'value', der.tlv(0x1c, hex('0000007e 00110000')), 6,
    'a Unicode character for an attribute value of subject'],
  ['a constructed UTF8String', 'value', der.tlv(0x2c, der.utf8('~')), 0, 'a primitive element for an attribute value of subject'],

  // public keys
  ['a key with unused bits', 'publicKey', der.seq(der.seq(der.oid('1.2.3')), der.bitString(hex('7e80'), 7)), 10,
    'a BIT STRING of whole octets for subjectPublicKey of subjectPublicKeyInfo'],
  ['an RSA key that is no SEQUENCE', 'publicKey', spki(OID.rsa, [der.nul()], hex('0500')), 20,
    'a SEQUENCE for RSAPublicKey of subjectPublicKeyInfo'],
  ['a negative modulus', 'publicKey', spki(OID.rsa, [der.nul()], der.seq(der.int(-5), der.int(3))), 22,
    'a positive INTEGER for modulus of subjectPublicKeyInfo'],
  ['an exponent of zero', 'publicKey', spki(OID.rsa, [der.nul()], der.seq(der.int(15), der.int(0))), 25,
    'a positive INTEGER for publicExponent of subjectPublicKeyInfo'],
  ['an RSA key with other parameters', 'publicKey', spki(OID.rsa, [der.int(1)], der.seq(der.int(15), der.int(3))), 15,
    'a NULL for parameters of subjectPublicKeyInfo'],
  ['an EC key without a curve', 'publicKey', spki(OID.ec, [], hex('047e')), 13, 'an OBJECT IDENTIFIER for namedCurve of subjectPublicKeyInfo'],
  ['a point of another length', 'publicKey', spki(OID.ec, [der.oid(OID.p256)], hex('047e')), 26,
    'a point of the curve for subjectPublicKey of subjectPublicKeyInfo'],
  ['a point of an unknown form', 'publicKey', spki(OID.ec, [der.oid(OID.p256)], Buffer.alloc(65, 6)), 26,
    'a point of the curve for subjectPublicKey of subjectPublicKeyInfo'],
  ['an Ed25519 key of 31 octets', 'publicKey', spki(OID.ed25519, [], Buffer.alloc(31, 0x7e)), 12,
    '32 octets for subjectPublicKey of subjectPublicKeyInfo'],
  ['an Ed25519 key with parameters', 'publicKey', spki(OID.ed25519, [der.nul()], Buffer.alloc(32, 0x7e)), 9,
    'no parameters for subjectPublicKeyInfo'],

  // the tail of the tbsCertificate
  ['an issuerUniqueID with seven unused bits of none', 'issuerUniqueId', hex('810107'), 2, 'a number of unused bits for issuerUniqueID'],
  ['unique identifiers in the wrong order', 'issuerUniqueId', hex('8202007e 8102007e'), 4, 'nothing more for tbsCertificate'],
  ['no extension in extensions', 'extensions', hex('a302 3000'), 4, 'one element or more for extensions'],
  ['something after extensions', 'extensions', hex('a30f 300b 3009 0603550101 04020500 0500'), 15, 'nothing more for extensions'],
  ['an extension without a value', 'extensions', hex('a309 3007 3005 0603550101'), 11, 'an OCTET STRING for extnValue of extensions'],
  ['critical that is 01', 'extensions', hex('a310 300e 300c 0603550101 010101 04020500'), 13, '00 or FF for critical of extensions'],
  ['critical in two octets', 'extensions', hex('a311 300f 300d 0603550101 0102ffff 04020500'), 13, '00 or FF for critical of extensions'],
  ['the same extension twice', 'extensions', hex('a31a 3018 300a 0603550101 04030c017e 300a 0603550101 04030c017e'), 20,
    'another extension for extensions'],

  // the extensions that are decoded
  ['a keyUsage of no bits', OID.keyUsage, hex('030100'), 0, 'one usage or more for keyUsage'],
  ['a keyUsage with a trailing zero', OID.keyUsage, hex('03020480'), 3, 'named bits without trailing zeros for keyUsage'],
  ['a keyUsage with a trailing zero octet', OID.keyUsage, hex('0303008000'), 4, 'named bits without trailing zeros for keyUsage'],
  ['unused bits that are used', OID.keyUsage, hex('03020781'), 3, 'unused bits that are zero for keyUsage'],
  ['eight unused bits', OID.keyUsage, hex('03020880'), 2, 'a number of unused bits for keyUsage'],
  ['a BIT STRING without its first octet', OID.keyUsage, hex('0300'), 2, 'a number of unused bits for keyUsage'],
  ['something after keyUsage', OID.keyUsage, hex('03020780 0500'), 4, 'nothing more for keyUsage'],
  ['an empty extKeyUsage', OID.extKeyUsage, hex('3000'), 2, 'one element or more for extKeyUsage'],
  ['an extKeyUsage of something else', OID.extKeyUsage, hex('3003 02017e'), 2, 'an OBJECT IDENTIFIER for a usage of extKeyUsage'],
  ['a cA that is 01', OID.basicConstraints, hex('3003 010101'), 4, '00 or FF for cA of basicConstraints'],
  ['a negative pathLenConstraint', OID.basicConstraints, hex('3006 0101ff 0201fe'), 7,
    'an INTEGER from 0 to 4294967295 for pathLenConstraint of basicConstraints'],
  ['an immense pathLenConstraint', OID.basicConstraints, hex('300a 0101ff 02050100000000'), 7,
    'an INTEGER from 0 to 4294967295 for pathLenConstraint of basicConstraints'],
  ['something after pathLenConstraint', OID.basicConstraints, hex('3008 0101ff 020101 0500'), 8, 'nothing more for basicConstraints'],
  ['an empty subjectAltName', OID.subjectAltName, hex('3000'), 2, 'one name or more for subjectAltName'],
  ['an unknown kind of name', OID.subjectAltName, hex('3003 89017e'), 2, 'a GeneralName for a name of subjectAltName'],
  ['a dNSName over 7F', OID.subjectAltName, hex('3004 82027e80'), 5, 'a 7-bit character for a dNSName of subjectAltName'],
  ['a URI over 7F', OID.subjectAltName, hex('3004 86027e80'), 5, 'a 7-bit character for a uniformResourceIdentifier of subjectAltName'],
  ['an email over 7F', OID.subjectAltName, hex('3004 81027e80'), 5, 'a 7-bit character for an rfc822Name of subjectAltName'],
  ['an IP address of five octets', OID.subjectAltName, hex('3007 87050102030405'), 4, '4 or 16 octets for an iPAddress of subjectAltName'],
  ['an IP address with a mask', OID.subjectAltName, hex('300a 87080102030405060708'), 4, '4 or 16 octets for an iPAddress of subjectAltName'],
  ['a registeredID that does not end', OID.subjectAltName, hex('3004 88022b81'), 5, 'a complete arc for a registeredID of subjectAltName'],
  ['a UPN that is not UTF-8', OID.subjectAltName, der.seq(altName.otherName(OID.upn, der.tlv(0x0c, hex('7eff')))), 21,
    'well-formed UTF-8 for an otherName value of subjectAltName'],
  ['an otherName without a value', OID.subjectAltName, der.seq(der.ctx(0, der.oid('1.2.3'))), 8,
    'a constructed [0] for an otherName value of subjectAltName'],
  ['an otherName with two values', OID.subjectAltName, der.seq(der.ctx(0, der.oid('1.2.3'), der.ctx(0, der.nul(), der.nul()))), 12,
    'nothing more for an otherName value of subjectAltName'],
  ['a directoryName without its explicit tag', OID.subjectAltName, hex('300b a409 3107 300506035504030500'), 4, 'a SEQUENCE for subjectAltName'],
  ['an empty set of policies', OID.certificatePolicies, hex('3000'), 2, 'one element or more for certificatePolicies'],
  ['a policy twice', OID.certificatePolicies, hex('300c 3004 06022a7e 3004 06022a7e'), 12, 'another policy for certificatePolicies'],
  ['no qualifier', OID.certificatePolicies, hex('3008 3006 06022a7e 3000'), 10, 'one element or more for qualifiers of certificatePolicies'],
  ['a CPS pointer of another type', OID.certificatePolicies,
    der.seq(der.seq(der.oid('1.2.3'), der.seq(der.seq(der.oid('1.3.6.1.5.5.7.2.1'), der.utf8('~'))))), 22,
    'an IA5String for a CPS pointer of certificatePolicies'],
  ['a user notice of an INTEGER', OID.certificatePolicies,
    der.seq(der.seq(der.oid('1.2.3'), der.seq(der.seq(der.oid('1.3.6.1.5.5.7.2.2'), der.seq(der.int(126)))))), 24,
    'a character string for explicitText of certificatePolicies'],
  ['empty nameConstraints', OID.nameConstraints, hex('3000'), 2, 'one element or more for nameConstraints'],
  ['empty excludedSubtrees', OID.nameConstraints, hex('3002 a100'), 4, 'one element or more for excludedSubtrees of nameConstraints'],
  ['a range of four octets', OID.nameConstraints, hex('300a a008 3006 87040a00007e'), 8, '8 or 32 octets for an iPAddress of nameConstraints'],
  ['subtrees in the wrong order', OID.nameConstraints, hex('300e a105 3003 82017e a005 3003 82017d'), 9, 'nothing more for nameConstraints'],
  ['no distribution point', OID.crlDistributionPoints, hex('3000'), 2, 'one element or more for cRLDistributionPoints'],
  ['an empty fullName', OID.crlDistributionPoints, hex('3006 3004 a002 a000'), 8, 'one name or more for cRLDistributionPoints'],
  ['reasons with a trailing zero', OID.crlDistributionPoints, hex('3006 3004 81020440'), 7,
    'named bits without trailing zeros for reasons of cRLDistributionPoints'],
  ['no access description', OID.authorityInfoAccess, hex('3000'), 2, 'one element or more for authorityInfoAccess'],
  ['a subjectKeyIdentifier of another type', OID.subjectKeyIdentifier, hex('02017e'), 0, 'an OCTET STRING for subjectKeyIdentifier'],
  ['an authorityKeyIdentifier with a serial of none', OID.authorityKeyIdentifier, hex('3002 8200'), 4,
    'a minimal INTEGER for authorityCertSerialNumber of authorityKeyIdentifier'],
  ['a SID that is none', OID.sid, der.seq(altName.otherName(OID.sidName, der.octets(Buffer.from('S-1-x')))), 20,
    'a security identifier (S-1-...) for szOID_NTDS_CA_SECURITY_EXT'],
  ['a SID of another type', OID.sid, der.seq(altName.otherName(OID.sidName, der.utf8('S-1-5-18'))), 18,
    'an OCTET STRING for szOID_NTDS_CA_SECURITY_EXT'],
  ['a SID of another name', OID.sid, der.seq(altName.dns('S-1-5-18')), 2,
    'an otherName of type szOID_NTDS_OBJECTSID for szOID_NTDS_CA_SECURITY_EXT'],
];

const places = {
  notBefore: withNotBefore,
  value: withValue,
};

/** @param {string} place @param {Buffer} bad */
function certificateWith(place, bad) {
  if (places[place]) return places[place](bad)();
  return place.includes('.') ? withExtension(place, bad)() : withField(place, bad)();
}

describe('a malformed encoding', () => {
  test.each(rows)('%s', (_, place, bad, into, expected) => {
    const certificate = certificateWith(place, bad);
    const offset = certificate.indexOf(bad) + into;
    expect(certificate.indexOf(bad)).toBeGreaterThan(0);
    expect(errorOf(certificate)).toMatchObject({
      name: 'ClientCertError',
      code: 'ERR_CLIENT_CERT_MALFORMED',
      offset,
      expected,
      message: `malformed certificate at octet ${offset}: expected ${expected}`,
    });
  });

  const good = makeCertificate({ signingKey });
  const sid = extension(OID.sid, der.seq(
    altName.otherName(OID.sidName, der.octets(Buffer.from('S-1-5-18'))),
    altName.otherName(OID.sidName, der.octets(Buffer.from('S-1-5-19')))));
  const deep = Array.from({ length: 40 }).reduce((inner) => der.seq(inner), der.nul());
  test.each([
    ['no octets', Buffer.alloc(0), 0, 'a SEQUENCE for the certificate'],
    ['another element', der.int(5), 0, 'a SEQUENCE for the certificate'],
    ['an empty SEQUENCE', hex('3000'), 2, 'a SEQUENCE for tbsCertificate'],
    ['an octet after the end', Buffer.concat([good, hex('00')]), good.length, 'nothing more for the certificate'],
    ['a certificate after a certificate', Buffer.concat([good, good]), good.length, 'nothing more for the certificate'],
    ['a constructed signatureValue', Buffer.concat([good.subarray(0, -67), hex('23'), good.subarray(-66)]), good.length - 67,
      'a BIT STRING for signatureValue'],
    ['over a megabyte', der.seq(Buffer.alloc(1024 * 1024)), 0, 'up to 1048576 octets for the certificate'],
    ['two algorithms', makeCertificate({ signingKey, outerAlgorithm: der.seq(der.oid('1.3.101.113')) }), undefined,
      'the algorithm of tbsCertificate for signatureAlgorithm'],
    ['extensions in version 2', makeCertificate({ signingKey, version: 2, extensions: [extensions.basicConstraints()] }), undefined,
      'no extensions before version 3 for tbsCertificate'],
    ['a unique identifier in version 1', makeCertificate({ signingKey, tbsPatch: (tbs) => ({ ...tbs, issuerUniqueId: hex('8102007e') }) }),
      undefined, 'no unique identifier in version 1 for issuerUniqueID'],
    ['two security identifiers', makeCertificate({ signingKey, extensions: [sid] }), undefined,
      'nothing more for szOID_NTDS_CA_SECURITY_EXT'],
    ['a value that is nested too deeply', makeCertificate({ signingKey, subject: [{ CN: deep }], issuer: 'Issuer' }), undefined,
      'a shallower nesting for an attribute value of subject'],
  ])('%s', (_, certificate, offset, expected) => {
    const error = errorOf(certificate);
    expect(error).toMatchObject({ code: 'ERR_CLIENT_CERT_MALFORMED', expected, ...(offset === undefined ? {} : { offset }) });
    expect(error.offset).toBeLessThanOrEqual(certificate.length);
  });
});

describe('what strict readers may trip over, and must not', () => {
  test.each([
    ['critical FALSE written out', { extensions: [der.seq(der.oid('1.2.3'), der.bool(false), der.octets(der.nul()))] }],
    ['cA FALSE written out', { extensions: [extension(OID.basicConstraints, der.seq(der.bool(false)))] }],
    ['a minimum of 0 written out', {
      extensions: [extension(OID.nameConstraints, der.seq(der.ctx(0, der.seq(altName.dns('x'), der.ctxPrimitive(0, [0])))))] }],
    ['a GeneralizedTime before 2050', { tbsPatch: (tbs) => ({ ...tbs,
      validity: der.seq(der.generalizedTime('20200229235959Z'), der.generalizedTime('99991231235959Z')) }) }],
    ['@, *, _ and & in a PrintableString', { subject: [{ CN: der.printable('a@b*_&') }] }],
    ['an empty attribute value', { subject: [{ CN: '' }] }],
    ['an empty name', { subject: der.seq() }],
    ['relative names in another order than DER sorts them', { subject: der.seq(der.set(
      der.seq(der.oid('2.5.4.10'), der.utf8('b')), der.seq(der.oid('2.5.4.3'), der.utf8('a')))) }],
    ['both unique identifiers', { version: 2, tbsPatch: (tbs) => ({ ...tbs, issuerUniqueId: hex('81020470'),
      subjectUniqueId: hex('820100') }) }],
    ['a critical extension that nobody knows', { extensions: [extension('1.2.3.4', hex('ffff'), true)] }],
    ['a key usage that is not defined yet', { extensions: [extension(OID.keyUsage, der.namedBits(0, 9))] }],
    ['a UUID in an OID', { extensions: [extension('2.25.340282366920938463463374607431768211455', der.nul())] }],
    ['a compressed point', { publicKey: spki(OID.ec, [der.oid(OID.p256)], Buffer.concat([hex('02'), Buffer.alloc(32, 7)])) }],
    ['an RSA key without its NULL', { publicKey: spki(OID.rsa, [], der.seq(der.int(15), der.int(3))) }],
    ['a public key of an unknown algorithm', { publicKey: spki('1.2.3.4', [], hex('ff')) }],
    ['a DSA key with inherited parameters', { publicKey: spki(OID.dsa, [], der.int(5)) }],
  ])('%s', (_, { publicKey, ...options }) => {
    const certificate = makeCertificate({ signingKey, ...options, ...(publicKey && { subjectPublicKey: publicKey }) });
    expect(errorOf(certificate)).toBeUndefined();
  });
});

describe('whatever the octets are', () => {
  const kitchenSink = makeCertificate({
    signingKey: ecKey,
    subject: [{ O: 'Ex' }, { CN: 'Ada', UID: 'a' }],
    serial: 0x123456789abcdefn,
    extensions: [
      extensions.basicConstraints({ pathLength: 3 }),
      extensions.keyUsage(['keyCertSign', 'decipherOnly']),
      extensions.extendedKeyUsage(['1.3.6.1.5.5.7.3.2']),
      extensions.subjectAltName([altName.upn('a@b'), altName.dns('x'), altName.ip('1.2.3.4'), altName.dirName('q'),
        altName.registeredId('1.2.3'), altName.uri('spiffe://x/y'), altName.ediPartyName(der.ctx(1, der.utf8('p')))]),
      extensions.nameConstraints({ permitted: [altName.dns('x')], excluded: [altName.ip([10, 0, 0, 0, 255, 0, 0, 0])] }),
      extensions.subjectKeyIdentifier(hex('0102')),
      extensions.authorityKeyIdentifier({ keyIdentifier: hex('0102'), issuer: [altName.dirName('x')], serial: 7 }),
      extensions.policies(['1.2.3', { oid: '1.2.4', cps: 'http://x' }]),
      extensions.crlDistributionPoints(['http://c']),
      extensions.authorityInfoAccess({ ocsp: ['http://o'] }),
      extensions.sid('S-1-5-21-1-2'),
    ],
  });
  const samples = [
    ['Ed25519, version 1', makeCertificate({ signingKey })],
    ['RSA', makeCertificate({ signingKey: rsaKey, extensions: [extensions.basicConstraints()] })],
    ['EC, every extension', kitchenSink],
  ];

  /** Reads every field of what was accepted; checks the error of what was not. @param {Buffer} octets */
  function check(octets) {
    let certificate;
    try {
      certificate = parseCertificate(octets);
    } catch (error) {
      if (error.code !== 'ERR_CLIENT_CERT_MALFORMED' || !(error.offset >= 0 && error.offset <= octets.length)) throw error;
      return false;
    }
    JSON.stringify(certificate);
    return true;
  }

  test.each(samples)('a truncated certificate is malformed: %s', (_, sample) => {
    for (let length = 0; length < sample.length; length += 1) {
      if (check(sample.subarray(0, length))) throw new Error(`accepted after ${length} octets`);
    }
  });

  test.each(samples)('each flipped bit gives a certificate or an offset: %s', (_, sample) => {
    let accepted = 0;
    for (let bit = 0; bit < sample.length * 8; bit += 1) {
      const flipped = Buffer.from(sample);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      if (check(flipped)) accepted += 1;
    }
    expect(accepted).toBeGreaterThan(512);
  });

  test.each(samples)('each octet replaced by those that mean something: %s', (_, sample) => {
    for (let at = 0; at < sample.length; at += 1) {
      for (const octet of [0x00, 0x1f, 0x7f, 0x80, 0x84, 0xff]) {
        const changed = Buffer.from(sample);
        changed[at] = octet;
        check(changed);
      }
    }
  });

  test('time and memory are bounded', () => {
    const megabyte = 1024 * 1024 - 4096;
    const many = (element) => Buffer.alloc(megabyte - (megabyte % element.length), element);
    const hostile = [
      makeCertificate({ signingKey, extensions: [extension(OID.subjectAltName, der.seq(many(hex('8200'))))] }),
      makeCertificate({ signingKey, extensions: [extension(OID.extKeyUsage, der.seq(many(hex('06012a'))))] }),
      makeCertificate({ signingKey, extensions: Array.from({ length: 30000 }, (_, i) => extension(`1.2.3.${i}`, der.nul())) }),
      makeCertificate({ signingKey, extensions: [extensions.policies(Array.from({ length: 50000 }, (_, i) => `1.2.3.${i}`))] }),
      makeCertificate({ signingKey, subject: der.seq(many(hex('310b30090603550403 0c027e7e'))) }),
      makeCertificate({ signingKey, subject: [{ CN: der.tlv(0x30, many(hex('3000'))) }] }),
      makeCertificate({ signingKey, extensions: [extension(`1.2.${'9.'.repeat(300000)}1`, der.nul())] }),
    ];
    for (const certificate of hostile) {
      const start = process.hrtime.bigint();
      try {
        parseCertificate(certificate);
      } catch (error) {
        if (error.code !== 'ERR_CLIENT_CERT_MALFORMED') throw error;
      }
      expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(500);
    }
  });
});

describe('PEM', () => {
  const certificate = makeCertificate({ signingKey });
  const pem = toPem(certificate);
  const body = pem.split('\n').slice(1, -2);
  const key = toPem(hex('00'), 'PRIVATE KEY');

  test.each([
    ['as it is', pem],
    ['without its last newline', pem.trimEnd()],
    ['with CRLF', pem.replaceAll('\n', '\r\n')],
    ['with spaces at the ends of lines', pem.replaceAll('\n', ' \t\n')],
    ['labelled X509 CERTIFICATE', toPem(certificate, 'X509 CERTIFICATE')],
    ['in a Buffer', Buffer.from(pem)],
    ['with text around it', `Subject: CN=x\n  -----BEGIN\n${pem}the end`],
    ['in one line', `-----BEGIN CERTIFICATE-----\n${body.join('')}\n-----END CERTIFICATE-----`],
    ['beside a private key', key + pem + key],
  ])('%s', (_, input) => {
    expect(parseCertificate(input).der.equals(certificate)).toBe(true);
  });

  test.each([
    ['no block', 'no certificate', 'exactly one CERTIFICATE block, not none'],
    ['an empty string', '', 'exactly one CERTIFICATE block, not none'],
    ['only another block', key, 'exactly one CERTIFICATE block, not none'],
    ["OpenSSL's trust settings", toPem(certificate, 'TRUSTED CERTIFICATE'), 'exactly one CERTIFICATE block, not none'],
    ['two blocks', pem + pem, 'exactly one CERTIFICATE block, not 2'],
    ['no end', pem.slice(0, -30), '-----END CERTIFICATE-----'],
    ['another end', pem.replace('END CERTIFICATE', 'END X509 CERTIFICATE'), '-----END CERTIFICATE-----'],
    ['a begin in place of an end', pem.replace('END', 'BEGIN') + pem, '-----END CERTIFICATE-----'],
    ['nothing inside', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----', 'base64'],
    ['a character that is none of base64', pem.replace(body[1], body[1].replace(/./, '_')), 'base64'],
    ['headers', pem.replace('\n', '\nProc-Type: 4\n\n'), 'base64'],
    ['a missing character', pem.replace(body[0], body[0].slice(1)), 'base64'],
    ['padding in the middle', pem.replace(body[0], `${body[0].slice(2)}==`), 'base64'],
  ])('is refused: %s', (_, input, expected) => {
    expect(errorOf(input)).toMatchObject({ code: 'ERR_CLIENT_CERT_MALFORMED', offset: 0, expected });
  });

  test('takes time that grows with its length only', () => {
    const start = process.hrtime.bigint();
    errorOf('-----BEGIN CERTIFICATE-----\n'.repeat(100000));
    errorOf(`-----BEGIN ${'A -'.repeat(500000)}`);
    errorOf(`-----BEGIN CERTIFICATE-----\n${'=\n'.repeat(500000)}`);
    errorOf(' '.repeat(2000000));
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(3000);
  });
});

test.each([[undefined], [null], [5], [{}], [[]], [new ArrayBuffer(8)], [new DataView(new ArrayBuffer(8))], [new Uint16Array(4)], [name('x').buffer]])(
  'another kind of input is a TypeError: %p',
  (input) => {
    expect(() => parseCertificate(input)).toThrow(TypeError);
  },
);
