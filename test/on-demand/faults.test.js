'use strict';
// What can go wrong between a request for a certificate and its answer. Each ends in a settled promise that says what it was.

const { spawn } = require('node:child_process');
const diagnosticsChannel = require('node:diagnostics_channel');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { Duplex } = require('node:stream');
const { text } = require('node:stream/consumers');
const tls = require('node:tls');
const { Worker } = require('node:worker_threads');

const { ChangingClient } = require('../support/changing-client.js');
const { Authority, daysFromNow } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');
const { getClientCertInfo, receiveClientCertificate } = require('../..');
const { clientCertificate } = require('../../lib/express.js');

const root = new Authority('root');
const server = root.issueServer(['localhost']);
const credentials = {
  ada: root.issue({ subject: { CN: 'ada' } }),
  expired: root.issue({ subject: { CN: 'expired' }, notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) }),
  stranger: new Authority('other').issue({ subject: { CN: 'stranger' } }),
};

let network;
let folder;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-faults-'));
  for (const [name, { cert, key }] of Object.entries(credentials)) fs.writeFileSync(path.join(folder, name), cert + key);
  ChangingClient.build(folder);
});
afterAll(() => fs.rmSync(folder, { recursive: true }));
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

const options = (version, more = {}) => ({ key: server.key, cert: server.cert, ca: root.pem, minVersion: `TLSv${version}`, maxVersion: `TLSv${version}`, ...more });
const client = (port, version, ...shown) => new ChangingClient(network, port, version, shown);
const turns = async (count) => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
};
const outcomeOf = (promise) => promise.then((info) => (info ? `${info.certificate.subject}: ${info.certFlagsName}` : 'nobody'), ({ code }) => code);

/** A raw server; what `act` made of its first connection. */
async function raw(version, act, more) {
  let tell;
  const result = new Promise((resolve, reject) => {
    tell = (socket) => Promise.resolve(act(socket)).then(resolve, reject);
  });
  const created = tls.createServer(options(version, more), (socket) => {
    socket.on('error', () => {});
    tell(socket);
  });
  return { port: await network.listen(created), result, created };
}

/** An HTTPS server with a public and a private route; what its clients were answered is in what they got. */
async function site(version, { onDemand = true, handle, ...more } = {}) {
  const guard = clientCertificate({ onDemand });
  const seen = [];
  const created = https.createServer(options(version, more), (request, response) => {
    const answer = async () => {
      const body = request.method === 'GET' && !request.headers['content-length'] ? '' : await text(request);
      seen.push([request.url, request.clientCert ? String(request.clientCert.certificate.subject) : null, body.length, { ...request.trailers }]);
      response.end(`answer to ${request.url}\n`);
    };
    if (handle) return handle(request, response, guard, answer);
    return request.url.startsWith('/public') ? answer() : guard(request, response, answer);
  });
  return { created, port: await network.listen(created), seen };
}

/** The commands that send a request. @param {string} head @param {string[]} body */
const request = (head, ...body) => [...[`${head} HTTP/1.1`, 'Host: localhost', ...body].map((line) => `send ${line}`)];

describe.each(['1.3', '1.2'])('TLS %s', (version) => {
  const test_ = testWith('g++');

  test_('an answer that comes after the time', async () => {
    const { port, result } = await raw(version, async (socket) => {
      child.kill('SIGSTOP');
      const late = await outcomeOf(receiveClientCertificate(socket, { timeout: 30 }));
      const meanwhile = await outcomeOf(receiveClientCertificate(socket, { timeout: 30 }));
      child.kill('SIGCONT');
      let again;
      do {
        await turns(1);
        again = await outcomeOf(receiveClientCertificate(socket));
      } while (/_PENDING$/.test(again));
      diagnosticsChannel.unsubscribe('client-cert-info:request', listen);
      return [late, meanwhile, again, asked];
    });
    let asked = 0;
    const listen = ({ type }) => {
      if (type === 'asked') asked++;
    };
    diagnosticsChannel.subscribe('client-cert-info:request', listen);
    const child = client(port, version, 'ada');
    // In TLS 1.2 the mode was put back, and a handshake that begins then asks nobody: it takes a second request.
    expect(await result).toEqual(['ERR_CLIENT_CERT_TIMEOUT', 'ERR_CLIENT_CERT_REQUEST_PENDING', 'CN=ada: SEC_E_OK', version === '1.3' ? 1 : 2]);
  });

  test_('nothing to show, and something at the second time', async () => {
    const { port, result } = await raw(version, async (socket) => [
      await outcomeOf(receiveClientCertificate(socket)), await outcomeOf(receiveClientCertificate(socket)), await outcomeOf(receiveClientCertificate(socket, { retry: true })),
    ]);
    client(port, version, 'none', 'ada');
    expect(await result).toEqual(['nobody', 'nobody', 'CN=ada: SEC_E_OK']);
  });

  test_.each([['expired', 'CN=expired: CERT_E_EXPIRED'], ['stranger', 'CN=stranger: CERT_E_CHAINING']])('%s: told, and the connection is of use', async (shown, expected) => {
    const { port, result } = await raw(version, (socket) => outcomeOf(receiveClientCertificate(socket)).finally(() => socket.end('403')));
    const { output } = client(port, version, shown);
    expect(await result).toBe(expected);
    expect(await output).toMatch(/^403\nread: closed/);
  });

  test_.each(['client', 'server'])('the connection is reset by the %s', async (end) => {
    const { port, result } = await raw(version, async (socket) => {
      const receiving = outcomeOf(receiveClientCertificate(socket));
      child.kill('SIGSTOP');
      await turns(10);
      if (end === 'client') sockets[0].resetAndDestroy();
      else socket.destroy();
      return [await receiving, await outcomeOf(receiveClientCertificate(socket))];
    });
    const sockets = [];
    const proxy = await network.listen(net.createServer((downstream) => {
      const upstream = net.connect(port, '127.0.0.1');
      sockets.push(upstream);
      upstream.on('error', () => {});
      downstream.pipe(upstream).pipe(downstream);
    }));
    const child = client(proxy, version, 'ada');
    expect(await result).toEqual(Array(2).fill('ERR_CLIENT_CERT_CONNECTION_CLOSED'));
  });

  test_('the server is closed meanwhile, with its connections', async () => {
    const outcomes = [];
    const { created, port } = await site(version, {
      handle: (incoming, response) => {
        outcomes.push(outcomeOf(receiveClientCertificate(incoming)), outcomeOf(receiveClientCertificate(incoming.socket)));
        child.kill('SIGSTOP');
        setTimeout(() => {
          created.close();
          created.closeAllConnections();
        }, 20);
        response.on('close', () => closed());
      },
    });
    let closed;
    const isClosed = new Promise((resolve) => {
      closed = resolve;
    });
    const child = client(port, version, 'ada');
    child.does(...request('GET /'), 'send ');
    await isClosed;
    expect(await Promise.all(outcomes)).toEqual(Array(2).fill('ERR_CLIENT_CERT_CONNECTION_CLOSED'));
  });

  test_('a server that is closed gently answers first', async () => {
    const { created, port } = await site(version, {
      handle: (incoming, response, guard, answer) => {
        guard(incoming, response, answer);
        created.close();
      },
    });
    const child = client(port, version, 'ada');
    child.does(...request('GET /private', 'Connection: close'), 'send ');
    expect(await child.output).toContain('answer to /private');
  });

  test_('requests that were sent before the answer, with bodies, and another route that asks at once', async () => {
    const { port, seen } = await site(version);
    const child = client(port, version, 'ada');
    const large = 'x'.repeat(70_000);
    child.does(
      ...request('GET /private/1'), 'send ', ...request('POST /private/2', `Content-Length: ${large.length}`), 'send ', `send ${large.slice(2)}`,
      ...request('GET /public'), 'send ', ...request('POST /private/3', 'Content-Length: 5'), 'send ', 'send abc', ...request('GET /private/4', 'Connection: close'), 'send ',
    );
    const output = await child.output;
    expect(output.match(/answer to \S+/g)).toEqual(['/private/1', '/private/2', '/public', '/private/3', '/private/4'].map((url) => `answer to ${url}`));
    expect(seen.filter(([url]) => url !== '/public').sort()).toEqual([['/private/1', 0], ['/private/2', 70_000], ['/private/3', 5], ['/private/4', 0]].map(([url, length]) => [url, 'CN=ada', length, {}]));
  });

  test_('one body that is too large is the end of its own request only', async () => {
    const { port } = await site(version, { onDemand: { maxBufferedBody: 1000 } });
    const child = client(port, version, 'ada');
    child.does(...request('GET /private/1'), 'send ', ...request('POST /private/2', 'Transfer-Encoding: chunked'), 'send ', 'send 7d0', `send ${'x'.repeat(2000)}`, 'send 0', 'send ', ...request('GET /private/3', 'Connection: close'), 'send ');
    const output = await child.output;
    expect(output).toMatch(/answer to \/private\/1[^]*(?:413 Payload|body_too_large|answer to \/private\/2)/);
  });

  test_('a body in chunks with trailers, for which the client waits to be told to go on, of a GET', async () => {
    const { port, seen } = await site(version);
    const child = client(port, version, 'ada');
    child.does(...request('POST /private/1', 'Transfer-Encoding: chunked', 'Trailer: X-Sum', 'Expect: 100-continue'), 'send ');
    await child.hears('100 Continue');
    child.does('send 5', 'send abcde', 'send 0', 'send X-Sum: 15', 'send ', ...request('GET /private/2', 'Content-Length: 4', 'Connection: close'), 'send ', 'send ab');
    await child.output;
    expect(seen).toEqual([['/private/1', 'CN=ada', 5, { 'x-sum': '15' }], ['/private/2', 'CN=ada', 4, {}]]);
  });

  test_('a handler that is asked before the client is told to go on', async () => {
    const { created, port, seen } = await site(version);
    created.on('checkContinue', (incoming, response) => {
      clientCertificate({ onDemand: true })(incoming, response, async () => {
        response.writeContinue();
        seen.push((await text(incoming)).trim());
        response.end('done');
      });
    });
    const child = client(port, version, 'ada');
    child.does(...request('POST /', 'Content-Length: 5', 'Expect: 100-continue', 'Connection: close'), 'send ');
    await child.hears('100 Continue');
    child.does('send abc');
    expect(await child.output).toContain('done');
    expect(seen).toEqual(['abc']);
  });

  test_('several that wait on behalf of one request; its body is read as ever', async () => {
    const { port, seen } = await site(version, {
      handle: async (incoming, response, guard, answer) => {
        const many = await Promise.all([1, 2, 3].map((timeout) => receiveClientCertificate(incoming, { timeout: timeout * 1000 })));
        expect(Object.hasOwn(incoming, 'push')).toBe(false);
        expect(many.map(({ valid }) => valid)).toEqual([true, true, true]);
        guard(incoming, response, answer);
      },
    });
    const child = client(port, version, 'ada');
    child.does(...request('POST /x', 'Content-Length: 10', 'Connection: close'), 'send ', 'send abc');
    await turns(20);
    child.does('send def');
    expect(await child.output).toContain('answer to /x');
    expect(seen).toEqual([['/x', 'CN=ada', 10, {}]]);
  });

  test_('an upgrade: what the client has sent already is not lost', async () => {
    const { created, port } = await site(version);
    const got = [];
    created.on('upgrade', async (incoming, socket, head) => {
      const subject = String((await receiveClientCertificate(incoming)).certificate.subject);
      got.push(subject);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
      let all = String(head);
      socket.on('data', (more) => {
        all += more;
        if (!all.includes('later')) return;
        got.push(all);
        socket.end('bye');
      });
    });
    const child = client(port, version, 'ada');
    child.does(...request('GET /', 'Connection: upgrade', 'Upgrade: x'), 'send ', 'send at once');
    await child.hears('101');
    child.does('send later');
    expect(await child.output).toContain('bye');
    expect(got).toEqual(['CN=ada', 'at once\r\nlater\r\n']);
  });

  test_('half of a response is written already', async () => {
    const { port } = await site(version, {
      handle: async (incoming, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        response.write('first half, ');
        response.write('x'.repeat(500_000));
        const info = await receiveClientCertificate(incoming);
        response.end(`, second half for ${info.certificate.subject}`);
      },
    });
    const child = client(port, version, 'ada');
    child.does(...request('GET /', 'Connection: close'), 'send ');
    expect(await child.output).toMatch(/first half, [^]*, second half for CN=ada/);
  });

  test_('a side that was ended asks nobody', async () => {
    const { port, result } = await raw(version, async (socket) => {
      // Node 20 to 24 do not survive that a connection ends while it begins.
      await turns(1);
      socket.end('bye');
      return outcomeOf(receiveClientCertificate(socket));
    });
    client(port, version, 'ada');
    expect(await result).toBe('ERR_CLIENT_CERT_CONNECTION_CLOSED');
  });

  test_('TLS over a stream that is no socket', async () => {
    const { created, port, seen } = await site(version);
    const proxy = await network.listen(net.createServer((socket) => {
      created.emit('connection', Duplex.from({ readable: socket, writable: socket }));
      socket.on('error', () => {});
    }));
    expect(port).toBeGreaterThan(0);
    const child = client(proxy, version, 'ada');
    child.does(...request('POST /private', 'Content-Length: 5', 'Connection: close'), 'send ', 'send abc');
    expect(await child.output).toContain('answer to /private');
    expect(seen).toEqual([['/private', 'CN=ada', 5, {}]]);
  });

  test_('workers that are terminated with a request outstanding', async () => {
    for (let run = 0; run < 20; run++) {
      const worker = new Worker(path.join(__dirname, '../support/asking-worker.js'), { workerData: { key: server.key, cert: server.cert, ca: root.pem, protocol: `TLSv${version}` } });
      const [{ port }] = await once(worker, 'message');
      // Every other client answers at that very moment.
      const child = client(port, version, run % 2 === 0 ? 'stall' : 'ada');
      await once(worker, 'message');
      expect(await worker.terminate()).toBe(1);
      child.kill('SIGKILL');
    }
  });

  test_('a process that exits with one', async () => {
    for (let run = 0; run < 3; run++) {
      const settings = JSON.stringify({ key: server.key, cert: server.cert, ca: root.pem, protocol: `TLSv${version}`, exits: true });
      const serving = spawn(process.execPath, [path.join(__dirname, '../support/asking-worker.js'), settings], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(serving, 'close');
      const [line] = await once(readline.createInterface({ input: serving.stdout }), 'line');
      client(JSON.parse(line).port, version, 'ada');
      expect(await ended).toEqual([7, null]);
    }
  });
});

describe('renegotiations', () => {
  testWith('g++')("Node's limit ends a connection, and says so", async () => {
    expect(tls.CLIENT_RENEG_LIMIT).toBe(3);
    const { port, result } = await raw('1.2', async (socket) => {
      const outcomes = [];
      for (let time = 0; time < tls.CLIENT_RENEG_LIMIT + 2; time++) outcomes.push(await outcomeOf(receiveClientCertificate(socket, { retry: true })));
      return [outcomes, socket.destroyed];
    });
    client(port, '1.2', 'none');
    expect(await result).toEqual([['nobody', 'nobody', 'nobody', 'ERR_CLIENT_CERT_RENEGOTIATION_LIMIT', 'ERR_CLIENT_CERT_CONNECTION_CLOSED'], true]);
  });

  testWith('g++')("Node's limit, in the middleware", async () => {
    const thrown = [];
    let answered = () => {};
    const { port } = await site('1.2', {
      handle: (incoming, response) => {
        response.on('finish', () => answered());
        clientCertificate({ onDemand: { retry: true } })(incoming, response, (error) => thrown.push(error.code));
      },
    });
    const child = client(port, '1.2', 'none');
    for (let time = 1; time <= 4; time++) {
      child.does(...request(`GET /${time}`), 'send ');
      if (time < 4) {
        await new Promise((resolve) => {
          answered = resolve;
        });
      }
    }
    const output = await child.output;
    expect(output.match(/403 Forbidden/g)).toHaveLength(3);
    expect(thrown).toEqual(['ERR_CLIENT_CERT_RENEGOTIATION_LIMIT']);
  });

  testWith('g++')('the mode is put back: whoever had nothing to show is not asked in a renegotiation of its own', async () => {
    const { port, result } = await raw('1.2', async (socket) => {
      const first = await outcomeOf(receiveClientCertificate(socket));
      socket.write('asked');
      await once(socket, 'data');
      return [first, getClientCertInfo(socket)];
    });
    const child = client(port, '1.2', 'none', 'ada');
    await child.hears('asked');
    child.does('renegotiate', 'send hello');
    expect(await result).toEqual(['nobody', null]);
  });

  testWith('g++')('the client begins one of its own when it is asked', async () => {
    const { port, result } = await raw('1.2', async (socket) => {
      child.kill('SIGSTOP');
      child.does('renegotiate', 'send hello');
      const receiving = outcomeOf(receiveClientCertificate(socket));
      await turns(10);
      child.kill('SIGCONT');
      return receiving;
    });
    const child = client(port, '1.2', 'ada');
    expect(await result).toBe('CN=ada: SEC_E_OK');
  });

  test('a client that refuses to', async () => {
    const { port, result } = await raw('1.2', (socket) => outcomeOf(receiveClientCertificate(socket)));
    const { SSL_OP_NO_RENEGOTIATION } = require('node:crypto').constants;
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, secureOptions: SSL_OP_NO_RENEGOTIATION ?? 1 << 30 });
    socket.on('error', () => {});
    expect(await result).toBe('ERR_CLIENT_CERT_CONNECTION_CLOSED');
  });
});

test('a request without TLS is a mistake', async () => {
  const port = await network.listen(http.createServer((incoming, response) => {
    receiveClientCertificate(incoming).catch((error) => response.end(error.name));
  }));
  const [response] = await once(http.get({ port, host: '127.0.0.1', agent: false }), 'response');
  expect(await text(response)).toBe('TypeError');
});
