'use strict';
// node late-load.js "connection|context|nothing|protected CLIENT VERSION": loads the package only once the connection, or the TLS context, exists; prints
// what it then says of the client.

const { once } = require('node:events');
const tls = require('node:tls');

const { extensions } = require('./certificate-builder.js');
const { Authority, SERVER_AUTH, daysFromNow } = require('./pki.js');

const [existing, who, version] = process.argv[2].split(' ');
const root = new Authority('Root');
const EXPIRED = { notBefore: daysFromNow(-9), notAfter: daysFromNow(-3) };
const clients = {
  valid: () => root.issue(),
  expired: () => root.issue(EXPIRED),
  wrong: () => root.issue({ ...EXPIRED, extensions: [extensions.extendedKeyUsage([SERVER_AUTH])] }),
  none: () => ({}),
  aged: () => {
    const intermediate = new Authority('Intermediate', { issuer: root, notAfter: daysFromNow(2) });
    return intermediate.issue({ present: [intermediate] });
  },
};
const { cert, key } = root.issueServer(['localhost']);

/** @param {tls.TLSSocket} socket */
function say(socket) {
  const { getClientCertInfo } = require('../..');
  if (who === 'aged') {
    const later = daysFromNow(4).getTime();
    Date.now = () => later;
  }
  try {
    const info = getClientCertInfo(socket);
    return info && {
      flags: info.certFlagsName,
      problems: info.problems.map(({ code, depth }) => `${code}@${depth}`),
      presented: info.certificate.subject.get('CN')[0],
      resumed: info.resumed,
    };
  } catch ({ code }) {
    return { code };
  }
}

/** Whom a protected server lets in whose TLS context is older than the package: a client that only the verifier knows to be revoked. */
async function protectedLate() {
  const client = root.issue();
  const server = tls.createServer({ key, cert, ca: root.pem, requestCert: true, rejectUnauthorized: true, minVersion: version, maxVersion: version });
  const { Verifier } = require('../..');
  const verifier = new Verifier({ ca: root.pem, crls: root.crl([client]) });
  verifier.protect(server);
  const seen = [];
  server.on('secureConnection', (socket) => !socket.destroyed && seen.push(socket.authorized));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = tls.connect({ port: server.address().port, host: '127.0.0.1', rejectUnauthorized: false, key: client.key, cert: client.cert });
  socket.on('error', () => {}).resume();
  await new Promise((resolve) => socket.on('close', resolve));
  process.stdout.write(JSON.stringify({ seen, verified: verifier.stats().verifications > 0 }));
  process.exit();
}

async function main() {
  if (existing === 'nothing') require('../..');
  const server = tls.createServer({
    key, cert, ca: root.pem, requestCert: true, rejectUnauthorized: false, minVersion: version, maxVersion: version,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const credential = (clients[who] ?? clients.valid)();

  /** @param {Buffer} [session] */
  const connect = async (session) => {
    const { port } = server.address();
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, session, ...credential });
    const ticket = session ? [session] : once(socket, 'session');
    socket.resume();
    const [[serverEnd]] = await Promise.all([once(server, 'secureConnection'), once(socket, 'secureConnect')]);
    return { serverEnd, clientEnd: socket, session: (await ticket)[0] };
  };

  if (existing === 'context') require('../..');
  const first = await connect();
  const { serverEnd, clientEnd } = who === 'resumed' ? await connect(first.session) : first;
  if (who === 'renegotiated' || who === 'traced') {
    if (who === 'traced') serverEnd.enableTrace();
    const before = say(serverEnd);
    const { getClientCertInfo } = require('../..');
    const kept = getClientCertInfo(serverEnd);
    await new Promise((resolve) => serverEnd.renegotiate({ requestCert: true, rejectUnauthorized: false }, resolve));
    process.stdout.write(JSON.stringify({ before, anew: getClientCertInfo(serverEnd) !== kept }));
    process.exit();
  }
  process.stdout.write(JSON.stringify(say(who === 'client-end' ? clientEnd : serverEnd)));
  process.exit();
}

void (existing === 'protected' ? protectedLate() : main());
