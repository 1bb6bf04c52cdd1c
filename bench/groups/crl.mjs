// Large CRLs: loading one, its memory, and a look-up.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { crlOf, serialOf } from '../support/inputs.mjs';
import { medianOf, spreadOf } from '../support/measure.mjs';
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
function loaded(load, rounds = 3) {
  const results = Array.from({ length: rounds }, load);
  if (results.some(({ found }) => !found)) throw new Error('the look-up found nothing');
  const times = results.map(({ milliseconds }) => milliseconds * 1e6);
  return {
    median: medianOf(times),
    spread: spreadOf(times),
    crl: results.at(-1).crl,
  };
}

/** @param {import('../support/measure.mjs').Report} report */
export default async function crl(report) {
  const lines = { ours: [], theirs: [] };
  for (const count of [1000, 10_000, 100_000, 1_000_000]) {
    const der = crlOf(count);
    const serial = serialOf(count >> 1);
    const ours = loaded(() => peers.loadOurCrl(der, serial));
    const theirs = loaded(() => peers.loadTheirCrl(der, serial));
    const [oursOctets, theirsOctets] = [memoryOf('loadOurCrl', der, serial), memoryOf('loadTheirCrl', der, serial)];
    const megabytes = (octets) => `${(octets / 1e6).toFixed(1)} MB`;
    const loads = report.table(`a CRL of ${count} entries, loaded to its first answer`, [
      { name: 'Crl', median: ours.median, spread: ours.spread, remark: megabytes(oursOctets) },
      { name: 'd2i_X509_CRL, X509_CRL_get0_by_serial', median: theirs.median, spread: theirs.spread, remark: megabytes(theirsOctets) },
    ]);
    lines.ours.push([count, loads.Crl / 1e6]);
    lines.theirs.push([count, theirs.median / 1e6]);
    const serials = Array.from({ length: 10_000 }, (_, i) => serialOf((i * 7919) % (2 * count)));
    const lookUps = { ours: [], theirs: [] };
    for (let i = 0; i < 31; i += 1) {
      lookUps.ours.push(peers.lookUpOurs(ours.crl, serials));
      lookUps.theirs.push(peers.lookUpTheirs(theirs.crl, serials));
    }
    const found = report.table(`a look-up among ${count} entries, half of them found`, [
      { name: 'Crl', median: medianOf(lookUps.ours), spread: spreadOf(lookUps.ours) },
      { name: 'X509_CRL_get0_by_serial', median: medianOf(lookUps.theirs), spread: spreadOf(lookUps.theirs) },
    ]);
    if (count < 1_000_000) continue;
    report.atLeast('a CRL of 1,000,000 entries, to its first answer', 'd2i_X509_CRL and a look-up', theirs.median / ours.median, 5);
    report.atLeast('its memory', 'an X509_CRL', theirsOctets / oursOctets, 8, 'times less');
    report.atMost('a look-up in it', 'X509_CRL_get0_by_serial', found.Crl / found.X509_CRL_get0_by_serial, 1, 'of its time');
  }
  report.plot({
    title: 'crl-entries', x: 'entries', y: 'ms', logarithmic: true,
    lines: [{ name: 'Crl', points: lines.ours }, { name: 'd2i_X509_CRL, X509_CRL_get0_by_serial', points: lines.theirs }],
  });
}
