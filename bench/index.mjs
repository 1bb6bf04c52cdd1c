// npm run bench: what the package costs beside its peers, in one run and on the same inputs. Numbers of one machine; the ratios carry over.

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import tls from 'node:tls';

import 'reflect-metadata';
import * as peculiar from '@peculiar/x509';
import { Bench } from 'tinybench';

const require = createRequire(import.meta.url);
const { getClientCertInfo, parseCertificate } = require('..');
const { altName, extensions } = require('../test/support/certificate-builder.js');
const { Authority } = require('../test/support/pki.js');

const root = new Authority('Root');
const intermediate = new Authority('Intermediate', { issuer: root });
const client = intermediate.issue({
  present: [intermediate],
  more: [extensions.subjectAltName([altName.dns('ada.example.test'), altName.email('ada@example.test'), altName.upn('ada@example.test')])],
});

/** Both ends of a mutual TLS connection. @returns {Promise<{ server: tls.TLSSocket, end: () => void }>} */
async function connect() {
  const server = tls.createServer({ ...root.issueServer(['localhost']), ca: root.pem, requestCert: true, rejectUnauthorized: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = tls.connect({ port: server.address().port, host: '127.0.0.1', rejectUnauthorized: false, ...client });
  const [[serverEnd]] = await Promise.all([once(server, 'secureConnection'), once(socket, 'secureConnect')]);
  return {
    server: serverEnd,
    end() {
      socket.destroy();
      server.close();
    },
  };
}

/** The fields that all of them can read. */
const readOurs = (certificate) => [
  certificate.subject.toString(), certificate.issuer.toString(), certificate.serialNumber, certificate.notBefore, certificate.notAfter,
  certificate.subjectAltNames.length, certificate.extendedKeyUsage, certificate.fingerprints.sha256,
];
const readNodes = (certificate) => [
  certificate.subject, certificate.issuer, certificate.serialNumber, new Date(certificate.validFrom), new Date(certificate.validTo),
  certificate.subjectAltName, certificate.keyUsage, certificate.fingerprint256,
];
const readPeculiars = (certificate) => [
  certificate.subject, certificate.issuer, certificate.serialNumber, certificate.notBefore, certificate.notAfter,
  certificate.getExtension(peculiar.SubjectAlternativeNameExtension)?.names.items.length,
  certificate.getExtension(peculiar.ExtendedKeyUsageExtension)?.usages,
]; // no fingerprint: it is asynchronous there

/** @param {string} title @param {Array<[string, () => unknown]>} tasks the first is what the others are compared with */
async function compare(title, tasks) {
  const bench = new Bench({ time: 500, warmupTime: 200 });
  for (const [name, task] of tasks) bench.add(name, task);
  await bench.run();
  const medians = bench.tasks.map(({ name, result }) => ({ name, median: result.latency.p50 * 1e6, spread: result.latency.mad * 1e6 }));
  console.log(`\n${title}`);
  console.table(
    Object.fromEntries(
      medians.map(({ name, median, spread }) => [
        name,
        { 'median ns': Math.round(median), 'spread ns': Math.round(spread), 'times the first': Number((median / medians[0].median).toFixed(2)) },
      ]),
    ),
  );
}

const { server, end } = await connect();
console.log(`Node.js ${process.versions.node}, OpenSSL ${process.versions.openssl}, ${process.arch}`);
await compare('what the client presented, second and later calls on a connection', [
  ['getClientCertInfo(socket)', () => getClientCertInfo(server)],
  ['socket.getPeerCertificate()', () => server.getPeerCertificate()],
  ['socket.getPeerCertificate(true)', () => server.getPeerCertificate(true)],
]);
await compare('a certificate of DER, and eight of its fields', [
  ['parseCertificate', () => readOurs(parseCertificate(client.der))],
  ['crypto.X509Certificate', () => readNodes(new X509Certificate(client.der))],
  ['@peculiar/x509 (without the fingerprint)', () => readPeculiars(new peculiar.X509Certificate(client.der))],
]);
end();
