'use strict';
// Nothing is left of requests for certificates when their connections have ended. 10,000 are asked for by bench/on-demand.mjs itself.

const { spawn } = require('node:child_process');
const path = require('node:path');
const { text } = require('node:stream/consumers');

const { testWith } = require('../support/tools.js');

const COUNT = Number(process.env.CLIENT_CERT_INFO_ON_DEMAND_COUNT ?? 300);
const MIB = 2 ** 20;

testWith('g++').each(['1.3', '1.2'])(`${COUNT} requests of TLS %s`, async (version) => {
  const child = spawn(process.execPath, ['--expose-gc', path.join(__dirname, '../../bench/on-demand.mjs'), String(COUNT), version], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = (await text(child.stdout)).trim().split('\n');
  const { shown, growth } = JSON.parse(lines.at(-1));
  expect(shown).toBe(COUNT);
  expect(growth.resources).toBe(0);
  // Less than an SSL of OpenSSL takes for each, and for all of them what an allocator may keep back.
  expect(growth.heapUsed).toBeLessThan(MIB);
  expect(growth.external).toBeLessThan(MIB);
  expect(growth.rss).toBeLessThan(Math.max(32 * MIB, COUNT * 2048));
}, 120_000 + COUNT * 40);
