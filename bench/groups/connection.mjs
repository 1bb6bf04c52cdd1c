// What a connection's client presented, asked for again and again.

import { once } from 'node:events';
import tls from 'node:tls';

import { client, library, root } from '../support/inputs.mjs';
import { ratioOf } from '../support/measure.mjs';

/** Both ends of a mutual TLS connection. @returns {Promise<{ server: tls.TLSSocket, end: () => void }>} */
async function connect() {
  const server = tls.createServer({ ...root.issueServer(['localhost']), ca: root.pem, requestCert: true, rejectUnauthorized: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = tls.connect({ port: server.address().port, host: '127.0.0.1', rejectUnauthorized: false, ...client });
  const [[serverEnd]] = await Promise.all([once(server, 'secureConnection'), once(socket, 'secureConnect')]);
  return {
    server: serverEnd,
    end() {
      socket.destroy();
      server.close();
    },
  };
}

/** @param {import('../support/measure.mjs').Report} report */
export default async function connection(report) {
  const { getClientCertInfo } = library;
  const { server, end } = await connect();
  const rows = await report.compare('what the client presented, second and later calls on a connection', [
    ['getClientCertInfo(socket)', () => getClientCertInfo(server)],
    ['socket.getPeerCertificate()', () => server.getPeerCertificate()],
    ['socket.getPeerCertificate(true)', () => server.getPeerCertificate(true)],
  ]);
  report.atLeast(
    'getClientCertInfo(socket), second and later calls', 'socket.getPeerCertificate()',
    ratioOf(rows['socket.getPeerCertificate()'], rows['getClientCertInfo(socket)']), 100,
    { remark: 'the peer says nothing of validity' },
  );
  end();
}
