// The server under load: every second its CRLs are reloaded. Tells its parent what it uses, and how often it has done what.

import fs from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

const require = createRequire(import.meta.url);
const { AccessToken, Verifier } = require('../lib/index.js');
const { clientCertificate } = require('../lib/express.js');

const { world, samplingMs, reloadingMs } = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const crlsOf = (/** @type {number} */ i) => world.crls[i].map((/** @type {string} */ pem) => Buffer.from(pem, 'base64'));

// Which CRLs are in force; null while that changes.
/** @type {number | null} */
let inForce = 0;
let reloads = 0;
const offline = new Verifier({ ca: world.ca, crls: crlsOf(0) });
const online = new Verifier({
  ca: world.ca,
  crls: crlsOf(0),
  revocation: { mode: 'online', hosts: ['127.0.0.0/8'], urlTimeout: 300, totalTimeout: 500 },
});

async function reloadForEver() {
  for (let next = 1; ; next = 1 - next) {
    await new Promise((resolve) => setTimeout(resolve, reloadingMs));
    inForce = null;
    await Promise.all([offline.reload({ crls: crlsOf(next) }), online.reload({ crls: crlsOf(next) })]);
    inForce = next;
    reloads += 1;
  }
}

// ---- acting as a user ----

const canAct = process.platform === 'linux' && process.getuid?.() === 0;
// Its parent removes it: this process is killed.
const folder = path.dirname(process.argv[2]);
fs.chmodSync(folder, 0o711);
const hidden = path.join(folder, 'hidden');
const open = path.join(folder, 'open');
fs.writeFileSync(hidden, world.secret, { mode: 0o600 });
fs.writeFileSync(open, 'for everybody', { mode: 0o644 });
let actions = 0;

/** What the kernel must forbid, and what it must not. @returns {Promise<string | null>} what went wrong */
async function act() {
  if (!canAct) return null;
  const token = await AccessToken.forAccount('nobody');
  try {
    const refused = await token.fs.readFile(hidden, 'utf8').catch((/** @type {any} */ error) => error.code);
    const read = await token.fs.readFile(open, 'utf8');
    if (refused !== 'EACCES') return `nobody has read a file of root: ${refused}`;
    actions += 1;
    return read === 'for everybody' ? null : 'nobody could not read what everybody may read';
  } finally {
    // Every other one is left to the garbage collector.
    if (actions % 2 === 0) token.close();
  }
}

// ---- servers ----

const guards = {
  offline: clientCertificate({ required: false, allowInvalid: true }),
  online: clientCertificate({ required: false, allowInvalid: true, verifier: online }),
  onDemand: clientCertificate({ required: false, allowInvalid: true, onDemand: true, verifier: offline }),
};

/** @param {keyof typeof guards} name @param {https.ServerOptions} options */
function serve(name, options) {
  const server = https.createServer({ key: world.server.key, cert: world.server.cert, ca: world.ca, rejectUnauthorized: false, sessionIdContext: name, ...options });
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.on('request', (request, response) => {
    const before = inForce;
    const atReload = reloads;
    guards[name](request, response, async (/** @type {unknown} */ error) => {
      const info = request.clientCert;
      const wrong = request.url === '/act' ? await act() : null;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({
        error: error ? String(error) : wrong,
        subject: info && String(info.certificate?.subject),
        valid: info && info.valid,
        codes: info && info.problems.map((/** @type {any} */ problem) => problem.code),
        // Whether the changing ones are revoked; null where that changed meanwhile.
        revoked: before !== null && before === inForce && atReload === reloads ? before === 1 : null,
        resumed: request.socket.isSessionReused(),
      }));
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

// ---- what it uses ----

const count = (/** @type {string} */ what) => {
  try {
    return fs.readdirSync(`/proc/self/${what}`).length;
  } catch {
    return 0;
  }
};

function report() {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ sample: { rss, heapUsed, external, descriptors: count('fd'), threads: count('task'), reloads, actions } });
}

process.on('unhandledRejection', (reason) => process.send?.({ failure: `server: unhandled rejection: ${/** @type {any} */ (reason)?.stack ?? reason}` }));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
process.on('disconnect', () => process.exit());

const asking = { requestCert: true };
const servers = await Promise.all([serve('offline', asking), serve('online', asking), serve('onDemand', { requestCert: false })]);
offline.protect(servers[0]);
void reloadForEver();
setInterval(report, samplingMs);
// So that its parent knows how often what has happened before the clients came.
report();
const ports = Object.fromEntries(['offline', 'online', 'onDemand'].map((name, i) => [name, servers[i].address().port]));
process.send?.({ listening: { ports, canAct } });
