'use strict';
// From wishes to evidence: in which order what is asked, within which time, and what is said of it afterwards.

const { Collector } = require('../../lib/revocation/collector.js');
const { EvidenceCache } = require('../../lib/revocation/evidence-cache.js');
const { Fetcher } = require('../../lib/revocation/fetcher.js');
const { deferred, httpServer, stoppedClock } = require('../support/http.js');
const { Network } = require('../support/tls.js');

const network = new Network();
afterEach(() => network.end());

const HOUR = 3600 * 1000;
const request = Buffer.from([0x30, 1, 2]);
/** @param {object} [wish] */
const wishOf = (wish) => ({ depth: 0, key: 'key', ocsp: [], crls: [], ...wish });

/**
 * A verifier that goes by what the octets say: 'good' settles, 'partial' is usable, everything else is not.
 *
 * @param {string[]} [offered] what it was asked about
 */
const verifier = (offered = []) => async (kind, octets, wish, { url, from }) => {
  offered.push(`${kind} ${octets} ${from} ${wish.depth}${url ? '' : '!'}`);
  const usable = ['good', 'partial'].includes(String(octets));
  return { usable, settled: String(octets) === 'good', expires: Date.now() + HOUR, ...(!usable && { reason: 'malformed' }) };
};

/** @param {object} [options] of the fetcher and the collector */
function collectorOf({ store, ...options } = {}) {
  const cache = new EvidenceCache({ store, storeTimeout: 100 });
  const events = [];
  const fetcher = options.fetcher ?? new Fetcher({ hosts: ['127.0.0.1'], ...options });
  const collector = new Collector({ fetcher, cache, onEvent: (event) => events.push(event), ...options });
  return { cache, collector, events };
}

/** A server that answers each path with what the table says: octets, a status, or nothing at all. @param {Record<string, string | number | null>} table */
const answering = (table) =>
  httpServer(network, ({ method, url }, response) => {
    const answer = table[`${method} ${url}`] ?? table[url];
    if (typeof answer === 'number') response.writeHead(answer).end();
    else if (answer !== null) response.end(answer);
  });

/** @param {{ attempts: Array<{ kind: string, url: string, from: string, outcome: string }> }} collected */
const outcomes = ({ attempts }) => attempts.map(({ kind, url, from, outcome }) => `${kind} ${new URL(url).pathname} ${from} ${outcome}`);

/**
 * what; the server's answers; OCSP paths; CRL paths; the attempts; settled, unreachable
 *
 * @type {Array<[string, Record<string, string | number | null>, string[], string[], string[], boolean, boolean]>}
 */
const orders = [
  ['nobody to ask', {}, [], [], [], false, false],
  ['OCSP is asked first', { 'POST /o': 'good' }, ['/o'], ['/c'], ['ocsp /o network used'], true, false],
  ['then CRLs', { 'POST /o': 500, '/c': 'good' }, ['/o'], ['/c'], ['ocsp /o network http-status', 'crl /c network used'], true, false],
  ['each in order', { 'POST /o': 500, 'POST /p': 'html', '/c': 404, '/d': 'good', '/e': 'good' }, ['/o', '/p'], ['/c', '/d', '/e'],
    ['ocsp /o network http-status', 'ocsp /p network malformed', 'crl /c network http-status', 'crl /d network used'], true, false],
  ['CRLs that are needed together', { '/c': 'partial', '/d': 'good' }, [], ['/c', '/d'], ['crl /c network used', 'crl /d network used'], true, false],
  ['nothing helps: it was fetched', { '/c': 'partial', '/d': '<html>' }, [], ['/c', '/d'], ['crl /c network used', 'crl /d network malformed'], false, false],
  ['nothing helps: it could not be fetched', { '/c': 'partial', '/d': 500 }, [], ['/c', '/d'], ['crl /c network used', 'crl /d network http-status'], false, true],
  ['too many octets', { '/c': 'good'.repeat(500) }, [], ['/c'], ['crl /c network too-large'], false, true],
];

test.each(orders)('%s', async (_what, table, ocsp, crls, attempts, settled, unreachable) => {
  const server = await answering(table);
  const { collector, events } = collectorOf({ maxBytes: { ocsp: 100, crl: 1000 } });
  const wish = wishOf({
    depth: 2,
    ocsp: ocsp.map((path) => ({ url: server.url + path, request, nonce: Buffer.from([1]) })),
    crls: crls.map((path) => server.url + path),
  });
  const [collected] = await collector.collect([wish], { accept: verifier() });
  expect(outcomes(collected)).toEqual(attempts);
  expect(collected).toMatchObject({ depth: 2, settled, unreachable });
  expect(events).toHaveLength(attempts.length);
  for (const event of events) expect(event).toMatchObject({ depth: 2, from: 'network', ms: expect.any(Number), octets: expect.any(Number) });
});

test('a host that is refused makes it unreachable', async () => {
  const { collector } = collectorOf();
  const [collected] = await collector.collect([wishOf({ crls: ['http://169.254.169.254/c', 'ldap://x/'] })], { accept: verifier() });
  expect(collected).toMatchObject({ settled: false, unreachable: true, attempts: [{ outcome: 'refused-address' }, { outcome: 'refused-url' }] });
});

describe('OCSP over HTTP', () => {
  const path = `/o/${encodeURIComponent(request.toString('base64'))}`;

  test('a short request without a nonce is a GET (RFC 6960 appendix A)', async () => {
    const octets = Buffer.from([0x30, 0xfb, 0xff, 0xbe]); // base64 MPv/vg==
    const server = await answering({ '/o/MPv%2Fvg%3D%3D': 'good' });
    const { collector } = collectorOf();
    const [collected] = await collector.collect([wishOf({ ocsp: [{ url: `${server.url}/o`, request: octets }] })], { accept: verifier() });
    expect(collected.settled).toBe(true);
    expect(server.requests).toMatchObject([{ method: 'GET', url: '/o/MPv%2Fvg%3D%3D', headers: { accept: 'application/ocsp-response' } }]);
  });

  /** @type {Array<[string, object, Record<string, string | number>, string[]]>} */
  const methods = [
    ['a slash that is there already', { url: '/o/' }, { [path]: 'good' }, [`GET ${path}`]],
    ['a nonce', { nonce: Buffer.from([1]) }, { 'POST /o': 'good' }, ['POST /o']],
    ['a query', { url: '/o?x=1' }, { 'POST /o?x=1': 'good' }, ['POST /o?x=1']],
    ['a long request', { request: Buffer.alloc(180) }, { 'POST /o': 'good' }, ['POST /o']],
    ['GET is not known', {}, { [path]: 405, 'POST /o': 'good' }, [`GET ${path}`, 'POST /o']],
    ['GET gives no answer that is of use', {}, { [path]: 'html', 'POST /o': 'good' }, [`GET ${path}`]],
  ];

  test.each(methods)('%s', async (_what, question, table, expected) => {
    const server = await answering(table);
    const { collector } = collectorOf();
    const wish = wishOf({ ocsp: [{ request, ...question, url: server.url + (question.url ?? '/o') }] });
    await collector.collect([wish], { accept: verifier() });
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(expected);
  });

  test('where GET is left alone, POST is not', async () => {
    const server = await answering({ [path]: 405, 'POST /o': 'good' });
    const { collector } = collectorOf({ now: stoppedClock() });
    const wish = (key) => wishOf({ key, ocsp: [{ url: `${server.url}/o`, request }] });
    await collector.collect([wish('a')], { accept: verifier() });
    const [collected] = await collector.collect([wish('b')], { accept: verifier() });
    expect(collected.attempts).toMatchObject([{ outcome: 'backoff' }, { outcome: 'used' }]);
  });
});

describe('the cache', () => {
  test('is asked first, and what is fetched is kept', async () => {
    const server = await answering({ 'POST /o': 404, '/c': 'good' });
    const { collector, events } = collectorOf();
    const wish = wishOf({ ocsp: [{ url: `${server.url}/o`, request: Buffer.alloc(200) }], crls: [`${server.url}/c`] });
    await collector.collect([wish], { accept: verifier() });
    const [collected] = await collector.collect([wish], { accept: verifier() });
    expect(outcomes(collected)).toEqual(['crl /c cache used']);
    expect(server.requests).toHaveLength(2);
    expect(events.map(({ from, outcome }) => `${from} ${outcome}`)).toEqual(['network http-status', 'network used', 'cache used']);
  });

  test('serves OCSP by the key of the CertID', async () => {
    const server = await answering({ 'POST /o': 'good', 'POST /p': 'good' });
    const { collector } = collectorOf();
    const wish = (url, key) => wishOf({ key, ocsp: [{ url: server.url + url, request: Buffer.alloc(200) }] });
    await collector.collect([wish('/o', 'a')], { accept: verifier() });
    await collector.collect([wish('/p', 'a'), wish('/o', 'b')], { accept: verifier() });
    expect(server.requests.map(({ url }) => url)).toEqual(['/o', '/o']);
  });

  test('knows no answer to a nonce, and keeps none', async () => {
    const server = await answering({ 'POST /o': 'good' });
    const store = new Map();
    const { cache, collector } = collectorOf({ store });
    const wish = wishOf({ ocsp: [{ url: `${server.url}/o`, request, nonce: Buffer.from([1]) }] });
    const nonces = [];
    const accept = (kind, octets, about, context) => {
      nonces.push(context.nonce);
      return verifier()(kind, octets, about, context);
    };
    await collector.collect([wish], { accept });
    expect([cache.size, store.size]).toEqual([0, 0]);
    await cache.keep('ocsp', 'key', Buffer.from('good'), Date.now() + HOUR);
    await collector.collect([wish], { accept });
    expect(server.requests).toHaveLength(2);
    expect(nonces).toEqual([Buffer.from([1]), Buffer.from([1])]);
  });

  test('keeps nothing that the verifier gives no end of, or cannot use', async () => {
    const server = await answering({ '/c': 'good', '/d': 'html' });
    const { cache, collector } = collectorOf();
    const accept = async (...args) => ({ ...(await verifier()(...args)), expires: String(args[1]) === 'good' ? undefined : Date.now() + HOUR });
    await collector.collect([wishOf({ crls: [`${server.url}/d`, `${server.url}/c`] })], { accept });
    expect(cache.size).toBe(0);
  });

  /** @type {Array<[string, string | null, string | null, string[]]>} what, octets in memory, octets in the store, attempts */
  const kept = [
    ['memory', 'good', null, ['crl /c cache used']],
    ['the store', null, 'good', ['crl /c store used']],
    ['the same in both that settles nothing', 'partial', 'partial', ['crl /c cache used', 'crl /c network used']],
    ['both, of which the store has a newer one', 'partial', 'good', ['crl /c cache used', 'crl /c store used']],
    ['poison in memory', 'poison', null, ['crl /c cache malformed', 'crl /c network used']],
    ['poison in the store', null, 'poison', ['crl /c store malformed', 'crl /c network used']],
    ['what is stale', 'partial', null, ['crl /c cache used', 'crl /c network used']],
  ];

  test.each(kept)('what is kept does not keep from asking: %s', async (_what, inMemory, inStore, expected) => {
    const server = await answering({ '/c': 'good' });
    const store = new Map();
    const url = `${server.url}/c`;
    const { cache, collector } = collectorOf({ store });
    if (inStore) await new EvidenceCache({ store }).keep('crl', url, Buffer.from(inStore), Date.now() + HOUR);
    if (inMemory) cache.keepInMemory('crl', url, Buffer.from(inMemory), Date.now() + HOUR);
    const [collected] = await collector.collect([wishOf({ crls: [url] })], { accept: verifier() });
    expect(outcomes(collected)).toEqual(expected);
    expect(collected.settled).toBe(true);
    // And the next one has it from memory.
    const [next] = await collector.collect([wishOf({ crls: [url] })], { accept: verifier() });
    expect(outcomes(next)).toEqual(['crl /c cache used']);
  });

  test('a store that hangs holds nobody up for long', async () => {
    const server = await answering({ '/c': 'good', '/d': 'good' });
    const hanging = () => new Promise(() => {});
    const { collector } = collectorOf({ store: { get: hanging, set: hanging, delete: hanging } });
    const began = performance.now();
    const results = await collector.collect([wishOf({ crls: [`${server.url}/c`] }), wishOf({ depth: 1, crls: [`${server.url}/d`] })], { accept: verifier() });
    expect(results.map(({ settled }) => settled)).toEqual([true, true]);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});

describe('time', () => {
  /** A fetcher that takes as long as it may, by a clock of the test. */
  function slowFetcher(now) {
    const given = [];
    return {
      given,
      judge() {},
      async fetch({ url, deadline }) {
        if (url.includes('backoff')) return { ok: false, reason: 'backoff', detail: '' };
        const milliseconds = Math.min(5000, deadline - now());
        given.push(milliseconds);
        now.time += milliseconds;
        return { ok: false, reason: 'timeout', detail: '' };
      },
    };
  }

  test('each URL after the first gets half of what is left', async () => {
    const now = stoppedClock();
    const fetcher = slowFetcher(now);
    const { collector } = collectorOf({ fetcher, now });
    const ocsp = [{ url: 'http://a.test/backoff', request, nonce: request }, { url: 'http://a.test/', request, nonce: request }];
    const [collected] = await collector.collect([wishOf({ ocsp, crls: ['http://b.test/', 'http://c.test/', 'http://d.test/'] })], { accept: verifier() });
    expect(fetcher.given).toEqual([5000, 2500, 1250, 625]);
    expect(collected.attempts.map(({ ms }) => ms)).toEqual([0, 5000, 2500, 1250, 625]);
  });

  test.each([
    ['of a verification', { totalTimeout: 1000 }, Infinity, [1000, 0]],
    ['of the caller', {}, 3000, [2000, 0]],
  ])('the total time %s', async (_what, options, deadline, expected) => {
    const now = stoppedClock(1000);
    const fetcher = slowFetcher(now);
    const { collector } = collectorOf({ fetcher, now, ...options });
    await collector.collect([wishOf({ crls: ['http://a.test/', 'http://b.test/'] })], { accept: verifier(), deadline });
    expect(fetcher.given).toEqual(expected);
  });

  test('a server that never answers', async () => {
    const server = await answering({ '/c': null, '/d': null, '/e': null });
    const { collector } = collectorOf({ totalTimeout: 300 });
    const began = performance.now();
    const wishes = [0, 1, 2].map((depth) => wishOf({ depth, crls: ['/c', '/d', '/e'].map((path) => server.url + path) }));
    const results = await collector.collect(wishes, { accept: verifier() });
    expect(performance.now() - began).toBeLessThan(3000);
    for (const { settled, unreachable } of results) expect({ settled, unreachable }).toEqual({ settled: false, unreachable: true });
  });
});

test('wishes are pursued side by side, and answered in their order', async () => {
  const held = deferred();
  const server = await httpServer(network, ({ url }, response) => {
    if (url === '/c') held.promise.then(() => response.end('good'));
    else response.end('good', held.resolve);
  });
  const offered = [];
  const { collector } = collectorOf();
  const results = await collector.collect(
    [wishOf({ depth: 0, crls: [`${server.url}/c`] }), wishOf({ depth: 1, crls: [`${server.url}/d`] })],
    { accept: verifier(offered) },
  );
  expect(results.map(({ depth, settled }) => [depth, settled])).toEqual([[0, true], [1, true]]);
  expect(offered).toEqual(['crl good network 1', 'crl good network 0']);
});

test('several verifications share what is under way', async () => {
  const server = await answering({ '/c': 'good' });
  const { collector } = collectorOf();
  const offered = [];
  const wish = wishOf({ crls: [`${server.url}/c`] });
  const all = Array.from({ length: 20 }, () => collector.collect([wish], { accept: verifier(offered) }));
  const results = (await Promise.all(all)).flat();
  expect(results.every(({ settled }) => settled)).toBe(true);
  expect(offered).toHaveLength(20);
  expect(server.requests).toHaveLength(1);
});

test('what settles nothing is not asked for at each verification', async () => {
  const now = stoppedClock();
  const server = await answering({ '/c': 'partial', '/d': 'html' });
  const { collector } = collectorOf({ now });
  const wish = wishOf({ crls: [`${server.url}/c`, `${server.url}/d`] });
  const collect = async () => outcomes((await collector.collect([wish], { accept: verifier() }))[0]);
  await expect(collect()).resolves.toEqual(['crl /c network used', 'crl /d network malformed']);
  await expect(collect()).resolves.toEqual(['crl /c cache used', 'crl /c network backoff', 'crl /d network backoff']);
  now.time += 1000;
  await expect(collect()).resolves.toEqual(['crl /c cache used', 'crl /c network used', 'crl /d network malformed']);
});

test('more URLs than any certificate has are not asked', async () => {
  const server = await answering({});
  const { collector } = collectorOf();
  await collector.collect([wishOf({ crls: Array.from({ length: 1000 }, (_, i) => `${server.url}/${i}`) })], { accept: verifier() });
  expect(server.requests).toHaveLength(16);
});

describe('whoever asked leaves', () => {
  test('before it begins', async () => {
    const server = await answering({ '/c': 'good' });
    const { collector } = collectorOf();
    const wish = wishOf({ crls: [`${server.url}/c`] });
    await expect(collector.collect([wish], { accept: verifier(), signal: AbortSignal.abort() })).resolves.toMatchObject([{ settled: false, attempts: [] }]);
    expect(server.requests).toEqual([]);
  });

  test('while it is under way', async () => {
    const server = await answering({ '/c': null, '/d': null });
    const { collector } = collectorOf();
    const controller = new AbortController();
    const collecting = collector.collect([wishOf({ crls: [`${server.url}/c`, `${server.url}/d`] })], { accept: verifier(), signal: controller.signal });
    await server.asked(1);
    controller.abort();
    await expect(collecting).resolves.toMatchObject([{ settled: false, attempts: [{ outcome: 'aborted' }] }]);
    expect(server.requests).toHaveLength(1);
  });
});

test('a verifier that fails ends everything', async () => {
  const closed = deferred();
  const arrived = deferred();
  const server = await httpServer(network, ({ url }, response) => {
    if (url === '/c') arrived.promise.then(() => response.end('good'));
    else {
      response.on('close', closed.resolve);
      arrived.resolve();
    }
  });
  const { collector } = collectorOf();
  const accept = async () => {
    throw new RangeError('broken');
  };
  const wishes = ['/c', '/d'].map((path, depth) => wishOf({ depth, crls: [server.url + path] }));
  await expect(collector.collect(wishes, { accept })).rejects.toThrow('broken');
  await closed.promise;
});

test.each([
  ['settled by what is not usable', { usable: false, settled: true }],
  ['usable is 1', { usable: 1, settled: true }],
  ['settled is a string', { usable: true, settled: 'true' }],
])('only exactly true settles: %s', async (_what, judgement) => {
  const server = await answering({ '/c': 'good' });
  const { collector } = collectorOf();
  const [collected] = await collector.collect([wishOf({ crls: [`${server.url}/c`] })], { accept: async () => judgement });
  expect(collected.settled).toBe(false);
});
