'use strict';
// Thousands of certificates that others made: what we read is what OpenSSL reads, by way of node:crypto and of its command line, and
// where we refuse what it accepts, or the reverse, ledger.json says why. Both an entry that is missing and one that is left over fail.

const { spawnSync } = require('node:child_process');
const { X509Certificate } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
// Before toLegacyObject(): where that loads what lies below, node:tls is left without createSecureContext.
require('node:tls');

const { parseCertificate } = require('../../lib/certificate.js');
const { native } = require('../../lib/native.js');
const { certificatesOf, describeCorpora, folder, readCorpus } = require('../support/corpora.js');
const { testWith } = require('../support/tools.js');
const ledger = require('./ledger.json');

const corpora = ['pkits', 'gsa-piv', 'openssl-verify', 'mbedtls', 'spiffe'];

/** @template T @param {() => T} make @returns {T | undefined} */
function attempt(make) {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** The same, but anything else than a malformed certificate is thrown on. @param {Buffer} der */
function decode(der) {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error.code !== 'ERR_CLIENT_CERT_MALFORMED' || !(error.offset >= 0 && error.offset <= der.length)) throw error;
    return undefined;
  }
}

/** Octets that OpenSSL reads up to their end. @param {Buffer} der */
const openssl = (der) => attempt(() => new X509Certificate(der));

/** A text that is the same for values that are deeply equal, from whatever realm they are. @param {unknown} value */
function canonical(value) {
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** OpenSSL's short names where they are not ours. */
const opensslNames = { STREET: 'street' };

/** @param {import('../../lib/index.js').DistinguishedName} name as X509Certificate.toLegacyObject() has it */
function legacyName(name) {
  const object = {};
  for (const { shortName, value } of name.rdns.flat()) {
    const key = opensslNames[shortName] ?? shortName;
    object[key] = key in object ? [object[key], value].flat() : value;
  }
  return object;
}

/** Only names whose text in OpenSSL's joined string cannot be mistaken. */
function joinedAltNames(names) {
  const prefixes = { dns: 'DNS:', email: 'email:', uri: 'URI:', ip: 'IP Address:' };
  const plain = names.every(({ type, value }) => prefixes[type] && /^[\w.:/@*-]+$/.test(value) && !(type === 'ip' && value.includes(':')));
  return plain && names.length > 0 ? names.map(({ type, value }) => prefixes[type] + value).join(', ') : undefined;
}

describeCorpora('certificates that others made', () => {
  const all = Object.fromEntries(corpora.map((corpus) => [corpus, certificatesOf(corpus)]));
  const every = corpora.flatMap((corpus) => all[corpus]);
  const readable = every.flatMap(({ id, der }) => {
    const ours = decode(der);
    const theirs = openssl(der);
    return ours && theirs ? [{ id, der, ours, theirs }] : [];
  });

  test.each(corpora)('%s: accepted where OpenSSL accepts, but for the ledger', (corpus) => {
    const differences = all[corpus].flatMap(({ id, der }) => {
      const ours = decode(der) !== undefined;
      return ours === (openssl(der) !== undefined) ? [] : [`${id}: ${ours ? 'accepted' : 'refused'}`];
    });
    const expected = ledger.certificates.filter(({ file }) => file.startsWith(`${corpus}/`));
    expect(differences).toEqual(expected.map(({ file, ours }) => `${file}: ${ours}`).sort());
    expect(expected.every(({ reason }) => reason.length > 10)).toBe(true);
    expect(all[corpus].length).toBeGreaterThan(10);
  });

  test('every certificate of PKITS and of the PIV cards is read', () => {
    const unread = [...all.pkits, ...all['gsa-piv']].filter(({ der }) => !decode(der)).map(({ id }) => id);
    expect(unread).toEqual([]);
  });

  test('fields are those of node:crypto', () => {
    const wrong = [];
    let compared = 0;
    for (const { id, der, ours, theirs } of readable) {
      const spki = attempt(() => theirs.publicKey.export({ type: 'spki', format: 'der' }));
      // Node.js 24 crashes here on a public key that OpenSSL cannot read.
      const legacy = spki && theirs.toLegacyObject();
      const details = attempt(() => theirs.publicKey.asymmetricKeyDetails) ?? {};
      const joined = joinedAltNames(ours.subjectAltNames);
      const pairs = {
        der: [ours.der.equals(der), true],
        serialNumber: [ours.serialNumber.replace(/^00$/, '0'), theirs.serialNumber],
        notBefore: [ours.notBefore, new Date(theirs.validFrom)],
        notAfter: [ours.notAfter, new Date(theirs.validTo)],
        ...(legacy && {
          subject: [legacyName(ours.subject), { ...legacy.subject }],
          issuer: [legacyName(ours.issuer), { ...legacy.issuer }],
        }),
        sha1: [ours.fingerprints.sha1, theirs.fingerprint.replaceAll(':', '')],
        sha256: [ours.fingerprints.sha256, theirs.fingerprint256.replaceAll(':', '')],
        sha512: [ours.fingerprints.sha512, theirs.fingerprint512.replaceAll(':', '')],
        extendedKeyUsage: [ours.extendedKeyUsage, theirs.keyUsage ?? []],
        // X509_check_ca looks at keyUsage too.
        ca: [
          ours.basicConstraints?.ca === true && (ours.keyUsage.length === 0 || ours.keyUsage.includes('keyCertSign')),
          theirs.ca,
        ],
        ...(joined && { subjectAltName: [joined, theirs.subjectAltName] }),
        ...(spki && ours.publicKey.curve !== null && { publicKey: [ours.publicKey.der.toString('hex'), spki.toString('hex')] }),
        ...(details.modulusLength && { bits: [ours.publicKey.bits, details.modulusLength] }),
        ...(details.publicExponent && { exponent: [ours.publicKey.exponent, details.publicExponent] }),
        ...(spki && theirs.publicKey.asymmetricKeyType && { type: [ours.publicKey.type, theirs.publicKey.asymmetricKeyType] }),
      };
      for (const [field, [mine, other]] of Object.entries(pairs)) {
        compared += 1;
        if (canonical(mine) !== canonical(other)) wrong.push({ id, field, mine, other });
      }
    }
    expect(wrong).toEqual([]);
    expect(readable.length).toBeGreaterThan(600);
    expect(compared).toBeGreaterThan(10 * readable.length);
  });

  test('what is read in one crossing is what its sections say', () => {
    const sections = (handle) => {
      const { version, serialNumber, notBefore, notAfter } = handle.header();
      const { keyUsage, extendedKeyUsage } = handle.usages();
      const nameOf = ({ der, rdns }) => ({ der: der.toString('hex'), rdns: rdns.map((rdn) => rdn.map(({ type, value }) => [type, value])) });
      const names = Object.values(handle.names()).map(nameOf);
      const altNames = (handle.subjectAltNames() ?? []).map(({ type, value, oid, der }) => [type, type === 'dirName' ? nameOf(value) : value, oid, der?.toString('hex')]);
      return { version, serialNumber, notBefore, notAfter, keyUsage: keyUsage ?? 0, extendedKeyUsage: extendedKeyUsage ?? [], names, altNames };
    };
    const read = (certificate) => {
      const { version, serialNumber, notBefore, notAfter, keyUsage, extendedKeyUsage, subject, issuer, subjectAltNames } = certificate;
      const nameOf = (name) => ({ der: name.der.toString('hex'), rdns: name.rdns.map((rdn) => rdn.map(({ type, value }) => [type, value])) });
      const altNames = subjectAltNames.map(({ type, value, oid, der }) => [type, type === 'dirName' ? nameOf(value) : value, oid, der?.toString('hex')]);
      const bits = keyUsage.reduce((sum, usage) => sum | (1 << Object.values(commandUsages).indexOf(usage)), 0);
      return { version, serialNumber, notBefore: notBefore.getTime(), notAfter: notAfter.getTime(), keyUsage: bits, extendedKeyUsage, names: [subject, issuer].map(nameOf), altNames };
    };
    for (const { der, ours } of readable) expect(read(ours)).toEqual(sections(native.Certificate.parse(der)));
  });

  testWith('openssl', 'xargs')('names and extensions are those of the openssl command', () => {
    const texts = textsFromCommand(readable.map(({ der }) => der));
    const wrong = readable.flatMap(({ id, ours }, index) =>
      differencesFromCommand(texts[index], ours).map((difference) => ({ id, ...difference })),
    );
    expect(wrong).toEqual([]);
  }, 120000);

  test('mbed TLS: what it refuses is refused, but for the ledger', () => {
    const { parse } = JSON.parse(readCorpus('mbedtls/manifest.json').toString());
    const certificates = parse.filter(({ fn }) => fn.startsWith('x509parse_crt'));
    const results = certificates.map(({ name, der_hex, expected_error }) => ({
      name,
      ours: decode(Buffer.from(der_hex, 'hex')) !== undefined,
      mbed: !expected_error,
      openssl: openssl(Buffer.from(der_hex, 'hex')) !== undefined,
    }));
    expect(results.length).toBeGreaterThan(250);
    expect(results.filter(({ ours, mbed }) => ours && !mbed)).toEqual([]);
    // Nor is anything refused that both of the others accept.
    const refused = results.filter((result) => !result.ours && result.mbed && result.openssl).map(({ name }) => name);
    expect(refused).toEqual(ledger.mbedtls.map(({ name }) => name));
  });

  testWith('tar', 'xz')("OpenSSL's fuzzing corpus: no crash, and nothing accepted that OpenSSL refuses", () => {
    const unpacked = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-'));
    try {
      const { status } = spawnSync('tar', ['xJf', path.join(folder, 'openssl-fuzz.tar.xz'), '-C', unpacked]);
      expect(status).toBe(0);
      const inputs = path.join(unpacked, 'openssl-fuzz', 'x509');
      const files = fs.readdirSync(inputs).map((file) => fs.readFileSync(path.join(inputs, file)));
      const counts = { both: 0, openssl: 0, ours: 0, neither: 0 };
      for (const der of files) {
        const ours = decode(der);
        if (ours) JSON.stringify(ours);
        const theirs = openssl(der);
        counts[ours ? (theirs ? 'both' : 'ours') : theirs ? 'openssl' : 'neither'] += 1;
      }
      // How many of those that we refuse OpenSSL accepts depends on its version.
      const { openssl: accepted, neither, ...rest } = counts;
      expect({ ...rest, refused: accepted + neither }).toEqual(ledger.opensslFuzz.counts);
    } finally {
      fs.rmSync(unpacked, { recursive: true });
    }
  });
});

const commandUsages = {
  'Digital Signature': 'digitalSignature', 'Non Repudiation': 'nonRepudiation', 'Key Encipherment': 'keyEncipherment',
  'Data Encipherment': 'dataEncipherment', 'Key Agreement': 'keyAgreement', 'Certificate Sign': 'keyCertSign', 'CRL Sign': 'cRLSign',
  'Encipher Only': 'encipherOnly', 'Decipher Only': 'decipherOnly',
};

/** The lines below the heading of an extension in `openssl x509 -text`. @param {string} text @param {string} heading */
function section(text, heading) {
  const [, critical, body] = text.match(new RegExp(`^ {12}${heading}:( critical)? *\n((?: {16}.*\n)*)`, 'm')) ?? [];
  return body === undefined ? undefined : { critical: critical !== undefined, body };
}

/** Hexadecimal runs differ in case only. @param {string} name */
const withUpperHex = (name) => name.replace(/=#[0-9a-f]+/g, (hex) => hex.toUpperCase());

/** What `openssl x509` says about each, from one shell: a process of Node for each would take a minute. @param {Buffer[]} ders */
function textsFromCommand(ders) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-'));
  try {
    ders.forEach((der, index) => fs.writeFileSync(path.join(directory, `${index}.der`), der));
    const options = '-nameopt RFC2253,-esc_msb -subject -issuer -text -certopt no_header,no_pubkey,no_sigdump';
    const each = `openssl x509 -inform DER -in {} -noout ${options} > {}.txt`;
    const all = `ls | xargs -P ${os.availableParallelism()} -I{} sh -c '${each}'`;
    const { status } = spawnSync('sh', ['-c', all], { cwd: directory });
    expect(status).toBe(0);
    return ders.map((_, index) => fs.readFileSync(path.join(directory, `${index}.der.txt`), 'utf8'));
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

/** @param {string} stdout of the command @param {import('../../lib/index.js').Certificate} ours */
function differencesFromCommand(stdout, ours) {
  const found = [];
  const compare = (field, mine, other) => {
    if (canonical(mine) !== canonical(other)) found.push({ field, mine, other });
  };
  for (const field of /** @type {const} */ (['subject', 'issuer'])) {
    // OpenSSL turns round multi-valued RDNs as well.
    const multiValued = ours[field].rdns.some((rdn) => rdn.length > 1);
    const [, text] = stdout.match(new RegExp(`^${field}=(.*)$`, 'm')) ?? [];
    if (!multiValued) compare(field, withUpperHex(ours[field].toString()), text);
  }
  const usage = section(stdout, 'X509v3 Key Usage');
  compare('keyUsage', ours.keyUsage, usage ? usage.body.trim().split(', ').map((name) => commandUsages[name]) : []);
  const basic = section(stdout, 'X509v3 Basic Constraints');
  const { ca, pathLength } = ours.basicConstraints ?? {};
  compare('basicConstraints', ours.basicConstraints ? `CA:${ca ? 'TRUE' : 'FALSE'}${pathLength === null ? '' : `, pathlen:${pathLength}`}` : undefined,
    basic?.body.trim());
  const criticalOf = (oid) => ours.extensions.find((extension) => extension.oid === oid)?.critical;
  compare('critical basicConstraints', criticalOf('2.5.29.19'), basic?.critical);
  compare('critical keyUsage', criticalOf('2.5.29.15'), usage?.critical);
  const hexOf = (text) => text?.trim().replaceAll(':', '');
  compare('subjectKeyIdentifier', ours.subjectKeyIdentifier ?? undefined, hexOf(section(stdout, 'X509v3 Subject Key Identifier')?.body));
  const authority = section(stdout, 'X509v3 Authority Key Identifier')?.body;
  if (ours.authorityKeyIdentifier?.keyIdentifier) {
    const keyid = ours.authorityKeyIdentifier.keyIdentifier;
    compare('authorityKeyIdentifier', keyid, hexOf(authority?.split('\n')[0].replace('keyid:', '')));
  }
  const policies = section(stdout, 'X509v3 Certificate Policies')?.body.matchAll(/^ {16}Policy: (.*)$/gm) ?? [];
  compare('policies', ours.policies.map(({ oid }) => (oid === '2.5.29.32.0' ? 'X509v3 Any Policy' : oid)), Array.from(policies, ([, oid]) => oid));
  const uris = (names) => names.flatMap(({ type, value }) => (type === 'uri' ? [value] : []));
  const printed = (text) => Array.from(text?.matchAll(/URI:(.*)$/gm) ?? [], ([, uri]) => uri);
  compare('crlDistributionPoints', ours.crlDistributionPoints.flatMap(({ fullName, crlIssuer }) => uris([...fullName, ...crlIssuer])),
    printed(section(stdout, 'X509v3 CRL Distribution Points')?.body));
  compare('authorityInfoAccess', ours.authorityInfoAccess.flatMap(({ location }) => uris([location])),
    printed(section(stdout, 'Authority Information Access')?.body));
  return found;
}
