'use strict';
// The package is loaded late: contexts and connections exist already.

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { testWith } = require('../support/tools.js');

const late = path.join(__dirname, '../support/late-load.js');

/** @param {string} scenario */
async function run(scenario) {
  const { stdout } = await promisify(execFile)(process.execPath, [late, scenario], { maxBuffer: 8 * 1024 * 1024 });
  return JSON.parse(stdout);
}

describe.each(['TLSv1.2', 'TLSv1.3'])('over %s', (version) => {
  // Before TLS 1.3 nobody tells of a renegotiation, in which a client may show somebody else's certificate and stop.
  const ofOldConnection = (flags, problems) =>
    version === 'TLSv1.3'
      ? { flags, problems, presented: 'client', resumed: false }
      : { flags: 'CERT_E_CHAINING', problems: ['VERIFICATION_INCOMPLETE@0', ...problems], presented: 'client', resumed: false };
  test.each([
    ['connection valid', ofOldConnection('SEC_E_OK', [])],
    ['connection expired', ofOldConnection('CERT_E_EXPIRED', ['CERT_EXPIRED@0'])],
    ['connection none', null],
    // TLS verified nothing, and nothing can be reached to verify it by: refused, though Node says authorized.
    ['connection resumed', { flags: 'CERT_E_CHAINING', problems: ['VERIFICATION_INCOMPLETE@0'], presented: 'client', resumed: true }],
    // Node.js 24 no longer has the chain of an authorized client.
    ...(process.versions.node.startsWith('24.')
      ? []
      : [['connection aged', ofOldConnection('CERT_E_EXPIRED', ['CERT_EXPIRED@1'])]]),
    ['context aged', { flags: 'CERT_E_EXPIRED', problems: ['CERT_EXPIRED@1'], presented: 'client', resumed: false }],
    ['context valid', { flags: 'SEC_E_OK', problems: [], presented: 'client', resumed: false }],
    [
      'context wrong',
      { flags: 'CERT_E_WRONG_USAGE', problems: ['USAGE_NOT_ALLOWED@0', 'CERT_EXPIRED@0'], presented: 'client', resumed: false },
    ],
    ['context resumed', { flags: 'SEC_E_OK', problems: [], presented: 'client', resumed: true }],
  ])('%s', async (scenario, expected) => {
    expect(await run(`${scenario} ${version}`)).toEqual(expected);
  });

  if (version === 'TLSv1.2') {
    test.each(['connection renegotiated', 'context renegotiated', 'connection traced', 'context traced', 'nothing traced'])(
      '%s',
      async (scenario) => {
        const { before, anew } = await run(`${scenario} ${version}`);
        expect([before.flags, anew]).toEqual([scenario.startsWith('connection') ? 'CERT_E_CHAINING' : 'SEC_E_OK', true]);
      },
    );
  }

  test("the client's end of such a connection", async () => {
    expect(await run(`connection client-end ${version}`)).toEqual({ code: 'ERR_CLIENT_CERT_NOT_SUPPORTED' });
  });
});

const stolen = path.join(__dirname, '../support/late-stolen.js');

describe('a certificate that its client has shown in a renegotiation, and not proved to be its own', () => {
  let folder;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-stolen-'));
  });
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  testWith('g++').each([
    ['nothing', 'asked'], ['context', 'asked'], ['context', 'protected'], ['context', 'context'], ['connection', 'asked'], ['connection', 'protected'],
  ])('older than the package: %s; %s before', async (existing, how) => {
    const { stdout } = await promisify(execFile)(process.execPath, [stolen, folder, existing, how]);
    for (const found of JSON.parse(stdout)) expect([false, null, 'ERR_CLIENT_CERT_HANDSHAKE_PENDING']).toContain(found);
  });
});

test.each(['TLSv1.2', 'TLSv1.3'])('a server that is protected though it is older than the package, %s', async (version) => {
  expect(await run(`protected revoked ${version}`)).toEqual({ seen: [], verified: true });
});
