'use strict';
// Two identities never share a connection or a TLS session.

const { once } = require('node:events');
const https = require('node:https');
const { text } = require('node:stream/consumers');
const tls = require('node:tls');

const undici = require('undici');

const { Authority } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');
const { ClientCertAgent, clientCertConnector, getClientCertInfo } = require('../..');

const root = new Authority('root');
const server = root.issueServer(['localhost']);
const people = Object.fromEntries(['alice', 'bob', ''].map((name) => [name, root.issue({ subject: { CN: name || 'nobody' } })]));
const credential = ({ cert, key }) => ({ cert, key });

let network;
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

/** Says who asks, on which of its connections, and whether that resumed a session. @returns {Promise<number>} the port */
async function serve(version) {
  let connections = 0;
  const numbers = new WeakMap();
  const listening = https.createServer({ key: server.key, cert: server.cert, ca: root.pem, requestCert: true, rejectUnauthorized: false, ...(version && only(version)) }, (request, response) => {
    if (!numbers.has(request.socket)) numbers.set(request.socket, ++connections);
    const info = getClientCertInfo(request);
    response.end(JSON.stringify([info && info.certificate.subject.get('CN')[0], numbers.get(request.socket), request.socket.isSessionReused()]));
  });
  return network.listen(listening);
}

async function get(port, agent, identity, more = {}) {
  const request = https.get({ port, host: '127.0.0.1', servername: 'localhost', agent, ...(identity !== undefined && { identity }), ...more });
  const [response] = await once(request, 'response');
  const answer = JSON.parse(await text(response));
  // The connection is given back to the agent after the answer's end.
  await new Promise(setImmediate);
  return answer;
}

describe.each(VERSIONS)('ClientCertAgent over %s', (version) => {
  const made = (asked = []) => {
    const agent = new ClientCertAgent({ ca: root.pem, keepAlive: true, ...only(version) }, ({ identity, servername }) => {
      asked.push([identity, servername]);
      return credential(people[identity]);
    });
    network.atEnd(() => agent.destroy());
    return agent;
  };

  test('a connection is kept for its identity alone', async () => {
    const port = await serve(version);
    const asked = [];
    const agent = made(asked);
    expect(await get(port, agent, 'alice')).toEqual(['alice', 1, false]);
    expect(await get(port, agent, 'bob')).toEqual(['bob', 2, false]);
    expect(await get(port, agent, 'alice')).toEqual(['alice', 1, false]);
    expect(await get(port, agent)).toEqual(['nobody', 3, false]);
    expect(await get(port, agent, 'bob')).toEqual(['bob', 2, false]);
    expect(asked).toEqual([['alice', 'localhost'], ['bob', 'localhost'], ['', 'localhost']]);
  });

  test('a session is resumed for its identity alone', async () => {
    const port = await serve(version);
    const agent = made();
    const close = { headers: { connection: 'close' } };
    expect(await get(port, agent, 'alice', close)).toEqual(['alice', 1, false]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await get(port, agent, 'bob', close)).toEqual(['bob', 2, false]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await get(port, agent, 'alice', close)).toEqual(['alice', 3, true]);
    expect(await get(port, agent, undefined, close)).toEqual(['nobody', 4, false]);
  });

  test('what is forgotten is not used again, neither connection nor session', async () => {
    const port = await serve(version);
    const asked = [];
    const agent = made(asked);
    expect(await get(port, agent, 'alice')).toEqual(['alice', 1, false]);
    expect(await get(port, agent, 'bob')).toEqual(['bob', 2, false]);
    agent.forget('alice');
    expect(await get(port, agent, 'alice')).toEqual(['alice', 3, false]);
    expect(await get(port, agent, 'bob')).toEqual(['bob', 2, false]);
    expect(asked.map(([identity]) => identity)).toEqual(['alice', 'bob', 'alice']);
  });

  test('a connection in use when its identity is forgotten ends with its request', async () => {
    const listening = https.createServer({ key: server.key, cert: server.cert, ca: root.pem, requestCert: true, ...only(version) }, (request, response) => {
      listening.emit('asked', response);
    });
    const port = await network.listen(listening);
    const agent = made();
    const request = https.get({ port, host: '127.0.0.1', servername: 'localhost', agent, identity: 'alice' });
    const [answer] = await once(listening, 'asked');
    agent.forget('alice');
    answer.end('x');
    const [response] = await once(request, 'response');
    const closed = once(request.socket, 'close');
    await text(response);
    await closed;
    expect([Object.keys(agent.sockets), Object.keys(agent.freeSockets)]).toEqual([[], []]);
  });
});

test('names that look alike are not the same', () => {
  const agent = new ClientCertAgent({}, () => false);
  const names = [undefined, '', 'a', 'a:', ':a', '"a"', 'a",1', '\0'].map((identity) => agent.getName({ host: 'h', port: 1, identity }));
  expect(new Set(names).size).toBe(names.length - 1);
  expect(names[0]).toBe(names[1]);
});

test.each([
  ['a certificate', () => new ClientCertAgent({ cert: 'x' }, () => false), /would never be asked/],
  ['a context', () => new ClientCertAgent({ secureContext: tls.createSecureContext() }, () => false), /would never be asked/],
  ['no callback', () => new ClientCertAgent({}), /callback must be a function/],
  ['what Node.js refuses', () => new ClientCertAgent({ minVersion: 'TLSv9' }, () => false), /TLSv9/],
  ['a request with a certificate of its own', () => https.get({ port: 1, host: '127.0.0.1', agent: new ClientCertAgent({}, () => false), cert: 'x' }), /would never be asked/],
  ['a request with trust of its own', () => https.get({ port: 1, host: '127.0.0.1', agent: new ClientCertAgent({}, () => false), ca: root.pem }), /'ca' is an option of the agent/],
  ['an identity that is no text', () => https.get({ port: 1, host: '127.0.0.1', agent: new ClientCertAgent({}, () => false), identity: {} }), /identity must be a string/],
  ['a connector without callback', () => clientCertConnector({}), /callback must be a function/],
  ['a connector with a certificate', () => clientCertConnector({ pfx: 'x' }, () => false), TypeError],
  ['a connector with an unknown option', () => clientCertConnector({ timeuot: 1 }, () => false), /did you mean 'timeout'/],
  ['a connector with a timeout that is none', () => clientCertConnector({ timeout: -1 }, () => false), /timeout must be/],
  ['a connector with allowH2 that is no boolean', () => clientCertConnector({ allowH2: 1 }, () => false), /allowH2 must be/],
])('%s', (_, make, error) => expect(make).toThrow(error));

describe('undici', () => {
  test.each([[false], [true]])('one Agent for each identity (HTTP/2: %s)', async (allowH2) => {
    const port = await serve();
    const agents = Object.fromEntries(
      Object.entries(people).map(([name, person]) => [name, new undici.Agent({ allowH2, connect: clientCertConnector({ ca: root.pem, allowH2 }, () => credential(person)) })]),
    );
    network.atEnd(() => Promise.all(Object.values(agents).map((agent) => agent.destroy())));
    const ask = async (name) => (await undici.request(`https://localhost:${port}/`, { dispatcher: agents[name] })).body.json();
    const asked = [];
    for (const name of ['alice', 'bob', 'alice', '', 'bob']) asked.push(await ask(name));
    expect(asked.map(([name]) => name)).toEqual(['alice', 'bob', 'alice', 'nobody', 'bob']);
    expect(asked.map(([, connection]) => connection)).toEqual([1, 2, 1, 3, 2]);
  });

  test('a connector that two Agents have keeps no session', async () => {
    const port = await serve();
    let turn = 0;
    const connect = clientCertConnector({ ca: root.pem }, () => credential([people.alice, people.bob][turn++]));
    const agents = [new undici.Agent({ connect }), new undici.Agent({ connect })];
    network.atEnd(() => Promise.all(agents.map((agent) => agent.destroy())));
    const answers = [];
    for (const dispatcher of agents) answers.push(await (await undici.request(`https://localhost:${port}/`, { dispatcher })).body.json());
    expect(answers).toEqual([['alice', 1, false], ['bob', 2, false]]);
  });

  test('http: is refused, nobody there is an error, silence a timeout', async () => {
    const dispatcher = new undici.Agent({ connect: clientCertConnector({ timeout: 50 }, () => false) });
    network.atEnd(() => dispatcher.destroy());
    await expect(undici.request('http://127.0.0.1:1/', { dispatcher })).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_NOT_SUPPORTED' });
    await expect(undici.request('https://127.0.0.1:1/', { dispatcher })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const silent = await network.listen(require('node:net').createServer());
    await expect(undici.request(`https://127.0.0.1:${silent}/`, { dispatcher })).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_TIMEOUT' });
  });
});
