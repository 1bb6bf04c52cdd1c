// Reading a small file as a user. Only root can become one.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { library } from '../support/inputs.mjs';
import { ratioOf } from '../support/measure.mjs';

/** @param {import('../support/measure.mjs').Report} report */
export default async function files(report) {
  if (process.getuid() !== 0) {
    console.log('\nreading a file as a user: only root can measure it');
    return;
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-bench-'));
  const file = path.join(folder, 'small');
  fs.writeFileSync(file, 'x'.repeat(1000));
  fs.chmodSync(folder, 0o755);
  const token = await library.AccessToken.forAccount('nobody');
  try {
    const rows = await report.compare('reading a file of 1,000 octets', [
      ['fs.promises.readFile', () => fs.promises.readFile(file)],
      ['token.fs.readFile', () => token.fs.readFile(file)],
    ]);
    report.atMost('token.fs.readFile', 'fs.promises.readFile', ratioOf(rows['token.fs.readFile'], rows['fs.promises.readFile']), 2, { unit: 'of its time' });
  } finally {
    token.close();
    fs.rmSync(folder, { recursive: true });
  }
}
