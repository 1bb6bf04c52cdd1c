// node --expose-gc bench/on-demand.mjs [COUNT] [1.2|1.3]: what so many requests for a certificate, each on a connection of its own, leave behind in the
// server. The client is another process. The last line is JSON.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

const require = createRequire(import.meta.url);
const https = require('node:https');
const { clientCertificate } = require('../lib/express.js');
const { ChangingClient } = require('../test/support/changing-client.js');
const { Authority } = require('../test/support/pki.js');
const { Network } = require('../test/support/tls.js');

const count = Number(process.argv[2] ?? 10_000);
const version = process.argv[3] ?? '1.3';
// What is made once: pools, caches, compiled code.
const WARM_UP = Math.max(200, Math.floor(count / 10));

const root = new Authority('Root');
const client = root.issue();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-bench-'));
fs.writeFileSync(path.join(folder, 'client.pem'), client.cert + client.key);
ChangingClient.build(folder);

const network = new Network();
let shown = 0;
const guard = clientCertificate({ onDemand: true });
const protocol = `TLSv${version}`;
const server = https.createServer({ ...root.issueServer(['localhost']), ca: root.pem, minVersion: protocol, maxVersion: protocol }, (request, response) => {
  guard(request, response, (error) => {
    if (!error && request.clientCert.valid) shown++;
    response.end('.');
  });
});
const port = await network.listen(server);

/** @param {number} times */
async function ask(times) {
  const repeating = new ChangingClient(network, port, version, ['client.pem']);
  repeating.does(`repeat ${times}`);
  await repeating.hears('repeated');
  repeating.kill('SIGKILL');
  await repeating.output;
}

/** After everything that can be collected was. */
async function measure() {
  for (let time = 0; time < 5; time++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { rss, heapUsed, external, arrayBuffers, resources: process.getActiveResourcesInfo().length };
}

await ask(WARM_UP);
const before = await measure();
shown = 0;
const began = performance.now();
await ask(count);
const seconds = (performance.now() - began) / 1000;
const after = await measure();
await network.end();
fs.rmSync(folder, { recursive: true });

const growth = Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]));
console.log(`Node.js ${process.versions.node}, ${protocol}: ${shown} certificates on ${count} connections, ${Math.round(count / seconds)} each second`);
console.table({ before, after, growth });
console.log(JSON.stringify({ count, shown, growth }));
