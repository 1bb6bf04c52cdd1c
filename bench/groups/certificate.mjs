// A certificate of DER, and eight of its fields, by everybody that can read them.

import { X509Certificate, createHash } from 'node:crypto';

import 'reflect-metadata';
import * as peculiar from '@peculiar/x509';
import { fromBER } from 'asn1js';
import * as pkijs from 'pkijs';

import { altName, client, extensions, intermediate, library } from '../support/inputs.mjs';
import { ratioOf } from '../support/measure.mjs';

const { parseCertificate } = library;

const readOurs = (certificate) => [
  certificate.subject.toString(), certificate.issuer.toString(), certificate.serialNumber, certificate.notBefore, certificate.notAfter,
  certificate.subjectAltNames.length, certificate.keyUsage, certificate.extendedKeyUsage, certificate.fingerprints.sha256,
];
const readNodes = (certificate) => [
  certificate.subject, certificate.issuer, certificate.serialNumber, new Date(certificate.validFrom), new Date(certificate.validTo),
  certificate.subjectAltName, certificate.keyUsage, certificate.fingerprint256,
];
const readPeculiars = (certificate) => [
  certificate.subject, certificate.issuer, certificate.serialNumber, certificate.notBefore, certificate.notAfter,
  certificate.getExtension(peculiar.SubjectAlternativeNameExtension)?.names.items.length,
  certificate.getExtension(peculiar.KeyUsagesExtension)?.usages,
  certificate.getExtension(peculiar.ExtendedKeyUsageExtension)?.usages,
];
const pkijsName = ({ typesAndValues }) => typesAndValues.map(({ type, value }) => `${type}=${value.valueBlock.value}`).join(',');
const readPkijs = (der) => {
  const certificate = new pkijs.Certificate({ schema: fromBER(der).result });
  const parsed = (oid) => certificate.extensions.find(({ extnID }) => extnID === oid)?.parsedValue;
  return [
    pkijsName(certificate.subject), pkijsName(certificate.issuer), certificate.serialNumber.valueBlock.valueHexView,
    certificate.notBefore.value, certificate.notAfter.value, parsed('2.5.29.17')?.altNames.length, parsed('2.5.29.15')?.valueBlock.valueHexView,
    parsed('2.5.29.37')?.keyPurposes,
    createHash('sha256').update(der).digest('hex'),
  ];
};

/** @param {number} count of alternative names */
function withNames(count) {
  const names = Array.from({ length: count }, (_, i) => altName.dns(`host-${i}.example.test`));
  return intermediate.issue({ more: [extensions.subjectAltName(names)] }).der;
}

/** @param {import('../support/measure.mjs').Report} report */
export default async function certificates(report) {
  const { der } = client;
  const rows = await report.compare('a certificate of DER, and its subject, issuer, serial number, validity, names, usages, SHA-256', [
    ['parseCertificate', () => readOurs(parseCertificate(der))],
    ['crypto.X509Certificate', () => readNodes(new X509Certificate(der)), 'extended key usage only'],
    ['@peculiar/x509', () => readPeculiars(new peculiar.X509Certificate(der)), 'without the fingerprint, which is asynchronous there'],
    ['pkijs', () => readPkijs(der), 'the fingerprint is by node:crypto'],
    ['parseCertificate, no field', () => parseCertificate(der)],
    ['crypto.X509Certificate, no field', () => new X509Certificate(der)],
  ]);
  const ratio = (name) => ratioOf(rows[name], rows.parseCertificate);
  report.atLeast('parseCertificate and eight fields', 'crypto.X509Certificate', ratio('crypto.X509Certificate'), 10, { remark: 'the peer reads the extended key usage only' });
  report.atLeast('parseCertificate and eight fields', '@peculiar/x509', ratio('@peculiar/x509'), 100, { remark: 'the peer without the fingerprint' });
  report.atLeast('parseCertificate and eight fields', 'pkijs', ratio('pkijs'), 100, { remark: "the peer's fingerprint by node:crypto" });

  const ours = [];
  const theirs = [];
  for (const count of [1, 10, 100, 1000, 10_000]) {
    const large = withNames(count);
    const each = await report.compare(`${count} alternative names`, [
      ['parseCertificate', () => readOurs(parseCertificate(large))],
      ['crypto.X509Certificate', () => readNodes(new X509Certificate(large))],
    ], { time: 200, warmup: 50 });
    ours.push([count, each.parseCertificate.median / 1000]);
    theirs.push([count, each['crypto.X509Certificate'].median / 1000]);
  }
  report.plot({
    title: 'alternative-names', x: 'alternative names', y: 'us', logarithmic: true,
    lines: [{ name: 'parseCertificate', points: ours }, { name: 'crypto.X509Certificate', points: theirs }],
  });
}
