'use strict';
// The package is loaded late: contexts and connections exist already.

const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');

const late = path.join(__dirname, '../support/late-load.js');

/** @param {string} scenario */
async function run(scenario) {
  const { stdout } = await promisify(execFile)(process.execPath, [late, scenario]);
  return JSON.parse(stdout);
}

describe.each(['TLSv1.2', 'TLSv1.3'])('over %s', (version) => {
  test.each([
    ['connection valid', { flags: 'SEC_E_OK', problems: [], presented: 'client', resumed: false }],
    ['connection expired', { flags: 'CERT_E_EXPIRED', problems: ['CERT_EXPIRED@0'], presented: 'client', resumed: false }],
    ['connection none', null],
    // TLS verified nothing, and nothing can be reached to verify it by: refused, though Node says authorized.
    ['connection resumed', { flags: 'CERT_E_CHAINING', problems: ['VERIFICATION_INCOMPLETE@0'], presented: 'client', resumed: true }],
    ['context valid', { flags: 'SEC_E_OK', problems: [], presented: 'client', resumed: false }],
    [
      'context wrong',
      { flags: 'CERT_E_WRONG_USAGE', problems: ['USAGE_NOT_ALLOWED@0', 'CERT_EXPIRED@0'], presented: 'client', resumed: false },
    ],
    ['context resumed', { flags: 'SEC_E_OK', problems: [], presented: 'client', resumed: true }],
  ])('%s', async (scenario, expected) => {
    expect(await run(`${scenario} ${version}`)).toEqual(expected);
  });

  test("the client's end of such a connection", async () => {
    expect(await run(`connection client-end ${version}`)).toEqual({ code: 'ERR_CLIENT_CERT_NOT_SUPPORTED' });
  });
});
