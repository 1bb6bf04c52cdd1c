'use strict';
// enableTrace() takes the callback away by which messages of a handshake are seen. What clients try is tried again on servers that are traced: nothing is let in that would
// not be otherwise, and what is said is the same.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');

const { getSecurityContext } = require('../..');
const { Authority } = require('../support/pki.js');
const { Network, only } = require('../support/tls.js');

const home = path.join(__dirname, '../..');
const SUITES = ['connection/hostile-client', 'connection/resumption', 'verifier/protect', 'on-demand/changed-client', 'middleware/virtual-host-trust'];

let folder;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-traced-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** @param {string} when @param {string[]} suites @returns {Promise<any>} what Jest reports */
async function jestOf(when, suites) {
  const report = path.join(folder, `${when}.json`);
  const config = { rootDir: home, testEnvironment: 'node', testTimeout: 30_000, modulePathIgnorePatterns: ['<rootDir>/build/'], setupFiles: ['<rootDir>/test/support/trace-servers.js'] };
  const files = suites.map((suite) => path.join(home, `test/${suite}.test.js`));
  const args = [path.join(home, 'node_modules/jest/bin/jest.js'), '--json', `--outputFile=${report}`, '--config', JSON.stringify(config), '--runTestsByPath', ...files];
  const child = spawn(process.execPath, args, { cwd: home, stdio: 'ignore', env: { ...process.env, CLIENT_CERT_INFO_TRACE: when } });
  await once(child, 'close');
  return JSON.parse(fs.readFileSync(report, 'utf8'));
}

test.each([['begin', SUITES.slice(0, 3)], ['always', SUITES]])('traced, %s', async (when, suites) => {
  const { testResults, numPassedTests } = await jestOf(when, suites);
  const failed = testResults.flatMap(({ assertionResults, message }) => [
    ...(assertionResults.length === 0 ? [message] : []), ...assertionResults.filter(({ status }) => status === 'failed').map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]}`),
  ]);
  expect(failed).toEqual([]);
  expect(numPassedTests).toBeGreaterThan(70);
}, 120_000);

test('the first handshake is traced all the same; what needs its messages is not known', async () => {
  const script = `
    const { Authority } = require('./test/support/pki.js');
    const { Network, only } = require('./test/support/tls.js');
    const { getClientCertInfo, getSecurityContext } = require('.');
    const root = new Authority('Root');
    const network = new Network();
    network.server({ ...root.issueServer(['localhost']), ca: root.pem, ...only('TLSv1.2'), enableTrace: true }, (socket) => [getClientCertInfo(socket).valid, getSecurityContext(socket).query('uniqueBindings')])
      .then(async ({ connect }) => {
        console.log(JSON.stringify((await connect(root.issue())).value));
        await network.end();
      });`;
  // A file: what OpenSSL cannot write at once is lost.
  const file = path.join(folder, 'trace');
  const trace = fs.openSync(file, 'w');
  const child = spawn(process.execPath, ['-e', script], { cwd: home, stdio: ['ignore', 'pipe', trace] });
  fs.closeSync(trace);
  expect(JSON.parse(await text(child.stdout))).toEqual([true, null]);
  for (const message of ['ClientHello', 'ServerHello', 'CertificateVerify', 'Finished']) expect(fs.readFileSync(file, 'latin1')).toContain(message);
});

test('without a trace the same is known', async () => {
  const root = new Authority('Root');
  const network = new Network();
  const { connect } = await network.server({ ...root.issueServer(['localhost']), ca: root.pem, ...only('TLSv1.2') }, (socket) => getSecurityContext(socket).query('uniqueBindings').type);
  expect((await connect(root.issue())).value).toBe('tls-unique');
  await network.end();
});
