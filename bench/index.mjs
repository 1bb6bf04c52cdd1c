// npm run bench [-- [--document] GROUP...]: what the package costs beside its peers, in one run and on the same inputs. Numbers of one machine; the
// ratios carry over. Writes build/bench/results.json and a plot for each way in which something grows; with --document also docs/performance.md.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { document } from './support/document.mjs';
import { Report } from './support/measure.mjs';
import { svgOf } from './support/svg.mjs';

const root = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const folder = path.join(root, 'build', 'bench');
const GROUPS = ['connection', 'certificate', 'verifier', 'crl', 'middleware', 'servers', 'event-loop', 'files', 'instructions'];

const asked = process.argv.slice(2).filter((word) => word !== '--document');
const isDocumented = process.argv.includes('--document');
const unknown = asked.filter((name) => !GROUPS.includes(name));
if (unknown.length > 0) throw new Error(`there is no group ${unknown.join(', ')}; there are ${GROUPS.join(', ')}`);

if (isDocumented && asked.length > 0) throw new Error('--document is for all groups');

const report = new Report();
const environment = {
  node: process.versions.node, openssl: process.versions.openssl, cpu: os.cpus()[0].model, cpus: os.cpus().length, kernel: os.release(),
  date: new Date().toISOString().slice(0, 10),
};
console.log(`Node.js ${environment.node}, OpenSSL ${environment.openssl}, ${process.arch}, ${environment.cpus} x ${environment.cpu}`);
for (const group of asked.length > 0 ? asked : GROUPS) {
  // Each in a process of its own: what one leaves to the garbage collector is not the next one's.
  const child = fork(new URL('support/group.mjs', import.meta.url), [group]);
  const ended = once(child, 'exit');
  const [found] = await Promise.race([once(child, 'message'), ended.then(() => [null])]);
  const [status] = await ended;
  if (status !== 0 || found === null) throw new Error(`the group ${group} ended with ${status}`);
  for (const part of ['tables', 'goals', 'plots']) report[part].push(...found[part]);
}
report.printGoals();

fs.mkdirSync(folder, { recursive: true });
const { tables, goals, plots } = report;
fs.writeFileSync(path.join(folder, 'results.json'), JSON.stringify({ environment, goals, tables, plots }, null, 2) + '\n');
for (const plot of plots) fs.writeFileSync(path.join(folder, `${plot.title}.svg`), svgOf(plot));
if (isDocumented) document(report, environment, path.join(root, 'docs'));
