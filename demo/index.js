'use strict';
// npm run demo: what Node.js says of nine clients beside what this package says. `-- --serve` keeps the server up to be tried by hand.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { visit } = require('./clients.js');
const { startServers } = require('./servers.js');
const { makeWorld } = require('./world.js');

/** @param {string[][]} rows the first has the titles */
function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (/** @type {string[]} */ row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd();
  console.log(line(rows[0]));
  console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  for (const row of rows.slice(1)) console.log(line(row));
}

/** What the server saw on the latest connection, as cells. @param {any} seen @param {{ status: number, body: string }} answer */
function cells(seen, answer) {
  const node = seen.authorized ? 'authorized' : `not authorized: ${seen.error}`;
  const { info } = seen;
  const codes = info?.problems.map(({ code, depth }) => `${code}@${depth}`).join(' ') ?? '';
  return [
    seen.resumed ? 'resumed' : 'full',
    node,
    info === null ? 'null (no certificate)' : info.certFlagsName,
    codes,
    `${answer.status} ${JSON.parse(answer.body).error ?? 'OK'}`,
  ];
}

async function compare() {
  const world = makeWorld();
  const { people } = world;
  let seen;
  const servers = await startServers(world, { watch: (connection) => (seen = connection) });
  const { port } = servers;
  /** @type {string[][]} */
  const rows = [['client', 'handshake', 'Node.js says', 'certFlags', 'problems@depth', 'answer']];
  /** @param {string} client @param {object} credential */
  const tell = async (client, credential) => {
    const answer = await visit(port, credential);
    rows.push([client, ...cells(seen, answer)]);
    return answer;
  };
  let example;
  try {
    await tell('good', people.good);
    await tell('none', {});
    await tell('expired', people.expired);
    await tell('expired and wrong usage', people.expiredAndWrongUsage);
    example = seen.info;
    await tell('untrusted root', people.untrustedRoot);
    await tell('missing intermediate', people.missingIntermediate);
    await tell('revoked by CRL', people.revoked);
    const { session } = await tell('not yet revoked', people.revokedLater);
    servers.revoke(people.revoked, people.revokedLater);
    await tell('revoked, then resumed', { ...people.revokedLater, session });
    const { session: open } = await visit(servers.openPort, {}, '/');
    await tell('ticket without a certificate', { session: open });
  } finally {
    await servers.close();
  }
  console.log(`Node.js ${process.versions.node}, OpenSSL ${process.versions.openssl}, TLS 1.3\n`);
  printTable(rows);
  console.log("\nThe ClientCertInfo of 'expired and wrong usage':\n");
  console.log(JSON.stringify(example, null, 2));
}

/** @param {number} port */
async function serve(port) {
  const world = makeWorld();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-demo-'));
  const write = (/** @type {string} */ name, /** @type {string} */ text) => {
    fs.writeFileSync(path.join(folder, name), text, { mode: 0o600 });
    return path.join(folder, name);
  };
  const ca = write('ca.pem', world.root.pem);
  const servers = await startServers(world, { port });
  console.log(`Listening on https://localhost:${servers.port}/ until Ctrl+C. Its keys are in ${folder} meanwhile. Try:\n`);
  const url = `https://localhost:${servers.port}`;
  console.log(`curl --cacert ${ca} ${url}/private`);
  for (const [name, { cert, key }] of Object.entries(world.people)) {
    const pem = write(`${name}.pem`, cert + key);
    console.log(`curl --cacert ${ca} --cert ${pem} ${url}/private`);
  }
  console.log(`curl --cacert ${ca} --cert ${path.join(folder, 'expired.pem')} -H 'accept: application/json' ${url}/`);
  console.log(`curl --cacert ${ca} --cert ${path.join(folder, 'good.pem')} -H 'accept: text/html' ${url}/`);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, async () => {
      await servers.close();
      fs.rmSync(folder, { recursive: true });
    });
  }
}

/** @param {string[]} args */
function main(args) {
  const { values } = parseArgs({ args, options: { serve: { type: 'boolean' }, port: { type: 'string', default: '0' } } });
  return values.serve ? serve(Number(values.port)) : compare();
}

module.exports = { main };
