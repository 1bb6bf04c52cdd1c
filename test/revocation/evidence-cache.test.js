'use strict';
// What is kept, for how long, and that a store which is broken, slow or poisoned is no more than a store that is empty.

const { createHash, randomBytes } = require('node:crypto');
const { execFileSync } = require('node:child_process');
const path = require('node:path');

const { default: KeyvRedis } = require('@keyv/redis');
const { Keyv } = require('keyv');

const { Collector } = require('../../lib/revocation/collector.js');
const { EvidenceCache } = require('../../lib/revocation/evidence-cache.js');
const { Fetcher } = require('../../lib/revocation/fetcher.js');
const { httpServer, stoppedClock } = require('../support/http.js');
const { redisServer } = require('../support/redis.js');
const { Network } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');

const network = new Network();
afterEach(() => network.end());

const URL_ = 'http://crl.example.test/a.crl';
const KEY = `client-cert-info:crl:${createHash('sha256').update(URL_).digest('hex')}`;
const crl = Buffer.from([0x30, 3, 1, 2, 3]);
const NOW = Date.parse('2026-06-01T00:00:00Z');
const HOUR = 3600 * 1000;
const DAY = 24 * HOUR;

describe('in memory', () => {
  test('until it expires', async () => {
    const now = stoppedClock(NOW);
    const cache = new EvidenceCache({ now });
    await cache.keep('crl', URL_, crl, NOW + HOUR);
    now.time = NOW + HOUR - 1;
    expect(cache.inMemory('crl', URL_)).toBe(crl);
    expect(cache.inMemory('ocsp', URL_)).toBeNull();
    expect(cache.inMemory('crl', `${URL_}?`)).toBeNull();
    now.time = NOW + HOUR;
    expect(cache.inMemory('crl', URL_)).toBeNull();
    expect(cache.size).toBe(0);
  });

  test('for a week at most', async () => {
    const now = stoppedClock(NOW);
    const cache = new EvidenceCache({ now });
    await cache.keep('crl', URL_, crl, NOW + 365 * DAY);
    now.time = NOW + 7 * DAY - 1;
    expect(cache.inMemory('crl', URL_)).toBe(crl);
    now.time = NOW + 7 * DAY;
    expect(cache.inMemory('crl', URL_)).toBeNull();
  });

  test.each([[undefined], [NOW], [NOW - 1], [NaN], [-Infinity]])('not at all where it ends at %p', async (expires) => {
    const store = new Map();
    const cache = new EvidenceCache({ now: stoppedClock(NOW), store });
    await cache.keep('crl', URL_, crl, expires);
    cache.keepInMemory('crl', URL_, crl, expires);
    expect([cache.inMemory('crl', URL_), cache.size, store.size]).toEqual([null, 0, 0]);
  });

  test('within its bound: what was used longest ago goes', async () => {
    const cache = new EvidenceCache({ now: stoppedClock(NOW), maxBytes: 10 });
    for (const name of ['a', 'b', 'c']) await cache.keep('crl', name, Buffer.alloc(3), NOW + HOUR);
    cache.inMemory('crl', 'a');
    await cache.keep('crl', 'd', Buffer.alloc(3), NOW + HOUR);
    expect(['a', 'b', 'c', 'd'].filter((name) => cache.inMemory('crl', name))).toEqual(['a', 'c', 'd']);
    expect(cache.size).toBe(9);
    await cache.keep('crl', 'a', Buffer.alloc(10), NOW + HOUR);
    expect([cache.size, cache.inMemory('crl', 'a')?.length]).toEqual([10, 10]);
    await cache.keep('crl', 'e', Buffer.alloc(11), NOW + HOUR);
    expect([cache.size, cache.inMemory('crl', 'e')]).toEqual([10, null]);
    await cache.forget('crl', 'a');
    expect(cache.size).toBe(0);
  });
});

describe('in a store', () => {
  test('as signed octets in a small envelope, under its own name, until it expires', async () => {
    const calls = [];
    const store = { get: async () => undefined, set: async (...args) => calls.push(['set', ...args]), delete: async (...args) => calls.push(['delete', ...args]) };
    const cache = new EvidenceCache({ now: stoppedClock(NOW), store });
    await cache.keep('crl', URL_, crl, NOW + HOUR);
    await cache.keep('ocsp', 'key', crl, NOW + 365 * DAY);
    await cache.forget('crl', URL_);
    expect(calls).toEqual([
      ['set', KEY, JSON.stringify({ v: 1, expires: NOW + HOUR, der: 'MAMBAgM=' }), HOUR],
      ['set', 'client-cert-info:ocsp:key', JSON.stringify({ v: 1, expires: NOW + 7 * DAY, der: 'MAMBAgM=' }), 7 * DAY],
      ['delete', KEY],
    ]);
  });

  const item = (change) => JSON.stringify({ v: 1, expires: NOW + HOUR, der: 'MAMBAgM=', ...change });
  /** @type {Array<[string, unknown, boolean]>} what, value, whether it is taken */
  const values = [
    ['what keep() writes', item({}), true],
    ['nothing', undefined, false],
    ['null', null, false],
    ['a number', 1, false],
    ['an object', { v: 1, expires: NOW + HOUR, der: 'MAMBAgM=' }, false],
    ['octets', crl, false],
    ['empty', '', false],
    ['no JSON', '{"v":1', false],
    ['null as JSON', 'null', false],
    ['an array', '[]', false],
    ['another version', item({ v: 2 }), false],
    ['no octets', item({ der: undefined }), false],
    ['empty octets', item({ der: '' }), false],
    ['octets that are a list', item({ der: [1, 2] }), false],
    ['octets that are no base64', item({ der: 'MAMBAgM=!' }), false],
    ['base64 with stray bits', item({ der: 'MAMBAgN=' }), false],
    ['base64url', item({ der: '-_-_' }), false],
    ['no end', item({ expires: undefined }), false],
    ['an end that is text', item({ expires: String(NOW + HOUR) }), false],
    ['an end that is past', item({ expires: NOW }), false],
    ['too many octets', item({ der: Buffer.alloc(101).toString('base64') }), false],
    ['as many octets as may be', item({ der: Buffer.alloc(100).toString('base64') }), true],
    ['a long text', item({ x: 'x'.repeat(1000) }), false],
  ];

  test.each(values)('garbage is a miss: %s', async (_what, value, isTaken) => {
    const cache = new EvidenceCache({ now: stoppedClock(NOW), store: new Map([[KEY, value]]), maxBytes: 100 });
    const octets = await cache.inStore('crl', URL_);
    expect(octets !== null).toBe(isTaken);
  });

  test('many readers are one reader of the store', async () => {
    const get = jest.fn(async () => item({}));
    const cache = new EvidenceCache({ now: stoppedClock(NOW), store: { ...new Map(), get, set() {}, delete() {} } });
    const read = await Promise.all(Array.from({ length: 50 }, () => cache.inStore('crl', URL_)));
    expect(read.every((octets) => octets.equals(crl))).toBe(true);
    expect(get).toHaveBeenCalledTimes(1);
    await cache.inStore('crl', URL_);
    expect(get).toHaveBeenCalledTimes(2);
  });

  const failures = {
    'throws': () => {
      throw new Error('down');
    },
    'rejects': () => Promise.reject(new Error('down')),
    'rejects with nothing': () => Promise.reject(),
  };

  test.each(Object.entries(failures))('that %s is told, and a miss', async (_what, fail) => {
    const told = jest.fn(() => {
      throw new Error('a listener that throws');
    });
    const cache = new EvidenceCache({ store: { get: fail, set: fail, delete: fail }, onStoreError: told });
    await cache.keep('crl', URL_, crl, Date.now() + HOUR);
    await expect(cache.inStore('crl', URL_)).resolves.toBeNull();
    await cache.forget('ocsp', 'x');
    expect(told).toHaveBeenCalledTimes(3);
    // Memory is none the worse.
    expect(cache.inMemory('crl', URL_)).toBe(crl);
  });

  test('that hangs is left after its time, and left alone for a while', async () => {
    const hang = jest.fn(() => new Promise(() => {}));
    const told = jest.fn();
    const cache = new EvidenceCache({ store: { get: hang, set: hang, delete: hang }, storeTimeout: 50, onStoreError: told });
    const began = performance.now();
    await Promise.all([cache.inStore('crl', 'a'), cache.inStore('crl', 'b'), cache.keep('crl', 'c', crl, Date.now() + HOUR)]);
    for (let i = 0; i < 100; i++) await cache.inStore('crl', `${i}`);
    await cache.keep('crl', 'd', crl, Date.now() + HOUR);
    await cache.forget('crl', 'e');
    expect(performance.now() - began).toBeLessThan(900);
    expect(hang).toHaveBeenCalledTimes(3);
    expect(told).toHaveBeenCalledTimes(3);
    expect(cache.inMemory('crl', 'd')).toBe(crl);
  });

  test('that hangs takes no more time than there is', async () => {
    const cache = new EvidenceCache({ store: { get: () => new Promise(() => {}), set() {}, delete() {} }, storeTimeout: 1000 });
    const began = performance.now();
    await expect(cache.inStore('crl', URL_, 20)).resolves.toBeNull();
    expect(performance.now() - began).toBeLessThan(900);
  });

  test('that is a Keyv', async () => {
    const store = new Keyv();
    await new EvidenceCache({ store }).keep('crl', URL_, crl, Date.now() + HOUR);
    await expect(new EvidenceCache({ store }).inStore('crl', URL_)).resolves.toEqual(crl);
  });
});

describe('in Redis', () => {
  const testWithRedis = testWith('redis-server');

  /** What another server process would have. @param {string} socket @param {object} [options] */
  function cacheIn(socket, options) {
    const adapter = new KeyvRedis({ socket: { path: socket, reconnectStrategy: false } });
    const store = new Keyv({ store: adapter });
    store.on('error', () => {});
    network.atEnd(() => adapter.client.isOpen && adapter.client.destroy());
    return { adapter, cache: new EvidenceCache({ store, ...options }) };
  }

  testWithRedis('what one cache keeps, another one has', async () => {
    const { path: socket } = await redisServer(network);
    const [one, other] = [cacheIn(socket), cacheIn(socket)];
    const big = randomBytes(4 * 1024 * 1024);
    await one.cache.keep('crl', URL_, big, Date.now() + HOUR);
    await one.cache.keep('ocsp', 'key', crl, Date.now() + HOUR);
    expect((await other.cache.inStore('crl', URL_))?.equals(big)).toBe(true);
    await expect(other.cache.inStore('ocsp', 'key')).resolves.toEqual(crl);
    await expect(other.cache.inStore('crl', 'http://other.test/')).resolves.toBeNull();

    const keys = await one.adapter.client.keys('*');
    expect(keys).toEqual(expect.arrayContaining([expect.stringContaining(KEY), expect.stringContaining('client-cert-info:ocsp:key')]));
    for (const key of keys) {
      const left = await one.adapter.client.pTTL(key);
      expect(left).toBeGreaterThan(HOUR - 60000);
      expect(left).toBeLessThanOrEqual(HOUR);
    }
    await other.cache.forget('crl', URL_);
    await expect(one.cache.inStore('crl', URL_)).resolves.toBeNull();
  });

  testWithRedis('another process has it, too', async () => {
    const { path: socket } = await redisServer(network);
    await cacheIn(socket).cache.keep('crl', URL_, crl, Date.now() + HOUR);
    const script = `
      const { default: KeyvRedis } = require('@keyv/redis');
      const { Keyv } = require('keyv');
      const { EvidenceCache } = require('./lib/revocation/evidence-cache.js');
      const adapter = new KeyvRedis({ socket: { path: ${JSON.stringify(socket)} } });
      new EvidenceCache({ store: new Keyv({ store: adapter }), storeTimeout: 10000 }).inStore('crl', ${JSON.stringify(URL_)}).then((octets) => {
        console.log(octets.toString('hex'));
        adapter.client.destroy();
      });`;
    const output = execFileSync(process.execPath, ['-e', script], { cwd: path.join(__dirname, '../..'), encoding: 'utf8', timeout: 20000 });
    expect(output).toBe(`${crl.toString('hex')}\n`);
  });

  testWithRedis('what one process fetched, another one need not; a poisoned entry is fetched again', async () => {
    const { path: socket } = await redisServer(network);
    const server = await httpServer(network, (_request, response) => response.end('good'));
    const url = `http://127.0.0.1:${server.port}/a.crl`;
    const collect = async ({ cache }) => {
      const accept = async (_kind, octets) => ({ usable: String(octets) === 'good', settled: String(octets) === 'good', expires: Date.now() + HOUR });
      const collector = new Collector({ fetcher: new Fetcher({ hosts: ['127.0.0.1'] }), cache });
      const [{ settled, attempts }] = await collector.collect([{ depth: 0, key: 'key', ocsp: [], crls: [url] }], { accept });
      return { settled, from: attempts.map(({ from }) => from) };
    };
    const first = cacheIn(socket);
    const kept = jest.spyOn(first.cache, 'keep');
    await expect(collect(first)).resolves.toEqual({ settled: true, from: ['network'] });
    await kept.mock.results[0].value;
    await expect(collect(cacheIn(socket))).resolves.toEqual({ settled: true, from: ['store'] });
    expect(server.requests).toHaveLength(1);

    await cacheIn(socket).cache.keep('crl', url, Buffer.from('poison'), Date.now() + HOUR);
    await expect(collect(cacheIn(socket))).resolves.toEqual({ settled: true, from: ['store', 'network'] });
    expect(server.requests).toHaveLength(2);
  });

  testWithRedis('a server that goes away is a miss', async () => {
    const redis = await redisServer(network);
    const { cache } = cacheIn(redis.path, { storeTimeout: 200 });
    await cache.keep('crl', URL_, crl, Date.now() + HOUR);
    await redis.end();
    const began = performance.now();
    await expect(cache.inStore('crl', URL_)).resolves.toBeNull();
    await cache.keep('crl', URL_, crl, Date.now() + HOUR);
    expect(performance.now() - began).toBeLessThan(3000);
    expect(cache.inMemory('crl', URL_)).toBe(crl);
  });
});
