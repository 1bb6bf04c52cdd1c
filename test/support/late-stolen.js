'use strict';
// node late-stolen.js FOLDER "connection|context|nothing" "asked|protected|context": the client of a TLS 1.2 connection shows somebody else's certificate in a renegotiation, and stops before it
// would have to prove that it is its own. The package is loaded once the connection, or the TLS context, exists; prints what it says of the client then.

const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');

const { ChangingClient } = require('./changing-client.js');
const { Authority } = require('./pki.js');

const [, , folder, existing, how] = process.argv;
const RECORD_HEADER = 5;
const HANDSHAKE = 22;

async function main() {
  const root = new Authority('Root');
  const { cert, key } = root.issueServer(['localhost']);
  const [victim, mallory] = ['victim', 'mallory'].map((CN) => root.issue({ subject: { CN } }));
  fs.writeFileSync(path.join(folder, 'victim'), victim.cert);
  fs.writeFileSync(path.join(folder, 'mallory'), mallory.cert + mallory.key);
  ChangingClient.build(folder);
  if (existing === 'nothing') require('../..');
  const server = tls.createServer({ key, cert, ca: root.pem, requestCert: true, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  if (existing === 'context') require('../..');
  if (existing !== 'connection' && how === 'protected') new (require('../..').Verifier)({ ca: root.pem }).protect(server);

  // Of the renegotiation the ClientHello passes, and the Certificate; nothing after it.
  let isHolding = false;
  let passed = 0;
  const between = net.createServer((client) => {
    const upstream = net.connect(server.address().port, '127.0.0.1');
    upstream.pipe(client);
    let left = Buffer.alloc(0);
    client.on('data', (more) => {
      left = Buffer.concat([left, more]);
      while (left.length >= RECORD_HEADER && left.length >= RECORD_HEADER + left.readUInt16BE(3)) {
        const record = left.subarray(0, RECORD_HEADER + left.readUInt16BE(3));
        left = left.subarray(record.length);
        if (isHolding && record[0] === HANDSHAKE) passed += 1;
        if (passed <= 2) upstream.write(record);
        else process.emit('held');
      }
    });
  });
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  let end = () => {};
  const client = new ChangingClient({ atEnd: (kill) => (end = kill) }, between.address().port, '1.2', [existing === 'connection' ? 'mallory' : 'none', 'stolen:victim']);
  const [socket] = await once(server, 'secureConnection');
  socket.on('error', () => {}).resume();
  const { Verifier, getClientCertInfo, getSecurityContext } = require('../..');
  const verifier = new Verifier({ ca: root.pem });
  if (how === 'asked') getClientCertInfo(socket);
  if (how === 'context') getSecurityContext(socket);
  isHolding = true;
  const isHeld = once(process, 'held');
  client.does('renegotiate');
  await isHeld;
  for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate);
  const found = [undefined, { verifier }].map((options) => {
    try {
      return getClientCertInfo(socket, options)?.valid ?? null;
    } catch ({ code }) {
      return code;
    }
  });
  end();
  process.stdout.write(JSON.stringify(found));
  process.exit();
}

main();
