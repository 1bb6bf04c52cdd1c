'use strict';
// Responders, CRL servers and stores that fail, as the owner of a verifier sees it: nobody is valid by half an answer, nobody waits longer than there is time, and once they are well
// again all is as before.

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { extensions } = require('../support/certificate-builder.js');
const { httpServer } = require('../support/http.js');
const { Authority, daysFromNow } = require('../support/pki.js');
const { Network } = require('../support/tls.js');
const { Verifier } = require('../../lib/index.js');

const root = new Authority('root');
const codesOf = ({ problems }) => problems.map(({ code }) => code);
const derOf = (pem) => Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');

let network;
beforeEach(() => {
  network = new Network();
});
afterEach(() => network.end());

const online = (revocation = {}) => new Verifier({ ca: root.pem, revocation: { mode: 'online', hosts: ['127.0.0.1'], urlTimeout: 300, totalTimeout: 600, ...revocation } });
const listing = (url) => root.issue({ more: [extensions.crlDistributionPoints([url])] });

// What comes in place of the CRL, which calls the client good.
const halves = [
  ['half of it, and no more', (response, crl) => response.writeHead(200, { 'content-length': crl.length }).write(crl.subarray(0, crl.length / 2))],
  ['half of it, and then the end', (response, crl) => response.end(crl.subarray(0, crl.length / 2))],
  ['half of it, and then a reset', (response, crl) => response.writeHead(200, { 'content-length': crl.length }).write(crl.subarray(0, crl.length / 2), () => response.socket.resetAndDestroy())],
  ['all of it but the end', (response, crl) => response.writeHead(200, { 'content-length': crl.length + 1 }).write(crl)],
  ['all of it twice', (response, crl) => response.end(Buffer.concat([crl, crl]))],
  ['an octet now and then', (response, crl) => {
    let sent = 0;
    const timer = setInterval(() => response.write(crl.subarray(sent, ++sent)), 50);
    response.on('close', () => clearInterval(timer));
  }],
];

test.each(halves)('a CRL server that sends %s, and is well again', async (_, answer) => {
  const crl = derOf(root.crl());
  let isWell = false;
  const { url } = await httpServer(network, (request, response) => (isWell ? response.end(crl) : answer(response, crl)));
  const leaf = listing(url);
  const verifier = online();
  const began = performance.now();
  expect(codesOf(await verifier.verifyAsync(leaf.der))).toEqual([expect.stringMatching(/^REVOCATION_/)]);
  expect(performance.now() - began).toBeLessThan(5000);
  expect(verifier.verify(leaf.der).valid).toBe(false);
  expect(verifier.stats().fetchedCrls).toBe(0);
  isWell = true;
  // It is left alone for a second first.
  let verdict;
  do verdict = await verifier.verifyAsync(leaf.der);
  while (!verdict.valid && performance.now() - began < 10_000);
  expect(codesOf(verdict)).toEqual([]);
});

/** As the file stores for Keyv do it: one file for each key. @param {string} folder */
const fileStore = (folder) => {
  const fileOf = (key) => path.join(folder, encodeURIComponent(key));
  return {
    get: async (key) => fs.promises.readFile(fileOf(key), 'utf8').catch(() => undefined),
    set: (key, value) => fs.promises.writeFile(fileOf(key), value),
    delete: (key) => fs.promises.rm(fileOf(key), { force: true }),
  };
};

/** A folder of a small filesystem; null where there is none to be had. */
function smallFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-small-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder]);
  network.atEnd(() => {
    if (status === 0) execFileSync('umount', [folder]);
    fs.rmSync(folder, { recursive: true });
  });
  return status === 0 ? folder : null;
}

/** A CRL that lists these, and many others. */
function largeCrl(listed) {
  const others = Array.from({ length: 2000 }, (_, i) => ({ serial: 0x700000 + i }));
  return derOf(root.crl([], { revoked: [...listed, ...others].map(({ serial }) => ({ serial, date: daysFromNow(-1) })) }));
}

test('a store without space: each asks by itself, and what was written by half is nothing', async () => {
  const folder = smallFolder();
  if (folder === null) {
    process.stderr.write('\n*** SKIPPED *** a small filesystem, which only root may mount\n\n');
    return;
  }
  const { url, requests } = await httpServer(network, (request, response) => response.end(crl));
  const [good, revoked] = [listing(url), listing(url)];
  const crl = largeCrl([revoked]);
  const store = fileStore(folder);
  const writes = [];
  const cache = {
    ...store,
    set(...given) {
      writes.push(store.set(...given));
      return writes.at(-1);
    },
  };
  for (let process_ = 1; process_ <= 2; process_ += 1) {
    const verifier = online({ cache });
    expect(codesOf(await verifier.verifyAsync(good.der))).toEqual([]);
    expect(codesOf(await verifier.verifyAsync(revoked.der))).toEqual(['CERT_REVOKED']);
    expect(requests).toHaveLength(process_);
    await expect(writes.at(-1)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(verifier.stats().fetches.storeErrors).toBe(1);
  }
  // Half of it is there.
  expect(fs.readdirSync(folder)).toHaveLength(1);
  execFileSync('mount', ['-o', 'remount,size=1m', folder]);
  expect(codesOf(await online({ cache }).verifyAsync(good.der))).toEqual([]);
  expect(requests).toHaveLength(3);
  await writes.at(-1);
  expect(codesOf(await online({ cache }).verifyAsync(revoked.der))).toEqual(['CERT_REVOKED']);
  expect(requests).toHaveLength(3);
});

const stores = {
  'that throws': () => { throw new Error('down'); },
  'that rejects': async () => { throw new Error('down'); },
  'that gives an object': async () => ({ v: 1 }),
  'that gives octets': async () => Buffer.alloc(100, 0x30),
  'that gives itself without end': async () => JSON.stringify({ v: 1, expires: Number.MAX_VALUE, der: Buffer.alloc(1000, 0x30).toString('base64') }),
  'that never answers': () => new Promise(() => {}),
};

test.each(Object.entries(stores))('a store %s changes nothing of what is said', async (_, answer) => {
  const { url } = await httpServer(network, (request, response) => response.end(derOf(root.crl([revoked]))));
  const [good, revoked] = [listing(url), listing(url)];
  const verifier = online({ cache: { get: answer, set: answer, delete: answer }, totalTimeout: 5000 });
  expect(codesOf(await verifier.verifyAsync(good.der))).toEqual([]);
  expect(codesOf(await verifier.verifyAsync(revoked.der))).toEqual(['CERT_REVOKED']);
});
