// Large CRLs: loading one, its memory, and a look-up.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import { crlOf, library, root, serialOf } from '../support/inputs.mjs';
import { measured, ratioOf } from '../support/measure.mjs';
import { peers } from '../support/peers.mjs';

/** In a process of its own: one that has given memory back takes that again. @param {'loadOurCrl' | 'loadTheirCrl'} load @returns {number} octets */
function memoryOf(load, der, serial) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-bench-'));
  const file = path.join(folder, 'crl');
  fs.writeFileSync(file, der);
  const script = `
    const peers = require(process.argv[1]);
    let der = require('node:fs').readFileSync(process.argv[3]);
    const before = peers.rss();
    const loaded = peers[process.argv[2]](der, Buffer.from(process.argv[4], 'hex'));
    console.log(peers.rss() - before);
    if (!loaded.found) process.exitCode = 1;`;
  const binary = new URL('../../build/Release/bench_peers.node', import.meta.url).pathname;
  const octets = Number(execFileSync(process.execPath, ['-e', script, binary, load, file, serial.toString('hex')], { encoding: 'utf8' }));
  fs.rmSync(folder, { recursive: true });
  return octets;
}

/** @param {() => { milliseconds: number, found: boolean }} load */
function loaded(load, rounds = 5) {
  const results = Array.from({ length: rounds }, load);
  if (results.some(({ found }) => !found)) throw new Error('the look-up found nothing');
  const times = results.map(({ milliseconds }) => milliseconds * 1e6);
  return { ...measured(times), crl: results.at(-1).crl };
}

/** @param {Buffer} der @returns {Promise<import('../support/measure.mjs').Ratio>} milliseconds */
async function delayOfReload(der) {
  const delays = [];
  for (let round = 0; round < 5; round += 1) {
    const verifier = new library.Verifier({ ca: root.pem, revocation: { mode: 'cached' } });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await verifier.reload({ crls: der });
    await sleep(10);
    delay.disable();
    delays.push(delay.max / 1e6);
  }
  const { median, spread } = measured(delays);
  return { ratio: median, spread };
}

/** @param {import('../support/measure.mjs').Report} report */
export default async function crl(report) {
  const lines = { ours: [], theirs: [] };
  for (const count of [1000, 10_000, 100_000, 1_000_000]) {
    const der = crlOf(count);
    const serial = serialOf(count >> 1);
    const ours = loaded(() => peers.loadOurCrl(der, serial));
    const theirs = loaded(() => peers.loadTheirCrl(der, serial));
    const octetsOf = (load) => measured(Array.from({ length: 3 }, () => memoryOf(load, der, serial)));
    const [oursOctets, theirsOctets] = [octetsOf('loadOurCrl'), octetsOf('loadTheirCrl')];
    const megabytes = ({ median }) => `${(median / 1e6).toFixed(1)} MB`;
    const loads = report.table(`a CRL of ${count} entries, loaded to its first answer`, [
      { name: 'Crl', median: ours.median, spread: ours.spread, remark: megabytes(oursOctets) },
      { name: 'd2i_X509_CRL, X509_CRL_get0_by_serial', median: theirs.median, spread: theirs.spread, remark: megabytes(theirsOctets) },
    ]);
    lines.ours.push([count, loads.Crl.median / 1e6]);
    lines.theirs.push([count, theirs.median / 1e6]);
    const serials = Array.from({ length: 10_000 }, (_, i) => serialOf((i * 7919) % (2 * count)));
    const lookUps = { ours: [], theirs: [] };
    for (let i = 0; i < 31; i += 1) {
      lookUps.ours.push(peers.lookUpOurs(ours.crl, serials));
      lookUps.theirs.push(peers.lookUpTheirs(theirs.crl, serials));
    }
    const found = report.table(`a look-up among ${count} entries, half of them found`, [
      { name: 'Crl', ...measured(lookUps.ours) },
      { name: 'X509_CRL_get0_by_serial', ...measured(lookUps.theirs) },
    ]);
    if (count < 1_000_000) continue;
    report.atLeast('a CRL of 1,000,000 entries, load to first answer', 'd2i_X509_CRL and a first look-up', ratioOf(theirs, ours), 5);
    report.atLeast('its memory', 'an X509_CRL', ratioOf(theirsOctets, oursOctets), 8, { unit: 'times less' });
    report.atMost('a look-up in it', 'X509_CRL_get0_by_serial', ratioOf(found.Crl, found.X509_CRL_get0_by_serial), 1, { unit: 'of its time' });
    report.atMost("the longest that reload() with it holds up the event loop", 'nothing', await delayOfReload(der), 20, {
      unit: 'ms', remark: 'tls.createSecureContext() with it takes as long as d2i_X509_CRL, all of it on the event loop',
    });
  }
  report.plot({
    title: 'crl-entries', x: 'entries', y: 'ms', logarithmic: true,
    lines: [{ name: 'Crl', points: lines.ours }, { name: 'd2i_X509_CRL, X509_CRL_get0_by_serial', points: lines.theirs }],
  });
}
