'use strict';
// Where the package cannot run it says why, before a foreign runtime crashes on its binary.

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { binaryPath, load, obstacle } = require('../../lib/native.js');

const root = path.join(__dirname, '../..');
const run = promisify(execFile);
const UNSUPPORTED = 'ERR_CLIENT_CERT_UNSUPPORTED_RUNTIME';

test.each([
  ['Electron', { electron: '40.0.0', openssl: '0.0.0' }, {}, /electron brings BoringSSL/],
  ['Bun', { bun: '1.3.0', openssl: '1.1.0' }, {}, /bun brings BoringSSL/],
  ['a Node.js built with BoringSSL', { openssl: '0.0.0' }, { openssl_is_boringssl: true }, /BoringSSL/],
  ['OpenSSL 1.1', { openssl: '1.1.1w' }, {}, /needs OpenSSL 3, and this runtime has 1\.1\.1w/],
  ['no OpenSSL', {}, {}, /no OpenSSL/],
])('%s', (_title, versions, features, expected) => {
  expect(obstacle(versions, features)).toMatch(expected);
});

test('this runtime', () => {
  expect(obstacle(process.versions, process.features)).toBeUndefined();
});

describe('a folder of its own', () => {
  let folder;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-'));
    fs.mkdirSync(path.join(folder, 'build/Release'), { recursive: true });
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));
  const binary = () => path.join(folder, 'build/Release/client_cert_info.node');

  test('without a binary', () => {
    expect(() => load(folder)).toThrow(expect.objectContaining({ code: UNSUPPORTED, message: expect.stringMatching(/npm rebuild/) }));
  });

  test('with a binary that is none', () => {
    fs.writeFileSync(binary(), 'not an addon');
    expect(() => load(folder)).toThrow(
      expect.objectContaining({ code: UNSUPPORTED, message: expect.stringMatching(/could not be loaded/) }),
    );
  });

  test('with a binary for another C library first: what was built is loaded', async () => {
    fs.mkdirSync(path.join(folder, 'prebuilds'));
    const foreign = path.join(folder, 'prebuilds', `${process.platform}-${process.arch}-glibc.node`);
    fs.writeFileSync(foreign, 'not an addon');
    expect(() => load(folder)).toThrow(expect.objectContaining({ code: UNSUPPORTED, message: expect.stringMatching(/could not be loaded: .*npm rebuild/) }));
    fs.copyFileSync(binaryPath, binary());
    fs.mkdirSync(path.join(folder, 'lib'));
    fs.cpSync(path.join(root, 'lib'), path.join(folder, 'lib'), { recursive: true });
    fs.copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
    const { stdout } = await run(process.execPath, ['-p', `require(${JSON.stringify(path.join(folder, 'lib/native.js'))}).binaryPath`]);
    expect(stdout.trim()).toBe(fs.realpathSync(binary()));
  });

  test('a second copy in the process refuses, the first goes on', async () => {
    fs.copyFileSync(binaryPath, binary());
    const { stdout } = await run(process.execPath, [
      '-e',
      `const { getClientCertInfo } = require(${JSON.stringify(root)});
       try {
         require(${JSON.stringify(path.join(root, 'lib/native.js'))}).load(${JSON.stringify(folder)});
       } catch ({ code }) {
         console.log(code, typeof getClientCertInfo);
       }`,
    ]);
    expect(stdout.trim()).toBe('ERR_CLIENT_CERT_ALREADY_LOADED function');
  });
});

test('under the permission model', async () => {
  const flag = Number(process.versions.node.split('.')[0]) < 23 ? '--experimental-permission' : '--permission';
  const script = `try { require(${JSON.stringify(root)}); console.log('loaded') } catch ({ code, message }) { console.log(code, message) }`;
  const refused = await run(process.execPath, [flag, '--allow-fs-read=*', '-e', script]);
  expect(refused.stdout).toMatch(/^ERR_CLIENT_CERT_UNSUPPORTED_RUNTIME .*--allow-addons/);
  const permitted = await run(process.execPath, [flag, '--allow-addons', '--allow-fs-read=*', '-e', script]);
  expect(permitted.stdout.trim()).toBe('loaded');
});
