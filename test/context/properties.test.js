'use strict';
// Packed contexts that somebody has changed: whatever is done to the octets, they are refused, or give exactly what was packed.

const { once } = require('node:events');
const tls = require('node:tls');

const fc = require('fast-check');

const { unpackedFacts, checkedKey } = require('../../lib/context/packed-context.js');
const { readFactsJson, writeFacts } = require('../../lib/context/facts-codec.js');
const { Authority } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { SecurityContext, getSecurityContext } = require('../..');

const numRuns = Number(process.env.CLIENT_CERT_INFO_PROPERTY_RUNS ?? 2000);
const key = Buffer.alloc(32, 7);
const network = new Network();
let packed;
let sealed;

beforeAll(async () => {
  const root = new Authority('root');
  const server = tls.createServer({ ...root.issueServer(['localhost']), ca: root.pem, requestCert: true });
  const { cert, key: clientKey } = root.issue();
  const socket = tls.connect({ port: await network.listen(server), host: '127.0.0.1', servername: 'localhost', ca: root.pem, cert, key: clientKey });
  await once(socket, 'secureConnect');
  const context = getSecurityContext(socket);
  packed = Buffer.from(context.pack().buffer);
  sealed = Buffer.from(context.pack({ key }).buffer);
  socket.destroy();
});
afterAll(() => network.end());

const refused = expect.objectContaining({ code: 'ERR_CLIENT_CERT_UNREADABLE' });

/** What somebody may do to octets. */
const change = fc.oneof(
  fc.record({ kind: fc.constant('flip'), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut'), at: fc.nat() }),
  fc.record({ kind: fc.constant('insert'), at: fc.nat(), octets: fc.uint8Array({ minLength: 1, maxLength: 16 }) }),
  fc.record({ kind: fc.constant('swap'), at: fc.nat(), other: fc.nat() }),
);
function changed(original, changes) {
  let octets = Buffer.from(original);
  for (const { kind, at, bit, octets: more, other } of changes) {
    const place = at % Math.max(1, octets.length);
    if (octets.length === 0) break;
    if (kind === 'flip') octets[place] ^= 1 << bit;
    else if (kind === 'cut') octets = octets.subarray(0, place);
    else if (kind === 'insert') octets = Buffer.concat([octets.subarray(0, place), more, octets.subarray(place)]);
    else [octets[place], octets[other % octets.length]] = [octets[other % octets.length], octets[place]];
  }
  return octets;
}

test.each([
  ['by a digest', () => packed, undefined],
  ['by a key', () => sealed, { key }],
])('sealed %s: changed, it is refused', (_, original, options) => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const octets = changed(original(), changes);
      if (octets.equals(original())) return;
      expect(() => SecurityContext.unpack(octets, options)).toThrow(refused);
    }),
    { numRuns },
  );
  expect(SecurityContext.unpack(original(), options).query('names')).toBeDefined();
});

test('any octets at all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (octets, hasKey) => {
      expect(() => unpackedFacts(octets, hasKey ? checkedKey('key', key) : null)).toThrow(refused);
    }),
    { numRuns },
  );
});

const GSS = {
  attributes: 3, packageName: 'Kerberos', scheme: 'Negotiate', principal: 'alice@EXAMPLE.TEST', flags: 50, start: 1_790_000_000, expiry: null, userName: 'alice',
  endPointBinding: Buffer.alloc(32, 5).toString('base64'),
};

describe.each([
  ['tls', () => JSON.parse(readJson(packed))],
  ['gss', () => GSS],
])('facts of %s', (kind, factsOf) => {
  test('are read', () => {
    expect(JSON.parse(writeFacts(kind, readFactsJson(kind, Buffer.from(JSON.stringify(factsOf())))).toString())).toEqual(factsOf());
  });

  test('that are sealed well and make no sense: an error, or just what they say', () => {
    const json = factsOf();
    let readable = 0;
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(json)), fc.jsonValue({ maxDepth: 2 }), (name, value) => {
        const facts = { ...json, [name]: value };
        let read;
        try {
          read = readFactsJson(kind, Buffer.from(JSON.stringify(facts)));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          return;
        }
        readable += 1;
        // What was read is what stood there: nothing was bent until it fitted.
        expect(JSON.parse(writeFacts(kind, read).toString())).toEqual(JSON.parse(JSON.stringify(facts)));
      }),
      { numRuns },
    );
    expect(readable).toBeGreaterThan(0);
  });
});

/** @param {Buffer} octets a packed context */
function readJson(octets) {
  return octets.subarray(16, 16 + octets.readUInt32BE(8)).toString();
}
