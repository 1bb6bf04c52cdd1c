'use strict';
// Which paths a verifier finds, and what it says of those it refuses: CAs that are made on the spot, in the constellations that go wrong elsewhere.

const crypto = require('node:crypto');

const { Authority, newKey } = require('../support/pki.js');
const { altName, extensions, keyIdentifier } = require('../support/certificate-builder.js');
const { bitString, int, seq, utf8 } = require('../support/der.js');
const { Verifier } = require('../../lib/index.js');

const DAY = 24 * 60 * 60 * 1000;
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** @param {import('../../lib/index.js').Verdict} verdict @returns {string[]} 'CODE@depth' */
const problemsOf = ({ problems }) => problems.map(({ code, depth }) => `${code}@${depth}`);
const subjectsOf = ({ elements }) => elements.map(({ certificate }) => certificate.subject.get('CN')[0]);

/** A certificate of a CA that exists elsewhere: its name and key, another issuer. */
const crossCertificate = (authority, issuer, options = {}) =>
  new Authority('cross', { issuer, privateKey: authority.privateKey, subject: authority.subject, ...options });

const root = new Authority('root');

describe('finds', () => {
  const bridge = new Authority('bridge');
  const renewedKey = newKey();
  const expired = new Authority('renewed', { issuer: root, privateKey: renewedKey, notAfter: new Date(Date.now() - DAY) });
  const renewed = new Authority('renewed', { issuer: root, privateKey: renewedKey });
  const issuing = new Authority('issuing', { issuer: bridge });
  const namesakes = [new Authority('namesake'), new Authority('namesake'), new Authority('namesake')];
  const withoutIdentifiers = (authority) => authority.issue({ extensions: [extensions.extendedKeyUsage([CLIENT_AUTH])] });
  const other = new Authority('other');
  const constrained = crossCertificate(issuing, root, { more: [extensions.nameConstraints({ permitted: [altName.dirName({ O: 'Elsewhere' })] })] });

  test.each([
    ['a bridge, and back by its cross-certificate', { ca: root }, issuing.issue(), [issuing, crossCertificate(bridge, root)], 4],
    ['the second certificate of a renewed CA', { ca: root }, renewed.issue(), [expired, renewed], 3],
    ['the third of three CAs with one name', { ca: namesakes }, withoutIdentifiers(namesakes[2]), [], 2],
    ['the first of three CAs with one name', { ca: namesakes }, withoutIdentifiers(namesakes[0]), [], 2],
    ['the way around a constrained cross-certificate', { ca: [root, bridge] }, issuing.issue(), [constrained, issuing], 3],
    ['the way around a cross-certificate of a stranger', { ca: bridge }, issuing.issue(), [crossCertificate(issuing, other), issuing], 3],
    ['what was configured and not presented', { ca: bridge, intermediates: issuing }, issuing.issue(), [], 3],
    ['an anchor that others have certified, too', { ca: [issuing, bridge] }, issuing.issue(), [constrained], 3],
    ['a presented chain in any order', { ca: root }, issuing.issue(), [crossCertificate(bridge, root), root, issuing], 4],
  ])('%s', (_, { ca, intermediates }, leaf, chain, length) => {
    const pems = (authorities) => [authorities].flat().map(({ pem }) => pem);
    const verifier = new Verifier({ ca: pems(ca), ...(intermediates && { intermediates: pems(intermediates) }) });
    for (const order of [chain, [...chain].reverse()]) {
      const verdict = verifier.verify({ leaf: leaf.der, chain: order.map(({ der }) => der) });
      expect({ problems: problemsOf(verdict), length: verdict.elements.length }).toEqual({ problems: [], length });
    }
  });
});

describe('says of its best path', () => {
  const intermediate = new Authority('intermediate', { issuer: root });
  const twoKeys = [newKey(), newKey()];
  const [a, b] = twoKeys.map((privateKey, i) => ({ subject: { CN: 'AB'[i] }, privateKey, keyIdentifier: keyIdentifier(privateKey) }));
  const cycle = [new Authority('A', { issuer: b, privateKey: a.privateKey, subject: a.subject }), new Authority('B', { issuer: a, privateKey: b.privateKey, subject: b.subject })];
  const expired = new Authority('expired', { issuer: root, notAfter: new Date(Date.now() - DAY) });
  const notCa = new Authority('no CA', { issuer: root, extensions: [extensions.basicConstraints({ ca: false })] });
  const short = new Authority('short', { issuer: root, pathLength: 0 });
  const below = new Authority('below', { issuer: short });
  const forged = root.issue({ signingKey: newKey() });

  test.each([
    ['a chain without its end', intermediate.issue(), [], {}, ['ISSUER_NOT_FOUND@0']],
    ['two CAs that issued each other', cycle[0].issue(), cycle, {}, ['CHAIN_CYCLIC@2']],
    ['a stranger', new Authority('stranger').issue(), [], {}, ['ISSUER_NOT_FOUND@0']],
    ['a forged signature', forged, [], {}, ['CERT_SIGNATURE_INVALID@0']],
    ['an expired intermediate', expired.issue(), [expired], {}, ['CERT_EXPIRED@1']],
    ['an issuer that is no CA', notCa.issue(), [notCa], {}, ['CA_NOT_A_CA@1']],
    ['more intermediates than one permits', below.issue(), [below, short], {}, ['PATH_LENGTH_EXCEEDED@2']],
    ['more intermediates than maxDepth', below.issue(), [below, short], { maxDepth: 1 }, ['CHAIN_TOO_LONG@2', 'PATH_LENGTH_EXCEEDED@2']],
    ['an expired leaf for servers', root.issueServer(['a'], { notBefore: new Date(Date.now() - 2 * DAY), notAfter: new Date(Date.now() - DAY) }), [], {},
      ['USAGE_NOT_ALLOWED@0', 'CERT_EXPIRED@0']],
    ['a distrusted leaf', intermediate.issue({ serial: 77 }), [intermediate], { distrusted: true }, ['CERT_DISTRUSTED@0']],
    ['an intermediate that may not issue here', intermediate.issue(), [intermediate], { allowedIssuers: short.pem }, ['ISSUER_NOT_ALLOWED@2']],
  ])('%s', (_, leaf, chain, options, expected) => {
    const distrusted = options.distrusted && { distrusted: leaf.pem };
    const verifier = new Verifier({ ca: root.pem, ...options, ...(distrusted || { distrusted: undefined }) });
    const verdict = verifier.verify({ leaf: leaf.der, chain: chain.map(({ der }) => der) });
    expect(problemsOf(verdict)).toEqual(expected);
    expect(verdict.valid).toBe(false);
  });

  test('a CA that is distrusted, by certificate and by key', () => {
    const { createHash, createPublicKey } = require('node:crypto');
    const spki = createPublicKey(intermediate.pem).export({ type: 'spki', format: 'der' });
    const digest = createHash('sha256').update(spki);
    const pin = digest.copy().digest('base64');
    for (const distrusted of [intermediate.pem, `sha256/${pin}`, digest.digest('hex')]) {
      const verdict = new Verifier({ ca: root.pem, distrusted }).verify({ leaf: intermediate.issue().der, chain: intermediate.der });
      expect(problemsOf(verdict)).toEqual(['CA_DISTRUSTED@1']);
    }
  });
});

// Whoever has a certificate that an ECDSA key has signed, (r, s), can make another one of the same content: (r, n - s) is as good. Here by BigInt.
describe('what is distrusted stays so with the other signature', () => {
  const ORDERS = {
    secp224r1: 0xffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3dn,
    'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    'P-384': 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    'P-521': 0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    secp256k1: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    brainpoolP256r1: 0xa9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7n,
    brainpoolP384r1: 0x8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565n,
    brainpoolP512r1: 0xaadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069n,
  };
  const elementAt = (octets, at) => {
    const long = octets[at + 1] & 0x80 ? octets[at + 1] & 0x7f : 0;
    const from = at + 2 + long;
    const to = from + (long ? octets.readUIntBE(at + 2, long) : octets[at + 1]);
    return { content: octets.subarray(from, to), whole: octets.subarray(at, to), from, to };
  };
  const twinOf = (certificate, order) => {
    const outer = elementAt(certificate, 0);
    const tbs = elementAt(certificate, outer.from);
    const algorithm = elementAt(certificate, tbs.to);
    const signature = elementAt(certificate, algorithm.to).content.subarray(1);
    const r = elementAt(signature, elementAt(signature, 0).from);
    const s = elementAt(signature, r.to);
    return seq(tbs.whole, algorithm.whole, bitString(seq(r.whole, int(order - BigInt(`0x${s.content.toString('hex')}`)))));
  };
  const fingerprintOf = (octets) => crypto.createHash('sha256').update(octets).digest('hex');

  test.each(Object.entries(ORDERS))('%s', (namedCurve, order) => {
    const authority = new Authority('curve', { privateKey: crypto.generateKeyPairSync('ec', { namedCurve }).privateKey });
    const between = new Authority('between', { issuer: authority, privateKey: crypto.generateKeyPairSync('ec', { namedCurve }).privateKey });
    const distrustedOne = between.issue();
    const verify = (leaf, chain, distrusted) => problemsOf(new Verifier({ ca: authority.pem, distrusted }).verify({ leaf, chain: [chain] }));
    const twins = [twinOf(distrustedOne.der, order), twinOf(between.der, order)];
    // They are as good.
    expect(verify(twins[0], twins[1], [])).toEqual([]);
    for (const distrusted of [distrustedOne.pem, fingerprintOf(distrustedOne.der)]) {
      for (const leaf of [distrustedOne.der, twins[0]]) expect(verify(leaf, between.der, distrusted)).toEqual(['CERT_DISTRUSTED@0']);
      expect(verify(between.issue().der, between.der, distrusted)).toEqual([]);
    }
    for (const distrusted of [between.pem, fingerprintOf(between.der)]) {
      for (const chain of [between.der, twins[1]]) expect(verify(distrustedOne.der, chain, distrusted)).toEqual(['CA_DISTRUSTED@1']);
    }
  });

  test('a signature that is none', () => {
    const broken = root.issue({ signature: Buffer.from('no signature') });
    expect(problemsOf(new Verifier({ ca: root.pem, distrusted: root.issue().pem }).verify(broken.der))).not.toContain('CERT_DISTRUSTED@0');
  });
});

// RFC 5280 section 4.2.1.12.
test.each([
  ['emailProtection', '1.3.6.1.5.5.7.3.4', ['cRLSign'], false], ['emailProtection', '1.3.6.1.5.5.7.3.4', ['keyAgreement'], true], ['emailProtection', '1.3.6.1.5.5.7.3.4', ['nonRepudiation'], true],
  ['emailProtection', '1.3.6.1.5.5.7.3.4', null, true], ['OCSPSigning', '1.3.6.1.5.5.7.3.9', ['keyEncipherment'], false], ['OCSPSigning', '1.3.6.1.5.5.7.3.9', ['digitalSignature'], true],
  ['1.2.3.4', '1.2.3.4', ['cRLSign'], true],
])('%s (%s) and the key usage %j', (purpose, oid, usages, isGood) => {
  const leaf = root.issue({ extensions: [extensions.extendedKeyUsage([oid]), ...(usages ? [extensions.keyUsage(usages)] : [])] });
  expect(problemsOf(new Verifier({ ca: root.pem, purpose }).verify(leaf.der))).toEqual(isGood ? [] : ['USAGE_NOT_ALLOWED@0']);
});

describe('what OpenSSL does not look at (RFC 5280)', () => {
  const under = (constraints, names) => {
    const authority = new Authority('constrained', { issuer: root, more: [extensions.nameConstraints(constraints)] });
    return [authority.issue({ more: [extensions.subjectAltName(names)] }), authority];
  };
  const dns = altName.dns;

  test.each([
    ['serial number zero', [root.issue({ serial: 0n })], ['CERT_MALFORMED@0']],
    ['serial number of 21 octets', [root.issue({ serial: 1n << 161n })], ['CERT_MALFORMED@0']],
    ['serial number of 20 octets', [root.issue({ serial: 1n << 158n })], []],
    ['a negative serial number', [root.issue({ serial: -5n })], []],
    ['name constraints in a leaf', [root.issue({ more: [extensions.nameConstraints({ permitted: [dns('a.example')] })] })], ['EXTENSION_INVALID@0']],
    ['name constraints that are not critical', under({ permitted: [dns('a.example')], critical: false }, [dns('b.a.example')]), ['EXTENSION_INVALID@1']],
    ['a permitted host', under({ permitted: [dns('a.example')] }, [dns('b.a.example')]), []],
    ['a host that is not permitted', under({ permitted: [dns('a.example')] }, [dns('b.example')]), ['NAME_NOT_PERMITTED@0']],
    ['a wildcard that reaches into an excluded host', under({ excluded: [dns('b.a.example')] }, [dns('*.a.example')]), ['NAME_EXCLUDED@0']],
    ['a wildcard beside an excluded host', under({ excluded: [dns('b.a.example')] }, [dns('*.c.example')]), []],
    ['a malformed host under constraints', under({ permitted: [dns('a.example')] }, [dns('b..a.example')]), ['NAME_CONSTRAINT_UNSUPPORTED@0']],
    ['an excluded mailbox of every host', under({ excluded: [altName.email('')] }, [altName.email('a@b.example')]), ['NAME_EXCLUDED@0']],
    ['an excluded URI of every host', under({ excluded: [altName.uri('')] }, [altName.uri('https://b.example/')]), ['NAME_EXCLUDED@0']],
    ['a constraint of URIs that is no host', under({ excluded: [altName.uri('https://a.example/')] }, [altName.uri('https://b.example/')]), ['NAME_CONSTRAINT_UNSUPPORTED@0']],
  ])('%s', (_, [leaf, ...chain], expected) => {
    const verdict = new Verifier({ ca: root.pem }).verify({ leaf: leaf.der, chain: chain.map(({ der }) => der) });
    expect(problemsOf(verdict)).toEqual(expected);
  });
});

// RFC 5280 section 4.2.1.10: the constraint of a URI is about the host of its authority, wherever else another one stands. Hosts by the URL parser of Node.js.
describe('the host of a URI', () => {
  const plain = [
    'https://a.example/', 'https://b.a.example/', 'https://A.EXAMPLE:8443/x', 'https://c.test/', 'https://c.test:80/.a.example', 'https://xa.example/', 'https://a.example.c.test/', 'https://d.c.test/',
  ];
  // OpenSSL sees another host there, and may refuse what it need not.
  const misread = [
    'https://user@a.example/', 'https://c.test/.a.example:80', 'https://c.test/x.a.example:80', 'https://c.test?.a.example', 'https://c.test#.a.example', 'https://c.test?x', 'https://c.test#x',
    'https://a.example:x@c.test/', 'https://b.a.example:x@c.test/', 'https://u:p@c.test/', 'https://u@c.test/', 'https://c.test/a:b',
  ];
  const uris = [...plain, ...misread];
  const hostOf = (uri) => new URL(uri).hostname;
  const bases = { 'a.example': (host) => host === 'a.example', '.a.example': (host) => host.endsWith('.a.example'), 'c.test': (host) => host === 'c.test', '.c.test': (host) => host.endsWith('.c.test') };
  const authorities = Object.fromEntries(['permitted', 'excluded'].map((kind) => [kind, Object.fromEntries(Object.keys(bases).map((base) => [base,
    new Authority('constrained', { issuer: root, more: [extensions.nameConstraints({ [kind]: [altName.uri(base)] })] })]))]));
  const leaves = Object.fromEntries(uris.map((uri) => [uri, { more: [extensions.subjectAltName([altName.uri(uri)])] }]));
  const verifier = new Verifier({ ca: root.pem });
  const judge = (authority, options) => problemsOf(verifier.verify({ leaf: authority.issue(options).der, chain: [authority.der] }));

  test.each(uris)('%s', (uri) => {
    for (const [base, isWithin] of Object.entries(bases)) {
      const expected = isWithin(hostOf(uri)) ? { permitted: [], excluded: ['NAME_EXCLUDED@0'] } : { permitted: ['NAME_NOT_PERMITTED@0'], excluded: [] };
      for (const kind of ['permitted', 'excluded']) {
        if (expected[kind].length === 0 && misread.includes(uri)) continue;
        expect([base, judge(authorities[kind][base], leaves[uri])]).toEqual([base, expected[kind]]);
      }
    }
  });

  test.each(['urn:x:y', 'urn:x?https://a.example/', 'https:a.example', 'https://[2001:db8::1]/', 'https://', '//a.example/', 'https://a.example./', 'https://%61.example/', 'https://a.example\\@c.test/'])(
    '%s has none that a constraint could be about', (uri) => {
      for (const kind of ['permitted', 'excluded']) {
        expect(judge(authorities[kind]['.a.example'], { more: [extensions.subjectAltName([altName.uri(uri)])] })).toContain('NAME_CONSTRAINT_UNSUPPORTED@0');
      }
    },
  );
});

// RFC 9598 section 6: constraints of rfc822Name are about SmtpUTF8Mailbox, too; RFC 5280: about emailAddress in the subject.
describe('mailboxes', () => {
  const smtpUtf8 = (text) => altName.otherName('1.3.6.1.5.5.7.8.9', utf8(text));
  const inside = {
    'an rfc822Name': (mailbox) => ({ more: [extensions.subjectAltName([altName.email(mailbox)])] }),
    'a SmtpUTF8Mailbox': (mailbox) => ({ more: [extensions.subjectAltName([smtpUtf8(mailbox)])] }),
    'an emailAddress of the subject': (mailbox) => ({ subject: { CN: 'x', emailAddress: mailbox } }),
  };
  const judge = (constraints, options, more = {}) => {
    const authority = new Authority('constrained', { issuer: root, more: [extensions.nameConstraints(constraints)] });
    return problemsOf(new Verifier({ ca: root.pem, ...more }).verify({ leaf: authority.issue(options).der, chain: [authority.der] }));
  };

  describe.each(Object.entries(inside))('%s', (name, make) => {
    test.each([
      ['ada@c.test', 'c.test', true], ['ada@C.TEST', 'c.test', true], ['ada@d.c.test', 'c.test', false], ['ada@d.c.test', '.c.test', true], ['ada@c.test', '.c.test', false],
      ['ada@c.test', 'ada@c.test', true], ['bob@c.test', 'ada@c.test', false], ['ada@xc.test', 'c.test', false], ['ada@x.ac.test', '.c.test', false], ['ada@c.test', '', true],
    ])('%s, %s: %s', (mailbox, base, isWithin) => {
      const excluded = { excluded: [altName.email(base)] };
      expect(judge(excluded, make(mailbox))).toEqual(isWithin ? ['NAME_EXCLUDED@0'] : []);
      // Of SmtpUTF8Mailbox OpenSSL permits nothing but those of one host.
      const isPlain = base !== '' && !(isWithin && /^\.|@/.test(base) && name === 'a SmtpUTF8Mailbox');
      if (isPlain) expect(judge({ permitted: [altName.email(base)] }, make(mailbox))).toEqual(isWithin ? [] : ['NAME_NOT_PERMITTED@0']);
    });

    test.each(['ada@c.test.', 'ada', '@c.test', 'ada@c..test', 'a@b@c.test'])('%s is nothing that a constraint could be about', (mailbox) => {
      expect(judge({ excluded: [altName.email('c.test')] }, make(mailbox))).toContain('NAME_CONSTRAINT_UNSUPPORTED@0');
    });
  });

  test('a SmtpUTF8Mailbox of other letters', () => {
    expect(judge({ permitted: [altName.email('c.test')] }, inside['a SmtpUTF8Mailbox']('ädä@c.test'))).toEqual([]);
    expect(judge({ permitted: [altName.email('c.test')] }, inside['a SmtpUTF8Mailbox']('ada@ç.test'))).toContain('NAME_CONSTRAINT_UNSUPPORTED@0');
    expect(judge({ permitted: [altName.dns('c.test')] }, inside['a SmtpUTF8Mailbox']('ada@d.test'))).toEqual([]);
  });

  test('one that is excluded is not the one that is expected', () => {
    const expected = { expectedName: { email: 'ceo@x.c.test' } };
    expect(judge({ excluded: [altName.email('.c.test')] }, inside['a SmtpUTF8Mailbox']('ceo@x.c.test'), expected)).toEqual(['NAME_EXCLUDED@0']);
  });
});

describe('expectedName', () => {
  const names = [altName.dns('*.a.example'), altName.email('ada@A.example'), altName.uri('spiffe://a/b'), altName.ip('192.0.2.1'), altName.upn('ada@a')];
  const leaf = root.issue({ more: [extensions.subjectAltName(names)] });

  test.each([
    [{ dns: 'b.a.example' }, true], [{ dns: 'a.example' }, false], [{ dns: 'c.b.a.example' }, false], [{ dns: 'client' }, false],
    [{ email: 'ada@a.example' }, true], [{ email: 'bob@a.example' }, false], [{ uri: 'spiffe://a/b' }, true], [{ uri: 'spiffe://a/' }, false],
    [{ ip: '192.0.2.1' }, true], [{ ip: '192.0.2.2' }, false], [{ upn: 'ada@a' }, true], [{ upn: 'ada@A' }, false],
    [{ commonName: 'client' }, true], [{ commonName: 'Client' }, false], [{ upn: 'ada@a', commonName: 'client' }, true], [{ upn: 'ada@a', ip: '192.0.2.2' }, false],
  ])('%j: %j', (expectedName, isValid) => {
    const verdict = new Verifier({ ca: root.pem, expectedName }).verify(leaf.der);
    expect(problemsOf(verdict)).toEqual(isValid ? [] : ['NAME_MISMATCH@0']);
  });
});

describe('budget', () => {
  /** Each CA of a layer is certified by each of the next one: 8^6 paths. */
  function mesh(anchors) {
    const [layers, width] = [6, 6];
    const authority = (layer, index, privateKey) => ({ subject: { CN: `${layer} ${index}` }, privateKey, keyIdentifier: keyIdentifier(privateKey) });
    const grid = Array.from({ length: layers }, (_, layer) => Array.from({ length: width }, (__, index) => authority(layer, index, newKey())));
    const chain = grid.slice(0, -1).flatMap((layer, i) => layer.flatMap((one) => grid[i + 1].map((issuer) => crossCertificate(one, issuer).der)));
    const leaf = crossCertificate(grid[0][0], grid[1][0]).issue().der;
    return { leaf, chain, ca: grid.at(-1).map(({ subject, privateKey }) => new Authority('top', { subject, privateKey, ...anchors }).der) };
  }

  test('a mesh that leads to an anchor is valid by its first path', () => {
    const { ca, ...input } = mesh({});
    expect(problemsOf(new Verifier({ ca }).verify(input))).toEqual([]);
  });

  test('a mesh without an anchor is refused without walking it', () => {
    const { ca, ...input } = mesh({});
    void ca;
    expect(problemsOf(new Verifier({ ca: root.pem }).verify(input))).toEqual(['ISSUER_NOT_FOUND@5']);
  });

  test('a mesh in which every path is bad uses up its budget and is refused', () => {
    const { ca, ...input } = mesh({ more: [extensions.nameConstraints({ permitted: [altName.dirName({ O: 'Nowhere' })] })] });
    const problems = problemsOf(new Verifier({ ca }).verify(input));
    expect(problems).toContain('VERIFICATION_INCOMPLETE@0');
    expect(problems).toContain('NAME_NOT_PERMITTED@0');
  });

  test('a chain of a hundred certificates', () => {
    let issuer = root;
    const chain = [];
    for (let i = 0; i < 100; i += 1) chain.push((issuer = new Authority(`${i}`, { issuer })).der);
    const input = { leaf: issuer.issue().der, chain };
    expect(new Verifier({ ca: root.pem }).verify(input)).toMatchObject({ valid: false, certFlagsName: 'CERT_E_CHAINING' });
    expect(problemsOf(new Verifier({ ca: root.pem, maxDepth: 10 }).verify(input))).toEqual(['CHAIN_TOO_LONG@11']);
  });

  test('a thousand CAs', () => {
    const authorities = Array.from({ length: 1000 }, (_, i) => new Authority(`CA ${i}`, { privateKey: root.privateKey }));
    const verifier = new Verifier({ ca: authorities.map(({ der }) => der) });
    expect(verifier.stats().anchors).toBe(1000);
    const verdict = verifier.verify(authorities[617].issue().der);
    expect([problemsOf(verdict), subjectsOf(verdict)]).toEqual([[], ['client', 'CA 617']]);
  });
});
