'use strict';
// LDAP, what QUERYCLIENTCERT was made for: a real slapd, which maps certificates to entries.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');

const ldapjs = require('ldapjs');
const { Client } = require('ldapts');

const { Authority } = require('../support/pki.js');
const { startSlapd } = require('../support/slapd.js');
const { Network } = require('../support/tls.js');
const { testWith } = require('../support/tools.js');
const { createCredentialStore, queryClientCert } = require('../..');

const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3';
const root = new Authority('root');
const intermediate = new Authority('intermediate', { issuer: root });
const other = new Authority('other');
const server = root.issueServer(['localhost']);
const alice = intermediate.issue({ subject: { CN: 'alice' }, present: [intermediate] });
const stranger = other.issue();
const test_ = testWith('slapd');

const network = new Network();
let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-ldap-'));
});
afterEach(async () => {
  await network.end();
  fs.rmSync(folder, { recursive: true });
});

test_('the example of the documentation', async () => {
  const documentation = fs.readFileSync(path.join(__dirname, '../../docs/client.md'), 'utf8');
  const [, code] = documentation.split('<!-- example: ldap.js -->')[1].split('```js\n');
  const { ldaps } = await slapd('demand');
  const put = (name, content) => fs.writeFileSync(path.join(folder, name), content);
  fs.mkdirSync(path.join(folder, 'node_modules'));
  for (const [name, target] of [['client-cert-info', '.'], ['ldapts', 'node_modules/ldapts']]) fs.symlinkSync(path.join(__dirname, '../..', target), path.join(folder, 'node_modules', name));
  fs.mkdirSync(path.join(folder, 'credentials'));
  put('credentials/alice.pem', alice.cert);
  put('credentials/alice-key.pem', alice.key);
  put('credentials/stranger.pem', stranger.cert + stranger.key);
  put('ca.pem', root.pem);
  put('ldap.js', code.split('```')[0]);
  const child = spawn(process.execPath, ['ldap.js'], { cwd: folder, env: { ...process.env, LDAP_URL: `ldaps://localhost:${ldaps}` }, stdio: ['ignore', 'pipe', 'inherit'] });
  expect(await text(child.stdout)).toBe('dn:uid=alice,ou=people,dc=example,dc=org\n');
});

const slapd = (verify, protocol) => startSlapd(network, folder, { cert: server.cert, key: server.key, ca: root.pem, verify, protocol });

/** @returns {Promise<Client>} */
async function connected({ ldaps, ldap }, how, secureContext) {
  const tlsOptions = { secureContext, servername: 'localhost' };
  if (how === 'ldaps') return new Client({ url: `ldaps://127.0.0.1:${ldaps}`, tlsOptions });
  const client = new Client({ url: `ldap://127.0.0.1:${ldap}` });
  await client.startTLS(tlsOptions);
  return client;
}

async function whoAmI(client) {
  const { value } = await client.exop(WHO_AM_I);
  return value ?? '';
}

// GnuTLS, which Debian's slapd is made with, by its numbers.
describe.each([['TLSv1.2', '3.3'], ['TLSv1.3', '3.4']])('%s', (version, protocol) => {
  describe.each(['ldaps', 'StartTLS'])('%s', (how) => {
    test_.each([['at once', (value) => value], ['later', async (value) => new Promise((resolve) => setTimeout(resolve, 5, value))]])(
      'demanded, answered %s: SASL EXTERNAL, and the entry that it is mapped to',
      async (_, when) => {
        const asked = [];
        const secureContext = queryClientCert({ ca: root.pem, maxVersion: version }, (query) => {
          asked.push([query.protocol, query.trustedCAs.map(String), query.supports(alice.cert), query.supports(stranger.cert), String(query.serverCertificate?.subject)]);
          return when({ cert: alice.cert, key: alice.key });
        });
        const client = await connected(await slapd('demand', protocol), how, secureContext);
        await client.bind('EXTERNAL');
        expect(await whoAmI(client)).toBe('dn:uid=alice,ou=people,dc=example,dc=org');
        expect(asked).toEqual([[version, ['CN=root,O=Example'], true, expect.stringMatching(/names no issuer/), 'CN=localhost']]);
        await client.unbind();
      },
    );

    test_('false, where slapd says allow: an anonymous session, and no EXTERNAL', async () => {
      const asked = jest.fn(() => false);
      const client = await connected(await slapd('allow', protocol), how, queryClientCert({ ca: root.pem, maxVersion: version }, asked));
      expect(await whoAmI(client)).toBe('');
      await expect(client.bind('EXTERNAL')).rejects.toThrow();
      expect(asked).toHaveBeenCalledTimes(1);
      await client.unbind();
    });

    test_('false, where slapd demands one: no session', async () => {
      const client = connected(await slapd('demand', protocol), how, queryClientCert({ ca: root.pem, maxVersion: version }, () => false));
      await expect(client.then(whoAmI)).rejects.toThrow();
    });

    test_('a callback that fails is the error of the operation', async () => {
      const error = new Error('the card was taken out');
      const client = connected(await slapd('allow', protocol), how, queryClientCert({ ca: root.pem, maxVersion: version }, () => Promise.reject(error)));
      const received = await client.then(whoAmI).catch((reason) => reason);
      expect(received === error || received.cause === error || received.message.includes('the card was taken out')).toBe(true);
    });

    if (how === 'ldaps') {
      test_('ldapjs, which has no SASL: the certificate is sent, and the session is anonymous', async () => {
        const asked = jest.fn(async () => ({ cert: alice.cert, key: alice.key }));
        const { ldaps } = await slapd('demand', protocol);
        const secureContext = queryClientCert({ ca: root.pem, maxVersion: version }, asked);
        const client = ldapjs.createClient({ url: `ldaps://127.0.0.1:${ldaps}`, tlsOptions: { secureContext, servername: 'localhost' } });
        network.atEnd(() => client.destroy());
        await once(client, 'connect');
        const value = await new Promise((resolve, reject) => {
          client.exop(WHO_AM_I, (error, answer) => (error ? reject(error) : resolve(answer)));
        });
        expect([value || '', asked.mock.calls.length]).toEqual(['', 1]);
      });
    }

    test_('a store picks what slapd takes', async () => {
      const choose = createCredentialStore([{ cert: stranger.cert, key: stranger.key }, { cert: alice.cert, key: alice.key }]);
      const client = await connected(await slapd('demand', protocol), how, queryClientCert({ ca: root.pem, maxVersion: version }, choose));
      await client.bind('EXTERNAL');
      expect(await whoAmI(client)).toBe('dn:uid=alice,ou=people,dc=example,dc=org');
      await client.unbind();
    });
  });
});
