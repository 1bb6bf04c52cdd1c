'use strict';
// Resumed sessions: TLS verifies nothing then, and Node says authorized whatever has happened since.

const crypto = require('node:crypto');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const { getClientCertInfo } = require('../..');
const { extension } = require('../support/certificate-builder.js');
const der = require('../support/der.js');
const { Authority } = require('../support/pki.js');
const { Network, VERSIONS, keepSessions, only } = require('../support/tls.js');

const root = new Authority('Root');
const intermediate = new Authority('Intermediate', { issuer: root });
const otherRoot = new Authority('Other Root');
const client = intermediate.issue({ present: [intermediate] });
const { key, cert } = root.issueServer(['localhost']);
const ticketKeys = crypto.randomBytes(48);

const observe = (socket) => ({
  info: getClientCertInfo(socket),
  reused: socket.isSessionReused(),
  authorized: socket.authorized,
});

const network = new Network();
afterEach(() => network.end());

describe.each(VERSIONS)('over %s', (version) => {
  const options = { ...only(version), key, cert, ca: root.pem, ticketKeys };

  test('the verdict and the presented chain are those of the full handshake', async () => {
    const { connect } = await network.server(options, observe);
    const { value: full, session } = await connect(client);
    const { value: resumed } = await connect({ ...client, session });

    expect([full.reused, resumed.reused]).toEqual([false, true]);
    expect([full.info.resumed, resumed.info.resumed]).toEqual([false, true]);
    expect(resumed.info.certFlagsName).toBe('SEC_E_OK');
    expect(resumed.info.presentedChainEncoded).toEqual([client.der, intermediate.der]);
    expect(resumed.info.presentedChain.map(({ subject }) => subject.get('CN')[0])).toEqual(['client', 'Intermediate']);
    expect(resumed.info.elements.length).toBe(3);
  });

  test('the chain survives a resumption of a resumption', async () => {
    const { connect } = await network.server(options, observe);
    let { session } = await connect(client);
    for (let round = 0; round < 3; round++) {
      const outcome = await connect({ ...client, session });
      expect(outcome.value.reused).toBe(true);
      expect(outcome.value.info.presentedChainEncoded.length).toBe(2);
      session = outcome.session ?? session;
    }
  });

  test.each([
    ['the leaf', () => [root.crl(), intermediate.crl([client])], 'CERT_REVOKED@0'],
    ['its CA', () => [root.crl([intermediate]), intermediate.crl()], 'CERT_REVOKED@1'],
  ])('revoked since: %s', async (_title, crl, problem) => {
    const before = await network.server({ ...options, crl: [root.crl(), intermediate.crl()] }, observe);
    const { value: full, session } = await before.connect(client);
    const after = await network.server({ ...options, crl: crl() }, observe);
    const { value: resumed } = await after.connect({ ...client, session });

    expect(full.info.valid).toBe(true);
    expect(resumed.reused).toBe(true);
    expect(resumed.authorized).toBe(true); // Node's word
    expect(resumed.info.certFlagsName).toBe('CERT_E_REVOKED');
    expect(resumed.info.problems.map(({ code, depth }) => `${code}@${depth}`)).toEqual([problem]);
  });

  test('revoked since, on the same server by setSecureContext()', async () => {
    const { server, connect } = await network.server({ ...options, crl: [root.crl(), intermediate.crl()] }, observe);
    const { value: full, session } = await connect({ ...client, servername: 'localhost' });
    server.setSecureContext({ ...options, crl: [root.crl(), intermediate.crl([client])] });
    const { value: resumed } = await connect({ ...client, servername: 'localhost', session });

    expect(full.info.valid).toBe(true);
    expect(resumed.info.certFlagsName).toBe('CERT_E_REVOKED');
  });

  test('its CA no longer trusted, where the session is resumed by another server', async () => {
    const { session } = await (await network.server(options, observe)).connect(client);
    const other = await network.server({ ...options, ca: otherRoot.pem }, observe);
    const { value: resumed } = await other.connect({ ...client, session });

    expect(resumed.authorized && resumed.reused).toBe(true);
    expect(resumed.info.certFlagsName).toBe('CERT_E_CHAINING');
    expect(resumed.info.presentedChainEncoded.length).toBe(2);
  });

  test('a session without a certificate, from a listener that asks for none', async () => {
    const open = await network.server({ ...options, requestCert: false }, observe);
    const { value: anonymous, session } = await open.connect();
    const closed = await network.server({ ...options, rejectUnauthorized: false }, observe);
    const { value: resumed } = await closed.connect({ session });

    expect(anonymous.info).toBeNull();
    expect(resumed.reused).toBe(true);
    expect(resumed.info).toBeNull();
  });

  test('with rejectUnauthorized, where Node lets the revoked client in', async () => {
    const strict = { ...options, rejectUnauthorized: true };
    const before = await network.server({ ...strict, crl: [root.crl(), intermediate.crl()] }, observe);
    const { session } = await before.connect(client);
    const after = await network.server({ ...strict, crl: [root.crl(), intermediate.crl([client])] }, observe);
    const { value: resumed } = await after.connect({ ...client, session });
    expect(resumed.info.certFlagsName).toBe('CERT_E_REVOKED');
  });

  test('a chain that is too long for a ticket stays in the process', async () => {
    const padded = new Authority('Padded', { issuer: root, more: [extension('1.2.3.4', der.octets(Buffer.alloc(9000, 1)))] });
    const heavy = padded.issue({ present: [padded] });
    const { connect } = await network.server(options, observe);
    const { session } = await connect(heavy);
    const { value: resumed } = await connect({ ...heavy, session });

    expect(session.length).toBeLessThan(9000);
    expect(resumed.reused).toBe(true);
    expect(resumed.info.valid).toBe(true);
    expect(resumed.info.presentedChainEncoded).toEqual([heavy.der, padded.der]);
  });

  test('another process that shares the ticket keys knows the chain', async () => {
    const { session } = await (await network.server(options, observe)).connect(client);
    const child = fork(path.join(__dirname, '../support/resuming-server.js'));
    network.atEnd(() => child.kill());
    child.send({ ...options, ticketKeys: ticketKeys.toString('base64'), crl: [root.crl(), intermediate.crl([client])] });
    const [{ port }] = await once(child, 'message');
    const said = once(child, 'message');
    const socket = require('node:tls').connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...client, session });
    socket.resume();
    const [resumed] = await said;
    socket.destroy();

    expect(resumed).toEqual({ reused: true, authorized: true, flags: 'CERT_E_REVOKED', chain: 2, valid: false });
  });

  describe('with a virtual host that trusts another root', () => {
    const atOther = otherRoot.issue();
    const start = async () => {
      const started = await network.server(options, observe);
      started.server.addContext('other.test', { key, cert, ca: otherRoot.pem });
      return started;
    };

    test.each([
      ['the same name', 'other.test', 'SEC_E_OK'],
      ['another name', 'localhost', 'CERT_E_CHAINING'],
      ['no name', '', 'CERT_E_CHAINING'],
    ])('a session of that host, resumed under %s', async (_title, servername, flags) => {
      const { connect } = await start();
      const { value: full, session } = await connect({ ...atOther, servername: 'other.test' });
      const { value: again } = await connect({ ...atOther, servername, session });
      expect(full.info.valid).toBe(true);
      expect(again.info.certFlagsName).toBe(flags);
    });

    test('a session of the default host, resumed under the name of that host', async () => {
      const { connect } = await start();
      const { value: full, session } = await connect({ ...client, servername: 'localhost' });
      const { value: again } = await connect({ ...client, servername: 'other.test', session });
      expect(full.info.valid).toBe(true);
      expect(again.info.certFlagsName).toBe('CERT_E_CHAINING');
    });

    test('a session of a virtual host with the same trust resumes', async () => {
      const { server, connect } = await start();
      server.addContext('twin.test', { key, cert, ca: root.pem });
      const { session } = await connect({ ...client, servername: 'twin.test' });
      const { value: again } = await connect({ ...client, servername: 'twin.test', session });
      expect([again.reused, again.info.valid]).toEqual([true, true]);
    });
  });
});

test('TLS 1.2 sessions that the application keeps carry the chain too', async () => {
  const { server, connect } = await network.server(
    { ...only('TLSv1.2'), key, cert, ca: root.pem, secureOptions: crypto.constants.SSL_OP_NO_TICKET },
    observe,
  );
  const sessions = keepSessions(server);
  const { session } = await connect(client);
  const { value: resumed } = await connect({ ...client, session });

  expect(sessions.size).toBeGreaterThan(0);
  expect(resumed.reused).toBe(true);
  expect(resumed.info.valid).toBe(true);
  expect(resumed.info.presentedChainEncoded).toEqual([client.der, intermediate.der]);
});

test('a TLS 1.2 session that the application keeps does not change its virtual host', async () => {
  const again = (socket) => {
    const first = observe(socket);
    jest.spyOn(Date, 'now').mockReturnValue(first.info?.validUntil.getTime() ?? 0);
    const later = observe(socket);
    jest.restoreAllMocks();
    return { ...first, later };
  };
  const { server, connect } = await network.server(
    { ...only('TLSv1.2'), key, cert, ca: root.pem, secureOptions: crypto.constants.SSL_OP_NO_TICKET },
    again,
  );
  server.addContext('other.test', { key, cert, ca: otherRoot.pem });
  keepSessions(server);
  // Valid by the default host's trust, and in a session of the other host.
  const { session } = await connect({ ...client, servername: 'other.test' });
  const { value: resumed } = await connect({ ...client, servername: 'other.test', session });
  expect(resumed.reused).toBe(true);
  expect(resumed.info.problems.map(({ code }) => code)).toEqual(['VERIFICATION_INCOMPLETE']);
  // Nor does it once the verdict is made anew.
  expect(resumed.later.info).not.toBe(resumed.info);
  expect(resumed.later.info.problems.map(({ code }) => code)).toContain('VERIFICATION_INCOMPLETE');
});
