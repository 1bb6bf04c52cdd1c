'use strict';
// Programs as a user: all groups, a clean environment, nothing inherited, no way back.

const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');

const { ACCOUNTS, describeAsRoot } = require('../support/accounts.js');
const { AccessToken } = require('../..');

describeAsRoot('spawn', () => {
  /** @type {AccessToken} */
  let alice;

  beforeAll(async () => {
    alice = await AccessToken.forAccount(ACCOUNTS.alice.name);
  });

  const run = async (...args) => {
    const child = alice.spawn(...args);
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const [code, signal] = await once(child, 'close');
    const [stdout, stderr] = await output;
    return { code, signal, stdout, stderr };
  };

  test('it is the user, with all groups, and without any capability', async () => {
    const { stdout } = await run('cat', ['/proc/self/status']);
    const field = (name) => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'm').exec(stdout)[1].split(/\s+/);
    expect(field('Uid')).toEqual(Array(4).fill(String(alice.uid)));
    expect(field('Gid')).toEqual(Array(4).fill(String(alice.gid)));
    expect(field('Groups').map(Number).sort()).toEqual([...alice.groups].sort());
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) expect(field(set)).toEqual(['0000000000000000']);
    expect(field('SigBlk')).toEqual(['0000000000000000']);
  });

  test('the environment is the user\'s, and what was asked for', async () => {
    process.env.CCI_SECRET = 'not for users';
    const { stdout } = await run('env', [], { env: { LANG: 'C', PATH: undefined } });
    delete process.env.CCI_SECRET;
    expect(stdout.trim().split('\n').sort()).toEqual(['HOME=/nonexistent', 'LANG=C', `LOGNAME=${alice.name}`, 'SHELL=/bin/sh', `USER=${alice.name}`]);
  });

  test('variables that a loader obeys do not reach it while it is privileged', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-spawn-'));
    const { stderr, stdout } = await run('id', ['-u'], { env: { LD_DEBUG: 'files', LD_DEBUG_OUTPUT: path.join(folder, 'trace') } });
    expect(stderr).toBe('');
    expect(stdout.trimEnd().endsWith(String(alice.uid))).toBe(true);
    // The user may not write there: had the launcher obeyed, root's trace would be there.
    expect(fs.readdirSync(folder)).toEqual([]);
    fs.rmSync(folder, { recursive: true });
  });

  test('nothing is inherited but the first three descriptors', async () => {
    const fd = fs.openSync('/etc/passwd');
    const { stdout } = await run('sh', ['-c', 'ls /proc/$$/fd; pwd']);
    fs.closeSync(fd);
    expect(stdout.trim().split('\n')).toEqual(['0', '1', '2', '/']);
  });

  test('input, output, working directory, argv0, exit status, signals', async () => {
    const child = alice.spawn('cat', { cwd: '/etc' });
    child.stdin.end('through');
    expect(await text(child.stdout)).toBe('through');
    expect(await run('sh', ['-c', 'pwd; echo $0 "$@"; exit 7', 'zero', 'a b', ''], { cwd: '/etc' })).toEqual({ code: 7, signal: null, stdout: '/etc\nzero a b \n', stderr: '' });
    expect((await run('sh', ['-c', 'echo "$0"'], { argv0: '-sh' })).stdout).toBe('-sh\n');
    expect(await run('sleep', ['60'], { timeout: 50 })).toMatchObject({ code: null, signal: 'SIGTERM' });
    const { spawnfile, spawnargs, pid } = alice.spawn('true', ['x'], { stdio: 'ignore' });
    expect({ spawnfile, spawnargs, pid }).toEqual({ spawnfile: 'true', spawnargs: ['true', 'x'], pid: expect.any(Number) });
  });

  test('an AbortSignal ends it', async () => {
    const controller = new AbortController();
    const child = alice.spawn('sleep', ['60'], { signal: controller.signal });
    const failed = once(child, 'error');
    controller.abort();
    const [error] = await failed;
    expect(error.name).toBe('AbortError');
    await once(child, 'close');
  });

  test.each([
    ['nothing of that name', ['no-such-program-here'], { code: 'ENOENT', syscall: 'spawn no-such-program-here', path: 'no-such-program-here' }],
    ['a file that is no program', ['/etc/passwd'], { code: 'EACCES' }],
    ['a folder that is not there', ['true', [], { cwd: '/no/such/folder' }], { code: 'ENOENT', syscall: 'chdir' }],
    ['a folder that is another\'s', ['true', [], { cwd: '/root' }], { code: 'EACCES', syscall: 'chdir' }],
  ])('%s', async (_, args, expected) => {
    if (args[2]?.cwd === '/root') fs.chmodSync('/root', 0o700);
    const child = alice.spawn(...args);
    const [error] = await once(child, 'error');
    expect(error).toMatchObject(expected);
    expect(await once(child, 'close')).toEqual([127, null]);
  });

  test.each([
    [['']], [[5]], [['true', 'x']], [['true', [5]]], [['true', ['a\0b']]], [['true', [], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] }]], [['true', [], { stdio: 'ipc' }]],
    [['true', [], { env: { 'a=b': 'c' } }]], [['true', [], { env: { A: 'x\0y' } }]], [['true', [], { env: null }]], [['true', [], { uid: 0 }]], [['true', [], { shell: true }]], [['true', [], { cwd: '' }]],
  ])('%j is a mistake', (args) => {
    expect(() => alice.spawn(...args)).toThrow(TypeError);
  });

  test('it has neither the terminal nor the keys of the server', async () => {
    const { stdout } = await run('sh', ['-c', 'cat /proc/self/stat; cat /proc/keys']);
    const [, , , , , session, terminal] = stdout.split(' ');
    expect([Number(session) > 0, terminal]).toEqual([true, '0']);
    expect(stdout).not.toMatch(/ 0 +0 keyring +_ses/);
  });

  test('nothing that somebody put on Object.prototype reaches the launcher', async () => {
    // eslint-disable-next-line no-extend-native -- the point of this test
    Object.defineProperty(Object.prototype, 'CCI_EVIL', { value: 'yes', enumerable: true, configurable: true });
    try {
      expect((await run('env')).stdout).not.toContain('CCI_EVIL');
    } finally {
      delete Object.prototype.CCI_EVIL;
    }
  });

  test('many arguments and variables', async () => {
    const args = Array.from({ length: 1000 }, (_, i) => `${i}`.repeat(20));
    expect((await run('echo', args)).stdout.trim()).toBe(args.join(' '));
    const { stdout } = await run('sh', ['-c', 'printenv BIG | wc -c'], { env: { BIG: 'x'.repeat(100_000) } });
    expect(stdout.trim()).toBe('100001');
    // More than the launcher takes, which node:child_process throws, too; then more than the kernel takes.
    expect(() => alice.spawn('true', Array(200).fill('x'.repeat(100_000)))).toThrow(expect.objectContaining({ code: 'E2BIG', syscall: 'spawn true' }));
    const child = alice.spawn('true', Array(70).fill('x'.repeat(100_000)));
    const [error] = await once(child, 'error');
    expect(error.code).toBe('E2BIG');
  });
});
