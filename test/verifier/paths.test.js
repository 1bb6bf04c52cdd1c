'use strict';
// Which paths a verifier finds, and what it says of those it refuses: CAs that are made on the spot, in the constellations that go wrong elsewhere.

const { Authority, newKey } = require('../support/pki.js');
const { altName, extensions, keyIdentifier } = require('../support/certificate-builder.js');
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
  ])('%s', (_, [leaf, ...chain], expected) => {
    const verdict = new Verifier({ ca: root.pem }).verify({ leaf: leaf.der, chain: chain.map(({ der }) => der) });
    expect(problemsOf(verdict)).toEqual(expected);
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
