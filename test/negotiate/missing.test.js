'use strict';
// Without Kerberos on the system, or with half of it: everything else works, and the authenticator says what is missing.

const { execFile, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { Authority } = require('../support/pki.js');
const { NegotiateAuthenticator } = require('../..');

const run = promisify(execFile);
const root = path.join(__dirname, '../..');
const authority = new Authority('root');
let folder;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** What a process says that finds `library` first. */
async function without(library, options = {}) {
  const own = path.join(folder, library.name);
  fs.mkdirSync(own, { recursive: true });
  library.make(path.join(own, 'libgssapi_krb5.so.2'));
  const program = `
    const all = require(${JSON.stringify(root)});
    require(${JSON.stringify(path.join(root, 'lib/express.js'))}).authenticate({ certificate: {}, negotiate: {} });
    const authenticator = new all.NegotiateAuthenticator(${JSON.stringify(options)});
    authenticator.ready().then(() => console.log('ready'), ({ code, message, missing }) => console.log(JSON.stringify({ code, message, missing, valid: new all.Verifier({ ca: process.env.CA }).verify(process.env.LEAF).valid })));`;
  const { stdout } = await run(process.execPath, ['-e', program], { env: { ...process.env, LD_LIBRARY_PATH: own, CA: authority.pem, LEAF: authority.issue().cert } });
  return stdout.trim();
}

const compiled = (source) => (file) => {
  const { status, stderr } = spawnSync('g++', ['-shared', '-fPIC', '-x', 'c++', '-', '-o', file], { input: source, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
};

test.each([
  ['one that is none', { name: 'none', make: (file) => fs.writeFileSync(file, 'no library') }, /^libgssapi_krb5\.so\.2$/],
  ['another one of that name', { name: 'other', make: compiled('') }, /^gss_acquire_cred_from of libgssapi_krb5\.so\.2$/],
  ['an old one', { name: 'old', make: compiled('extern "C" void gss_acquire_cred_from() {}') }, /^gss_set_neg_mechs of libgssapi_krb5\.so\.2$/],
  [
    'one without the mechanism',
    {
      name: 'empty',
      // Everything is there, and nothing is known.
      make: compiled(
        fs
          .readFileSync(path.join(root, 'src/core/negotiate/gssapi_library.h'), 'utf8')
          .match(/\(\*(\w+)\)/g)
          .map((text) => `extern "C" unsigned gss_${text.slice(2, -1)}() { return 0; }`)
          .join('\n'),
      ),
    },
    /^a mechanism of GSSAPI$/,
  ],
])('%s', async (_, library, missing) => {
  const said = JSON.parse(await without(library));
  expect(said).toMatchObject({ code: 'ERR_CLIENT_CERT_GSSAPI_UNAVAILABLE', missing: expect.stringMatching(missing), valid: true });
  expect(said.message).toContain('MIT Kerberos');
});

test('Basic alone needs none of it', async () => {
  const authenticator = new NegotiateAuthenticator({ mechanisms: [], basic: { verifyPassword: () => false } });
  await authenticator.ready();
  authenticator.close();
});
