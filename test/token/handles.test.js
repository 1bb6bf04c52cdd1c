'use strict';
// Tokens as handles: open, closed, busy, dropped, in workers, when the process ends.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { ACCOUNTS, describeAsRoot } = require('../support/accounts.js');
const { AccessToken, ClientCertError } = require('../..');

const program = path.join(__dirname, '../support/token-process.js');

function runProgram(args, { flags = [], before = [] } = {}) {
  const [command, ...rest] = [...before, process.execPath, ...flags, program, ...args];
  const { status, signal, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', timeout: 25_000 });
  if (status !== 0) throw new Error(`${signal ?? status}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Where a shared libuv may use io_uring, Node.js lets no process give its privileges up (CVE-2024-22017): Debian 13's never does. */
function testGivingUp() {
  const probe = "try { process.setgroups(process.getgroups()) } catch ({ code }) { console.log(code) }";
  if (!spawnSync(process.execPath, ['-e', probe], { encoding: 'utf8' }).stdout.includes('ERR_INVALID_STATE')) return test;
  process.stderr.write('\n*** SKIPPED *** the test of a process that gives its privileges up, which this Node.js refuses to do\n\n');
  return test.skip;
}

describe('who there is', () => {
  test.each([['nobody-has-this-name'], ['..'], ['a/b'], ['a\0b'], ['root\0x'], ['-x'], ['x'.repeat(300)], [''], [-1], [1.5], [4294967295], [4294967294], [NaN]])(
    'no account %j',
    async (name) => {
      await expect(AccessToken.forAccount(name)).rejects.toMatchObject({ name: 'ClientCertError', code: 'ERR_CLIENT_CERT_NO_SUCH_ACCOUNT' });
    },
  );

  test.each([[undefined], [null], [{}], [['root']], [true]])('%j is a mistake', async (name) => {
    await expect(AccessToken.forAccount(name)).rejects.toThrow(TypeError);
  });

  test('options are known or mistakes', async () => {
    await expect(AccessToken.forAccount('root', { allowroot: true })).rejects.toThrow(/allowRoot/);
    await expect(AccessToken.forAccount('root', { allowRoot: 1 })).rejects.toThrow(TypeError);
  });

  test('root is not given unless it is asked for', async () => {
    await expect(AccessToken.forAccount('root')).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_ACCOUNT_DENIED' });
    await expect(AccessToken.forAccount(0)).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_ACCOUNT_DENIED' });
    expect(await AccessToken.forAccount(0, { allowRoot: true })).toMatchObject({ name: 'root', uid: 0 });
  });

  test('a token is made by forAccount only', () => {
    expect(() => new AccessToken()).toThrow(TypeError);
  });

  test('elsewhere than on Linux a token identifies, and says that it cannot act', async () => {
    const token = await AccessToken.forAccount('nobody');
    const { value: platform } = Object.getOwnPropertyDescriptor(process, 'platform');
    Object.defineProperty(process, 'platform', { value: 'freebsd' });
    try {
      const unsupported = expect.objectContaining({ code: 'ERR_CLIENT_CERT_UNSUPPORTED_PLATFORM' });
      expect(token.impersonationLevel).toBe('identification');
      await expect(token.fs.readFile('/etc/hostname')).rejects.toEqual(unsupported);
      expect(() => token.spawn('true')).toThrow(unsupported);
    } finally {
      Object.defineProperty(process, 'platform', { value: platform });
    }
  });

  test('groups are those of id(1)', async () => {
    const { uid, gid, groups } = await AccessToken.forAccount('nobody');
    const ask = (flag) => spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout.trim();
    expect([uid, gid]).toEqual([Number(ask('-u')), Number(ask('-g'))]);
    expect([...groups].sort()).toEqual(ask('-G').split(' ').map(Number).sort());
  });
});

describeAsRoot('handles', () => {
  const { name } = ACCOUNTS.alice;
  let folder;
  let fifo;

  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-handles-'));
    fs.chmodSync(folder, 0o777);
    fifo = path.join(folder, 'fifo');
    spawnSync('mkfifo', ['-m', '666', fifo]);
  });

  afterAll(() => fs.rmSync(folder, { recursive: true }));

  test('locked and expired accounts are denied', async () => {
    await expect(AccessToken.forAccount(ACCOUNTS.locked.name)).rejects.toThrow(/locked/);
    await expect(AccessToken.forAccount(ACCOUNTS.expired.name)).rejects.toThrow(/expired/);
  });

  test('closed: it still says whose it was, and does nothing', async () => {
    const token = await AccessToken.forAccount(name);
    const twin = token.duplicate();
    token.close();
    token.close();
    expect(token).toMatchObject({ closed: true, name });
    const closed = expect.objectContaining({ code: 'ERR_CLIENT_CERT_CLOSED' });
    expect(() => token.duplicate()).toThrow(closed);
    expect(() => token.spawn('true')).toThrow(closed);
    for (const method of ['open', 'readFile', 'stat', 'lstat', 'access', 'readdir', 'mkdir', 'rmdir', 'unlink']) {
      await expect(token.fs[method]('/etc')).rejects.toEqual(closed);
    }
    await expect(token.fs.writeFile('/x', 'x')).rejects.toEqual(closed);
    await expect(token.fs.rename('/x', '/y')).rejects.toEqual(closed);
    expect(twin.closed).toBe(false);
    expect((await twin.fs.stat('/etc')).isDirectory()).toBe(true);
    twin[Symbol.dispose]();
    expect(twin.closed).toBe(true);
    expect(new ClientCertError('x', 'y')).toBeInstanceOf(Error);
  });

  test('closed while something is under way: that ends as it would have', async () => {
    const token = await AccessToken.forAccount(name);
    const reading = token.fs.readFile(fifo, 'utf8');
    token.close();
    // An open for writing waits for the reader: on another thread.
    await fs.promises.writeFile(fifo, 'late');
    expect(await reading).toBe('late');
  });

  test('an account that is removed while its token is open', async () => {
    const gone = 'ccitest-gone';
    spawnSync('useradd', ['-M', '-N', gone]);
    const token = await AccessToken.forAccount(gone);
    const file = path.join(folder, 'of-gone');
    fs.writeFileSync(file, 'mine', { mode: 0o600 });
    fs.chownSync(file, token.uid, token.gid);
    spawnSync('userdel', ['-f', gone]);
    await expect(AccessToken.forAccount(gone)).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_NO_SUCH_ACCOUNT' });
    // As with any process of that user, until it is closed.
    expect(await token.fs.readFile(file, 'utf8')).toBe('mine');
    token.close();
  });

  test('100,000 tokens that nobody closes leave nothing', () => {
    const { grown, open } = runProgram(['dropped', name], { flags: ['--expose-gc'] });
    expect(grown).toBeLessThan(30_000_000);
    expect(open).toBeLessThan(40);
  });

  test('process.exit with operations waiting', () => {
    expect(runProgram(['exit', name, fifo])).toBe('ends');
  });

  test('workers that end with operations waiting', () => {
    expect(runProgram(['workers', name, fifo, ACCOUNTS.bob.name])).toEqual({ still: true });
  });

  testGivingUp()('a process that gives its privileges up acts as nobody any more', () => {
    const file = path.join(folder, 'of-alice');
    fs.writeFileSync(file, 'mine', { mode: 0o600 });
    spawnSync('chown', [name, file]);
    expect(runProgram(['drop', name, file])).toMatchObject({
      before: 'mine',
      level: 'identification',
      after: { name: 'ClientCertError', code: 'ERR_CLIENT_CERT_BAD_IMPERSONATION_LEVEL' },
    });
  });
});
