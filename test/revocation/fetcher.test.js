'use strict';
// What is fetched, from whom, and what becomes of hosts that do not behave. Real servers on loopback; the clock and the resolver are the test's where it
// says so.

const { spawnSync } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const path = require('node:path');

const { Backoff } = require('../../lib/revocation/backoff.js');
const { Fetcher } = require('../../lib/revocation/fetcher.js');
const { MAX_AT_ONCE } = require('../../lib/revocation/turns.js');
const { deferred, httpServer, stoppedClock } = require('../support/http.js');
const { Network } = require('../support/tls.js');

const network = new Network();
afterEach(() => network.end());

/** @param {object} [options] */
const localFetcher = (options) => new Fetcher({ hosts: ['127.0.0.1'], ...options });
const body = (octets) => (_request, response) => response.end(octets);
const never = () => {};
/** A resolver that answers each time with the next of these, and with the last from then on. @param {...string[]} answers */
function lookupOf(...answers) {
  const asked = [];
  const lookup = (host, _options, done) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(host);
    setImmediate(done, null, addresses.map((address) => ({ address, family: net.isIP(address) })));
  };
  return Object.assign(lookup, { asked });
}

test('a CRL', async () => {
  const octets = Buffer.from([0x30, 0, 0xff]);
  const server = await httpServer(network, (_request, response) => {
    response.setHeader('cache-control', 'public, max-age=600');
    response.setHeader('age', '100');
    response.end(octets);
  });
  await expect(localFetcher().fetch({ url: `${server.url}/a.crl?x=1#y`, accept: 'application/pkix-crl' })).resolves.toEqual({ ok: true, body: octets, maxAge: 500 });
  expect(server.requests).toMatchObject([
    { method: 'GET', url: '/a.crl?x=1', headers: { host: `127.0.0.1:${server.port}`, accept: 'application/pkix-crl', connection: 'close' } },
  ]);
});

test('an OCSP request', async () => {
  const request = Buffer.from([0x30, 3, 2, 1, 0x80]);
  const server = await httpServer(network, body('answer'));
  const fetched = await localFetcher().fetch({ url: server.url, method: 'POST', body: request, contentType: 'application/ocsp-request' });
  expect(fetched).toEqual({ ok: true, body: Buffer.from('answer'), maxAge: undefined });
  expect(server.requests).toMatchObject([{ method: 'POST', url: '/', headers: { 'content-type': 'application/ocsp-request', 'content-length': '5' }, body: request }]);
});

/** @type {Array<[string, string]>} */
const refusedUrls = [
  ['https', 'https://crl.example.test/'],
  ['ldap', 'ldap://crl.example.test/'],
  ['file', 'file:///etc/passwd'],
  ['no scheme', 'crl.example.test/a.crl'],
  ['empty', ''],
  ['no host', 'http:///a.crl'],
  ['a user name', 'http://user@crl.example.test/'],
  ['a user name and a password', 'http://user:pass@crl.example.test/'],
  ['an empty user name', 'http://@crl.example.test/'],
  ['a host behind a host', 'http://crl.example.test:80@127.0.0.1/'],
  ['a backslash', 'http://crl.example.test\\@127.0.0.1/'],
  ['slashes the other way', 'http:\\\\crl.example.test/'],
  ['one slash', 'http:/crl.example.test/'],
  ['a fullwidth host', 'http://crl．example.test/'],
  ['a host with an umlaut', 'http://crl.exämple.test/'],
  ['a circled digit', 'http://①27.0.0.1/'],
  ['a percent-encoded host', 'http://%31%32%37.0.0.1/'],
  ['a decimal address', 'http://2130706433/'],
  ['an octal address', 'http://0177.0.0.1/'],
  ['a hexadecimal address', 'http://0x7f.0.0.1/'],
  ['a short address', 'http://127.1/'],
  ['an address with a trailing dot', 'http://127.0.0.1./'],
  ['a zone', 'http://[fe80::1%25eth0]/'],
  ['a line feed', 'http://crl.example.test/\r\nHost: x'],
  ['a tab in the scheme', 'ht\ttp://crl.example.test/'],
  ['a space before it', ' http://crl.example.test/'],
  ['port 0', 'http://crl.example.test:0/'],
  ['a port that is none', 'http://crl.example.test:70000/'],
  ['a port that is a name', 'http://crl.example.test:http/'],
  ['a label that is empty', 'http://crl..example.test/'],
  ['a long name', `http://${'a.'.repeat(130)}test/`],
  ['a long URL', `http://crl.example.test/${'a'.repeat(5000)}`],
];

test.each(refusedUrls)('refused as a URL: %s', async (_what, url) => {
  const lookup = lookupOf(['127.0.0.1']);
  await expect(localFetcher({ lookup, hosts: undefined }).fetch({ url })).resolves.toMatchObject({ ok: false, reason: 'refused-url' });
  expect(lookup.asked).toEqual([]);
});

// RFC 6890 and the registries that it founded; embedded forms: RFC 4291, RFC 6052, RFC 3056, RFC 4380.
const NOT_PUBLIC = [
  '0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.255.254', '168.63.129.16', '169.254.0.1',
  '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.192', '192.0.2.1', '192.88.99.1', '192.168.0.1', '198.18.0.1', '198.19.255.255',
  '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255',
  '::', '::1', '::127.0.0.1', '::10.0.0.1', '::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '0:0:0:0:0:ffff:10.0.0.1', '::ffff:0:127.0.0.1',
  '64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::', '64:ff9b::10.0.0.1', '64:ff9b:1::8.8.8.8', '64:ff9b:1:a9fe:a9:fe00::', '100::1',
  '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001:2::1', '2001:10::1', '2001:db8::1', '2002:7f00:1::', '2002:a00:1::1', '2002:808:808::1',
  '3fff::1', '4000::1', '5f00::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', 'ff0e::1',
];
const PUBLIC = [
  '1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.1', '169.253.255.255', '169.255.0.0',
  '172.15.255.255', '172.32.0.0', '192.0.1.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255',
  '::ffff:1.1.1.1', '64:ff9b::1.1.1.1', '2001:200::1', '2001:4860:4860::8888', '2003::1', '2606:4700::1111', '3ffe::1',
];

/** Whether an address would be connected with: the connection is refused by an aborted signal before it is made. @param {object} options @param {string} url */
async function wouldConnect(options, url) {
  const controller = new AbortController();
  const connect = jest.spyOn(net, 'connect').mockImplementation(() => {
    controller.abort();
    return new net.Socket();
  });
  const fetched = await new Fetcher(options).fetch({ url, signal: controller.signal });
  const calls = connect.mock.calls.map(([{ host, port }]) => `${host} ${port}`);
  connect.mockRestore();
  return { reason: fetched.reason, calls };
}

test.each(NOT_PUBLIC)('not public, whoever names it: %s', async (address) => {
  const refused = { reason: 'refused-address', calls: [] };
  await expect(wouldConnect({ lookup: lookupOf([address]) }, 'http://crl.example.test/')).resolves.toEqual(refused);
  await expect(wouldConnect({ lookup: lookupOf(['1.1.1.1', address]) }, 'http://crl.example.test/')).resolves.toEqual(refused);
  await expect(wouldConnect({ lookup: lookupOf([address]), hosts: ['*.example.test'] }, 'http://crl.example.test/')).resolves.toEqual(refused);
  if (address.includes('%')) return;
  await expect(wouldConnect({}, `http://${net.isIPv6(address) ? `[${address}]` : address}/`)).resolves.toEqual(refused);
});

test.each(PUBLIC)('public: %s', async (address) => {
  const { reason, calls } = await wouldConnect({ lookup: lookupOf([address]) }, 'http://crl.example.test/');
  expect({ reason, count: calls.length }).toEqual({ reason: 'aborted', count: 1 });
});

/** @type {Array<[string, string[] | undefined, string, string[], string]>} what, hosts, URL, addresses, outcome ('connects' or a reason) */
const hostRules = [
  ['nothing is listed', undefined, 'http://crl.example.test/', ['1.1.1.1'], 'connects'],
  ['nothing is listed, port 80', undefined, 'http://crl.example.test:80/', ['1.1.1.1'], 'connects'],
  ['nothing is listed, another port', undefined, 'http://crl.example.test:8080/', ['1.1.1.1'], 'refused-host'],
  ['nothing is listed, a port of other services', undefined, 'http://crl.example.test:25/', ['1.1.1.1'], 'refused-host'],
  ['an empty list', [], 'http://crl.example.test/', ['1.1.1.1'], 'refused-host'],
  ['a name', ['crl.example.test'], 'http://crl.example.test/', ['1.1.1.1'], 'connects'],
  ['a name in another case', ['CRL.Example.test'], 'http://crl.eXample.test/', ['1.1.1.1'], 'connects'],
  ['a name with a trailing dot', ['crl.example.test'], 'http://crl.example.test./', ['1.1.1.1'], 'connects'],
  ['a name, any port', ['crl.example.test'], 'http://crl.example.test:8080/', ['1.1.1.1'], 'connects'],
  ['a name at a private address', ['crl.example.test'], 'http://crl.example.test/', ['10.0.0.1', '::1'], 'connects'],
  ['a name with a port', ['crl.example.test:8080'], 'http://crl.example.test:8080/', ['10.0.0.1'], 'connects'],
  ['a name with another port', ['crl.example.test:8080'], 'http://crl.example.test/', ['1.1.1.1'], 'refused-host'],
  ['another name', ['crl.example.test'], 'http://other.example.test/', ['1.1.1.1'], 'refused-host'],
  ['a name that ends alike', ['example.test'], 'http://evilexample.test/', ['1.1.1.1'], 'refused-host'],
  ['a name that begins alike', ['example.test'], 'http://example.test.evil.test/', ['1.1.1.1'], 'refused-host'],
  ['a name below', ['example.test'], 'http://crl.example.test/', ['1.1.1.1'], 'refused-host'],
  ['a wildcard', ['*.example.test'], 'http://a.crl.example.test/', ['1.1.1.1'], 'connects'],
  ['a wildcard is not the name itself', ['*.example.test'], 'http://example.test/', ['1.1.1.1'], 'refused-host'],
  ['a wildcard and a name that ends alike', ['*.example.test'], 'http://evilexample.test/', ['1.1.1.1'], 'refused-host'],
  ['a wildcard with a port', ['*.example.test:81'], 'http://crl.example.test:81/', ['1.1.1.1'], 'connects'],
  ['a wildcard and a network', ['*.example.test', '10.0.0.0/8'], 'http://crl.example.test/', ['10.0.0.1', '1.1.1.1'], 'connects'],
  ['a network', ['10.0.0.0/8'], 'http://crl.example.test/', ['10.1.2.3'], 'connects'],
  ['a network, any port', ['10.0.0.0/8'], 'http://crl.example.test:2560/', ['10.1.2.3'], 'connects'],
  ['a network, as IPv4-mapped IPv6', ['10.0.0.0/8'], 'http://crl.example.test/', ['::ffff:10.1.2.3'], 'connects'],
  ['a network, through NAT64', ['10.0.0.0/8'], 'http://crl.example.test/', ['64:ff9b::10.1.2.3'], 'refused-address'],
  ['a network and an address outside', ['10.0.0.0/8'], 'http://crl.example.test/', ['10.1.2.3', '11.0.0.1'], 'refused-address'],
  ['a network, literally', ['10.0.0.0/8'], 'http://10.1.2.3/', [], 'connects'],
  ['a network of IPv6', ['fd00::/8'], 'http://crl.example.test/', ['fd12::1'], 'connects'],
  ['a network of IPv6 in brackets', ['[fd00::]/8'], 'http://[fd12::1]/', [], 'connects'],
  ['a network of IPv6 and IPv4', ['::/0'], 'http://10.1.2.3/', [], 'refused-address'],
  ['an address', ['127.0.0.1'], 'http://127.0.0.1:4711/', [], 'connects'],
  ['an address with a port', ['127.0.0.1:4711'], 'http://127.0.0.1:4711/', [], 'connects'],
  ['an address with another port', ['127.0.0.1:4711'], 'http://127.0.0.1:4712/', [], 'refused-host'],
  ['another address', ['127.0.0.1'], 'http://127.0.0.2/', [], 'refused-address'],
  ['an address, by a name', ['127.0.0.1'], 'http://crl.example.test/', ['127.0.0.1'], 'connects'],
  ['an address of IPv6', ['[::1]'], 'http://[0:0:0:0:0:0:0:1]:81/', [], 'connects'],
  ['an address of IPv6 without brackets', ['::1'], 'http://[::1]/', [], 'connects'],
  ['an address of IPv6 with a port', ['[::1]:81'], 'http://[::1]:80/', [], 'refused-host'],
  ['an address of IPv6 with its port', ['[::1]:81'], 'http://[::1]:81/', [], 'connects'],
  ['a name without an address', ['crl.example.test'], 'http://crl.example.test/', [], 'network'],
];

test.each(hostRules)('hosts: %s', async (_what, hosts, url, addresses, expected) => {
  const lookup = lookupOf(addresses);
  const { reason, calls } = await wouldConnect({ hosts, lookup }, url);
  expect(calls.length > 0 ? 'connects' : reason).toBe(expected);
  if (expected === 'refused-host') expect(lookup.asked).toEqual([]);
});

test('hosts: the responder that the options name is listed', async () => {
  const responder = 'http://ocsp.example.test:2560/x';
  const lookup = lookupOf(['10.0.0.1']);
  for (const hosts of [undefined, ['crl.example.test']]) {
    await expect(wouldConnect({ hosts, responder, lookup }, 'http://ocsp.example.test:2560/y')).resolves.toMatchObject({ calls: ['10.0.0.1 2560'] });
    await expect(wouldConnect({ hosts, responder, lookup }, 'http://ocsp.example.test:81/')).resolves.toMatchObject({ reason: 'refused-host' });
  }
  await expect(wouldConnect({ responder: 'http://127.0.0.1:81' }, 'http://127.0.0.1:81/')).resolves.toMatchObject({ calls: ['127.0.0.1 81'] });
});

test.each([[''], ['*'], ['*.'], ['a b'], ['http://a.test'], ['a.test/x'], ['a.test:0'], ['a.test:65536'], ['a.test:'], ['10.0.0.0/33'], ['::/129'], ['10.0/8'],
  ['10.0.0.256'], ['1.2.3'], ['[::1'], ['[a.test]'], ['::1/x'], ['fe80::1%eth0'], ['a.*.test'], ['*a.test'], ['exämple.test'], [1], [null], [undefined], [['a.test']]])(
  'hosts: %p is a mistake', (entry) => {
    expect(() => new Fetcher({ hosts: [entry] })).toThrow(TypeError);
  });

test('a name is resolved once, and the address that was checked is what is connected with', async () => {
  const server = await httpServer(network, (request, response) => {
    if (request.url === '/') response.writeHead(302, { location: '/again' }).end();
    else response.end('right');
  });
  const lookup = lookupOf(['127.0.0.1'], ['127.0.0.2']);
  const fetcher = new Fetcher({ hosts: ['127.0.0.1'], lookup });
  const url = `http://crl.example.test:${server.port}/`;
  await expect(fetcher.fetch({ url })).resolves.toMatchObject({ ok: true, body: Buffer.from('right') });
  expect(lookup.asked).toEqual(['crl.example.test']);
  expect(server.requests.map((request) => [request.url, request.headers.host])).toEqual([
    ['/', `crl.example.test:${server.port}`],
    ['/again', `crl.example.test:${server.port}`],
  ]);
  // The next time it is another one, and refused.
  await expect(fetcher.fetch({ url })).resolves.toMatchObject({ ok: false, reason: 'refused-address' });
  expect(server.requests).toHaveLength(2);
});

test('a connection that came to be with another address is not used', async () => {
  const server = await httpServer(network, body('wrong'));
  const { connect } = net;
  const spy = jest.spyOn(net, 'connect').mockImplementation(({ port }) => connect({ port, host: '127.0.0.1' }));
  const fetched = await new Fetcher({ hosts: ['crl.example.test'], lookup: lookupOf(['127.0.0.2']) }).fetch({ url: `http://crl.example.test:${server.port}/` });
  spy.mockRestore();
  expect(fetched).toMatchObject({ ok: false, reason: 'refused-address' });
  expect(server.requests).toEqual([]);
});

test('the next address is tried where the first one does not answer', async () => {
  const server = await httpServer(network, body('right'));
  const lookup = lookupOf(['127.0.0.2', '::1', '127.0.0.1']);
  const fetched = await new Fetcher({ hosts: ['crl.example.test'], lookup }).fetch({ url: `http://crl.example.test:${server.port}/` });
  expect(fetched).toMatchObject({ ok: true });
});

test('the real resolver', async () => {
  const server = await httpServer(network, body('right'));
  const url = `http://localhost:${server.port}/`;
  await expect(new Fetcher({ hosts: ['localhost'] }).fetch({ url })).resolves.toMatchObject({ ok: true });
  await expect(new Fetcher({ hosts: [`*.test`] }).fetch({ url })).resolves.toMatchObject({ reason: 'refused-host' });
  await expect(new Fetcher({ hosts: ['localhost', '*.invalid'] }).fetch({ url: 'http://crl.invalid/' })).resolves.toMatchObject({ ok: false, reason: 'network' });
  await expect(new Fetcher().fetch({ url: 'http://localhost/' })).resolves.toMatchObject({ reason: 'refused-address' });
});

/** @type {Array<[string, string | ((port: number) => string), string]>} */
const redirects = [
  ['the metadata of a cloud', 'http://169.254.169.254/latest/meta-data/', 'refused-redirect'],
  ['another host', 'http://localhost/', 'refused-redirect'],
  ['another port', 'http://127.0.0.1:1/', 'refused-redirect'],
  ['another scheme', (port) => `https://127.0.0.1:${port}/`, 'refused-redirect'],
  ['a file', 'file:///etc/passwd', 'refused-redirect'],
  ['a user name', (port) => `http://user@127.0.0.1:${port}/end`, 'refused-redirect'],
  ['without a scheme to another host', '//localhost/', 'refused-redirect'],
  ['backslashes', '\\\\localhost\\', 'refused-redirect'],
  ['no URL', 'http://', 'refused-redirect'],
  ['itself', '/', 'refused-redirect'],
  ['a path', '/end', 'ok'],
  ['a relative path', 'end', 'ok'],
  ['a whole URL', (port) => `http://127.0.0.1:${port}/end`, 'ok'],
];

test.each(redirects)('a redirect to %s', async (_what, location, expected) => {
  const server = await httpServer(network, (request, response) => {
    if (request.url === '/end') response.end('end');
    else response.writeHead(302, { location: typeof location === 'string' ? location : location(server.port) }).end();
  });
  const fetched = await localFetcher().fetch({ url: server.url });
  expect(fetched.ok ? 'ok' : fetched.reason).toBe(expected);
  expect(server.requests.length).toBeLessThanOrEqual(4);
});

test.each([[301, 'POST'], [302, 'POST'], [307, 'POST'], [308, 'POST']])('redirect %d keeps the request as it is', async (status, method) => {
  const server = await httpServer(network, (request, response) => {
    if (request.url === '/end') response.end('end');
    else response.writeHead(status, { location: '/end' }).end();
  });
  await expect(localFetcher().fetch({ url: server.url, method: 'POST', body: Buffer.from('x') })).resolves.toMatchObject({ ok: true });
  expect(server.requests.map((request) => [request.method, String(request.body)])).toEqual([[method, 'x'], [method, 'x']]);
});

test('three redirects are followed, four are not', async () => {
  const server = await httpServer(network, (request, response) => {
    const left = Number(request.url.slice(1));
    if (left === 0) response.end('end');
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  });
  await expect(localFetcher().fetch({ url: `${server.url}/3` })).resolves.toMatchObject({ ok: true });
  await expect(localFetcher().fetch({ url: `${server.url}/4` })).resolves.toMatchObject({ ok: false, reason: 'refused-redirect' });
});

/** @type {Array<[string, (request: any, response: any) => void, string]>} */
const answers = [
  ['404', (_request, response) => response.writeHead(404).end('no'), 'http-status'],
  ['500', (_request, response) => response.writeHead(500).end(), 'http-status'],
  ['204', (_request, response) => response.writeHead(204).end(), 'http-status'],
  ['206', (_request, response) => response.writeHead(206).end('part'), 'http-status'],
  ['303', (_request, response) => response.writeHead(303, { location: '/' }).end(), 'http-status'],
  ['a redirect to nowhere', (_request, response) => response.writeHead(302).end(), 'http-status'],
  ['gzip', (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'), 'refused-encoding'],
  ['a coding that says nothing', (_request, response) => response.writeHead(200, { 'content-encoding': 'Identity' }).end('x'), 'ok'],
  ['HTML', (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), 'ok'],
  ['too many octets, as it says', (_request, response) => response.writeHead(200, { 'content-length': 1e9 }).flushHeaders(), 'too-large'],
  ['no HTTP', (_request, response) => response.socket.end('220 mail.example.test ESMTP\r\n'), 'network'],
  ['nothing', (_request, response) => response.socket.end(), 'network'],
  ['a reset', (_request, response) => response.socket.resetAndDestroy(), 'network'],
  ['half of a body', (_request, response) => {
    response.writeHead(200, { 'content-length': 10 });
    response.write('half', () => response.socket.end());
  }, 'network'],
  ['half of a chunk', (_request, response) => response.socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf'), 'network'],
  ['two lengths', (_request, response) => response.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'), 'network'],
  ['huge headers', (_request, response) => response.writeHead(200, { x: 'x'.repeat(100000) }).end(), 'network'],
  ['another protocol', (_request, response) => response.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'), 'http-status'],
  ['hints before', (_request, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' });
    response.end('x');
  }, 'ok'],
];

test.each(answers)('an answer: %s', async (_what, answer, expected) => {
  const server = await httpServer(network, answer);
  const fetched = await localFetcher().fetch({ url: server.url, maxBytes: 1000 });
  expect(fetched.ok ? 'ok' : fetched.reason).toBe(expected);
});

/** @type {Array<[object, number | undefined]>} headers, seconds (RFC 9111 sections 4.2, 5.1 and 5.2) */
const freshness = [
  [{}, undefined],
  [{ 'cache-control': 'public' }, undefined],
  [{ 'cache-control': 'max-age=60' }, 60],
  [{ 'cache-control': 'public,MAX-AGE=60,no-transform' }, 60],
  [{ 'cache-control': 'max-age="60"' }, 60],
  [{ 'cache-control': 's-maxage=60' }, undefined],
  [{ 'cache-control': 'max-age=-1' }, undefined],
  [{ 'cache-control': 'max-age=60', age: '20' }, 40],
  [{ 'cache-control': 'max-age=60', age: '61' }, 0],
  [{ 'cache-control': 'max-age=60', age: 'x' }, 60],
  [{ 'cache-control': 'max-age=60, no-store' }, 0],
  [{ 'cache-control': 'no-cache' }, 0],
];

test.each(freshness)('how long HTTP calls it fresh: %j', async (headers, expected) => {
  const server = await httpServer(network, (_request, response) => response.writeHead(200, headers).end('x'));
  await expect(localFetcher().fetch({ url: server.url })).resolves.toEqual({ ok: true, body: Buffer.from('x'), maxAge: expected });
});

test('the bound is the last octet that is allowed', async () => {
  const server = await httpServer(network, body(Buffer.alloc(1000)));
  await expect(localFetcher().fetch({ url: server.url, maxBytes: 1000 })).resolves.toMatchObject({ ok: true });
  await expect(localFetcher().fetch({ url: server.url, maxBytes: 999 })).resolves.toMatchObject({ ok: false, reason: 'too-large' });
});

test('a body of a gigabyte, of unknown length, is cut off early', async () => {
  let sent = 0;
  const closed = deferred();
  const server = await httpServer(network, (_request, response) => {
    const chunk = Buffer.alloc(64 * 1024);
    const send = () => {
      while (sent < 1e9 && !response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) break;
      }
    };
    response.on('drain', send).on('close', closed.resolve);
    send();
  });
  await expect(localFetcher().fetch({ url: server.url, maxBytes: 1024 * 1024 })).resolves.toMatchObject({ ok: false, reason: 'too-large' });
  await closed.promise;
  // The bound, and what the buffers of both sockets take.
  expect(sent).toBeLessThan(32 * 1024 * 1024);
});

/** @type {Array<[string, (request: any, response: any) => void]>} */
const slow = [
  ['nothing is answered', never],
  ['slow headers', (_request, response) => {
    response.socket.write('HTTP/1.1 200 OK\r\nX: ');
    const timer = setInterval(() => response.socket.write('x'), 20);
    response.socket.on('close', () => clearInterval(timer));
  }],
  ['hints without end', (_request, response) => {
    const timer = setInterval(() => response.socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 20);
    response.socket.on('close', () => clearInterval(timer));
  }],
  ['a slow body', (_request, response) => {
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  }],
];

test.each(slow)('time is over: %s', async (_what, answer) => {
  const server = await httpServer(network, answer);
  const began = performance.now();
  await expect(localFetcher({ urlTimeout: 200 }).fetch({ url: server.url })).resolves.toMatchObject({ ok: false, reason: 'timeout' });
  await expect(localFetcher().fetch({ url: server.url, deadline: performance.now() + 200 })).resolves.toMatchObject({ ok: false, reason: 'timeout' });
  expect(performance.now() - began).toBeLessThan(4000);
});

test('time is over: the name is not resolved', async () => {
  await expect(localFetcher({ urlTimeout: 50, lookup: never }).fetch({ url: 'http://crl.example.test/' })).resolves.toMatchObject({ ok: false, reason: 'timeout' });
});

test('time is over: no connection, and whoever is over it has none left', async () => {
  const spy = jest.spyOn(net, 'connect').mockImplementation(() => new net.Socket());
  const fetcher = localFetcher({ urlTimeout: 50 });
  await expect(fetcher.fetch({ url: 'http://127.0.0.1:9/' })).resolves.toMatchObject({ ok: false, reason: 'timeout' });
  spy.mockRestore();
  // The host, and not only the URL.
  await expect(fetcher.fetch({ url: 'http://127.0.0.1:9/other' })).resolves.toMatchObject({ ok: false, reason: 'backoff' });
  await expect(fetcher.fetch({ url: 'http://127.0.0.1:8/', deadline: performance.now() - 1 })).resolves.toMatchObject({ ok: false, reason: 'timeout' });
});

test('nobody listens', async () => {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  await expect(localFetcher().fetch({ url: `http://127.0.0.1:${port}/` })).resolves.toEqual({ ok: false, reason: 'network', detail: 'ECONNREFUSED' });
});

describe('who wants the same at the same time', () => {
  /** A server whose answers wait until they are let go. */
  async function heldServer() {
    const held = [];
    const closed = [];
    const server = await httpServer(network, (_request, response) => {
      closed.push(once(response, 'close'));
      held.push(() => response.end('answer'));
    });
    return { ...server, closed, letGo: () => held.splice(0).forEach((answer) => answer()) };
  }

  test('shares one request and its octets', async () => {
    const server = await heldServer();
    const fetcher = localFetcher();
    const all = Array.from({ length: 100 }, () => fetcher.fetch({ url: server.url }));
    await server.asked(1);
    server.letGo();
    const results = await Promise.all(all);
    expect(results.every(({ ok, body: octets }) => ok && octets === results[0].body)).toBe(true);
    expect(server.requests).toHaveLength(1);
    // Afterwards it is asked for again.
    const again = fetcher.fetch({ url: server.url });
    await server.asked(2);
    server.letGo();
    await expect(again).resolves.toMatchObject({ ok: true });
  });

  test('does not share what differs', async () => {
    const server = await heldServer();
    const fetcher = localFetcher();
    const all = [
      fetcher.fetch({ url: server.url, method: 'POST', body: Buffer.from('a') }),
      fetcher.fetch({ url: server.url, method: 'POST', body: Buffer.from('b') }),
      fetcher.fetch({ url: server.url }),
      fetcher.fetch({ url: server.url, maxBytes: 3 }),
    ];
    await server.asked(4);
    server.letGo();
    const results = await Promise.all(all);
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true, false]);
  });

  test('may leave without harm to the others', async () => {
    const server = await heldServer();
    const fetcher = localFetcher();
    const controller = new AbortController();
    const leaving = fetcher.fetch({ url: server.url, signal: controller.signal });
    const late = fetcher.fetch({ url: server.url, deadline: performance.now() + 50 });
    const staying = fetcher.fetch({ url: server.url });
    await server.asked(1);
    controller.abort();
    await expect(leaving).resolves.toMatchObject({ ok: false, reason: 'aborted' });
    await expect(late).resolves.toMatchObject({ ok: false, reason: 'timeout' });
    server.letGo();
    await expect(staying).resolves.toMatchObject({ ok: true });
    expect(server.requests).toHaveLength(1);
  });

  test('ends the request with the last one, which blames nobody', async () => {
    const server = await heldServer();
    const fetcher = localFetcher();
    const controllers = [new AbortController(), new AbortController()];
    const all = controllers.map(({ signal }) => fetcher.fetch({ url: server.url, signal }));
    await server.asked(1);
    controllers.forEach((controller) => controller.abort());
    const reasons = (await Promise.all(all)).map(({ reason }) => reason);
    expect(reasons).toEqual(['aborted', 'aborted']);
    await server.closed[0];
    const again = fetcher.fetch({ url: server.url });
    await server.asked(2);
    server.letGo();
    await expect(again).resolves.toMatchObject({ ok: true });
    await expect(fetcher.fetch({ url: server.url, signal: controllers[0].signal })).resolves.toMatchObject({ reason: 'aborted' });
  });

  test('waits for a turn where a host has enough to do', async () => {
    const server = await heldServer();
    const fetcher = localFetcher();
    const count = MAX_AT_ONCE + 3;
    const controller = new AbortController();
    const all = Array.from({ length: count }, (_, i) => fetcher.fetch({ url: `${server.url}/${i}`, signal: i === count - 1 ? controller.signal : undefined }));
    await server.asked(MAX_AT_ONCE);
    controller.abort();
    await expect(all[count - 1]).resolves.toMatchObject({ reason: 'aborted' });
    expect(server.requests).toHaveLength(MAX_AT_ONCE);
    server.letGo();
    await server.asked(count - 1);
    server.letGo();
    const results = await Promise.all(all.slice(0, -1));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(server.requests).toHaveLength(count - 1);
  });
});

describe('what failed is left alone for a while', () => {
  test('longer each time, up to five minutes, and until it succeeds', async () => {
    const now = stoppedClock();
    let status = 500;
    const server = await httpServer(network, (_request, response) => response.writeHead(status).end('x'));
    const fetcher = localFetcher({ now });
    const outcome = async () => {
      const { ok, reason } = await fetcher.fetch({ url: server.url });
      return ok ? 'ok' : reason;
    };
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
      expect(await outcome()).toBe('http-status');
      now.time += seconds * 1000 - 1;
      expect(await outcome()).toBe('backoff');
      now.time += 1;
    }
    expect(server.requests).toHaveLength(11);
    status = 200;
    expect(await outcome()).toBe('ok');
    status = 500;
    expect(await outcome()).toBe('http-status');
    now.time += 1000;
    expect(await outcome()).toBe('http-status');
    now.time += 60 * 60 * 1000;
    expect(await outcome()).toBe('http-status');
    now.time += 1000;
    expect(await outcome()).toBe('http-status');
  });

  /** @type {Array<[string, (request: any, response: any) => void, string[]]>} what else is left alone */
  const blamed = [
    ['an answer that is about the request', (_request, response) => response.writeHead(404).end(), ['same']],
    ['an answer that is about the service', (_request, response) => response.writeHead(503).end(), ['same', 'body']],
    ['a connection that ends', (_request, response) => response.socket.destroy(), ['same', 'body']],
  ];

  test.each(blamed)('%s', async (_what, answer, expected) => {
    const fetcher = localFetcher({ now: stoppedClock() });
    const server = await httpServer(network, answer);
    const ask = (url, octets) => fetcher.fetch({ url, method: 'POST', body: Buffer.from(octets) });
    await ask(server.url, 'x');
    const others = { same: await ask(server.url, 'x'), body: await ask(server.url, 'y'), path: await ask(`${server.url}/y`, 'x') };
    expect(Object.keys(others).filter((other) => others[other].reason === 'backoff')).toEqual(expected);
  });

  test('a host that nobody can connect with, whatever is asked of it', async () => {
    const fetcher = localFetcher({ now: stoppedClock() });
    const server = await httpServer(network, never);
    await network.end();
    await expect(fetcher.fetch({ url: server.url })).resolves.toMatchObject({ reason: 'network' });
    await expect(fetcher.fetch({ url: `${server.url}/other` })).resolves.toMatchObject({ reason: 'backoff', detail: expect.stringContaining('network') });
    await expect(fetcher.fetch({ url: 'http://127.0.0.1:1/' })).resolves.toMatchObject({ reason: 'network' });
  });

  test('what was of no use, by what it asks for', async () => {
    const now = stoppedClock();
    const fetcher = localFetcher({ now });
    const server = await httpServer(network, body('<html>'));
    const request = { url: server.url, method: 'POST', body: Buffer.from('with a nonce'), identity: 'key' };
    const again = { ...request, body: Buffer.from('with another') };
    await expect(fetcher.fetch(request)).resolves.toMatchObject({ ok: true });
    fetcher.judge(request, false);
    await expect(fetcher.fetch(again)).resolves.toMatchObject({ reason: 'backoff' });
    await expect(fetcher.fetch({ ...again, identity: 'other' })).resolves.toMatchObject({ ok: true });
    now.time += 1000;
    await expect(fetcher.fetch(again)).resolves.toMatchObject({ ok: true });
    fetcher.judge(again, false);
    now.time += 1000;
    await expect(fetcher.fetch(again)).resolves.toMatchObject({ reason: 'backoff' });
    fetcher.judge(again, true);
    await expect(fetcher.fetch(again)).resolves.toMatchObject({ ok: true });
  });

  test('in a table that does not grow without end', () => {
    const now = stoppedClock();
    const backoff = new Backoff(now);
    for (let i = 0; i < 10000; i++) backoff.failed(`${i}`, 'network');
    expect(backoff.size).toBe(4096);
    expect([backoff.pauseOf('0'), backoff.pauseOf('9999')]).toEqual([null, { left: 1000, reason: 'network' }]);
  });

  test('once for all that fail together', () => {
    const now = stoppedClock();
    const backoff = new Backoff(now);
    for (let i = 0; i < 10; i++) backoff.failed('x', 'network');
    expect(backoff.pauseOf('x')?.left).toBe(1000);
  });

  test('where it had its time and did not answer', async () => {
    const server = await httpServer(network, never);
    const fetcher = localFetcher({ urlTimeout: 50 });
    await expect(fetcher.fetch({ url: server.url })).resolves.toMatchObject({ reason: 'timeout' });
    await expect(fetcher.fetch({ url: server.url })).resolves.toMatchObject({ reason: 'backoff', detail: expect.stringContaining('timeout') });
    await expect(fetcher.fetch({ url: `${server.url}/other` })).resolves.toMatchObject({ reason: 'timeout' });
  });

  test('not where there was no time to answer', async () => {
    const server = await httpServer(network, never);
    const fetcher = localFetcher();
    await expect(fetcher.fetch({ url: server.url, deadline: performance.now() + 50 })).resolves.toMatchObject({ reason: 'timeout' });
    await expect(fetcher.fetch({ url: server.url, deadline: performance.now() + 50 })).resolves.toMatchObject({ reason: 'timeout' });
  });
});

test('a process ends as soon as it has what it asked for', async () => {
  const script = `
    const http = require('node:http');
    const { Fetcher } = require(${JSON.stringify(path.join(__dirname, '../../lib/revocation/fetcher.js'))});
    const server = http.createServer((request, response) => response.end('x')).listen(0, '127.0.0.1', async () => {
      const url = 'http://127.0.0.1:' + server.address().port;
      const fetcher = new Fetcher({ hosts: ['127.0.0.1'], urlTimeout: 100000 });
      const { ok } = await fetcher.fetch({ url });
      await fetcher.fetch({ url: 'http://127.0.0.1:1/' });
      server.close();
      console.log(ok);
    });`;
  const { stdout, status, error } = spawnSync(process.execPath, ['-e', script], { timeout: 20000, encoding: 'utf8' });
  expect({ stdout, status, error }).toEqual({ stdout: 'true\n', status: 0, error: undefined });
});
