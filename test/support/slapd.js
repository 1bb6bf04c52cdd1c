'use strict';
// A real OpenLDAP server on loopback, in the foreground, with a folder of its own.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

/** @returns {Promise<number>} one that nobody listens on; slapd cannot be told to pick one itself */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {number} port @returns {Promise<boolean>} */
const answers = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/**
 * @param {import('./tls.js').Network} network ends it
 * @param {string} folder
 * @param {{ cert: string, key: string, ca: string, verify: 'demand' | 'allow' | 'try' | 'never', protocol?: string }} options protocol: the lowest
 * @returns {Promise<{ ldaps: number, ldap: number }>} ports
 */
async function startSlapd(network, folder, { cert, key, ca, verify, protocol = '3.3' }) {
  const file = (name, content) => {
    fs.writeFileSync(path.join(folder, name), content, { mode: 0o600 });
    return path.join(folder, name);
  };
  const configuration = file(
    'slapd.conf',
    `include /etc/ldap/schema/core.schema
pidfile ${path.join(folder, 'slapd.pid')}
TLSCACertificateFile ${file('slapd-ca.pem', ca)}
TLSCertificateFile ${file('slapd-cert.pem', cert)}
TLSCertificateKeyFile ${file('slapd-key.pem', key)}
TLSVerifyClient ${verify}
TLSProtocolMin ${protocol}
authz-regexp "^cn=([^,]+)(,.*)?$" "uid=$1,ou=people,dc=example,dc=org"
`,
  );
  for (let attempt = 0; attempt < 5; attempt++) {
    const [ldaps, ldap] = [await freePort(), await freePort()];
    const child = spawn('slapd', ['-h', `ldaps://127.0.0.1:${ldaps} ldap://127.0.0.1:${ldap}`, '-f', configuration, '-d', '0'], { stdio: 'inherit' });
    const exited = once(child, 'exit');
    const isUp = await Promise.race([
      exited.then(() => false),
      (async () => {
        while (child.exitCode === null && !((await answers(ldaps)) && (await answers(ldap)))) await new Promise((resolve) => setTimeout(resolve, 20));
        return child.exitCode === null;
      })(),
    ]);
    if (!isUp) continue;
    network.atEnd(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    return { ldaps, ldap };
  }
  throw new Error('slapd does not start');
}

module.exports = { startSlapd };
