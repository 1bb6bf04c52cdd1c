'use strict';
// The Authorization field, whatever a client sends in it: one scheme and one token of few octets, or nothing.

const fc = require('fast-check');

const { credentialsOf } = require('../../lib/negotiate/credentials.js');
const { check, textOf } = require('../support/octets.js');

const SCHEMES = ['Negotiate', 'Kerberos', 'NTLM', 'Basic'];
const noise = textOf(...SCHEMES, 'negotiate', 'Digest', ' ', '\t', 'YII=', 'YIIx', '=', '==', ',', 'TlRMTVNTUAABAAAA', '-', '_', '\0', 'é');
const field = fc.oneof(
  noise,
  fc.tuple(fc.constantFrom(...SCHEMES, 'negotiate', 'Digest'), fc.constantFrom(' ', '\t', '  ', ''), fc.base64String({ maxLength: 60 }), fc.constantFrom('', ' ', '=', 'x')).map((parts) => parts.join('')),
);
const name = fc.constantFrom('Authorization', 'authorization', 'AUTHORIZATION', 'Proxy-Authorization', 'Host');

test('any fields: what is found stood there', () => {
  let tokens = 0;
  check(fc.array(fc.tuple(name, field), { maxLength: 4 }), fc.integer({ min: 1, max: 40 }), (fields, maxToken) => {
    const found = credentialsOf({ rawHeaders: fields.flat() }, maxToken);
    const own = fields.filter(([one]) => one.toLowerCase() === 'authorization');
    if (own.length === 0) return expect(found).toBe(null);
    if (own.length > 1) expect(found).toMatchObject({ token: null, isMalformed: true });
    if (found.token === null) return undefined;
    tokens += 1;
    expect(SCHEMES).toContain(found.scheme);
    expect(found.token.length).toBeGreaterThan(0);
    expect(found.token.length).toBeLessThanOrEqual(maxToken);
    const [, scheme, encoded] = /^([^ \t]*)[ \t]+([\s\S]*?)[ \t]*$/.exec(own[0][1]);
    expect(scheme.toLowerCase()).toBe(found.scheme.toLowerCase());
    const base64 = found.token.toString('base64');
    expect([base64, base64.replace(/=+$/, '')]).toContain(encoded);
    return undefined;
  });
  expect(tokens).toBeGreaterThan(0);
});

test('each token that is written is read, unless it is longer than agreed to', () => {
  check(fc.uint8Array({ minLength: 2, maxLength: 100 }), fc.constantFrom(...SCHEMES, 'nEGOTIATE'), (octets, scheme) => {
    const token = Buffer.from(octets);
    const fields = { rawHeaders: ['Authorization', `${scheme} ${token.toString('base64')}`] };
    expect(credentialsOf(fields, token.length).token).toEqual(token);
    expect(credentialsOf(fields, token.length - 1)).toMatchObject({ token: null, isMalformed: true });
  });
});
