'use strict';
// One verdict for a connection, as long as it holds; whatever others do to the socket meanwhile.

const { once } = require('node:events');

const { getClientCertInfo } = require('../..');
const { Authority, daysFromNow } = require('../support/pki.js');
const { Network, VERSIONS, only } = require('../support/tls.js');

const root = new Authority('Root');
const intermediate = new Authority('Intermediate', { issuer: root });
const client = intermediate.issue({ present: [intermediate] });
const { key, cert } = root.issueServer(['localhost']);
const options = { key, cert, ca: root.pem };

const network = new Network();
afterEach(async () => {
  jest.restoreAllMocks();
  await network.end();
});

describe.each(VERSIONS)('over %s', (version) => {
  test.each([
    ['getPeerX509Certificate()', (socket) => socket.getPeerX509Certificate()],
    ['getPeerX509Certificate(), twice', (socket) => [socket.getPeerX509Certificate(), socket.getPeerX509Certificate()]],
    ['getPeerCertificate(true)', (socket) => socket.getPeerCertificate(true)],
  ])('the chain is there after somebody called %s', async (_title, call) => {
    const { connect } = await network.server({ ...options, ...only(version) }, (socket) => {
      call(socket);
      return getClientCertInfo(socket);
    });
    const { value: info } = await connect(client);
    expect(info.valid).toBe(true);
    expect(info.presentedChainEncoded).toEqual([client.der, intermediate.der]);
  });

  test('it is kept, and made anew once a certificate expires', async () => {
    const { connect } = await network.server({ ...options, ...only(version) }, (socket) => {
      const first = getClientCertInfo(socket);
      const again = getClientCertInfo(socket);
      jest.spyOn(Date, 'now').mockReturnValue(daysFromNow(11).getTime());
      const expired = getClientCertInfo(socket);
      jest.restoreAllMocks();
      return { first, again, expired };
    });
    const { value } = await connect(client);
    expect(value.again).toBe(value.first);
    expect(value.first.validUntil).toEqual(value.first.certificate.notAfter);
    expect(value.expired.problems.map(({ code }) => code)).toEqual(['CERT_EXPIRED']);
    expect(value.expired.presentedChainEncoded).toEqual(value.first.presentedChainEncoded);
  });

  test('it ends when a CRL is due', async () => {
    const nextUpdate = daysFromNow(2);
    const crl = [root.crl([], { nextUpdate: daysFromNow(3) }), intermediate.crl([], { nextUpdate })];
    const { connect } = await network.server({ ...options, ...only(version), crl }, (socket) => {
      const first = getClientCertInfo(socket);
      jest.spyOn(Date, 'now').mockReturnValue(nextUpdate.getTime());
      const stale = getClientCertInfo(socket);
      jest.restoreAllMocks();
      return { first, stale };
    });
    const { value } = await connect(client);
    expect(value.first.valid).toBe(true);
    expect(value.first.validUntil).toEqual(nextUpdate);
    expect(value.stale.problems.map(({ code, depth }) => `${code}@${depth}`)).toEqual(['REVOCATION_STALE@0']);
  });

  test('it begins to be valid on time', async () => {
    const notBefore = daysFromNow(1);
    const early = root.issue({ notBefore, notAfter: daysFromNow(5) });
    const { connect } = await network.server({ ...options, ...only(version) }, (socket) => {
      const first = getClientCertInfo(socket);
      jest.spyOn(Date, 'now').mockReturnValue(daysFromNow(2).getTime());
      const later = getClientCertInfo(socket);
      jest.restoreAllMocks();
      return { first, later };
    });
    const { value } = await connect(early);
    expect(value.first.problems.map(({ code }) => code)).toEqual(['CERT_NOT_YET_VALID']);
    expect(value.first.validUntil).toEqual(notBefore);
    expect(value.later.valid).toBe(true);
  });
});

describe('after a renegotiation', () => {
  /** @param {import('node:tls').TLSSocket} socket */
  const renegotiate = (socket) =>
    new Promise((resolve, reject) => {
      socket.renegotiate({ requestCert: true, rejectUnauthorized: false }, (error) => (error ? reject(error) : resolve()));
    });

  test('it is made anew', async () => {
    const { connect } = await network.server({ ...options, ...only('TLSv1.2') }, async (socket) => {
      const first = getClientCertInfo(socket);
      await renegotiate(socket);
      return { first, second: getClientCertInfo(socket) };
    });
    const { value } = await connect(client);
    expect(value.second).not.toBe(value.first);
    expect([value.first.valid, value.second.valid]).toEqual([true, true]);
    expect(value.second.presentedChainEncoded).toEqual([client.der, intermediate.der]);
  });

  test('of one connection, another that is gone is still told about', async () => {
    const { connect } = await network.server({ ...options, ...only('TLSv1.2') }, async (socket) => {
      const first = getClientCertInfo(socket);
      return { first, after: new Promise((resolve) => socket.on('close', () => resolve(getClientCertInfo(socket)))), socket };
    });
    const { connect: connectOther } = await network.server({ ...options, ...only('TLSv1.2') }, async (socket) => {
      getClientCertInfo(socket);
      await renegotiate(socket);
    });
    const [{ value }] = await Promise.all([connect(client), connectOther(client)]);
    expect(await value.after).toBe(value.first);
  });
});

test('a clock that is set back makes it anew', async () => {
  const { connect } = await network.server(options, (socket) => {
    const moments = [0, 20, 1, -20].map((days) => daysFromNow(days).getTime());
    const told = moments.map((moment) => {
      jest.spyOn(Date, 'now').mockReturnValue(moment);
      return getClientCertInfo(socket).problems.map(({ code }) => code);
    });
    jest.restoreAllMocks();
    return told;
  });
  expect((await connect(client)).value).toEqual([[], ['CERT_EXPIRED'], [], ['CERT_NOT_YET_VALID']]);
});

test('what can be changed in place is a copy', async () => {
  const { connect } = await network.server(options, (socket) => {
    const info = getClientCertInfo(socket);
    info.certEncoded.fill(0);
    info.presentedChainEncoded[0].fill(0);
    info.validUntil.setTime(0);
    return info;
  });
  const { value: info } = await connect(client);
  expect(info.certEncoded).toEqual(client.der);
  expect(info.presentedChainEncoded[0]).toEqual(client.der);
  expect(info.validUntil.getTime()).toBeGreaterThan(Date.now());
  for (const frozen of [info, info.problems, info.elements, info.elements[0], info.presentedChain]) {
    expect(Object.isFrozen(frozen)).toBe(true);
  }
  expect(JSON.parse(JSON.stringify(info))).toMatchObject({ valid: true, certFlagsName: 'SEC_E_OK', resumed: false });
});

test('many connections at once are not mixed up', async () => {
  const found = [];
  const { port } = await network.server(options, (socket) => {
    found.push(getClientCertInfo(socket).certificate.subject.get('CN')[0]);
  });
  const names = Array.from({ length: 100 }, (_, i) => `client ${i}`);
  await Promise.all(
    names.map(async (CN) => {
      const socket = require('node:tls').connect({
        port, host: '127.0.0.1', rejectUnauthorized: false, ...root.issue({ subject: { CN } }),
      });
      socket.resume();
      await once(socket, 'close');
    }),
  );
  expect(found.sort()).toEqual(names.sort());
});
