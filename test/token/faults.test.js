'use strict';
// The kernel says no in the middle: never an operation with the wrong identity.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { ACCOUNTS, describeAsRoot } = require('../support/accounts.js');

const program = path.join(__dirname, '../support/token-process.js');
const [alice, bob] = [ACCOUNTS.alice.name, ACCOUNTS.bob.name];

describeAsRoot('faults', () => {
  let folder;
  let refuse;
  const file = (name) => path.join(folder, name);
  const idOf = (flag, name) => spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout.trim();

  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-faults-'));
    fs.chmodSync(folder, 0o755);
    for (const name of [alice, bob, 'root']) {
      fs.writeFileSync(file(name), `of ${name}`, { mode: 0o600 });
      spawnSync('chown', [name, file(name)]);
    }
    refuse = file('refuse-syscall');
    const { status, stderr } = spawnSync('g++', ['-std=c++20', path.join(__dirname, '../support/refuse-syscall.cc'), '-o', refuse], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  });

  afterAll(() => fs.rmSync(folder, { recursive: true }));

  const read = (before, user = alice, ...names) => {
    const [command, ...rest] = [...before, process.execPath, program, 'read', user, ...names.map(file)];
    const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', timeout: 25_000 });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };

  test('nothing is refused: the same program reads what is its user\'s', () => {
    expect(read([], alice, alice, bob, 'root')).toEqual({
      level: 'impersonation',
      results: [`of ${alice}`, expect.objectContaining({ code: 'EACCES' }), expect.objectContaining({ code: 'EACCES' })],
      spawned: 0,
      identity: 'Uid:\t0\t0\t0\t0',
    });
  });

  test.each([
    ['setgroups', () => ['-', '0']],
    ['setresgid', () => ['1', idOf('-g', alice)]],
    ['setresuid', () => ['1', idOf('-u', alice)]],
  ])('%s fails on the way there: nothing is done', (syscall, args) => {
    const { results, identity } = read([refuse, syscall, ...args()], alice, alice, 'root', alice, 'root', alice);
    // setgroups fails on the way back, too, where nothing of it had been done.
    for (const result of results) expect(result).toMatchObject({ name: 'ClientCertError', code: 'ERR_CLIENT_CERT_IMPERSONATION_FAILED', cause: `EPERM ${syscall}` });
    expect(identity).toBe('Uid:\t0\t0\t0\t0');
  });

  test.each([
    ['setresuid', ['1', '0']],
    ['setresgid', ['1', '0']],
    ['setgroups', ['0', '0']],
  ])('%s fails on the way back: it was done, is reported, and the thread is gone', (syscall, args) => {
    // `setgroups` with no groups at all is what brings root back here.
    const before = syscall === 'setgroups' ? ['setpriv', '--clear-groups', refuse] : [refuse];
    const { results } = read([...before, syscall, ...args], alice, ...Array(20).fill(alice));
    for (const result of results) {
      expect(result).toMatchObject({ code: 'ERR_CLIENT_CERT_IMPERSONATION_FAILED', performed: true, cause: `EPERM ${syscall}` });
    }
  });

  test('capset fails: root acts all the same, since the kernel takes its capabilities', () => {
    const { results } = read([refuse, 'capset', '-', '0'], alice, alice, bob, 'root');
    for (const result of results) expect(result).toMatchObject({ code: 'ERR_CLIENT_CERT_IMPERSONATION_FAILED' });
  });

  test('unshare is forbidden, as in some containers', () => {
    expect(read([refuse, 'unshare', '-', '0'], alice, alice, bob).results).toEqual([`of ${alice}`, expect.objectContaining({ code: 'EACCES' })]);
  });

  const service = (...capabilities) => {
    const list = capabilities.map((capability) => `+${capability}`).join();
    return ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps', list, '--ambient-caps', list];
  };

  test('a service that is not root, with the two capabilities', () => {
    expect(read(service('setuid', 'setgid'), alice, alice, bob, 'root')).toEqual({
      level: 'impersonation',
      results: [`of ${alice}`, expect.objectContaining({ code: 'EACCES' }), expect.objectContaining({ code: 'EACCES' })],
      spawned: 0,
      identity: 'Uid:\t65534\t65534\t65534\t65534',
    });
  });

  test('capabilities that pass over permissions are gone while it acts', () => {
    const powerful = service('setuid', 'setgid', 'dac_override', 'dac_read_search', 'fowner', 'chown');
    expect(read(powerful, alice, alice, bob, 'root').results).toEqual([`of ${alice}`, expect.objectContaining({ code: 'EACCES' }), expect.objectContaining({ code: 'EACCES' })]);
  });

  test.each([
    ['no privileges', ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']],
    ['one of the two', service('setuid')],
    ['the other one', service('setgid')],
  ])('%s: identification, and every operation that would act is refused', (_, before) => {
    const refused = expect.objectContaining({ name: 'ClientCertError', code: 'ERR_CLIENT_CERT_BAD_IMPERSONATION_LEVEL' });
    expect(read(before, alice, alice, bob)).toMatchObject({ level: 'identification', results: [refused, refused], spawned: 'ERR_CLIENT_CERT_BAD_IMPERSONATION_LEVEL' });
  });
});
