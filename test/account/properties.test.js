'use strict';
// What administrators write, and what is none of it: whatever the text, a parser gives a rule or a clear error, at once, and never one that lets everybody in.

const fc = require('fast-check');

const { parseAltSecurityIdentity } = require('../../lib/account/alt-security-identities.js');
const { parseGridmap } = require('../../lib/account/gridmap.js');
const { parseMapTemplate } = require('../../lib/account/map-template.js');
const { parseMatchRule } = require('../../lib/account/match-rule.js');
const { parseUriPattern } = require('../../lib/account/uri-pattern.js');
const { isUserName } = require('../../lib/account/user-name.js');
const { Authority } = require('../support/pki.js');
const { altName, extensions } = require('../support/certificate-builder.js');
const { parseCertificate } = require('../..');

// As many as one wants: CLIENT_CERT_INFO_PROPERTY_RUNS=100000.
const numRuns = Number(process.env.CLIENT_CERT_INFO_PROPERTY_RUNS ?? 2000);
const check = (...given) => fc.assert(fc.property(...given), { numRuns });

const root = new Authority('root');
const certificate = parseCertificate(root.issue({
  subject: { O: 'Example', CN: 'Ada' },
  more: [extensions.subjectAltName([altName.email('ada@example.org'), altName.uri('spiffe://example.org/ada')])],
}).der);

/** Texts that look like what is meant: made of its parts, in any order. @param {string[]} parts */
const like = (...parts) => fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...parts) }, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 12 }).map((some) => some.join(''));

/** @template T @param {() => T} parse @returns {T | null} null: it was refused as it should be */
function parsed(parse) {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TypeError && /^rule/.test(error.message)) return null;
    throw error;
  }
}

test('matching rules', () => {
  const texts = like('<SUBJECT>', '<ISSUER>', '<KU>', '<EKU>', '<SAN>', '<SAN:rfc822Name>', '<SAN:dNSName>', '<SAN:1.2.3.4>', '&&', '||', 'KRB5:', 'CN=Ada', 'O=Example', '.*', '(', ')', '[', ']', '{1000}', '\\', '^', '$', 'digitalSignature', 'clientAuth', ',', '<', '>');
  check(texts, fc.constantFrom('allow', 'deny'), (text, purpose) => {
    const rule = parsed(() => parseMatchRule(text, 'rule'));
    if (rule) expect([true, false, null]).toContain(rule(certificate, purpose));
  });
});

test('mapping templates give names, or nothing', () => {
  const texts = like('{', '}', '{{', '}}', 'LDAPU1:', '{subject_rfc822_name}', '{subject_rfc822_name.short_name}', '{subject_dn_component.cn}', '{subject_dn_component.o}', '{serial_number}', '{sid}', '{issuer_dn!ad_x500}', '{cert!base64}', '!', '.', 'ada', '(', '[0]');
  check(texts, (text) => {
    const template = parsed(() => parseMapTemplate(text, 'rule'));
    if (template) for (const name of template(certificate)) expect(typeof name).toBe('string');
  });
});

test('altSecurityIdentities', () => {
  const texts = like('X509:', '<I>', '<S>', '<SR>', '<SKI>', '<SHA1-PUKEY>', '<RFC822>', '<SID>', 'DC=com,DC=contoso,CN=Ada', 'O=Example,CN=Ada', 'ada@example.org', '2b00', 'S-1-5-21-1', '"', '\\', '+', ',', '=', '#04');
  check(texts.map((text) => `X509:${text}`), (text) => {
    const identity = parsed(() => parseAltSecurityIdentity(text, 'rule'));
    if (identity === null) return;
    expect(['strong', 'weak']).toContain(identity.strength);
    // One that matches says something that is true of this certificate.
    if (identity.matches(certificate)) expect(text).toMatch(/Ada|ada@example\.org|Example|<SKI>|<SHA1-PUKEY>|<SR>|#0/);
  });
});

test('URI patterns match what they name only', () => {
  const texts = like('spiffe://', 'https://', 'example.org', 'EXAMPLE.org', '/', 'ada', '*', '{name}', '{', '}', '..', '%61', ':443', '@', '?', '#');
  check(texts, (text) => {
    const pattern = parsed(() => parseUriPattern(text, 'rule'));
    const found = pattern?.match(certificate).matched ?? [];
    if (found.length > 0) expect(text).toMatch(/^spiffe:\/\/example\.org\/(?:ada|\*|\{[a-z]\w*\})$/i);
  });
});

test('grid-mapfiles: each name that it gives was written there, and each is one of a user', () => {
  const texts = like('"/O=Example/CN=Ada"', '/O=Example/CN=Ada', ' ', '\t', '\n', '\r\n', '#', '"', '\\', '\\x41', 'ada', 'root', ',', '.pool', '-x', '/', 'Email=', '\0');
  check(fc.oneof(texts.map((text) => Buffer.from(text)), fc.uint8Array({ maxLength: 200 })), (octets) => {
    let map;
    try {
      map = parseGridmap(octets);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_CLIENT_CERT_MALFORMED', line: expect.any(Number) });
      return;
    }
    for (const { users, line } of map.values()) {
      expect(users.every(isUserName)).toBe(true);
      expect(users.length).toBeGreaterThan(0);
      const written = Buffer.from(octets).toString().split('\n')[line - 1];
      expect(users.every((user) => written.includes(user))).toBe(true);
    }
  });
});

test('nothing that is no name of a user passes for one', () => {
  check(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
    if (isUserName(text)) expect(text).not.toMatch(/[\s:/\0]|^[-+~]|^\d+$|^\.\.?$/);
  });
});
