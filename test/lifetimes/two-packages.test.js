'use strict';
// The package twice in one process: its modules again, its addon again, another copy of it. They share, or the second refuses; whatever the first has promised holds.

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const program = path.join(__dirname, '../support/two-packages.js');
const home = path.join(__dirname, '../..');

/** @param {object} given */
async function run(given) {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, JSON.stringify(given)], { timeout: 25_000 });
  return JSON.parse(stdout);
}

const EVERYWHERE = ['main', 'worker'].flatMap((where) => ['TLSv1.2', 'TLSv1.3'].map((version) => [where, version]));

describe.each(['modules', 'addon'])('its %s again', (how) => {
  test.each(EVERYWHERE)('%s, %s: each is asked for the certificates of its own connections', async (where, version) => {
    expect(await run({ scenario: 'choosing', how, where, version })).toEqual({
      isAnother: true, ofSecond: [true, 'bob'], meanwhile: [true, 'alice'], signed: [true, 'alice'], ofFirst: [true, 'alice'],
    });
  });

  test('contexts of both that are looked at in one turn', async () => {
    expect(await run({ scenario: 'looking', how })).toEqual(['bob', 'alice', 'alice', 'bob']);
  });

  test.each(EVERYWHERE)('%s, %s: a server that the first protects stays protected, also in what the second says', async (where, version) => {
    expect(await run({ scenario: 'protecting', how, where, version })).toEqual({
      results: [[false, ['ISSUER_NOT_FOUND'], ['ISSUER_NOT_FOUND']], [true, [], []], [false, null, null]],
      mixed: 'TypeError',
      protectedTwice: null,
      seen: [[true, false]],
    });
  });

  test.each(EVERYWHERE)('%s, %s: a request of the first that is under way is answered to the first', async (where, version) => {
    expect(await run({ scenario: 'asking', how, where, version })).toEqual({ meanwhile: 'ERR_CLIENT_CERT_REQUEST_PENDING', ofFirst: 'SEC_E_OK', afterwards: 'SEC_E_OK' });
  });
});

describe('another copy', () => {
  let folder;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-copies-'));
    const copy = path.join(folder, 'copy');
    for (const part of ['lib', 'package.json', 'build/Release', 'prebuilds']) {
      if (fs.existsSync(path.join(home, part))) fs.cpSync(path.join(home, part), path.join(copy, part), { recursive: true });
    }
    fs.symlinkSync(path.join(home, 'node_modules'), path.join(copy, 'node_modules'));
    fs.symlinkSync(home, path.join(folder, 'link'));
  });
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  const results = [[false, ['ISSUER_NOT_FOUND']], [true, []]];

  test.each(['ours first', 'copy first'].flatMap((how) => EVERYWHERE.map(([where, version]) => [how, where, version])))('%s, %s, %s: the second refuses, the first goes on', async (how, where, version) => {
    expect(await run({ scenario: 'copies', how, where, version, other: path.join(folder, 'copy') })).toEqual({
      refused: 'ERR_CLIENT_CERT_ALREADY_LOADED', refusedAgain: 'ERR_CLIENT_CERT_ALREADY_LOADED', results,
    });
  });

  test('by a link it is the same', async () => {
    expect(await run({ scenario: 'copies', how: 'ours first', other: path.join(folder, 'link'), version: 'TLSv1.3' })).toEqual({ refused: true, refusedAgain: true, results });
  });

  test('the copy in a worker that has ended, ours on the main thread afterwards, and the other way round: it refuses still', async () => {
    const script = (one, two) => `
      const { Worker } = require('node:worker_threads');
      new Worker('require(' + JSON.stringify(${JSON.stringify(one)}) + ')', { eval: true }).on('exit', (code) => {
        try { require(${JSON.stringify(two)}); } catch (error) { console.log(code, error.code); }
      });`;
    const copy = path.join(folder, 'copy');
    for (const [one, two] of [[copy, home], [home, copy]]) {
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script(one, two)]);
      expect(stdout).toBe('0 ERR_CLIENT_CERT_ALREADY_LOADED\n');
    }
  });
});
