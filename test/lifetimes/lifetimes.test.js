'use strict';
// Everything that this package gives, and all that it may have under way, times everything that may happen to it. Each in a process of its own, whose end is looked at.

const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');

const { ACCOUNTS, canMakeAccounts } = require('../support/accounts.js');
const { GssClient } = require('../support/gss-client.js');
const { Kdc } = require('../support/kdc.js');
const { subjects } = require('../support/lives.js');
const { PASSWORD, describeWithKerberos } = require('../support/negotiate.js');
const { Authority } = require('../support/pki.js');
const { Network } = require('../support/tls.js');

// CLIENT_CERT_INFO_LIFETIMES: how much of the full size. 1: 100,000 of each handle, 500 workers for each work.
const SCALE = Number(process.env.CLIENT_CERT_INFO_LIFETIMES ?? 0.01);

const program = path.join(__dirname, '../support/lives.js');
const ofKerberos = Object.keys(subjects).filter((name) => subjects[name].needsKerberos);
const others = Object.keys(subjects).filter((name) => !subjects[name].needsKerberos);
const possible = others.filter((name) => canMakeAccounts || !subjects[name].needsRoot);
if (possible.length < others.length) process.stderr.write('\n*** SKIPPED *** lifetimes of what only root has\n\n');

/** @param {object} given @param {NodeJS.ProcessEnv} [env] @returns {Promise<{ code: number | null, signal: string | null, said: any, errors: string }>} */
async function live(given, env = process.env) {
  const child = spawn(process.execPath, ['--expose-gc', program, JSON.stringify(given)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const [said, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code, signal] = await ended;
  return { code, signal, said: said === '' ? null : JSON.parse(said), errors };
}

const well = (said) => ({ code: 0, signal: null, errors: '', said });
const CLOSED = 'ERR_CLIENT_CERT_CLOSED';

// What becomes of work whose handle is closed meanwhile: it ends as it would have, unless there is nothing to be waited for any more.
const ENDS = { 'Verifier that reloads': CLOSED, receiveClientCertificate: 'ERR_CLIENT_CERT_CONNECTION_CLOSED' };
// Where something is of no use any more, and closing it is no error; what has no close of its own; what only this package itself sees.
const USED = { ClientCertAgent: 'done', watchClientCert: 'done', GssCredential: 'TypeError', GssExchange: 'TypeError' };

/** What comes of the event `closed`. @param {string} name */
function closedOutcome(name) {
  const { close, work } = subjects[name];
  return { ...(close && { used: USED[name] ?? CLOSED }), ...(work && { working: ENDS[name] ?? 'done' }) };
}

/** @param {string[]} names of subjects @param {(given: object) => ReturnType<typeof live>} liveThere */
function testLives(names, liveThere) {
  const having = (...members) => names.filter((name) => members.every((member) => subjects[name][member]));
  const closable = names.filter((name) => subjects[name].close || subjects[name].work);

  test.each(names)('memory is collected between all steps: %s', async (name) => {
    const { said, ...ended } = await liveThere({ subject: name, event: 'collected' });
    expect(ended).toEqual({ code: 0, signal: null, errors: '' });
    const { open, use, work, close } = subjects[name];
    const once_ = use ? ['done'] : [];
    expect(said.slice(0, once_.length)).toEqual(once_);
    expect(said).toHaveLength(2 * once_.length + (work ? 1 : 0));
    expect([open, use, work, close].some(Boolean)).toBe(true);
    // What was closed in between refuses, and nothing else.
    for (const outcome of said) expect(['done', USED[name] ?? CLOSED, ENDS[name]]).toContain(outcome);
  });

  test.each(closable)('closed twice, used afterwards, closed while it works: %s', async (name) => {
    expect(await liveThere({ subject: name, event: 'closed' })).toEqual(well(closedOutcome(name)));
  });

  test('closed twice, used afterwards, closed while it works: everything in eight workers at once', async () => {
    // Where there are few, each more than once.
    const crowd = Array(Math.ceil(8 / closable.length)).fill(closable).flat();
    expect(await liveThere({ subjects: crowd, event: 'crowded' })).toEqual(well(crowd.map(closedOutcome)));
  }, 120_000);

  test.each(having('work'))('process.exit() and an uncaught exception while it works: %s', async (name) => {
    const [exit, later, thrown] = await Promise.all(['exit', 'exitLater', 'thrown'].map((event) => liveThere({ subject: name, event })));
    const ended = { code: 7, signal: null, errors: '', said: null };
    expect([exit, later]).toEqual([ended, ended]);
    expect(thrown).toEqual({ code: 1, signal: null, said: null, errors: expect.stringMatching(/^Error: thrown on purpose$/m) });
  });

  test.each(having('open').filter((name) => !subjects[name].isKept))('dropped, and never closed: %s', async (name) => {
    const count = Math.round(100_000 * Math.min(1, SCALE * (subjects[name].isDear ? 1 : 10)));
    const { said, ...ended } = await liveThere({ subject: name, event: 'dropped', count });
    expect(ended).toEqual({ code: 0, signal: null, errors: '' });
    // Less than anything takes that has an object of its own in JavaScript; what is native has none where it is kept. Beside it what a process comes to keep
    // once: the fewer are made, the more of that is in each.
    expect(said.each).toBeLessThan(250 + 500_000 / (0.6 * count));
    expect(said.rss).toBeLessThan(30e6);
    expect(said.descriptors).toBeLessThan(40);
  }, 1_200_000);

  test.each(having('work'))('workers that are terminated while it works: %s', async (name) => {
    // Two workers at a time.
    const rounds = Math.ceil((500 * SCALE) / 2);
    expect(await liveThere({ subject: name, event: 'terminated', rounds })).toEqual(well('done'));
  }, 1_200_000);
}

let folder;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-lives-'));
  fs.chmodSync(folder, 0o755);
  fs.writeFileSync(path.join(folder, 'ca.pem'), new Authority('Root').pem);
  fs.writeFileSync(path.join(folder, 'gridmap'), `"/O=Example" ${ACCOUNTS.alice.name}\n`, { mode: 0o600 });
  spawnSync('mkfifo', ['-m', '666', path.join(folder, 'fifo')]);
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

testLives(possible, (given) => live({ folder, ...given }));

describeWithKerberos('lifetimes of what GSSAPI gives', () => {
  const network = new Network();
  let [realm, env] = [];
  beforeAll(async () => {
    realm = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-lives-'));
    network.atEnd(() => fs.rmSync(realm, { recursive: true }));
    const kdc = new Kdc(realm);
    await kdc.start(network);
    kdc.addUser('alice', PASSWORD);
    kdc.addService('HTTP/localhost', 'http.keytab');
    const client = new GssClient(network, kdc.env(kdc.login('alice', PASSWORD, ['-f'])));
    const { token } = await client.begin({ flags: ['mutual_authentication', 'delegate_to_peer'] });
    fs.writeFileSync(kdc.file('token'), Buffer.from(token, 'base64'));
    // The one token serves all, whenever their turn comes.
    fs.writeFileSync(kdc.file('patient.conf'), '[libdefaults]\n  clockskew = 36000\n');
    env = { ...kdc.env(), KRB5_CONFIG: `${kdc.file('patient.conf')}:${kdc.file('krb5.conf')}` };
  });
  afterAll(() => network.end());

  testLives(ofKerberos, (given) => live({ folder: realm, ...given }, env));
});

test.each(['nowhere else', 'on the main thread, too'])('loaded in eight workers at once: %s', async (where) => {
  const serving = path.join(__dirname, '../support/serving-worker.js');
  const script = `
    const { Worker } = require('node:worker_threads');
    if (${where !== 'nowhere else'}) require(${JSON.stringify(path.join(__dirname, '../..'))});
    const all = Array.from({ length: 8 }, () => new Promise((resolve, reject) => {
      const worker = new Worker(${JSON.stringify(serving)}, { workerData: { connections: 3 } });
      let flags;
      worker.on('error', reject).on('message', (message) => { flags = message.flags; }).on('exit', (code) => resolve([code, ...flags]));
    }));
    Promise.all(all).then((said) => console.log(JSON.stringify(said)));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  expect(JSON.parse(await text(child.stdout))).toEqual(Array(8).fill([0, 'SEC_E_OK', 'SEC_E_OK', 'SEC_E_OK']));
  expect(await ended).toEqual([0, null]);
});

test('a verifier that nobody has but the server that it protects goes on looking for changes', async () => {
  const script = `
    const fs = require('node:fs');
    const tls = require('node:tls');
    const { once } = require('node:events');
    const { Verifier } = require('.');
    const { Authority } = require('./test/support/pki.js');
    const { Network } = require('./test/support/tls.js');
    const [root, other] = [new Authority('Root'), new Authority('Other')];
    const file = process.argv[1];
    const replace = (pem) => { fs.writeFileSync(file + '.new', pem); fs.renameSync(file + '.new', file); };
    (async () => {
      replace(root.pem);
      const network = new Network();
      const { server, connect } = await network.server({ ...root.issueServer(['localhost']) }, (socket) => socket.authorized);
      let collected = 0;
      const registry = new FinalizationRegistry(() => { collected += 1; });
      (() => {
        const verifier = new Verifier({ ca: { file, refresh: 20 } });
        verifier.protect(server);
        registry.register(verifier);
        registry.register(new Verifier({ ca: { file, refresh: 20 } }));
      })();
      const client = root.issue();
      const before = (await connect(client)).value;
      const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
      while (collected < 1) { globalThis.gc(); await turn(); }
      replace(other.pem);
      while ((await connect(client)).value) { globalThis.gc(); await turn(); }
      console.log(JSON.stringify([before, (await connect(other.issue())).value, collected]));
      await network.end();
    })();`;
  const words = ['--expose-gc', '-e', script, path.join(folder, 'changing.pem')];
  const child = spawn(process.execPath, words, { cwd: path.join(__dirname, '../..'), stdio: ['ignore', 'pipe', 'inherit'] });
  expect(JSON.parse(await text(child.stdout))).toEqual([true, true, 1]);
});
