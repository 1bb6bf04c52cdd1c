'use strict';

const { parseUriPattern } = require('../../lib/account/uri-pattern.js');
const { parseCertificate } = require('../../lib/index.js');
const { certificatesIn, describeCorpora, folder } = require('../support/corpora.js');
const { altName, certificate } = require('./world.js');

const ofUris = (...uris) => certificate({ names: uris.map(altName.uri) });
const match = (pattern, ...uris) => parseUriPattern(pattern, 'uri').match(ofUris(...uris));
const plain = ({ matched, doubtful }) => ({ matched: matched.map((one) => ({ ...one })), doubtful });

describe('patterns of URIs', () => {
  test.each([
    ['spiffe://example.org/ns/*/sa/{name}', 'spiffe://example.org/ns/prod/sa/web', [{ name: 'web' }]],
    ['spiffe://example.org/ns/{ns}/sa/{name}', 'spiffe://example.org/ns/prod/sa/web', [{ ns: 'prod', name: 'web' }]],
    ['spiffe://example.org/*', 'spiffe://example.org/a', [{}]],
    ['spiffe://example.org/*', 'spiffe://example.org/a/b', []],
    ['spiffe://example.org/*', 'spiffe://example.org', []],
    ['spiffe://example.org', 'spiffe://example.org', [{}]],
    ['spiffe://example.org/a', 'spiffe://example.org/A', []],
    ['spiffe://example.org/a', 'spiffe://example.org.evil/a', []],
    ['spiffe://example.org/a', 'spiffe://sub.example.org/a', []],
    ['https://example.org/u/{name}', 'https://example.org/u/ada', [{ name: 'ada' }]],
    ['https://example.org/u/{name}', 'https://example.org/u/a:b', []],
    ['https://example.org/u/*', 'https://example.org/u/a:b', [{}]],
    ['https://example.org:8443/u/*', 'https://example.org/u/a', []],
  ])('%s, %s', (pattern, uri, expected) => expect(plain(match(pattern, uri))).toEqual({ matched: expected, doubtful: false }));

  test.each([
    'spiffe://example.org/a/', 'spiffe://example.org//a', 'spiffe://example.org/./a', 'spiffe://example.org/../a', 'spiffe://example.org/a?b',
    'spiffe://example.org/a#b', 'spiffe://user@example.org/a', 'spiffe://example.org:80/a', 'spiffe://Example.org/a', 'SPIFFE://example.org/a',
    'spiffe://example.org/%61', 'spiffe://example.org/a b', 'spiffe:///a', 'spiffe:example.org/a', 'spiffe://', 'spiffe://example.org/a*',
    `spiffe://example.org/${'a'.repeat(2048)}`, `spiffe://${'a'.repeat(256)}/a`, 'spiffe://example.org/a:b', 'spiffe://example.org/\u00e9',
  ])('no SPIFFE ID: %s', (uri) => {
    let found;
    try {
      found = match('spiffe://example.org/*', uri);
    } catch (error) {
      // Not even an IA5String.
      expect(error.code).toBe('ERR_CLIENT_CERT_MALFORMED');
      return;
    }
    expect(found).toEqual({ matched: [], doubtful: true });
  });

  test('a SPIFFE ID stands alone', () => {
    expect(match('spiffe://a/*', 'spiffe://a/b', 'spiffe://a/c')).toEqual({ matched: [], doubtful: true });
    expect(match('spiffe://a/*', 'spiffe://a/b', 'https://a/b')).toEqual({ matched: [], doubtful: true });
    expect(match('spiffe://a/*', 'https://a/b')).toEqual({ matched: [], doubtful: false });
    expect(match('https://a/*', 'https://a/b', 'https://a/c').matched).toHaveLength(2);
    expect(parseUriPattern('spiffe://a/*', 'uri').match(certificate())).toEqual({ matched: [], doubtful: false });
  });

  test.each([
    '', 'a', 'spiffe://', 'spiffe://*/a', 'spiffe://{td}/a', 'spiffe://example.org/a*', 'spiffe://example.org/{a}b', 'spiffe://example.org/{}',
    'spiffe://example.org/{a}/{a}', 'spiffe://example.org/a/', 'spiffe://example.org/../a', 'spiffe://example.org/a?b', 'spiffe://a/{b', '*://a/b', 7,
    undefined,
  ])('%j is refused', (pattern) => expect(() => parseUriPattern(pattern, 'rules[0].uri')).toThrow(TypeError));
});

describeCorpora('certificates of go-spiffe', () => {
  test.each([
    ['good-leaf-only.pem', 1],
    ['wrong-leaf-empty-id.pem', 0],
  ])('%s', (file, expected) => {
    const [der] = certificatesIn(`${folder}/spiffe/svid/x509svid/testdata/${file}`);
    const { matched } = parseUriPattern('spiffe://example.org/{name}', 'uri').match(parseCertificate(der));
    expect(matched).toHaveLength(expected);
  });
});
