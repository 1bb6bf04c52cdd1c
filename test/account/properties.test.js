'use strict';
// What administrators write, and what is none of it: whatever the text, a parser gives a rule or a clear error, at once, and never one that lets everybody in.

const fc = require('fast-check');

const { parseAltSecurityIdentity } = require('../../lib/account/alt-security-identities.js');
const { parseGridmap } = require('../../lib/account/gridmap.js');
const { kerberosPrincipal } = require('../../lib/account/kerberos-principal.js');
const { parseMapTemplate } = require('../../lib/account/map-template.js');
const { parseMatchRule } = require('../../lib/account/match-rule.js');
const { parsePrincipalPattern } = require('../../lib/account/principal-pattern.js');
const { principalOf } = require('../../lib/account/principal.js');
const { parseUriPattern } = require('../../lib/account/uri-pattern.js');
const { isUserName } = require('../../lib/account/user-name.js');
const { Authority } = require('../support/pki.js');
const { altName, extensions } = require('../support/certificate-builder.js');
const { check, textOf } = require('../support/octets.js');
const { parseCertificate } = require('../..');

const root = new Authority('root');
const certificate = parseCertificate(root.issue({
  subject: { O: 'Example', CN: 'Ada' },
  more: [extensions.subjectAltName([altName.email('ada@example.org'), altName.uri('spiffe://example.org/ada')])],
}).der);

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
  const texts = textOf('<SUBJECT>', '<ISSUER>', '<KU>', '<EKU>', '<SAN>', '<SAN:rfc822Name>', '<SAN:dNSName>', '<SAN:1.2.3.4>', '&&', '||', 'KRB5:', 'CN=Ada', 'O=Example', '.*', '(', ')', '[', ']', '{1000}', '\\', '^', '$', 'digitalSignature', 'clientAuth', ',', '<', '>');
  check(texts, fc.constantFrom('allow', 'deny'), (text, purpose) => {
    const rule = parsed(() => parseMatchRule(text, 'rule'));
    if (rule) expect([true, false, null]).toContain(rule(certificate, purpose));
  });
});

test('mapping templates give names, or nothing', () => {
  const texts = textOf('{', '}', '{{', '}}', 'LDAPU1:', '{subject_rfc822_name}', '{subject_rfc822_name.short_name}', '{subject_dn_component.cn}', '{subject_dn_component.o}', '{serial_number}', '{sid}', '{issuer_dn!ad_x500}', '{cert!base64}', '!', '.', 'ada', '(', '[0]');
  check(texts, (text) => {
    const template = parsed(() => parseMapTemplate(text, 'rule'));
    if (template) for (const name of template(certificate)) expect(typeof name).toBe('string');
  });
});

test('altSecurityIdentities', () => {
  const texts = textOf('X509:', '<I>', '<S>', '<SR>', '<SKI>', '<SHA1-PUKEY>', '<RFC822>', '<SID>', 'DC=com,DC=contoso,CN=Ada', 'O=Example,CN=Ada', 'ada@example.org', '2b00', 'S-1-5-21-1', '"', '\\', '+', ',', '=', '#04');
  check(texts.map((text) => `X509:${text}`), (text) => {
    const identity = parsed(() => parseAltSecurityIdentity(text, 'rule'));
    if (identity === null) return;
    expect(['strong', 'weak']).toContain(identity.strength);
    // One that matches says something that is true of this certificate.
    if (identity.matches(certificate)) expect(text).toMatch(/Ada|ada@example\.org|Example|<SKI>|<SHA1-PUKEY>|<SR>|#0/);
  });
});

test('URI patterns match what they name only', () => {
  const texts = textOf('spiffe://', 'https://', 'example.org', 'EXAMPLE.org', '/', 'ada', '*', '{name}', '{', '}', '..', '%61', ':443', '@', '?', '#');
  check(texts, (text) => {
    const pattern = parsed(() => parseUriPattern(text, 'rule'));
    const found = pattern?.match(certificate).matched ?? [];
    if (found.length > 0) expect(text).toMatch(/^spiffe:\/\/example\.org\/(?:ada|\*|\{[a-z]\w*\})$/i);
  });
});

test('grid-mapfiles: each name that it gives was written there, and each is one of a user', () => {
  const texts = textOf('"/O=Example/CN=Ada"', '/O=Example/CN=Ada', ' ', '\t', '\n', '\r\n', '#', '"', '\\', '\\x41', 'ada', 'root', ',', '.pool', '-x', '/', 'Email=', '\0');
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

describe('names of Kerberos and NTLM', () => {
  const name = textOf('alice', '@', 'REALM', '/', '\\', 'n', '0', 'WELLKNOWN', 'ANONYMOUS', '\0', '\n', ' ', '{name}', 'é');
  const mechanism = fc.constantFrom('Kerberos', 'NTLM', 'Basic');
  const CONTROLS = { '\n': '\\n', '\t': '\\t', '\b': '\\b', '\0': '\\0' };
  /** As MIT Kerberos writes a part of a name. @param {string} part */
  const escaped = (part) => part.replace(/[\\/@]/g, '\\$&').replace(/[\n\t\b\0]/g, (control) => CONTROLS[control]);

  test('what is read is read again as it was', () => {
    let readable = 0;
    check(name, (text) => {
      const principal = principalOf(text, 'Kerberos');
      if (principal === null) return;
      readable += 1;
      expect(principal.components).not.toContain('');
      const { components, realm } = principalOf(`${principal.components.map(escaped).join('/')}@${escaped(principal.realm)}`, 'Kerberos');
      expect({ components, realm }).toEqual({ components: principal.components, realm: principal.realm });
    });
    expect(readable).toBeGreaterThan(0);
  });

  test('a pattern is one or a clear error, and touches what it matches', () => {
    check(name, name, mechanism, (text, who, of) => {
      const pattern = parsed(() => parsePrincipalPattern(text, of, 'rule'));
      const principal = principalOf(who, of);
      if (pattern === null || principal === null || !pattern.match(principal)) return;
      expect(pattern.touches(principal)).toBe(true);
    });
  });

  /** @param {number} tag @param {Buffer} content */
  const element = (tag, content) => Buffer.concat([Buffer.from([tag, ...(content.length < 128 ? [] : [0x81]), content.length]), content]);
  const sequence = (...elements) => element(0x30, Buffer.concat(elements));
  const general = (text) => element(0x1b, Buffer.from(text, 'latin1'));
  const krb5PrincipalName = (realm, names) =>
    sequence(element(0xa0, general(realm)), element(0xa1, sequence(element(0xa0, element(2, Buffer.from([1]))), element(0xa1, sequence(...names.map(general))))));
  const PART = '[!-.0-?A-[\\]-~]+';
  const whole = new RegExp(`^${PART}(?:/${PART})*@${PART}$`);

  test('KRB5PrincipalName of RFC 4556: what needs no escape, or nobody', () => {
    const given = fc.tuple(fc.string({ maxLength: 6 }), fc.array(fc.string({ maxLength: 6 }), { maxLength: 4 }));
    check(given, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), ([realm, names], changes) => {
      const der = krb5PrincipalName(realm, names);
      const principal = `${names.join('/')}@${realm}`;
      const isPlain = names.length > 0 && [realm, ...names].every((part) => new RegExp(`^${PART}$`).test(part));
      expect(kerberosPrincipal(der)).toBe(isPlain ? principal : null);
      for (const [at, octet] of changes) der[at % der.length] = octet;
      expect(kerberosPrincipal(der) ?? 'nobody@REALM').toMatch(whole);
    });
    check(fc.uint8Array({ maxLength: 100 }), (octets) => {
      expect(kerberosPrincipal(Buffer.from(octets)) ?? 'nobody@REALM').toMatch(whole);
    });
  });
});
