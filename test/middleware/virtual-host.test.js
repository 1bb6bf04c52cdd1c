'use strict';
// 421: one connection, several hosts, and whether their trusts are the same.

const http2 = require('node:http2');
const https = require('node:https');
const tls = require('node:tls');

const { Authority } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');
const { Client, frameworks, plainListener, serve } = require('../support/web.js');

const a = new Authority('A');
const b = new Authority('B');
const identity = a.issueServer(['localhost']);
const { key, cert } = identity;
/** @param {...Authority} authorities */
const trusting = (...authorities) => ({ key, cert, ca: authorities.map(({ pem }) => pem) });
const fromA = a.issue({ subject: { CN: 'of A' } });
const fromB = b.issue({ subject: { CN: 'of B' } });

const network = new Network();
afterEach(() => network.end());

/** Hosts that every server of these tables has, beside its first context, which trusts A. @type {Record<string, object>} */
const hosts = {
  'a.test': trusting(a),
  'b.test': trusting(b),
  'both.test': trusting(a, b),
  '*.b.test': trusting(b),
};

/** @param {(name: string) => unknown} choose what is given to the server; throws: the callback fails */
const chosenBy = (choose) => ({
  SNICallback: (name, callback) => {
    try {
      callback(null, choose(name));
    } catch (error) {
      callback(error);
    }
  },
});

const contexts = Object.fromEntries(Object.entries(hosts).map(([name, options]) => [name, tls.createSecureContext(options)]));
/** @param {string} name */
const contextOf = (name) => contexts[name] ?? (name.endsWith('.b.test') ? contexts['*.b.test'] : undefined);

/** The ways in which a server comes to several contexts. @type {Array<[string, object, (server: any) => void]>} */
const ways = [
  ['addContext', {}, (server) => Object.entries(hosts).forEach(([name, options]) => server.addContext(name, options))],
  ['addContext with SecureContexts', {}, (server) => Object.entries(contexts).forEach(([name, context]) => server.addContext(name, context))],
  ['SNICallback', chosenBy(contextOf), () => {}],
  ['SNICallback, what is within the context', chosenBy((name) => contextOf(name)?.context), () => {}],
  ['SNICallback, null for the rest', chosenBy((name) => contextOf(name) ?? null), () => {}],
  ['SNICallback, a new context each time', chosenBy((name) => {
    const known = Object.keys(hosts).find((host) => contexts[host] === contextOf(name));
    return known && tls.createSecureContext(hosts[known]);
  }), () => {}],
  ['asynchronous SNICallback', { SNICallback: (name, callback) => setImmediate(() => callback(null, contextOf(name))) }, () => {}],
];

const HERE = 200;
const ELSEWHERE = 421;

/** @type {Array<[string, object, string, string | undefined, number]>} what, client, its server name, Host, status */
const requests = [
  ['the host of the handshake, the same trust', fromA, 'a.test', 'a.test', HERE],
  ['the host of the handshake, another trust', fromB, 'b.test', 'b.test', HERE],
  ['the host of the handshake, an invalid client', fromA, 'b.test', 'b.test', 403],
  ['another host of the same trust', fromA, 'a.test', 'localhost', HERE],
  ['the other way around', fromA, 'localhost', 'a.test', HERE],
  ['another host of another trust', fromA, 'a.test', 'b.test', ELSEWHERE],
  ['another host that trusts more', fromA, 'a.test', 'both.test', ELSEWHERE],
  ['another host that trusts less', fromA, 'both.test', 'a.test', ELSEWHERE],
  ['from another trust to the first one', fromB, 'b.test', 'localhost', ELSEWHERE],
  ['from another trust to an unknown host', fromB, 'b.test', 'unknown.test', ELSEWHERE],
  ['an unknown host', fromA, 'a.test', 'unknown.test', HERE],
  ['a wildcard host', fromB, 'x.b.test', 'x.b.test', HERE],
  ['another name under the wildcard', fromB, 'x.b.test', 'y.b.test', HERE],
  ['from a wildcard to the plain name of the same trust', fromB, 'x.b.test', 'b.test', HERE],
  ['to a wildcard of another trust', fromA, 'a.test', 'x.b.test', ELSEWHERE],
  ['no server name, the first trust', fromA, '', 'a.test', HERE],
  ['no server name, an unknown host', fromA, '', 'localhost', HERE],
  ['no server name, another trust', fromA, '', 'b.test', ELSEWHERE],
  ['no server name, an IP address', fromA, '', '127.0.0.1', HERE],
  ['no server name, an IP address with a port', fromA, '', '127.0.0.1:8443', HERE],
  ['no server name, an IPv6 address', fromA, '', '[::1]', HERE],
  ['no server name, an IPv6 address with a port', fromA, '', '[::1]:8443', HERE],
  ['a server name of the first trust, an IP address', fromA, 'a.test', '127.0.0.1', HERE],
  ['a server name of another trust, an IP address', fromB, 'b.test', '127.0.0.1', ELSEWHERE],
  ['an empty Host', fromA, 'a.test', '', HERE],
  ['an empty Host, from another trust', fromB, 'b.test', '', ELSEWHERE],
  ['a port', fromB, 'b.test', 'b.test:8443', HERE],
  ['a port, another trust', fromA, 'a.test', 'b.test:8443', ELSEWHERE],
  ['upper case', fromB, 'b.test', 'B.TEST', HERE],
  ['upper case, another trust', fromA, 'a.test', 'B.TEST', ELSEWHERE],
  ['a trailing dot', fromB, 'b.test', 'b.test.', HERE],
  ['a trailing dot, another trust', fromA, 'a.test', 'b.test.', ELSEWHERE],
  ['a trailing dot and a port', fromA, 'a.test', 'b.test.:443', ELSEWHERE],
  ['a name that begins like a known one', fromA, 'a.test', 'a.test.evil.test', HERE],
];

/** What no client sends: no context is chosen by it, and nobody knows what the application takes it for. */
const nonsense = ['[', '[]', '[::1', '[b.test]', ']', ':', ':443', '.', 'b.test..', 'b.test:x', 'b.test:1:2', '::1', 'b.test, a.test', 'b.test a.test',
  'user@b.test', 'b.test/', 'b.test?', 'https://b.test', '*.b.test', 'b%2etest', 'b.test;', `${'x'.repeat(254)}`, `${'x.'.repeat(130)}test`]
  // Node's parser refuses some of them before anybody sees them, which is as good.
  .map((host) => /** @type {[string]} */ ([host]));

/**
 * @param {'h1' | 'h2'} protocol
 * @param {object} options of the server
 * @param {(server: any) => void} [setUp]
 * @param {object} [middleware]
 */
async function start(protocol, options, setUp = () => {}, middleware = undefined) {
  const framework = frameworks.find(({ name }) => name === (protocol === 'h1' ? 'node:https' : 'node:http2'));
  const { port, server } = await serve(network, framework, middleware, { ...trusting(a), requireHostHeader: false, ...options });
  setUp(server);
  /** @param {object} tlsOptions */
  const connect = (tlsOptions) => {
    const client = new Client(protocol, port, tlsOptions);
    network.atEnd(() => client.close());
    return client;
  };
  return { port, server, connect };
}

/** @param {'h1' | 'h2'} protocol @param {string} host */
const naming = (protocol, host) => ({ headers: protocol === 'h1' ? { host } : { ':authority': host } });
const credential = ({ cert: chain, key: privateKey }) => ({ cert: chain, key: privateKey });

describe.each(['h1', 'h2'])('%s', (protocol) => {
  describe.each(ways)('%s', (_way, options, setUp) => {
    describe.each(VERSIONS)('%s', (version) => {
      // nghttp2 refuses an empty :authority.
      test.each(requests.filter(([, , , host]) => protocol === 'h1' || host !== ''))('%s', async (_what, client, servername, host, expected) => {
        const { connect } = await start(protocol, { ...options, ...only(version) }, setUp);
        const connection = connect({ servername, ...credential(client) });
        const first = await connection.request(naming(protocol, host));
        const second = await connection.request(naming(protocol, host));
        expect([first.status, second.status]).toEqual([expected, expected]);
        if (expected === ELSEWHERE) expect(first.json).toEqual({ error: 'misdirected_request' });
      });
    });
  });

  test.each([[true], [false]])('a host that gets a context while a connection is open, which has been asked for before: %s', async (isAskedBefore) => {
    const { server, connect } = await start(protocol, {});
    const connection = connect({ servername: 'b.test', ...credential(fromA) });
    const statusOf = async (host) => (await connection.request(naming(protocol, host))).status;
    expect(await statusOf(isAskedBefore ? 'b.test' : 'a.test')).toBe(HERE);
    server.addContext('b.test', hosts['b.test']);
    expect([await statusOf('b.test'), await statusOf('a.test'), await statusOf('x.b.test')]).toEqual([ELSEWHERE, HERE, HERE]);
    server.addContext('*.b.test', hosts['*.b.test']);
    expect([await statusOf('x.b.test'), await statusOf('a.test')]).toEqual([ELSEWHERE, HERE]);
    server.addContext('b.test', hosts['a.test']);
    expect(await statusOf('b.test')).toBe(HERE);
  });

  test.each(nonsense)('Host %p', async (host) => {
    const { connect } = await start(protocol, {}, ways[0][2]);
    const client = connect({ servername: 'a.test', ...credential(fromA) });
    const status = await client.request(naming(protocol, host)).then((answer) => answer.status, () => 'refused by Node');
    expect([421, 400, 'refused by Node']).toContain(status);
  });

  test.each([...requests.map(([, , , host]) => host), '[', 'b.test, a.test', 'x'.repeat(300)].map((host) => [host]))(
    'a server with a single context serves every host: %p',
    async (host) => {
      const { connect } = await start(protocol, {});
      for (const servername of ['', 'a.test', 'b.test']) {
        const request = connect({ servername, ...credential(fromA) }).request(naming(protocol, host));
        const status = await request.then((answer) => answer.status, () => 'refused by Node');
        expect([200, ...(protocol === 'h2' ? ['refused by Node'] : [])]).toContain(status);
      }
    },
  );

  test('one connection that goes from host to host', async () => {
    const { connect } = await start(protocol, {}, ways[0][2]);
    const connection = connect({ servername: 'a.test', ...credential(fromA) });
    const statuses = [];
    for (const host of ['a.test', 'b.test', 'localhost', 'b.test', 'both.test', 'a.test']) {
      statuses.push((await connection.request(naming(protocol, host))).status);
    }
    expect(statuses).toEqual([200, 421, 200, 421, 421, 200]);
  });

  test('a client without a certificate is misdirected before it is rejected', async () => {
    const { connect } = await start(protocol, {}, ways[0][2]);
    const connection = connect({ servername: 'a.test' });
    expect((await connection.request(naming(protocol, 'b.test'))).json).toEqual({ error: 'misdirected_request' });
    expect((await connection.request(naming(protocol, 'a.test'))).json).toEqual({ error: 'certificate_required' });
  });

  test('a misdirected request is never shown to allow, and is told with its status whatever `status` says', async () => {
    const told = [];
    const options = { status: 401, required: false, allowInvalid: true, allow: () => true, onAuthenticated: () => told.push('in'), onRejected: (info, _request, reason) => told.push([info.valid, reason]) };
    const { connect } = await start(protocol, {}, ways[0][2], options);
    const { status } = await connect({ servername: 'a.test', ...credential(fromA) }).request(naming(protocol, 'b.test'));
    expect([status, told]).toEqual([421, [[true, 'misdirected_request']]]);
  });

  test.each([
    ['fails', (name, callback) => callback(name === 'a.test' ? null : new Error('no such host'))],
    ['fails later', (name, callback) => setImmediate(callback, name === 'a.test' ? null : new Error('no such host'))],
    ['throws', (name, callback) => {
      if (name !== 'a.test') throw new Error('no such host');
      callback(null);
    }],
    ['throws nothing', (name, callback) => {
      // eslint-disable-next-line no-throw-literal
      if (name !== 'a.test') throw undefined;
      callback(null);
    }],
    ['gives options in place of a context', (name, callback) => callback(null, name === 'a.test' ? undefined : trusting(b))],
    ['gives an empty object', (name, callback) => callback(null, name === 'a.test' ? undefined : {})],
    ['gives a text', (name, callback) => callback(null, name === 'a.test' ? undefined : 'a.test')],
    ['gives a context of something else', (name, callback) => callback(null, name === 'a.test' ? undefined : { context: {} })],
  ])('a host for which the SNICallback %s', async (_what, SNICallback) => {
    const { connect } = await start(protocol, { SNICallback });
    const connection = connect({ servername: 'a.test', ...credential(fromA) });
    expect((await connection.request(naming(protocol, 'c.test'))).status).toBe(421);
    expect((await connection.request(naming(protocol, 'a.test'))).status).toBe(200);
  });

  test('the SNICallback is asked for names only, each time in lower case', async () => {
    const asked = [];
    const SNICallback = (name, callback) => {
      asked.push(name);
      callback(null, contextOf(name));
    };
    const { connect } = await start(protocol, { SNICallback });
    const connection = connect({ servername: 'a.test', ...credential(fromA) });
    for (const host of ['a.test', 'A.test:443', '127.0.0.1', '[::1]', 'c.test', 'C.TEST.', 'b.test/', 'x'.repeat(254)]) {
      await connection.request(naming(protocol, host)).catch(() => {});
    }
    expect(asked).toEqual(['a.test', 'c.test']);
  });
});

describe.each(VERSIONS)('%s: the names of a request disagree', (version) => {
  const options = { ...trusting(a), ...only(version) };

  test.each([
    ['a.test', 'a.test', 200],
    ['a.test', 'A.TEST.:443', 200],
    ['a.test', 'b.test', 421],
    ['b.test', 'a.test', 421],
    ['a.test', 'localhost', 421],
  ])('HTTP/2: :authority %s, host %s', async (authority, host, expected) => {
    const { port } = await start('h2', options, ways[0][2]);
    const session = http2.connect('https://127.0.0.1', {
      createConnection: () => tls.connect({ port, host: '127.0.0.1', servername: 'a.test', ALPNProtocols: ['h2'], rejectUnauthorized: false, ...credential(fromA) }),
    });
    network.atEnd(() => session.destroy());
    const status = await new Promise((resolve, reject) => {
      const stream = session.request({ ':authority': authority, host });
      stream.on('response', (headers) => resolve(headers[':status']));
      stream.on('error', reject);
      stream.resume();
    });
    expect(status).toBe(expected);
  });

  test.each([
    ['https://a.test/', 'a.test', 200],
    ['https://A.test:443?x', 'a.test', 200],
    ['https://b.test/', 'a.test', 421],
    ['https://a.test/', 'b.test', 421],
    ['https://a.test@b.test/', 'a.test', 421],
    ['http://b.test', 'a.test', 421],
    ['/https://b.test/', 'a.test', 200],
    ['*', 'a.test', 200],
  ])('HTTP/1: target %s, Host %s', async (path, host, expected) => {
    const { connect } = await start('h1', options, ways[0][2]);
    const connection = connect({ servername: 'a.test', ...credential(fromA) });
    expect((await connection.request({ path, headers: { host } })).status).toBe(expected);
  });
});

/** One request, octet for octet. @param {number} port @param {object} options of the client @param {string[]} lines */
async function talk(port, options, lines) {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  network.atEnd(() => socket.destroy());
  let session;
  socket.on('session', (latest) => {
    session = latest;
  });
  let resumed;
  socket.on('secureConnect', () => {
    resumed = socket.isSessionReused();
  });
  socket.on('error', () => {});
  socket.write(lines.concat('', '').join('\r\n'));
  let text = '';
  for await (const chunk of socket) text += chunk;
  return { status: Number(text.split(' ')[1]), session, resumed };
}

const get = (host) => ['GET / HTTP/1.1', `Host: ${host}`, 'Connection: close'];

describe.each(VERSIONS)('%s', (version) => {
  test.each([
    ['A.TEST', fromA, 'a.test', 200],
    ['a.test', fromA, 'A.TEST', 200],
    // Some Node lines choose the first context by such a name, others the one of b.test.
    ['B.TEST', fromA, 'b.test', 'rejected'],
    ['B.Test', fromA, 'B.Test', 'rejected'],
    ['b.test.', fromA, 'b.test.', 'rejected'],
    ['b.test.', fromA, 'b.test', 'rejected'],
  ])('a server name in another form: %s', async (servername, client, host, expected) => {
    const { port } = await start('h1', only(version), ways[0][2]);
    const { status } = await talk(port, { servername, ...credential(client) }, get(host));
    if (expected === 'rejected') expect([403, 421]).toContain(status);
    else expect(status).toBe(expected);
  });

  test('a request without a Host is for the first context', async () => {
    const { port } = await start('h1', only(version), ways[0][2]);
    const anonymous = ['GET / HTTP/1.0'];
    expect((await talk(port, { servername: '', ...credential(fromA) }, anonymous)).status).toBe(200);
    expect((await talk(port, { servername: 'a.test', ...credential(fromA) }, anonymous)).status).toBe(200);
    expect((await talk(port, { servername: 'b.test', ...credential(fromB) }, anonymous)).status).toBe(421);
  });

  test.each([
    ['to its own host', fromA, 'a.test', 'a.test', true, 200],
    ['to its own host, that has another trust', fromB, 'b.test', 'b.test', false, 200],
    ['to another host of the same trust', fromA, 'a.test', 'localhost', true, 200],
    ['to another host of another trust', fromA, 'a.test', 'b.test', true, 421],
    ['from another trust', fromB, 'b.test', 'a.test', false, 421],
    ['without a server name', fromA, '', 'localhost', true, 200],
    ['without a server name, another trust', fromA, '', 'b.test', true, 421],
  ])('a resumed connection, %s', async (_what, client, servername, host, resumes, expected) => {
    const { port } = await start('h1', { ...only(version), sessionIdContext: 'test' }, ways[0][2]);
    const options = { servername, ...credential(client) };
    const { session } = await talk(port, options, get(servername || 'localhost'));
    const { status, resumed } = await talk(port, { ...options, session }, get(host));
    expect([resumed, status]).toEqual([resumes, expected]);
  });

  test('setSecureContext in between changes nothing for connections that exist', async () => {
    const { connect, server } = await start('h1', only(version), ways[0][2]);
    const before = connect({ servername: '', ...credential(fromA) });
    expect((await before.request(naming('h1', 'localhost'))).status).toBe(200);
    server.setSecureContext(trusting(b));
    expect((await before.request(naming('h1', 'localhost'))).status).toBe(200);
    expect((await before.request(naming('h1', 'a.test'))).status).toBe(200);
    expect((await before.request(naming('h1', 'b.test'))).status).toBe(421);
    const after = connect({ servername: '', ...credential(fromB) });
    expect((await after.request(naming('h1', 'localhost'))).status).toBe(200);
    expect((await after.request(naming('h1', 'a.test'))).status).toBe(421);
    expect((await after.request(naming('h1', 'b.test'))).status).toBe(200);
  });

  test('setSecureContext on a server with a single context', async () => {
    const { connect, server } = await start('h1', only(version));
    const before = connect({ servername: 'a.test', ...credential(fromA) });
    expect((await before.request(naming('h1', 'a.test'))).status).toBe(200);
    server.setSecureContext(trusting(b));
    expect((await before.request(naming('h1', 'b.test'))).status).toBe(200);
    expect((await connect({ servername: 'a.test', ...credential(fromA) }).request(naming('h1', 'a.test'))).status).toBe(403);
  });
});

describe('where Node does not tell how it chooses contexts', () => {
  test.each([
    ['is gone', (socket) => delete socket._SNICallback],
    ['is something else', (socket) => Object.assign(socket, { _SNICallback: {} })],
  ])('the property %s: only the host of the handshake is served', async (_what, change) => {
    for (const protocol of /** @type {const} */ (['h1', 'h2'])) {
      for (const setUp of [() => {}, ways[0][2]]) {
        const { connect } = await start(protocol, {}, (server) => {
          setUp(server);
          server.prependListener('secureConnection', change);
        });
        const connection = connect({ servername: 'a.test', ...credential(fromA) });
        const statuses = [];
        for (const host of ['a.test', 'localhost', 'b.test']) statuses.push((await connection.request(naming(protocol, host))).status);
        expect(statuses).toEqual([200, 421, 421]);
      }
    }
  });

  test('this Node tells: null for a single context, a function for several', async () => {
    const seen = [];
    for (const setUp of [() => {}, ways[0][2]]) {
      const { connect } = await start('h1', {}, (server) => {
        setUp(server);
        server.on('secureConnection', (socket) => seen.push(socket._SNICallback));
      });
      await connect({ servername: 'a.test', ...credential(fromA) }).request();
    }
    expect([seen[0], typeof seen[1]]).toEqual([null, 'function']);
  });
});

test('a client that renegotiates is not taken for one whose handshake was for the host', async () => {
  const { connect, port } = await start('h1', only('TLSv1.2'), ways[0][2]);
  const socket = tls.connect({ port, host: '127.0.0.1', servername: 'b.test', rejectUnauthorized: false, ...credential(fromB) });
  network.atEnd(() => socket.destroy());
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  await new Promise((resolve, reject) => {
    socket.renegotiate({ rejectUnauthorized: false }, (error) => (error ? reject(error) : resolve(undefined)));
  });
  const answered = new Promise((resolve) => socket.once('data', (chunk) => resolve(Number(String(chunk).split(' ')[1]))));
  socket.write(['GET / HTTP/1.1', 'Host: b.test', '', ''].join('\r\n'));
  expect(await answered).toBe(200);
  // From here on the thread has seen renegotiations, and everybody's trust is compared.
  for (const [client, servername, host, expected] of [[fromA, 'a.test', 'a.test', 200], [fromB, 'b.test', 'b.test', 200], [fromA, 'a.test', 'b.test', 421]]) {
    const connection = connect({ servername, ...credential(client) });
    expect((await connection.request(naming('h1', host))).status).toBe(expected);
  }
});

test('a middleware that was made before its server got further contexts looks at them', async () => {
  const listener = plainListener(undefined);
  const server = https.createServer({ ...trusting(a), requestCert: true, rejectUnauthorized: false }, listener);
  const port = await network.listen(server);
  server.addContext('b.test', trusting(b));
  const client = new Client('h1', port, { servername: 'a.test', ...credential(fromA) });
  network.atEnd(() => client.close());
  expect((await client.request(naming('h1', 'b.test'))).status).toBe(421);
});
